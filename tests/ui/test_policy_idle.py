"""Steps that reach nobody as things are: allowed, and said at the step, in the preview, where it is run."""

from __future__ import annotations

import msgspec
import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.core.calls import PhoneWay
from app.core.policy import Assignment, Call, ContactId, PolicyStep, Reached, Text
from app.ui.widgets import Notice, Tone
from tests.helpers.office import ANN, CHIE, SPACE
from tests.helpers.policy_window import DAY, DUTY, NIGHT, RED, Supervisor

TEXTS = "This server sends no text messages, so this step reaches nobody. Ask an admin for a phone gateway."
CALLS = "This server makes no phone calls, so this step reaches nobody. Ask an admin for a phone gateway."


@pytest.fixture
def bob(qtbot: QtBot, qapp: QApplication) -> Supervisor:
    """At a server without a gateway for phones."""
    made = Supervisor(qtbot, qapp)
    made.ready()
    made.office.ways = ()
    made.window.looked_at.emit()
    return made


def troubles(bob: Supervisor) -> list[str]:
    return [row.troubles.text() for row in bob.window.editor.steps.rows]


def moments(bob: Supervisor) -> list[str]:
    return [row.accessibleName() for row in bob.window.preview.rows]


def said(notice: Notice) -> str:
    return notice.text if notice.isVisibleTo(notice.window()) else ""


def test_a_step_that_the_server_has_no_gateway_for_says_so(bob: Supervisor) -> None:
    texts = PolicyStep(60, Text(Reached(contacts=(DUTY.id,), called=True)))
    night = bob.office.now(NIGHT)
    bob.office.change(msgspec.structs.replace(night, steps=(*night.steps, texts)), CHIE)
    bob.window.looked_at.emit()
    bob.choose(NIGHT)
    assert troubles(bob) == [CALLS, TEXTS]
    assert bob.window.editor.steps.rows[0].head.accessibleDescription() == CALLS
    assert bob.window.editor.whole.text() == "No step of this policy reaches anybody."
    bob.office.ways = (PhoneWay.TEXT,)
    bob.window.looked_at.emit()
    assert troubles(bob) == [CALLS, ""]


def test_the_preview_says_so_and_does_not_wait_for_it(bob: Supervisor) -> None:
    bob.choose(NIGHT)
    assert moments(bob)[1] == "0:30 Phone call to nobody This server cannot call by phone."


def test_it_is_stored_and_said(bob: Supervisor) -> None:
    bob.choose(NIGHT)
    run_for = bob.window.editor.run_for
    assert said(run_for.idle) == "", "it is run for nobody"
    run_for.people.choose(f"p:{ANN}")
    assert said(run_for.idle) == "As things are, step 1 reaches nobody."
    bob.controller.save()
    assert Assignment(SPACE, RED, NIGHT, ANN) in bob.office.assignments
    words = "Saved. Whatever begins from now on follows it. As things are, step 1 reaches nobody."
    assert said(bob.window.notice) == words
    assert bob.window.notice._tone is Tone.PROBLEM
    bob.office.ways = tuple(PhoneWay)
    bob.window.looked_at.emit()
    assert said(run_for.idle) == ""


def test_the_list_marks_what_is_run_and_cannot_do_all_it_says(bob: Supervisor) -> None:
    assert not bob.rows[NIGHT].flawed, "it is run for nobody"
    bob.office.assignments.append(Assignment(SPACE, RED, NIGHT, ANN))
    bob.window.looked_at.emit()
    assert bob.rows[NIGHT].spoken == "Night, For Ann Field, needs attention"
    assert not bob.rows[DAY].flawed


def test_a_contact_that_was_removed_is_missed_everywhere(bob: Supervisor) -> None:
    bob.office.ways = tuple(PhoneWay)
    bob.office.assignments.append(Assignment(SPACE, RED, NIGHT, ANN))
    steps = (PolicyStep(30, Call(Reached(contacts=(ContactId("gone"), DUTY.id)))),)
    bob.office.change(msgspec.structs.replace(bob.office.now(NIGHT), steps=steps), CHIE)
    bob.window.looked_at.emit()
    bob.choose(NIGHT)
    assert bob.rows[NIGHT].flawed
    assert moments(bob)[1] == "0:30 Phone call to Duty phone A contact named here no longer exists."
    assert troubles(bob) == ["A contact named here no longer exists. Choose another one."]

"""What is not saved is not lost: other policies, closed windows, refusals, and others who change the same."""

from __future__ import annotations

import msgspec
import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.core.errors import Code
from tests.helpers.office import ANN, CHIE
from tests.helpers.policy_window import DAY, NIGHT, Key, Supervisor


@pytest.fixture
def bob(qtbot: QtBot, qapp: QApplication) -> Supervisor:
    made = Supervisor(qtbot, qapp)
    made.ready()
    return made


# --- nothing is lost -------------------------------------------------------------------------------------


def test_another_policy_is_chosen_only_after_a_word(bob: Supervisor) -> None:
    bob.choose(DAY)
    bob.window.editor.steps.removed.emit(0)
    bob.choose(NIGHT)
    bob.answer("Cancel")
    assert bob.policy.id == DAY
    bob.choose(NIGHT)
    bob.answer("Save")
    assert len(bob.office.now(DAY).steps) == 2
    assert bob.policy.id == NIGHT
    bob.window.editor.steps.removed.emit(0)
    bob.choose(DAY)
    bob.answer("Discard")
    assert bob.policy.id == DAY
    assert len(bob.office.now(NIGHT).steps) == 1


def test_the_window_closes_only_after_a_word(bob: Supervisor) -> None:
    bob.choose(DAY)
    bob.window.editor.steps.removed.emit(0)
    window = bob.window
    window.close()
    assert window.isVisible()
    bob.answer("Discard")
    assert bob.controller.window is None
    assert len(bob.office.now(DAY).steps) == 3


def test_a_word_that_cannot_be_saved_keeps_the_window(bob: Supervisor) -> None:
    bob.choose(DAY)
    bob.window.editor.name.selectAll()
    bob.window.editor.name.setFocus()
    bob.press(Key.Key_Delete)
    bob.window.close()
    bob.answer("Save")
    assert bob.window.isVisible()
    assert bob.window.notice.text == "Give the policy a name."
    assert bob.focused() is bob.window.editor.name


def test_a_refusal_keeps_what_was_written(bob: Supervisor) -> None:
    bob.choose(DAY)
    bob.window.editor.steps.removed.emit(0)
    bob.office.broken = Code.TOO_MANY_POLICIES
    bob.controller.save()
    assert bob.window.notice.text.startswith("There can be at most")
    assert bob.controller.holds_words
    assert bob.window.save_button.isEnabled()


def test_when_runs_are_refused_the_policy_is_saved_and_the_rest_is_still_to_do(bob: Supervisor) -> None:
    bob.choose(NIGHT)
    bob.window.editor.run_for.people.choose(f"p:{ANN}")
    bob.office.broken = Code.UNKNOWN_PERSON
    bob.controller.save()
    assert bob.controller.holds_words
    assert bob.window.notice.text == "One of the chosen people is no longer in this space."


# --- two change the same one -----------------------------------------------------------------------------


def clash(bob: Supervisor) -> None:
    """Chie removes all but the first step of Day while Bob writes."""
    bob.choose(DAY)
    bob.window.editor.steps.removed.emit(2)
    day = bob.office.now(DAY)
    bob.office.change(msgspec.structs.replace(day, steps=day.steps[:1]), CHIE)
    bob.controller.save()
    assert bob.window.page is bob.window.conflict


def test_both_are_shown_and_theirs_can_be_taken(bob: Supervisor) -> None:
    clash(bob)
    assert bob.window.conflict.title.text().startswith("森 千恵 changed this policy at ")
    bob.window.conflict.take.click()
    assert bob.window.page is bob.window.editor
    assert bob.policy == bob.office.now(DAY)
    assert not bob.controller.holds_words


def test_mine_can_be_saved_over_theirs(bob: Supervisor) -> None:
    clash(bob)
    bob.window.conflict.save.click()
    assert len(bob.office.now(DAY).steps) == 2
    assert bob.office.now(DAY).version == 3
    assert not bob.controller.holds_words


def test_or_one_goes_on_and_nothing_is_lost(bob: Supervisor) -> None:
    clash(bob)
    bob.window.conflict.keep.click()
    assert len(bob.policy.steps) == 2
    assert bob.controller.holds_words
    bob.window.editor.undo()
    bob.controller.save()
    assert len(bob.office.now(DAY).steps) == 3


def test_what_another_deleted_can_be_kept_as_a_new_one(bob: Supervisor) -> None:
    bob.choose(NIGHT)
    bob.window.editor.steps.added.emit(1)
    bob.window.editor.steps.fields.to.choose("called")
    bob.window.editor.steps.fields.to.choose(f"p:{CHIE}")
    del bob.office.policies[NIGHT]
    bob.controller.save()
    assert bob.window.conflict.title.text() == "This policy was deleted while you were editing it."
    bob.window.conflict.save.click()
    (kept,) = [s.policy for s in bob.office.policies.values() if s.policy.name == "Night"]
    assert kept.id != NIGHT
    assert len(kept.steps) == 2


def test_a_policy_that_is_run_is_not_deleted(bob: Supervisor) -> None:
    bob.choose(DAY)
    bob.window.delete_button.click()
    bob.answer("Delete")
    assert bob.window.notice.text.startswith("This policy is run for somebody.")
    bob.choose(NIGHT)
    bob.window.delete_button.click()
    bob.answer("Delete")
    assert NIGHT not in bob.office.policies
    assert bob.window.page is None


def test_the_standard_is_read_and_copied(bob: Supervisor) -> None:
    bob.choose("built-in-escalation")
    editor = bob.window.editor
    assert editor.name.isReadOnly()
    assert not editor.steps.add_button.isVisible()
    assert not editor.steps.rows[0].head.isEnabled()
    editor.copy_button.click()
    assert bob.policy.name == "Standard: call again (copy)"
    bob.controller.save()
    assert bob.policy.version == 1

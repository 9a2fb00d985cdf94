"""The editor of policies as a person uses it: by keyboard, by dragging, with others who change the same."""

from __future__ import annotations

import msgspec
import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QScrollArea
from pytestqt.qtbot import QtBot

from app.core.errors import Code, refuse, sentence
from app.core.model import Person, PersonId, Recipients, Role
from app.core.policy import (
    AnswerWay,
    Assignment,
    Call,
    CaseKind,
    Notify,
    PolicyStep,
    Reached,
    Repeat,
)
from tests.helpers.office import ANN, BOB, CHIE, DEV, EVA, SPACE, SUPERVISORS
from tests.helpers.policy_window import DAY, DUTY, NIGHT, RED, Key, Modifier, Supervisor, step


@pytest.fixture
def bob(qtbot: QtBot, qapp: QApplication) -> Supervisor:
    made = Supervisor(qtbot, qapp)
    made.ready()
    return made


def test_the_list_says_who_each_is_run_for(bob: Supervisor) -> None:
    bob.office.assignments.append(Assignment(SPACE, RED, NIGHT, ANN))
    bob.window.looked_at.emit()
    said = [(row.name, row.run_for) for row in bob.rows.values()]
    assert said == [
        ("Day", "For everybody"),
        ("Night", "For Ann Field"),
        ("Standard: call again", "Standard, not used"),
        ("Standard: every 2 minutes for 20 minutes", "For everybody"),
        ("Standard: wait in the inbox", "For everybody"),
    ]


def test_a_policy_is_made_with_the_keyboard_alone(bob: Supervisor) -> None:
    bob.shortcut("Ctrl+N")
    assert bob.focused() is bob.window.editor.name
    bob.type("Weekend")
    bob.window.editor.steps.add_button.setFocus()
    bob.press(Key.Key_Space)
    assert bob.focused() is bob.window.editor.steps.fields.to.field
    bob.type("@sup")
    bob.press(Key.Key_Return)
    assert bob.sentences == ["If nobody answers for 60 s, alert @supervisors."]
    bob.press(Key.Key_Escape)
    bob.press(Key.Key_Insert)
    fields = bob.window.editor.steps.fields
    fields.action.setFocus()
    bob.press(Key.Key_Down)
    bob.press(Key.Key_Down)
    bob.press(Key.Key_Down)
    assert fields.action.currentText() == "Call by phone"
    fields.action.activated.emit(fields.action.currentIndex())
    fields.to.field.setFocus()
    bob.type("duty")
    bob.press(Key.Key_Return)
    assert bob.sentences[1] == "After 2 more minutes, call Duty phone."
    bob.shortcut("Ctrl+S")
    made = next(s.policy for s in bob.office.policies.values() if s.policy.name == "Weekend")
    assert made.version == 1
    assert made.steps == (
        PolicyStep(60, Notify(Recipients(groups=(SUPERVISORS,)))),
        PolicyStep(120, Call(Reached(contacts=(DUTY.id,)))),
    )
    assert bob.rows[made.id].changed is False


def test_steps_are_moved_and_removed_by_keys_and_all_of_it_is_undone(bob: Supervisor) -> None:
    bob.choose(DAY)
    before = bob.sentences
    first = bob.window.editor.steps.rows[0].head
    first.setFocus()
    bob.press(Key.Key_Down, Modifier.AltModifier)
    assert [s.action for s in bob.policy.steps] == [step(0, p).action for p in (DEV, CHIE, EVA)]
    assert bob.focused() is bob.window.editor.steps.rows[1].head
    bob.press(Key.Key_Down)
    bob.press(Key.Key_Delete)
    assert len(bob.policy.steps) == 2
    assert bob.focused() is bob.window.editor.steps.rows[1].head
    bob.shortcut(QKeySequence.StandardKey.Undo)
    bob.shortcut(QKeySequence.StandardKey.Undo)
    assert bob.sentences == before
    assert not bob.controller.holds_words
    assert not bob.window.editor.undo_button.isEnabled()
    bob.shortcut(QKeySequence.StandardKey.Redo)
    assert bob.controller.holds_words


def test_a_step_is_dragged_to_its_place(bob: Supervisor) -> None:
    bob.choose(DAY)
    rows = bob.window.editor.steps.rows
    bob.bot.waitUntil(lambda: rows[2].y() > rows[1].y() > rows[0].y())
    grip, to = QPoint(12, 20), rows[2].mapToGlobal(QPoint(12, rows[2].height() - 2))
    head = rows[0].head
    QTest.mousePress(head, Qt.MouseButton.LeftButton, Modifier.NoModifier, grip)
    for where in (grip + QPoint(0, 30), head.mapFromGlobal(to)):
        QTest.mouseMove(head, where)
    QTest.mouseRelease(head, Qt.MouseButton.LeftButton, Modifier.NoModifier, head.mapFromGlobal(to))
    assert [s.after for s in bob.policy.steps] == [120, 300, 60]
    assert bob.window.editor.steps.open_at is None


def test_a_drag_near_the_edge_scrolls_as_far_as_the_steps_go(bob: Supervisor) -> None:
    bob.choose(DAY)
    steps = bob.window.editor.steps
    for _ in range(12):
        steps.added.emit(len(steps.rows))
    steps.open_step(None)
    area = steps.parentWidget()
    while not isinstance(area, QScrollArea):
        assert area is not None
        area = area.parentWidget()
    bar, view = area.verticalScrollBar(), area.viewport()
    bob.bot.waitUntil(lambda: steps.height() > view.height())
    bar.setValue(0)
    head = steps.rows[0].head
    low = head.mapFromGlobal(view.mapToGlobal(QPoint(60, view.height() - 5)))
    QTest.mousePress(head, Qt.MouseButton.LeftButton, Modifier.NoModifier, QPoint(12, 20))
    for where in (QPoint(12, 60), low):
        QTest.mouseMove(head, where)
    bob.bot.waitUntil(lambda: steps.mapTo(view, QPoint(0, steps.height())).y() == view.height())
    assert bar.value() < bar.maximum()  # what stands below the steps is not scrolled into view
    QTest.mouseRelease(
        head,
        Qt.MouseButton.LeftButton,
        Modifier.NoModifier,
        head.mapFromGlobal(view.mapToGlobal(QPoint(60, view.height() - 5))),
    )
    assert [s.after for s in bob.policy.steps[-2:]] == [120, 60]


def test_a_drag_that_is_given_up_changes_nothing(bob: Supervisor) -> None:
    bob.choose(DAY)
    head = bob.window.editor.steps.rows[2].head
    head.setFocus()
    QTest.mousePress(head, Qt.MouseButton.LeftButton, Modifier.NoModifier, QPoint(12, 20))
    QTest.mouseMove(head, QPoint(12, -90))
    bob.press(Key.Key_Escape)
    QTest.mouseRelease(head, Qt.MouseButton.LeftButton, Modifier.NoModifier, QPoint(12, -90))
    assert not bob.controller.holds_words


def test_the_fields_outlive_the_step_that_they_were_open_in(bob: Supervisor) -> None:
    bob.choose(DAY)
    bob.window.editor.steps.rows[2].head.click()
    bob.choose(NIGHT)
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    bob.window.editor.steps.rows[0].head.click()
    assert bob.window.editor.steps.fields.after.value == 30.0


def test_a_length_is_typed_and_undone_as_one(bob: Supervisor) -> None:
    bob.choose(DAY)
    bob.window.editor.steps.rows[0].head.click()
    number = bob.window.editor.steps.fields.after.number
    number.setFocus()
    number.selectAll()
    bob.type("45")
    assert bob.sentences[0] == "If nobody answers for 45 s, alert 森 千恵."
    assert number.value() == 45
    bob.window.editor.undo()
    assert bob.sentences[0] == "If nobody answers for 60 s, alert 森 千恵."
    assert number.value() == 60


def test_a_repeat_has_its_own_fields(bob: Supervisor) -> None:
    bob.choose(DAY)
    bob.window.editor.steps.rows[0].head.click()
    fields = bob.window.editor.steps.fields
    fields.action.setCurrentIndex(fields.action.findData(Repeat))
    fields.action.activated.emit(fields.action.currentIndex())
    assert not fields.to.isVisible()
    fields.times.setValue(5)
    fields.every.unit.setCurrentIndex(fields.every.unit.findData(60))
    assert bob.policy.steps[0].action == Repeat(3600.0, 5)
    assert bob.sentences[0].endswith("every 1 hour, 5 times.")


def test_tab_goes_through_an_open_step_as_one_reads_it(bob: Supervisor) -> None:
    bob.choose(DAY)
    steps = bob.window.editor.steps
    row, fields = steps.rows[1], steps.fields
    row.head.click()
    row.head.setFocus()
    stops = []
    for _ in range(5):
        bob.press(Key.Key_Tab)
        stops.append(bob.focused())
    assert stops == [
        row.remove_button,
        fields.after.number,
        fields.after.unit,
        fields.action,
        fields.to.field,
    ]


def test_what_is_wrong_is_said_at_the_step_and_is_not_sent(bob: Supervisor) -> None:
    bob.choose(DAY)
    bob.window.editor.steps.rows[1].head.click()
    bob.window.editor.steps.fields.to.remove(f"p:{DEV}")
    assert bob.window.editor.steps.rows[1].troubles.text() == "Choose who is to be reached."
    bob.window.editor.steps.open_step(None)
    asked = len(bob.client.asked)
    bob.window.save_button.click()
    assert len(bob.client.asked) == asked
    assert bob.window.notice.text == "Step 2: Choose who is to be reached."
    assert bob.window.editor.steps.open_at == 1
    assert bob.focused() is bob.window.editor.steps.fields.to.field


def test_somebody_who_left_stays_to_be_seen(bob: Supervisor) -> None:
    gone = PersonId("gone")
    steps = (PolicyStep(60, Notify(Recipients(people=(gone, CHIE)))),)
    bob.office.change(msgspec.structs.replace(bob.office.now(NIGHT), steps=steps), CHIE)
    bob.window.looked_at.emit()
    bob.choose(NIGHT)
    bob.window.editor.steps.rows[0].head.click()
    chips = [chip.text() for chip in bob.window.editor.steps.fields.to.chips]
    assert chips == ["somebody who left", "森 千恵"]
    assert "no longer in this space" in bob.window.editor.steps.rows[0].troubles.text()
    assert not bob.controller.holds_words


def test_whom_it_is_run_for_is_saved_with_it(bob: Supervisor) -> None:
    bob.choose(NIGHT)
    run_for = bob.window.editor.run_for
    run_for.everybody.setChecked(True)
    assert run_for.instead.text() == "Instead of “Day”, which is run now."
    run_for.people.choose(f"p:{ANN}")
    bob.controller.save()
    assert {(a.policy, a.person) for a in bob.office.assignments} == {(NIGHT, None), (NIGHT, ANN)}
    run_for.people.remove(f"p:{ANN}")
    run_for.everybody.setChecked(False)
    bob.controller.save()
    assert bob.office.assignments == []
    assert bob.office.now(NIGHT).version == 1
    assert bob.rows["built-in-escalation"].run_for == "For everybody"


def test_who_chooses_second_whom_it_is_run_for_sees_what_the_first_one_chose(bob: Supervisor) -> None:
    bob.choose(NIGHT)
    bob.window.editor.run_for.everybody.setChecked(True)
    name = bob.window.editor.name
    name.setFocus()
    name.selectAll()
    bob.type("Late")
    bob.office.assignments = []  # a colleague has just ended what was run for everybody
    bob.controller.save()
    assert bob.window.notice.text == sentence(refuse(Code.POLICY_MOVED))
    assert bob.office.assignments == []
    assert bob.office.now(NIGHT).name == "Late"
    assert bob.controller.holds_words, "what was chosen here is not lost"
    bob.controller.save()
    assert bob.office.assignments == [Assignment(SPACE, RED, NIGHT)]
    assert not bob.controller.holds_words


def test_who_stores_what_is_run_for_nobody_is_told_so(bob: Supervisor) -> None:
    bob.choose(NIGHT)
    name = bob.window.editor.name
    name.setFocus()
    name.selectAll()
    bob.type("Late")
    bob.controller.save()
    said = "Saved. Nothing follows it yet: choose under “Run for” for whom it is run."
    assert bob.window.notice.text == said
    bob.window.editor.run_for.people.choose(f"p:{ANN}")
    bob.controller.save()
    assert bob.window.notice.text == "Saved. Whatever begins from now on follows it."


def test_an_empty_field_says_what_can_be_chosen_with_it(bob: Supervisor) -> None:
    bob.choose(NIGHT)
    editor = bob.window.editor
    assert editor.run_for.people.field.placeholderText() == "@name"
    bob.window.editor.steps.add_button.click()
    fields = editor.steps.fields
    said = {}
    for row in range(fields.action.count()):
        fields.action.setCurrentIndex(row)
        fields.action.activated.emit(row)
        if fields.to.isVisibleTo(fields):
            said[fields.action.currentText()] = fields.to.field.placeholderText()
    assert said == {
        "Alert in Handraise": "@name or @group",
        "Send a text message": "@name, @group or a contact",
        "Call by phone": "@name, @group or a contact",
        "Hand over to one person": "@name",
        "Tell a service or a webhook": "Name of a contact",
    }


def test_what_counts_as_an_answer(bob: Supervisor) -> None:
    bob.choose(DAY)
    after = bob.window.editor.after
    for way in (AnswerWay.CHAT, AnswerWay.API):
        after.ways[way].setChecked(False)
    assert AnswerWay.CHAT not in bob.policy.answers
    assert AnswerWay.READ in bob.policy.answers, "what has no meaning here is left alone"
    after.back.setChecked(False)
    after.again.setValue(2)
    assert (bob.policy.come_within, bob.policy.again) == (None, 2)
    for box in after.ways.values():
        box.setChecked(False)
    assert after.ways_trouble.isVisible()


# --- what would happen -----------------------------------------------------------------------------------


def moments(bob: Supervisor) -> list[str]:
    return [row.accessibleName() for row in bob.window.preview.rows]


def test_the_preview_plays_with_who_is_here(bob: Supervisor) -> None:
    bob.choose(DAY)
    assert moments(bob) == [
        "0:00 Called at first: Bob Stone, 森 千恵",
        "1:00 Alerted: 森 千恵",
        "3:00 Alerted: Dev Patel",
        "8:00 An alert that reaches nobody Eva Admin is not here.",
        "9:00 “Nobody available” is said.",
    ]
    bob.floor.enter(EVA)
    bob.bridge.tell()
    assert moments(bob)[3] == "8:00 Alerted: Eva Admin"


def test_the_preview_follows_what_is_written_and_who_declines(bob: Supervisor) -> None:
    bob.choose(DAY)
    bob.window.editor.steps.removed.emit(1)
    assert len(moments(bob)) == 4
    preview = bob.window.preview
    preview.scenarios.setCurrentIndex(1)
    preview.scenarios.activated.emit(1)
    assert moments(bob)[0].endswith("Bob Stone, 森 千恵 decline.")
    assert moments(bob)[-1] == "0:00 “Nobody available” is said."
    preview.called.choose(f"p:{DEV}")
    assert "Dev Patel" in moments(bob)[0]


# --- who, and where --------------------------------------------------------------------------------------


def test_agents_have_no_window(qtbot: QtBot, qapp: QApplication) -> None:
    agent = Supervisor(qtbot, qapp, ANN)
    assert agent.controller.window is None
    assert agent.client.asked == []


def test_who_is_no_longer_a_supervisor_loses_the_window(bob: Supervisor) -> None:
    bob.client.person = Person(BOB, "bob", "Bob Stone", Role.AGENT)
    bob.bridge.replaced.emit()
    assert bob.controller.window is None


def test_a_narrow_window_shows_one_thing_at_a_time(bob: Supervisor) -> None:
    bob.window.resize(600, 700)
    assert bob.window.list.isVisible()
    bob.choose(DAY)
    assert not bob.window.list.isVisible()
    assert bob.window.back_button.isVisible()
    bob.window.back_button.click()
    assert bob.window.list.isVisible()
    assert bob.window.page is None


def test_a_lines_policy_offers_what_lines_can_do(bob: Supervisor) -> None:
    bob.choose("built-in-line")
    bob.shortcut("Ctrl+N")
    editor = bob.window.editor
    assert bob.policy.kind is CaseKind.LINE
    action = editor.steps.fields.action
    offered = [action.itemText(number) for number in range(action.count())]
    assert offered == ["Send a text message", "Call by phone", "Tell a service or a webhook"]
    assert not editor.run_for.people.isVisible()
    assert editor.run_for.everybody.accessibleName() == "All lines that have no escalation of their own"

"""Priority messages in the window of their author: written, followed, escalated."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.core.calls import Answered, PhoneWay
from app.core.case_questions import GetTimeline
from app.core.cases import CaseId
from app.core.commands import EscalateMessage, MarkRead, ReportCall, SendMessage
from app.core.errors import Code, Refusal, refuse
from app.core.events import PriorityAnswered, PriorityExhausted
from app.core.model import MessageId, Recipients, Rung
from app.core.permission_questions import GetOutreach, Outreach, Outreached, PhoneState
from app.core.permissions import Least, OwnRight, Permissions, Right
from app.core.policy import AnswerWay, Contact, ContactId, ContactKind
from app.core.scene import Decision
from app.ui.alerts.call_state import CallAnswer
from app.ui.calls import Calls
from app.ui.escalate_dialog import EscalateDialog
from app.ui.models.messages import MessageRow
from app.ui.models.rows import ROW_ROLE
from app.ui.panels.chat_rows import ESCALATE, TIMELINE, MessagesDelegate, state_spans
from app.ui.panels.side_panel import Tab
from app.ui.panels.spans import plain
from tests.helpers.alert_desk import Desk as AlertDesk
from tests.helpers.floor import Floor
from tests.helpers.office import ANN, BOB, CHIE, DEV, EVA
from tests.ui import test_window
from tests.ui.test_alert_center import desk as alert_desk
from tests.ui.test_window import Screen, Screens

floor, screens, desk = test_window.floor, test_window.screens, alert_desk
TO_BOB_AND_DEV = Recipients(people=(BOB, DEV))
URGENT = MessageId("urgent")
OUTREACH = Outreach(
    (Outreached(BOB, PhoneState.READY), Outreached(DEV, PhoneState.NONE)), tuple(Right), tuple(PhoneWay)
)


def send(floor: Floor, screen: Screen, to: Recipients = TO_BOB_AND_DEV) -> None:
    floor.do(ANN, SendMessage("Which contract?", to, priority=True), URGENT)
    screen.settle()


def open_chat(screen: Screen) -> None:
    assert screen.client.me is not None
    (conversation,) = screen.client.me.conversations
    screen.desk.chat.open_conversation(conversation)


def row(screen: Screen) -> MessageRow:
    model = screen.desk.panels.chat_models.messages
    found = model.row(model.index_of(URGENT))
    assert isinstance(found, MessageRow)
    return found


def states(screen: Screen) -> list[str]:
    screen.settle()
    return [words for words, _ in row(screen).state]


# Writing


def test_it_is_switched_on_by_key_said_whom_it_calls_and_switched_off_when_sent(
    screens: Screens, floor: Floor
) -> None:
    ann = screens(ANN)
    ann.desk.chat.open_with(BOB)
    composer = ann.desk.panels.chat.conversation.composer
    QTest.keyClicks(composer.field, "now please")
    modifiers = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    QTest.keyClick(composer.field, Qt.Key.Key_P, modifiers)
    assert composer.priority
    assert composer.reach.text() == "Calls Bob Stone aloud until read"
    QTest.keyClick(composer.field, Qt.Key.Key_Return)
    assert not composer.toggle.isChecked()
    (call,) = floor.persons[BOB].calls.values()
    assert call.message.text == "now please"
    QTest.keyClicks(composer.field, "no hurry")
    QTest.keyClick(composer.field, Qt.Key.Key_Return)
    assert len(floor.persons[BOB].calls) == 1


def test_the_switch_can_be_reached_and_has_a_name(screens: Screens) -> None:
    ann = screens(ANN)
    ann.desk.chat.open_with(BOB)
    toggle = ann.desk.panels.chat.conversation.composer.toggle
    assert toggle.focusPolicy() & Qt.FocusPolicy.TabFocus
    assert toggle.text() == "Priority"
    assert toggle.accessibleDescription().startswith("Calls those it is for aloud")


def test_who_may_not_is_told_so_and_the_switch_stays_off(screens: Screens, floor: Floor) -> None:
    floor.permissions = Permissions(priority=Least.NOBODY)
    ann = screens(ANN)
    ann.desk.chat.open_with(BOB)
    composer = ann.desk.panels.chat.conversation.composer
    assert not composer.toggle.isEnabled()
    assert "organisation" in composer.toggle.accessibleDescription()
    floor.permissions = Permissions(exceptions=(OwnRight(ANN, Right.PRIORITY, True),))
    ann.desk.chat.open_with(DEV)
    assert composer.toggle.isEnabled()


def test_a_refused_one_stands_in_the_chat_with_the_reason_and_stays_one(
    screens: Screens, floor: Floor
) -> None:
    ann = screens(ANN)
    ann.desk.chat.open_with(BOB)
    composer = ann.desk.panels.chat.conversation.composer
    composer.set_text("now please")
    composer.set_priority(True)
    ann.client.broken = Code.PRIORITY_DENIED
    QTest.keyClick(composer.field, Qt.Key.Key_Return)
    ann.settle()
    rows = ann.desk.panels.chat_models.messages
    (failed,) = [
        r for i in range(rows.rowCount()) if isinstance(r := rows.index(i).data(ROW_ROLE), MessageRow)
    ]
    assert failed.tag == "Priority"
    assert failed.reason.startswith("You may not send priority messages here.")


# Following


def test_its_author_sees_each_recipient_and_what_changes(screens: Screens, floor: Floor) -> None:
    ann = screens(ANN)
    send(floor, ann, Recipients(people=(BOB, DEV)))
    open_chat(ann)
    assert states(ann) == ["Bob Stone, Dev Patel: stored"]
    floor.do(BOB, ReportCall(URGENT, Rung.RECEIVED))
    floor.do(DEV, ReportCall(URGENT, Rung.SHOWN))
    assert states(ann) == [
        "Dev Patel: on their screen, not read",
        "Bob Stone: arrived at their machine",
    ]
    call = floor.persons[BOB].calls[URGENT].message
    floor.do(BOB, MarkRead(call.conversation, call.sent_at))
    assert states(ann) == ["Read by Bob Stone", "Dev Patel: on their screen, not read"]
    assert row(ann).waiting
    floor.do(DEV, SendMessage("the second", floor.persons[DEV].conversations[call.conversation].with_))
    assert states(ann) == ["Dev Patel replied", "Read by Bob Stone"]
    assert not row(ann).waiting


def test_before_an_empty_chair_it_is_not_read(screens: Screens, floor: Floor, qtbot: QtBot) -> None:
    ann, bob = screens(ANN), screens(BOB)
    floor.do(ANN, SendMessage("A minute?", Recipients(people=(BOB,))))
    bob.settle()
    bob.desk.window.show_tab(Tab.CHAT)
    open_chat(bob)
    bob.window.activateWindow()
    qtbot.waitUntil(bob.window.isActiveWindow)
    bob.settle()
    assert floor.persons[BOB].unread == 0
    bob.idle_for = 400.0
    bob.idle.look()
    send(floor, ann, Recipients(people=(BOB,)))
    bob.settle()
    assert (list(floor.persons[BOB].calls), floor.persons[BOB].unread) == ([URGENT], 1)
    assert not bob.window.attended()
    bob.idle_for = 0.0
    bob.idle.look()
    assert (floor.persons[BOB].calls, floor.persons[BOB].unread) == ({}, 0)


def test_a_screen_reader_hears_that_it_is_one_and_how_far_it_is(screens: Screens, floor: Floor) -> None:
    ann, bob = screens(ANN), screens(BOB)
    send(floor, ann)
    open_chat(ann)
    assert row(ann).spoken.startswith("Priority. Ann Field, ")
    assert row(ann).spoken.endswith("Which contract?. Bob Stone, Dev Patel: stored")
    bob.settle()
    open_chat(bob)
    assert row(bob).spoken.startswith("Priority. Ann Field, ")
    assert row(bob).state == ()


def test_who_is_not_here_is_offline(screens: Screens, floor: Floor) -> None:
    ann = screens(ANN)
    send(floor, ann, Recipients(people=(EVA,)))
    open_chat(ann)
    assert states(ann) == ["Eva Admin: offline"]


def test_that_nobody_was_available_is_said_once_and_stands_below_it(screens: Screens, floor: Floor) -> None:
    ann = screens(ANN)
    send(floor, ann)
    open_chat(ann)
    floor.fold(Decision((), ((ANN, PriorityExhausted(URGENT, floor.now)),)))
    assert states(ann)[0] == "Nobody was available"
    assert row(ann).waiting
    assert ann.said == (
        "Nobody was available for your priority message to Bob Stone, Dev Patel. Escalate it."
    )
    ann.desk.toasts.say("something else")
    floor.do(BOB, ReportCall(URGENT, Rung.SHOWN))
    ann.settle()
    assert ann.said == "something else"


# Escalating


def open_dialog(screen: Screen, outreach: Outreach | Refusal = OUTREACH) -> EscalateDialog:
    screen.client.answers[GetOutreach] = lambda _: outreach
    screen.desk.priority.escalate(URGENT, screen.window)
    dialog = screen.desk.priority.dialog
    assert dialog is not None
    return dialog


def lines(dialog: EscalateDialog) -> list[str]:
    return [made.accessibleName() for made in dialog.happens if made.accessibleName()]


def test_it_says_who_gets_what_before_anything_is_sent(screens: Screens, floor: Floor) -> None:
    ann = screens(ANN)
    send(floor, ann)
    dialog = open_dialog(ann)
    assert not dialog.go.isEnabled()
    dialog.ways[PhoneWay.TEXT].setChecked(True)
    assert lines(dialog) == ["Bob Stone: gets a text message", "Dev Patel: no phone number: is not reached"]
    dialog.ways[PhoneWay.CALL].setChecked(True)
    assert lines(dialog)[0] == "Bob Stone: gets a text message and a call"
    dialog.forward.setCurrentIndex(dialog.forward.findData(CHIE))
    assert lines(dialog)[-1] == "森 千恵: is called here, with sound"
    assert ann.client.done == []
    assert dialog.go.isEnabled()


def test_what_was_chosen_is_asked_for_and_the_dialog_closes(
    screens: Screens, floor: Floor, qtbot: QtBot
) -> None:
    floor.permissions = Permissions(phones=Least.EVERYBODY)
    floor.phones = {BOB}
    ann = screens(ANN)
    send(floor, ann)
    open_chat(ann)
    dialog = open_dialog(ann)
    dialog.ways[PhoneWay.TEXT].setChecked(True)
    dialog.forward.setCurrentIndex(dialog.forward.findData(CHIE))
    QTest.mouseClick(dialog.go, Qt.MouseButton.LeftButton)
    assert ann.client.done[-1] == EscalateMessage(URGENT, (PhoneWay.TEXT,), CHIE)
    assert ann.desk.priority.dialog is None
    assert URGENT in floor.persons[CHIE].calls
    time, _, rest = states(ann)[-3].partition(": ")
    assert rest == "text message to Bob Stone"
    assert states(ann)[-2] == f"{time}: handed on to 森 千恵"


DUTY = Contact(ContactId("duty"), "Duty phone", ContactKind.PHONE, "…677")
TEAM = Contact(ContactId("team"), "R&D channel", ContactKind.APPRISE)
WITH_CONTACTS = Outreach(OUTREACH.people, tuple(Right), tuple(PhoneWay), 0, (DUTY, TEAM))


def test_contacts_are_chosen_and_it_is_said_what_they_get(screens: Screens, floor: Floor) -> None:
    floor.permissions = Permissions(phones=Least.EVERYBODY)
    floor.contacts = {DUTY.id: DUTY, TEAM.id: TEAM}
    ann = screens(ANN)
    send(floor, ann)
    dialog = open_dialog(ann, WITH_CONTACTS)
    assert [box.text() for box in dialog.contacts.values()] == ["Duty phone (…677)", "R&&D channel"]
    dialog.contacts[DUTY.id].setChecked(True)
    assert lines(dialog) == ["Duty phone: choose above: a text message, a call, or both"]
    assert not dialog.go.isEnabled()
    dialog.ways[PhoneWay.CALL].setChecked(True)
    dialog.contacts[TEAM.id].setChecked(True)
    assert lines(dialog)[-2:] == ["Duty phone: gets a call", "R&D channel: gets the message"]
    QTest.mouseClick(dialog.go, Qt.MouseButton.LeftButton)
    assert ann.client.done[-1] == EscalateMessage(URGENT, (PhoneWay.CALL,), None, (DUTY.id, TEAM.id))
    open_chat(ann)
    ann.settle()
    assert [words.partition(": ")[2] for words in states(ann)[-4:-2]] == [
        "call to Duty phone",
        "told R&D channel",
    ]


def test_who_presses_the_key_on_a_duty_phone_is_named(screens: Screens, floor: Floor) -> None:
    ann = screens(ANN)
    send(floor, ann)
    answer = Answered(AnswerWay.KEY, floor.now, None, DUTY.name)
    floor.fold(Decision((), ((ANN, PriorityAnswered(URGENT, answer)),)))
    open_chat(ann)
    ann.settle()
    assert "Duty phone confirmed on the phone" in states(ann)


@pytest.mark.parametrize(
    ("outreach", "phone", "channel"),
    [
        (Outreach(OUTREACH.people, tuple(Right), (), 0, (DUTY, TEAM)), False, True),
        (Outreach(OUTREACH.people, tuple(Right), tuple(PhoneWay), 42, (DUTY, TEAM)), False, False),
    ],
)
def test_contacts_that_cannot_be_reached_now_are_off(
    screens: Screens, floor: Floor, outreach: Outreach, phone: bool, channel: bool
) -> None:
    ann = screens(ANN)
    send(floor, ann)
    dialog = open_dialog(ann, outreach)
    assert [box.isEnabled() for box in dialog.contacts.values()] == [phone, channel]


def test_many_contacts_scroll_and_leave_the_dialog_its_size(
    screens: Screens, floor: Floor, qtbot: QtBot
) -> None:
    ann = screens(ANN)
    send(floor, ann)
    many = tuple(Contact(ContactId(f"c{n}"), f"Phone {n}", ContactKind.PHONE) for n in range(200))
    dialog = open_dialog(ann, Outreach(OUTREACH.people, tuple(Right), tuple(PhoneWay), 0, many))
    assert len(dialog.contacts) == 200
    assert dialog.height() < 640
    last = dialog.contacts[ContactId("c199")]
    qtbot.waitUntil(lambda: last.y() > dialog.height())  # laid out
    dialog.activateWindow()
    qtbot.waitUntil(dialog.isActiveWindow)
    dialog.forward.setFocus()
    QTest.keyClick(dialog.forward, Qt.Key.Key_Backtab)
    assert dialog.focusWidget() is last
    assert last.visibleRegion().boundingRect().height() == last.height()


def test_a_refusal_is_said_in_the_dialog_and_it_can_be_tried_again(screens: Screens, floor: Floor) -> None:
    ann = screens(ANN)
    send(floor, ann)
    dialog = open_dialog(ann)
    dialog.ways[PhoneWay.TEXT].setChecked(True)
    ann.client.broken = Code.NO_PHONE_REACHED
    QTest.mouseClick(dialog.go, Qt.MouseButton.LeftButton)
    assert dialog.notice.text == "Nobody who has not read it can be reached by phone now."
    assert dialog.go.isEnabled()


@pytest.mark.parametrize(
    ("outreach", "words"),
    [
        (Outreach(OUTREACH.people, (Right.PRIORITY,), tuple(PhoneWay)), "You may not have messages sent"),
        (Outreach(OUTREACH.people, tuple(Right), ()), "This server can neither send"),
        (Outreach(OUTREACH.people, tuple(Right), tuple(PhoneWay), 42), "You can do it again in 42 s"),
    ],
)
def test_phones_that_cannot_be_reached_for_are_off_and_it_says_why(
    screens: Screens, floor: Floor, outreach: Outreach, words: str
) -> None:
    ann = screens(ANN)
    send(floor, ann)
    dialog = open_dialog(ann, outreach)
    assert not any(box.isEnabled() for box in dialog.ways.values())
    assert words in dialog.why_not.text()
    dialog.forward.setCurrentIndex(1)
    assert dialog.go.isEnabled()


def test_an_answer_that_comes_meanwhile_ends_it(screens: Screens, floor: Floor) -> None:
    ann = screens(ANN)
    send(floor, ann)
    dialog = open_dialog(ann)
    dialog.ways[PhoneWay.TEXT].setChecked(True)
    conversation = floor.persons[BOB].calls[URGENT].message.conversation
    floor.do(BOB, SendMessage("here", floor.persons[BOB].conversations[conversation].with_))
    ann.settle()
    assert not dialog.go.isEnabled()
    assert dialog.notice.text == "This message has been answered meanwhile."


def test_quiet_hours_are_said_with_their_end(screens: Screens, floor: Floor) -> None:
    ann = screens(ANN)
    send(floor, ann)
    quiet = Outreached(BOB, PhoneState.QUIET, 1_700_000_000.0)
    dialog = open_dialog(ann, Outreach((quiet,), tuple(Right), tuple(PhoneWay)))
    dialog.ways[PhoneWay.CALL].setChecked(True)
    assert lines(dialog)[0].startswith("Bob Stone: wants quiet until ")
    assert not dialog.go.isEnabled()


def test_the_chat_offers_it_to_the_mouse_and_to_the_keyboard(
    screens: Screens, floor: Floor, qtbot: QtBot
) -> None:
    ann = screens(ANN)
    ann.client.answers[GetOutreach] = lambda _: OUTREACH
    ann.client.answers[GetTimeline] = lambda _: refuse(Code.NOT_FOUND)
    send(floor, ann)
    open_chat(ann)
    ann.settle()
    view = ann.desk.panels.chat.conversation.view
    index = ann.desk.panels.chat_models.messages.index_of(URGENT)
    delegate = view.itemDelegate()
    assert isinstance(delegate, MessagesDelegate)
    assert [action.name for action in delegate.entered(row(ann))] == [ESCALATE]
    assert plain(state_spans(row(ann))).endswith("\nEscalate…")
    box = view.visualRect(index)
    found = [at for at in points(box) if delegate.state_at(box, row(ann), at) == ESCALATE]
    assert found
    with qtbot.waitSignal(ann.desk.chat.escalate_wanted) as wanted:
        QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=found[0])
    assert wanted.args == [URGENT]
    assert TIMELINE in [action.name for action in delegate.offers(row(ann))]
    state = [at for at in points(box) if delegate.state_at(box, row(ann), at) == TIMELINE]
    assert state
    with qtbot.waitSignal(ann.desk.chat.timeline_wanted) as wanted:
        QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=state[0])
    assert wanted.args == [URGENT]
    assert [query.case for query in ann.client.asked if isinstance(query, GetTimeline)] == [CaseId(URGENT)]


def points(box: QRect) -> list[QPoint]:
    return [
        QPoint(x, y) for y in range(box.top(), box.bottom(), 4) for x in range(box.left(), box.right(), 6)
    ]


# At the recipient


def test_reading_on_one_machine_silences_the_other_and_opens_where_one_asked(
    screens: Screens, floor: Floor, desk: AlertDesk, qapp: QApplication
) -> None:
    ann, here, there = screens(ANN), screens(BOB), screens(BOB)
    other = AlertDesk()
    calls = [Calls(here.desk, desk.alerts, BOB), Calls(there.desk, other.alerts, BOB)]
    send(floor, ann)
    for screen in (here, there):
        screen.settle()
    assert (desk.notes.shown, other.notes.shown) == ((URGENT,), (URGENT,))
    desk.alerts.answer_requested.emit(URGENT, CallAnswer.OPEN)
    for screen in (here, there, ann):
        screen.settle()
    assert (desk.notes.shown, other.notes.shown) == ((), ())
    assert here.desk.panels.chat.shows_one
    assert not there.desk.panels.chat.shows_one
    open_chat(ann)
    assert "Read by Bob Stone" in states(ann)
    for call in calls:
        call.close()
    other.alerts._timer.stop()
    other.alerts._attention.stop()
    other.popups.close()
    other.tray.close()

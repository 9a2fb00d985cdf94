"""The program from the sign-in page to the desk, when the server, the secret store or a setting is bad.

The client, its sessions and the rules are real; the server is in memory, and the clock is the test's.
"""

from __future__ import annotations

import msgspec
import pytest

from app.core import wire
from app.core.commands import AnswerEscalation, EndEscalation, RaiseEscalation, ReportRung
from app.core.errors import Code
from app.core.line_events import LineChanged
from app.core.lines import Line, LineId
from app.core.model import AnswerKind, EscalationId, Level, Recipients, Role, Rung
from app.net.problems import ConnectionProblem, Trouble
from app.ui.desk import Desk
from app.ui.i18n import use_language
from app.ui.models.messages import MessageRow, Sending
from app.ui.panels.side_panel import Tab
from app.ui.preferences import FILE
from app.ui.program import Program
from app.ui.settings import SettingsDialog
from tests.helpers.clock import settle
from tests.helpers.machine import HERE, NAME, Machine, page, signed_in, until
from tests.helpers.office import ANN, BOB, CHIE, EVA
from tests.helpers.scripted import PASSWORD

AWAY = ConnectionProblem(Trouble.NO_ANSWER, host="localhost", port=7443)
CERTIFICATE = ConnectionProblem(Trouble.CERTIFICATE, host="office")


# Signing in


@pytest.mark.parametrize(
    ("server", "problem", "sentence"),
    [
        (HERE, AWAY, "localhost:7443 does not answer."),
        ("office", CERTIFICATE, "The certificate of office is not trusted."),
        ("https://office", None, "A server address begins with wss:// or ws://, not with https://."),
        ("office:port", None, "The port of “office:port” is not a number from 1 to 65535."),
        ("a b", None, "“a b” is not a server address."),
    ],
)
async def test_a_server_that_cannot_be_used_is_said_on_the_page(
    machine: Machine, server: str, problem: ConnectionProblem | None, sentence: str
) -> None:
    machine.server.problem = problem
    program = machine.start(password="secret", server=server)
    await until(lambda: page(program).notice.text)
    assert page(program).notice.text.startswith(sentence)
    assert (page(program).server.text(), page(program).handle.text()) == (server, "ann")
    assert page(program).button.isEnabled()
    assert program.desk is None


@pytest.mark.parametrize("theirs", [wire.PROTOCOL + 1, wire.PROTOCOL - 1])
async def test_a_server_of_another_version_is_said_on_the_page(machine: Machine, theirs: int) -> None:
    fields: dict[str, str | int] = {"ours": wire.PROTOCOL, "theirs": theirs}
    machine.server.turned_away = wire.Bye(Code.PROTOCOL_VERSION, fields, retry=False)
    program = machine.start(password=PASSWORD)
    await until(lambda: page(program).notice.text)
    assert page(program).notice.text == (
        f"This program speaks version {wire.PROTOCOL} and the server version {theirs}. "
        "Please update the older one."
    )


async def test_a_server_of_another_version_met_while_signed_in_is_said_and_waited_for(
    machine: Machine,
) -> None:
    program, desk = await signed_in(machine)
    fields: dict[str, str | int] = {"ours": wire.PROTOCOL, "theirs": 9}
    machine.server.turned_away = wire.Bye(Code.PROTOCOL_VERSION, fields, retry=False)
    machine.server.peer.abort()
    await machine.clock.advance(10)
    desk.bridge.tell()
    assert desk.top_bar.pill.text.startswith("NOT PROTECTED since")
    assert "the server version 9" in desk.top_bar.pill.accessibleDescription()
    assert desk.toasts.text.endswith("and the server version 9. Please update the older one.")
    machine.server.turned_away = None
    await machine.clock.advance(40)
    desk.bridge.tell()
    assert desk.top_bar.pill.text == "Protected"
    assert program.desk is desk


async def test_a_full_disk_on_the_server_is_said_in_the_persons_language(machine: Machine) -> None:
    use_language("ja")
    try:
        machine.server.turned_away = wire.Bye(Code.STORE_FAILED, {"reason": "disk full"}, retry=True)
        program = machine.start(password=PASSWORD)
        await until(lambda: page(program).notice.text)
        assert "ディスクの空き容量がありません" in page(program).notice.text
    finally:
        use_language("en")


@pytest.mark.parametrize(("role", "offered"), [(Role.AGENT, False), (Role.SUPERVISOR, True)])
async def test_the_settings_lead_supervisors_to_the_escalation_of_the_lines(
    machine: Machine, role: Role, offered: bool
) -> None:
    program, desk = await signed_in(machine)
    space = program.client.space
    assert space is not None
    space.people[ANN] = msgspec.structs.replace(space.people[ANN], role=role)
    words = "Escalation of lines…"
    program._settings()
    assert words not in [made.text() for made in settings_of(program).offers]  # there is no line
    settings_of(program).accept()
    space.inbox.apply(LineChanged(Line(LineId("l1"), "Support", "+815031234567", space.space.id)))
    program._settings()
    offers = {made.text(): made for made in settings_of(program).offers}
    assert (words in offers) is offered
    if offered:
        offers[words].click()
        assert desk.line_settings.dialog is not None
        desk.line_settings.dialog.accept()


async def test_another_language_counts_at_once_and_loses_nothing_that_is_typed(machine: Machine) -> None:
    program, desk = await signed_in(machine)
    desk.window.show_tab(Tab.PEOPLE)
    desk.escalation.dialog.message.setText("Line 3")
    program._settings()
    try:
        choose_language(program, "ja")
        assert settings_of(program).notice.text.startswith("What you wrote is not sent yet")
        desk.escalation.dialog.message.clear()
        choose_language(program, "en")
        choose_language(program, "ja")
        await until(lambda: program.desk is not desk)
        assert program.desk is not None
        assert program.desk.panels.side.tab is Tab.PEOPLE
        assert program.desk.window.isVisible()
        assert settings_of(program).windowTitle() == "設定"
        assert ANN in program.desk.view.scene.avatars
    finally:
        use_language("en")


def settings_of(program: Program) -> SettingsDialog:
    assert program.desk is not None
    dialogs = program.desk.window.findChildren(SettingsDialog)
    return next(dialog for dialog in dialogs if dialog.isVisible())


def choose_language(program: Program, code: str) -> None:
    box = settings_of(program).language
    box.setCurrentIndex(box.findData(code))
    box.activated.emit(box.currentIndex())


async def test_the_session_of_last_time_waits_for_its_server_and_says_so(machine: Machine) -> None:
    machine.ring.kept["Handraise", NAME] = "old"
    machine.server.tokens[wire.Token("old")] = ANN
    machine.server.problem = AWAY
    program = machine.start()
    await until(lambda: page(program).notice.text)
    assert page(program).notice.text == (
        "localhost:7443 does not answer. Handraise goes on trying; you can also sign in with the password."
    )
    assert page(program).button.text() == "Sign in"
    assert page(program).password.isEnabled()
    machine.server.problem = None
    await machine.clock.advance(40)
    assert program.desk is not None
    assert machine.ring.kept["Handraise", NAME] != "old"


async def test_while_a_session_waits_one_can_sign_in_another_way(machine: Machine) -> None:
    machine.ring.kept["Handraise", NAME] = "old"
    machine.server.problem = AWAY
    program = machine.start()
    await until(lambda: page(program).notice.text)
    machine.server.problem = None
    page(program).handle.setText("bob")
    page(program).password.setText(PASSWORD)
    page(program).button.click()
    await until(lambda: program.desk is not None)
    assert program.client.person is not None
    assert program.client.person.id == BOB
    await machine.clock.advance(60)
    assert [type(sign) for sign in machine.server.signed_in] == [wire.SignIn]
    assert program.signing_in.entrance is None


# Settings


async def test_broken_settings_are_set_aside_and_said(machine: Machine) -> None:
    machine.folders.settings.mkdir(parents=True)
    (machine.folders.settings / FILE).write_text('{"server": "office", "vol')
    program = machine.start(server="", handle="")
    await settle()
    assert page(program).notice.text == (
        "Earlier settings were damaged; they are kept as preferences.broken.json."
    )
    assert (machine.folders.settings / "preferences.broken.json").read_text().startswith('{"server": "off')


async def test_impossible_numbers_in_the_settings_open_the_window_all_the_same(machine: Machine) -> None:
    machine.folders.settings.mkdir(parents=True)
    (machine.folders.settings / FILE).write_text('{"panel_width": -99999999999, "volume": 99999999999}')
    _, desk = await signed_in(machine)
    assert desk.window.isVisible()


# Offline


async def test_what_is_written_while_the_server_is_away_is_kept_and_sent_once(machine: Machine) -> None:
    _, desk = await signed_in(machine)
    machine.server.problem = AWAY
    machine.server.peer.abort()
    await machine.clock.advance(3)
    desk.bridge.tell()
    assert desk.top_bar.pill.text.startswith("NOT PROTECTED since")
    assert desk.top_bar.pill.accessibleDescription() == "localhost:7443 does not answer."
    desk.chat.open_with(BOB)
    desk.chat.send("is anybody there?")
    await settle()
    desk.bridge.tell()
    (waiting,) = messages(desk)
    assert (waiting.text, waiting.sending) == ("is anybody there?", Sending.UNDER_WAY)
    assert waiting.time == "waits for the connection"
    await machine.clock.advance(600)
    machine.server.problem = None
    await machine.clock.advance(40)
    desk.bridge.tell()
    desk.chat.refresh()
    (sent,) = messages(desk)
    assert (sent.text, sent.sending) == ("is anybody there?", Sending.SENT)
    assert sent.time != "waits for the connection"
    assert len(machine.server.executed & {waiting.id}) == 1


async def test_a_hand_raised_offline_is_given_up_with_the_reason_and_kept_as_typed(machine: Machine) -> None:
    _, desk = await signed_in(machine)
    machine.server.problem = AWAY
    machine.server.peer.abort()
    await machine.clock.advance(3)
    desk.bridge.tell()
    desk.escalation.press()
    dialog = desk.escalation.dialog
    dialog.message.setText("line 3 needs a manager")
    dialog._execute()
    dialog._execute()
    await machine.clock.advance(30)
    assert dialog.notice.text == ""
    assert dialog.execute_button.words == "Waiting for the connection…"
    await machine.clock.advance(40)
    assert dialog.notice.text == "This was not sent: there was no connection for 60 s."
    assert dialog.message.text() == "line 3 needs a manager"
    machine.server.problem = None
    await machine.clock.advance(40)
    assert machine.server.office.space.escalations == {}


async def test_a_full_disk_keeps_what_was_typed(machine: Machine) -> None:
    _, desk = await signed_in(machine)
    machine.server.full = True
    desk.escalation.press()
    desk.escalation.dialog.message.setText("help")
    desk.escalation.dialog._execute()
    desk.chat.open_with(BOB)
    desk.chat.send("not lost")
    await settle()
    desk.bridge.tell()
    words = "The server could not save this (disk full). Nothing was changed; please try again."
    assert desk.escalation.dialog.notice.text == words
    assert desk.escalation.dialog.message.text() == "help"
    (kept,) = messages(desk)
    assert (kept.text, kept.sending, kept.reason) == ("not lost", Sending.FAILED, words)
    machine.server.full = False
    desk.chat._act(kept.id, "again")
    await settle()
    desk.bridge.tell()
    (sent,) = messages(desk)
    assert (sent.id, sent.sending) == (kept.id, Sending.SENT)


async def test_what_is_typed_to_nobody_yet_waits_too(machine: Machine) -> None:
    _, desk = await signed_in(machine)
    desk.chat.new_conversation()
    composer = desk.panels.chat.conversation.composer
    composer.set_text("@bo half a sentence")
    desk.chat.close_conversation()
    desk.chat.new_conversation()
    assert composer.text() == "@bo half a sentence"


# A second machine


async def test_an_alert_rings_on_both_machines_and_one_answer_silences_both(machine: Machine) -> None:
    first, desk = await signed_in(machine, handle="bob")
    _, laptop = await signed_in(machine, handle="bob")
    red = RaiseEscalation(Level.RED, "help", Recipients(people=(BOB,)))
    machine.server.act(ANN, red, "hand")
    await settle()
    desk.bridge.tell()
    laptop.bridge.tell()
    assert machine.ringing == [("hand",), ("hand",)]
    first._alerts.answer_requested.emit("hand", AnswerKind.CHAT)
    await settle()
    desk.bridge.tell()
    laptop.bridge.tell()
    assert machine.ringing == [(), ()]
    hand = machine.server.office.space.escalations[EscalationId("hand")]
    assert hand.chatting == (BOB,)


async def test_the_pop_up_says_of_the_others_what_the_space_knows(machine: Machine) -> None:
    program, desk = await signed_in(machine, handle="bob")
    red = RaiseEscalation(Level.RED, "help", Recipients(people=(BOB, CHIE, EVA)))
    machine.server.act(ANN, red, "hand")
    machine.server.act(CHIE, AnswerEscalation(EscalationId("hand"), AnswerKind.DECLINE))
    await settle()
    desk.bridge.tell()
    (view,) = program._alerts._popups._views
    assert (view.message, view.declined, view.unreached) == ("help", ("森 千恵",), ("Eva Admin",))
    machine.server.act(EVA, ReportRung(EscalationId("hand"), Rung.RECEIVED))
    await settle()
    desk.bridge.tell()
    (view,) = program._alerts._popups._views
    assert view.unreached == ()
    machine.server.act(ANN, EndEscalation(EscalationId("hand")))
    await settle()
    desk.bridge.tell()
    assert program._alerts._popups._views == ()


def messages(desk: Desk) -> list[MessageRow]:
    return [row for row in desk.panels.chat_models.messages.rows if isinstance(row, MessageRow)]

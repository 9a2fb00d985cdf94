"""Native notifications follow the ringing alerts, whatever the service does."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest
from desktop_notifier import Notification

from app.core.model import AnswerKind, EscalationId, PersonId, Status
from app.ui.alerts.notes import Note, note_of
from app.ui.alerts.notification import AlertNotifications
from app.ui.alerts.notification_service import Word
from app.ui.alerts.views import AlertView, Phase, Raiser
from tests.helpers.caller import eventually as until

FINN = Raiser(PersonId("finn"), "Finn <b>Olsen</b>", "desk row 1", Status.ON_CALL)


def note(name: str = "e1", message: str = "Line 3 <img src=x> & more") -> Note:
    return note_of(AlertView(EscalationId(name), FINN, message, 0.0, Phase.RINGING))


class Service:
    """A notification service in memory that can fail, hang, or lose what it showed."""

    def __init__(self) -> None:
        self.shown: dict[str, Notification] = {}
        self.log: list[str] = []
        self.broken = False
        self.hold: asyncio.Event | None = None

    async def send_notification(self, notification: Notification) -> str:
        if self.hold is not None:
            await self.hold.wait()
        if self.broken:
            return notification.identifier  # desktop-notifier swallows errors just so
        self.shown[notification.identifier] = notification
        self.log.append(f"+{notification.title}")
        assert notification.on_dispatched is not None
        notification.on_dispatched()
        return notification.identifier

    async def clear(self, identifier: str) -> None:
        note = self.shown.pop(identifier)  # KeyError for what is not there, like the real one
        self.log.append(f"-{note.title}")

    async def get_current_notifications(self) -> list[str]:
        return list(self.shown)


class Words:
    """A desktop that says what a test wants."""

    def __init__(self) -> None:
        self.word: Word | Exception = Word.WORKS
        self.asked = 0
        self.changed: Callable[[bool], None] = lambda _: None

    def tell(self, changed: Callable[[bool], None]) -> None:
        self.changed = changed

    async def ask(self) -> Word:
        self.asked += 1
        if isinstance(self.word, Exception):
            raise self.word
        return self.word

    def close(self) -> None:
        pass


class Desk:
    """The object under test with its service, and a way to wait for it to rest."""

    def __init__(self, markup: bool = True) -> None:
        self.service = Service()
        self.markup = markup
        self.word = Words()
        self.notes = AlertNotifications(notifier=lambda: self.service, markup=self._markup, desktop=self.word)
        self.troubles: list[str] = []
        self.notes.trouble_changed.connect(self.troubles.append)

    async def _markup(self) -> bool:
        return self.markup

    async def rest(self) -> None:
        await self.notes.idle()

    @property
    def only(self) -> Notification:
        [note] = self.service.shown.values()
        return note


@pytest.fixture
def desk(qapp: object) -> Desk:
    return Desk()


async def test_shown_while_it_rings_and_withdrawn_when_it_rests(desk: Desk) -> None:
    desk.notes.show([note()])
    await desk.rest()
    desk.notes.show([note()])  # nothing new: not sent twice
    await desk.rest()
    assert desk.service.log == ["+Finn <b>Olsen</b> needs help"]
    desk.notes.show([])
    await desk.rest()
    assert desk.service.shown == {}
    assert desk.troubles == []


async def test_text_of_others_is_escaped_only_where_the_service_reads_markup(desk: Desk) -> None:
    desk.notes.show([note()])
    await desk.rest()
    assert desk.only.message == "Line 3 &lt;img src=x&gt; &amp; more\ndesk row 1 · On a call"
    plain = Desk(markup=False)
    plain.notes.show([note()])
    await plain.rest()
    assert plain.only.message == "Line 3 <img src=x> & more\ndesk row 1 · On a call"


async def test_its_buttons_answer_and_a_click_opens(desk: Desk) -> None:
    answers: list[tuple[str, AnswerKind]] = []
    opened: list[str] = []
    desk.notes.answered.connect(lambda alert, kind: answers.append((alert, kind)))
    desk.notes.opened.connect(opened.append)
    desk.notes.show([note()])
    await desk.rest()
    assert [b.title for b in desk.only.buttons] == ["Approach", "Chat"]
    for button in desk.only.buttons:
        assert button.on_pressed is not None
        button.on_pressed()
    assert desk.only.on_clicked is not None
    desk.only.on_clicked()
    assert answers == [("e1", AnswerKind.APPROACH), ("e1", AnswerKind.CHAT)]
    assert opened == ["e1"]


async def test_one_that_its_reader_closed_is_not_sent_again_and_not_an_error(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    desk.notes.show([note()])
    await desk.rest()
    desk.service.shown.clear()
    desk.notes.show([note(), note("e2")])
    await desk.rest()
    assert len(desk.service.shown) == 1
    desk.notes.show([])
    await desk.rest()
    assert desk.service.shown == {}
    assert not caplog.records


async def test_answered_while_it_is_being_sent_it_does_not_stay(desk: Desk) -> None:
    desk.service.hold = asyncio.Event()
    desk.notes.show([note()])
    await asyncio.sleep(0)
    desk.notes.show([])
    desk.service.hold.set()
    await desk.rest()
    assert desk.service.shown == {}


async def test_a_broken_service_is_reported_once_and_tried_again_for_the_next_alert(desk: Desk) -> None:
    desk.service.broken = True
    desk.notes.show([note()])
    await desk.rest()
    desk.notes.show([note()])
    await desk.rest()
    assert desk.troubles == ["unavailable"]
    desk.service.broken = False
    desk.notes.show([note(), note("e2")])
    await desk.rest()
    assert desk.troubles == ["unavailable", ""]
    assert len(desk.service.shown) == 1


@pytest.mark.parametrize("error", [OSError("no bus"), KeyError("DBUS"), ValueError("odd reply")])
async def test_no_bus_is_a_trouble_and_never_an_exception(qapp: object, error: Exception) -> None:
    async def fail() -> bool:
        raise error

    silent = Words()
    silent.word = error
    notes = AlertNotifications(notifier=Service, markup=fail, desktop=silent)
    notes.show([note()])
    await notes.idle()
    assert notes.trouble == "unavailable"
    notes._failed = False
    notes.probe()
    await until(lambda: silent.asked > 0)
    await notes.close()
    assert notes.trouble == "unavailable"


@pytest.mark.parametrize(
    ("word", "trouble", "unknown"),
    [
        (Word.WORKS, "", False),
        (Word.UNKNOWN, "", True),
        (Word.QUIET, "do_not_disturb", False),
        (Word.UNAVAILABLE, "unavailable", False),
    ],
)
async def test_what_the_desktop_says_is_known_and_followed(
    desk: Desk, word: Word, trouble: str, unknown: bool
) -> None:
    assert desk.notes.unknown  # nobody has been asked yet
    desk.word.word = word
    desk.notes.probe()
    await until(lambda: desk.word.asked == 1)
    assert (desk.notes.trouble, desk.notes.unknown) == (trouble, unknown)
    desk.word.word = Word.WORKS
    desk.word.changed(False)
    await until(lambda: desk.word.asked == 2)
    assert (desk.notes.trouble, desk.notes.unknown) == ("", False)
    await desk.notes.close()


async def test_a_service_that_died_and_came_back_shows_what_rings_once_more(desk: Desk) -> None:
    desk.notes.show([note()])
    await desk.rest()
    desk.service.shown.clear()  # gone with the service
    desk.word.changed(True)
    await desk.rest()
    assert [note.title for note in desk.service.shown.values()] == ["Finn <b>Olsen</b> needs help"]
    desk.notes.show([])
    await desk.rest()
    assert desk.service.shown == {}


async def test_a_service_that_is_started_by_the_first_notification_shows_it_once(desk: Desk) -> None:
    desk.service.hold = asyncio.Event()
    desk.notes.show([note()])
    await until(lambda: desk.notes._sending is not None)
    desk.word.changed(True)
    desk.service.hold.set()
    await desk.rest()
    assert len(desk.service.log) == 1


async def test_a_hanging_service_is_given_up(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.ui.alerts.notification.CALL_SECONDS", 0.02)
    desk.service.hold = asyncio.Event()
    desk.notes.show([note()])
    await desk.rest()
    assert desk.troubles == ["unavailable"]


async def test_closing_withdraws_everything(desk: Desk) -> None:
    desk.notes.show([note(), note("e2")])
    await desk.rest()
    await desk.notes.close()
    assert desk.service.shown == {}


def test_a_hand_without_a_message_says_so() -> None:
    assert note(message="").body == "Hand raised without a message\ndesk row 1 · On a call"

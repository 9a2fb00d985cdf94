"""Native notifications follow the ringing alerts, whatever the service does."""

from __future__ import annotations

import asyncio

import pytest
from desktop_notifier import Notification

from app.core.model import AnswerKind, EscalationId, PersonId, Status
from app.ui.alerts import sentences
from app.ui.alerts.notification import AlertNotifications
from app.ui.alerts.state import AlertView, Phase, Raiser

FINN = Raiser(PersonId("finn"), "Finn <b>Olsen</b>", "desk row 1", Status.ON_CALL)


def view(name: str = "e1", message: str = "Line 3 <img src=x> & more") -> AlertView:
    return AlertView(EscalationId(name), FINN, message, 0.0, Phase.RINGING)


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


class Desk:
    """The object under test with its service, and a way to wait for it to rest."""

    def __init__(self, markup: bool = True) -> None:
        self.service = Service()
        self.markup = markup
        self.notes = AlertNotifications(notifier=lambda: self.service, markup=self._markup)
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
    desk.notes.show([view()])
    await desk.rest()
    desk.notes.show([view()])  # nothing new: not sent twice
    await desk.rest()
    assert desk.service.log == ["+Finn <b>Olsen</b> needs help"]
    desk.notes.show([])
    await desk.rest()
    assert desk.service.shown == {}
    assert desk.troubles == []


async def test_text_of_others_is_escaped_only_where_the_service_reads_markup(desk: Desk) -> None:
    desk.notes.show([view()])
    await desk.rest()
    assert desk.only.message == "Line 3 &lt;img src=x&gt; &amp; more\ndesk row 1 · On a call"
    plain = Desk(markup=False)
    plain.notes.show([view()])
    await plain.rest()
    assert plain.only.message == "Line 3 <img src=x> & more\ndesk row 1 · On a call"


async def test_its_buttons_answer_and_a_click_opens(desk: Desk) -> None:
    answers: list[tuple[str, AnswerKind]] = []
    opened: list[str] = []
    desk.notes.answered.connect(lambda alert, kind: answers.append((alert, kind)))
    desk.notes.opened.connect(opened.append)
    desk.notes.show([view()])
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
    desk.notes.show([view()])
    await desk.rest()
    desk.service.shown.clear()
    desk.notes.show([view(), view("e2")])
    await desk.rest()
    assert len(desk.service.shown) == 1
    desk.notes.show([])
    await desk.rest()
    assert desk.service.shown == {}
    assert not caplog.records


async def test_answered_while_it_is_being_sent_it_does_not_stay(desk: Desk) -> None:
    desk.service.hold = asyncio.Event()
    desk.notes.show([view()])
    await asyncio.sleep(0)
    desk.notes.show([])
    desk.service.hold.set()
    await desk.rest()
    assert desk.service.shown == {}


async def test_a_broken_service_is_reported_once_and_tried_again_for_the_next_alert(desk: Desk) -> None:
    desk.service.broken = True
    desk.notes.show([view()])
    await desk.rest()
    desk.notes.show([view()])
    await desk.rest()
    assert desk.troubles == ["unavailable"]
    desk.service.broken = False
    desk.notes.show([view(), view("e2")])
    await desk.rest()
    assert desk.troubles == ["unavailable", ""]
    assert len(desk.service.shown) == 1


@pytest.mark.parametrize("error", [OSError("no bus"), KeyError("DBUS"), ValueError("odd reply")])
async def test_no_bus_is_a_trouble_and_never_an_exception(qapp: object, error: Exception) -> None:
    async def fail() -> bool:
        raise error

    notes = AlertNotifications(notifier=Service, markup=fail)
    notes.show([view()])
    await notes.idle()
    assert notes.trouble == "unavailable"
    notes.probe()
    await notes.close()
    assert notes.trouble == "unavailable"


async def test_a_hanging_service_is_given_up(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.ui.alerts.notification.CALL_SECONDS", 0.02)
    desk.service.hold = asyncio.Event()
    desk.notes.show([view()])
    await desk.rest()
    assert desk.troubles == ["unavailable"]


async def test_closing_withdraws_everything(desk: Desk) -> None:
    desk.notes.show([view(), view("e2")])
    await desk.rest()
    await desk.notes.close()
    assert desk.service.shown == {}


def test_a_hand_without_a_message_says_so() -> None:
    assert sentences.body(view(message="")) == "Hand raised without a message\ndesk row 1 · On a call"

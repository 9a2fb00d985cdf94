"""Decides what calls the person at this screen: ring, calm down, withdraw. Pure: no Qt, no clock.

Rules (product.md 2.7 and 5): an alert rings until somebody approaches or chats, this person answers in
any way, or the hand ends. When somebody else answered, it turns calm and goes away by itself. Priority
messages stand beside them, and customers' texts below, by rules of their own (:mod:`.call_state`,
:mod:`.text_state`). Times are seconds since the epoch as
the server's clock says (s).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

from app.core.model import Alert, AnswerKind, Escalation, EscalationId, Level, PersonId
from app.ui.alerts.call_state import CallAnswer, CallState, IncomingCall
from app.ui.alerts.text_state import TextState, TextsView, TextTelling, Waiting
from app.ui.alerts.views import AlertView, Phase, Raiser

K = TypeVar("K", bound=str)
V = TypeVar("V")

CALM_SECONDS = 20.0
"""s that the calm pop-up says who is coming before it closes by itself."""
TEST_SECONDS = 15.0
"""s after which a test alert ends by itself."""
BUSY_SECONDS = 10.0
"""s after which an answer that nobody confirmed or refused may be given again."""

TEST_ID = EscalationId("test")
"""The test alert's id; no real escalation has it (ids made by clients are longer)."""


@dataclass(frozen=True)
class Incoming:
    """One present alert together with the names that it needs to be shown."""

    alert: Alert
    raiser: Raiser
    names: Mapping[PersonId, str] = field(default_factory=dict)

    @property
    def id(self) -> EscalationId:
        return self.alert.escalation.id

    def named(self, people: Sequence[PersonId], without: PersonId) -> tuple[str, ...]:
        """Names in the order given; somebody without a known name is left out."""
        return tuple(self.names[p] for p in people if p != without and p in self.names)


@dataclass(frozen=True)
class Wanted:
    """What the channels must be like now; each one makes itself so.

    Attributes:
        cards: what the pop-up shows: alerts first, then priority messages, the oldest of each first.
        ringing: the alerts that call aloud: sound, native notification, flashing tray, taskbar.
        calls: the priority messages among the cards; those that are ``sounding`` are heard.
        muted: how many unanswered alerts and messages a snooze keeps quiet.
        texts: the customers' texts that are told of, if any.
        look_again: when this changes by itself (s), ``None`` if only by an event.
    """

    cards: tuple[AlertView, ...] = ()
    ringing: tuple[AlertView, ...] = ()
    calls: tuple[AlertView, ...] = ()
    muted: int = 0
    texts: TextsView | None = None
    look_again: float | None = None

    @property
    def count(self) -> int:
        """Unanswered alerts and messages: the badge of the tray icon."""
        return len(self.ringing) + len(self.calls) + self.muted

    @property
    def sounding(self) -> bool:
        """A priority message is heard, unless an alert rings louder."""
        return any(view.sounding for view in self.calls)

    @property
    def chiming(self) -> bool:
        """A customer's text is heard, unless something more urgent is."""
        return self.texts is not None and self.texts.sounding


class AlertCenter:
    """The state behind all channels.

    Attributes:
        me: the person at this screen; an answer of theirs, given anywhere, closes the alert.
        snoozed_until: until when only a person's own group rings (s), ``None`` when not snoozed.
    """

    def __init__(self, me: PersonId) -> None:
        self.me = me
        self.snoozed_until: float | None = None
        self._present: tuple[Incoming, ...] = ()
        self._calm_since: dict[str, float] = {}
        self._rang: set[EscalationId] = set()
        self._put_away: set[EscalationId] = set()
        self._calls = CallState()
        self._texts = TextState()
        self._pending: dict[str, tuple[AnswerKind | CallAnswer, float]] = {}
        self._refusals: dict[str, str] = {}
        self._test: tuple[AlertView, float] | None = None

    def update(self, present: Sequence[Incoming], now: float) -> Wanted:
        """Take the whole set of present alerts: what is no longer in it has ended."""
        red = (i for i in present if i.alert.escalation.level is Level.RED)
        self._present = tuple(sorted(red, key=lambda i: (i.alert.escalation.raised_at, i.id)))
        self._forget({i.id for i in self._present})
        return self.look(now)

    def update_calls(self, present: Sequence[IncomingCall], now: float) -> Wanted:
        """Take all priority messages that call: what is no longer among them was read or answered."""
        self._calls.update(present)
        self._forget({i.id for i in self._present})
        return self.look(now)

    def update_texts(self, place: str, present: Sequence[Waiting], calm: bool, now: float) -> Wanted:
        """Take all conversations with customers in which something waits for this person."""
        self._texts.update(place, present, calm, now)
        return self.look(now)

    def tell_texts(self, telling: TextTelling) -> None:
        """How this person wants to be told of those."""
        self._texts.telling = telling

    def look(self, now: float) -> Wanted:
        """What is wanted at ``now``; call it again at ``look_again``."""
        cards: list[AlertView] = []
        ringing: list[AlertView] = []
        muted = 0
        snoozed = self._snoozed(now)
        for incoming in self._present:
            phase = self._phase(incoming, now)
            if phase is Phase.CLOSED:
                continue
            if phase is Phase.RINGING and snoozed and not incoming.raiser.own_group:
                muted += 1
                continue
            if phase is Phase.RINGING:
                self._rang.add(incoming.id)
            view = self._view(incoming, phase, now)
            cards.append(view)
            if view.ringing:
                ringing.append(view)
        test = self._test_view(now)
        if test is not None:
            cards.append(test)
            ringing.append(test)
        called, quiet = self._calls.look(now, snoozed)
        calls = tuple(
            replace(c, pending=self._pending_of(c.id, now), refusal=self._refusals.get(c.id, ""))
            for c in called
        )
        texts = self._texts.look(now, snoozed)
        again = self._look_again(cards, now)
        return Wanted((*cards, *calls), tuple(ringing), calls, muted + quiet, texts, again)

    # -- what this person does -----------------------------------------------------------------------

    def answer(self, alert: str, kind: AnswerKind | CallAnswer, now: float) -> bool:
        """Note that an answer is being sent; ``False`` if one already is, or nothing rings."""
        if self._test is not None and alert == TEST_ID:
            self._test = None
            return False
        if kind is CallAnswer.LATER:
            self._calls.later(alert)
            return False
        known = alert in self._calls or any(i.id == alert for i in self._present)
        if not known or self._pending_of(alert, now) is not None:
            return False
        self._pending[alert] = (kind, now)
        self._refusals.pop(alert, None)
        return True

    def refused(self, alert: str, sentence: str) -> None:
        """The server said no: the buttons come back, with the reason."""
        if self._pending.pop(alert, None) is not None:
            self._refusals[alert] = sentence

    def put_away(self, alert: EscalationId) -> None:
        """Close a calm card by hand. A ringing one stays: it wants an answer."""
        if alert in self._calm_since:
            self._put_away.add(alert)

    def snooze(self, until: float | None) -> None:
        self.snoozed_until = until

    def start_test(self, raiser: Raiser, message: str, now: float) -> None:
        """Ring as a real alert would, through a snooze too, marked as a test."""
        view = AlertView(TEST_ID, raiser, message, now, Phase.RINGING, test=True)
        self._test = (view, now + TEST_SECONDS)

    # -- how it follows ------------------------------------------------------------------------------

    def _phase(self, incoming: Incoming, now: float) -> Phase:
        escalation = incoming.alert.escalation
        if escalation.answer_of(self.me) is not None and self.me not in escalation.stale:
            return Phase.CLOSED
        if not escalation.answered:
            # Also when the only one who was coming turned back, or nobody came: it rings again.
            self._calm_since.pop(incoming.id, None)
            self._put_away.discard(incoming.id)
            return Phase.RINGING
        if incoming.id not in self._rang or incoming.id in self._put_away:
            return Phase.CLOSED  # it never rang here: there is nothing to calm down
        since = self._calm_since.setdefault(incoming.id, now)
        return Phase.CALM if now - since < CALM_SECONDS else Phase.CLOSED

    def _view(self, incoming: Incoming, phase: Phase, now: float) -> AlertView:
        e: Escalation = incoming.alert.escalation
        return AlertView(
            id=e.id,
            raiser=incoming.raiser,
            message=e.message,
            raised_at=e.raised_at,
            phase=phase,
            coming=(
                *incoming.named((*e.coming, *e.promised), self.me),
                *(answer.name for answer in e.outside if answer.kind.helps),
            ),
            chatting=incoming.named(e.chatting, self.me),
            declined=(
                *incoming.named(e.declined, self.me),
                *(answer.name for answer in e.outside if not answer.kind.helps),
            ),
            unreached=incoming.named(e.unreached, self.me),
            pending=self._pending_of(e.id, now),
            refusal=self._refusals.get(e.id, ""),
            call=incoming.alert.calls,
        )

    def _snoozed(self, now: float) -> bool:
        if self.snoozed_until is not None and now >= self.snoozed_until:
            self.snoozed_until = None
        return self.snoozed_until is not None

    def _pending_of(self, alert: str, now: float) -> AnswerKind | CallAnswer | None:
        kind, since = self._pending.get(alert, (None, now))
        if now - since >= BUSY_SECONDS:
            del self._pending[alert]
            return None
        return kind

    def _test_view(self, now: float) -> AlertView | None:
        if self._test is not None and now >= self._test[1]:
            self._test = None
        return self._test[0] if self._test is not None else None

    def _look_again(self, cards: Sequence[AlertView], now: float) -> float | None:
        times = [self._calm_since[c.id] + CALM_SECONDS for c in cards if c.phase is Phase.CALM]
        times += [since + BUSY_SECONDS for _, since in self._pending.values()]
        if self._snoozed(now) and self.snoozed_until is not None:
            times.append(self.snoozed_until)
        if self._test is not None:
            times.append(self._test[1])
        others = (self._calls.next_look(now), self._texts.next_look(now))
        return min((*times, *(at for at in others if at is not None)), default=None)

    def _forget(self, present: set[EscalationId]) -> None:
        self._rang &= present
        self._put_away &= present
        _keep(self._calm_since, present)
        known = {a for a in (*self._pending, *self._refusals) if a in present or a in self._calls}
        _keep(self._pending, known)
        _keep(self._refusals, known)


def _keep(table: dict[K, V], known: Collection[str]) -> None:
    for alert in [a for a in table if a not in known]:
        del table[alert]

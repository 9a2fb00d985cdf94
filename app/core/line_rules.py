"""The rules of lines (product, section 4 [X]): who may do what about a conversation with a customer.

Everybody who is in the space works on its inbox, whatever their role. What a customer or a gateway does is
decided here too: the server asks with what it knows of them.
"""

from __future__ import annotations

from collections.abc import Sequence

from app.core import line_commands as cmd
from app.core import line_events as ev
from app.core.cases import SendState
from app.core.characters import lines as shown_lines
from app.core.errors import Code, Refusal, refuse
from app.core.limits import LINE_CHARS, MEDIA
from app.core.lines import CustomerId, Handling, LineText, LineTextId, Media, Talk, TextKind
from app.core.model import PersonId
from app.core.scene import NOTHING, Decision, Scene
from app.core.text import check_line

STOP_WORDS = frozenset({"stop", "stopall", "unsubscribe", "cancel", "end", "quit", "revoke", "optout"})
START_WORDS = frozenset({"start", "unstop", "yes"})
"""The words that carriers act upon too (https://www.twilio.com/docs/messaging/tutorials/advanced-opt-out);
in any case, and alone in their message."""


def decide_line(
    scene: Scene, actor: PersonId, command: cmd.LineCommand, command_id: str, now: float
) -> Decision | Refusal:
    if actor not in scene.space.occupants:
        return refuse(Code.NOT_IN_SPACE)
    found = _find(scene, command.talk)
    if found is None:
        return refuse(Code.NOT_FOUND)
    talk, before = found
    match command:
        case cmd.ReplyOnLine(text=text):
            outcome = _reply(talk, actor, text, command_id, now)
        case cmd.NoteOnLine(text=text):
            outcome = _write(talk, LineText(LineTextId(command_id), TextKind.NOTE, text, now, actor))
        case cmd.TouchTalk():
            outcome = touch(talk, actor, now)
        case cmd.AssignTalk(to=to):
            outcome = _assign(scene, talk, actor, to, now)
        case cmd.ResolveTalk():
            done = talk.state is Handling.RESOLVED
            outcome = NOTHING if done else Decision((ev.TalkResolved(talk.id, actor, now),))
        case cmd.ReopenTalk():
            open_ = talk.state is not Handling.RESOLVED
            outcome = NOTHING if open_ else Decision((ev.TalkReopened(talk.id, actor, now),))
        case cmd.AnsweringTalk():
            outcome = NOTHING
    return outcome if isinstance(outcome, Refusal) or not outcome else before + outcome


def _find(scene: Scene, key: CustomerId) -> tuple[Talk, Decision] | None:
    """The conversation, and what brings it into the space where the space does not hold it."""
    held = scene.space.inbox.talks.get(key)
    if held is not None:
        return held, NOTHING
    stored = scene.talks.get(key)
    if stored is None or stored.line not in scene.space.inbox.lines:
        return None
    return stored, Decision((ev.TalkAdded(stored),))


def _reply(talk: Talk, actor: PersonId, text: str, command_id: str, now: float) -> Decision | Refusal:
    if talk.opted_out:
        return refuse(Code.OPTED_OUT)
    state = SendState.WAITING
    return _write(talk, LineText(LineTextId(command_id), TextKind.OUT, text, now, actor, state=state))


def _write(talk: Talk, text: LineText) -> Decision | Refusal:
    checked = check_line(text.text)
    if isinstance(checked, Refusal):
        return checked
    tidied = LineText(text.id, text.kind, checked, text.at, text.author, state=text.state)
    return Decision((ev.LineWritten(talk.id, tidied),))


def touch(talk: Talk, by: PersonId | None, now: float) -> Decision:
    """Somebody looks after it; once is enough until the customer writes again, or it is handed over."""
    handed = by is not None and talk.handed_to(by) is not None
    return Decision((ev.TalkTouched(talk.id, by, now),)) if talk.unread or handed else NOTHING


def _assign(scene: Scene, talk: Talk, actor: PersonId, to: PersonId | None, now: float) -> Decision | Refusal:
    if to is not None and to not in scene.space.people:
        return refuse(Code.UNKNOWN_PERSON)
    if to == talk.assignee:
        return touch(talk, actor, now)
    return Decision((ev.TalkAssigned(talk.id, to, actor, now),))


# What comes from outside


def customer_wrote(
    scene: Scene, beginning: Talk, text: LineTextId, words: str, media: Sequence[Media], now: float
) -> Decision:
    """A customer's message; nothing of it is refused, as nobody could be told.

    Args:
        beginning: the conversation as it is stored, or a new one.
    """
    held = scene.space.inbox.talks.get(beginning.id)
    talk = held if held is not None else beginning
    decision = NOTHING if held is not None else Decision((ev.TalkAdded(beginning),))
    arrived = LineText(text, TextKind.IN, shown_lines(words), now, media=tuple(media[:MEDIA]))
    decision += Decision((ev.LineWritten(talk.id, arrived),))
    wants = wanted(words)
    if wants is False or (wants and talk.opted_out):
        decision += Decision((ev.TalkOptedOut(talk.id, not wants),))
    return decision


def wanted(words: str) -> bool | None:
    """Whether the customer wants texts, if the message says just that; ``None``: it says something else."""
    bare = words.strip().strip(".!\"'").replace("-", "").replace(" ", "").casefold()
    return False if bare in STOP_WORDS else True if bare in START_WORDS else None


def phone_answered(
    scene: Scene, beginning: Talk, text: LineTextId, words: str, by: PersonId | None, now: float
) -> Decision:
    """A text from the cell phone about a conversation that was forwarded to it: a note, never a reply."""
    held = scene.space.inbox.talks.get(beginning.id)
    talk = held if held is not None else beginning
    added = NOTHING if held is not None else Decision((ev.TalkAdded(beginning),))
    note = LineText(text, TextKind.PHONE, shown_lines(words)[: 2 * LINE_CHARS], now, by)
    return added + Decision((ev.LineWritten(talk.id, note),))


def forward_heard(
    scene: Scene, talk: CustomerId, text: LineTextId, state: SendState, reason: str
) -> Decision:
    """What became of a message that goes to the cell phone, while the conversation waits."""
    known = scene.space.inbox.talks.get(talk)
    forward = known.forward if known is not None else None
    if forward is None or (forward.state, forward.reason) == (state, reason):
        return NOTHING
    return Decision((ev.TalkForwarded(talk, text, forward.at, state, reason),))


def delivered(scene: Scene, talk: CustomerId, text: LineTextId, state: SendState, reason: str) -> Decision:
    """What became of a reply."""
    known = scene.space.inbox.talks.get(talk)
    held = next((t for t in known.last if t.id == text), None) if known is not None else None
    if held is not None and (held.state, held.reason) == (state, reason):
        return NOTHING
    return Decision((ev.LineSent(talk, text, state, reason),))

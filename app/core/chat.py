"""The rules of mention chats (product, section 3): who may see a message is decided here, once."""

from __future__ import annotations

from app.core.commands import MarkRead, SendMessage
from app.core.errors import Code, Refusal, refuse
from app.core.events import ConversationRead, MessageArrived
from app.core.limits import RECIPIENTS
from app.core.mentions import addressed, between, conversation_id, expand
from app.core.model import Message, MessageId, PersonId, Recipients
from app.core.priority import not_to_be_sent, read_by, replied_by, started
from app.core.scene import NOTHING, Decision, Scene, to_all
from app.core.text import check_chat


def send_message(
    scene: Scene, actor: PersonId, command: SendMessage, command_id: str, now: float
) -> Decision | Refusal:
    """The message arrives at its author and at those mentioned, and at nobody else."""
    space = scene.space
    if actor not in space.occupants:
        return refuse(Code.NOT_IN_SPACE)
    text = check_chat(command.text)
    if isinstance(text, Refusal):
        return text
    to = addressed(space.directory, text, command.to)
    if problem := _unknown(scene, to):
        return problem
    with_ = between(space.groups, actor, to)
    audience = audience_of(scene, actor, to)
    if audience == {actor}:
        return refuse(Code.NO_RECIPIENTS)
    if command.priority and (problem := not_to_be_sent(scene, actor, to, now)):
        return problem
    message = Message(
        id=MessageId(command_id),
        space=space.space.id,
        conversation=conversation_id(space.space.id, with_),
        author=actor,
        text=text,
        sent_at=now,
        to=to,
        escalation=command.escalation,
        priority=command.priority,
    )
    decision = Decision((), to_all(sorted(audience), MessageArrived(message, with_)))
    if command.priority:
        decision += started(scene, message)
    return decision + replied_by(scene, actor, message.conversation, now)


def audience_of(scene: Scene, author: PersonId, to: Recipients) -> frozenset[PersonId]:
    """Everybody who may see a message, as groups and presence are at this moment."""
    present = frozenset(p for p, occupant in scene.space.occupants.items() if occupant.connected)
    return expand(scene.space.groups, to, frozenset(scene.space.people), present) | {author}


def _unknown(scene: Scene, to: Recipients) -> Refusal | None:
    if not to:
        return refuse(Code.NO_RECIPIENTS)
    if len(to.people) + len(to.groups) > RECIPIENTS:
        return refuse(Code.TOO_MANY_RECIPIENTS, limit=RECIPIENTS)
    if any(person not in scene.space.people for person in to.people):
        return refuse(Code.UNKNOWN_PERSON)
    if any(group not in scene.space.groups for group in to.groups):
        return refuse(Code.UNKNOWN_GROUP)
    return None


def mark_read(scene: Scene, actor: PersonId, command: MarkRead, now: float) -> Decision | Refusal:
    """Reading goes forward only, and on all of the person's machines."""
    me = scene.persons.get(actor)
    conversation = me.conversations.get(command.conversation) if me else None
    if conversation is None:
        return refuse(Code.UNKNOWN_CONVERSATION)
    newest = conversation.last[-1].sent_at if conversation.last else 0.0
    read_at = min(command.read_at, newest)
    if read_at <= conversation.read_at and conversation.unread == 0:
        return NOTHING
    unread = sum(1 for m in conversation.last if m.author != actor and m.sent_at > read_at)
    read = Decision((), ((actor, ConversationRead(conversation.id, read_at, unread)),))
    return read + read_by(scene, actor, conversation.id, read_at, now)

"""What native notifications say, as plain values: of alerts, of priority messages, of customers' texts, of
what came of one's own calls."""

from __future__ import annotations

from dataclasses import dataclass

from app.core.lines import CustomerId
from app.core.model import AnswerKind
from app.ui.alerts import sentences
from app.ui.alerts.call_state import CallAnswer
from app.ui.alerts.text_state import TextsView
from app.ui.alerts.views import AlertView
from app.ui.i18n import tr, trn

TEXTS_ID = "texts:"
"""Begins that of customers' texts, and no other; the conversation follows where it is about one alone."""


NEWS_ID = "news:"
"""Begins that of what came of one's own call; the conversation follows where it is about a message."""


@dataclass(frozen=True)
class News:
    """What came of one's own call for help.

    Attributes:
        key: tells it from all others, as long as there are any.
        body: plain text.
        about: the conversation; empty for one's own hand.
        urgent: it stays until it was seen.
    """

    key: str
    title: str
    body: str
    about: str = ""
    urgent: bool = True


@dataclass(frozen=True)
class Note:
    """One notification.

    Attributes:
        key: another one each time that it is to come anew.
        id: of the escalation or message, or one that begins with :data:`TEXTS_ID` or :data:`NEWS_ID`.
        body: plain text, other people's words in it.
        buttons: the words of each, and which answer it gives; ``None`` opens what it is about.
        urgent: it stays until it is answered.
    """

    key: str
    id: str
    title: str
    body: str
    buttons: tuple[tuple[str, AnswerKind | CallAnswer | None], ...]
    urgent: bool = True


def note_of(view: AlertView) -> Note:
    buttons: tuple[tuple[str, AnswerKind | CallAnswer], ...] = (
        (tr("Approach"), AnswerKind.APPROACH),
        (tr("Chat"), AnswerKind.CHAT),
    )
    if view.priority:
        buttons = ((tr("Open chat"), CallAnswer.OPEN), (tr("Mark as read"), CallAnswer.READ))
    return Note(view.calling, view.id, sentences.calling(view), sentences.body(view), buttons)


def note_of_texts(texts: TextsView) -> Note:
    """The customer and what they wrote, or who assigned them; of several how many, and the newest."""
    newest, count = texts.waiting[0], len(texts.waiting)
    if count == 1:
        title, body, about = newest.title, newest.text, newest.id
    else:
        title, about = texts_words(texts), CustomerId("")
        body = tr("{name}: {text}", name=newest.title, text=newest.text)
    if count == 1 and newest.giver:
        title = tr("{name} assigned a customer to you", name=newest.giver)
        body = tr("{name}: {text}", name=newest.title, text=newest.text)
    key = f"{TEXTS_ID}{texts.number}"
    return Note(key, f"{TEXTS_ID}{about}", title, body, ((tr("Open inbox"), None),), urgent=False)


def texts_words(texts: TextsView) -> str:
    """How many conversations there are, and why."""
    count, given = len(texts.waiting), sum(bool(waiting.giver) for waiting in texts.waiting)
    if not given:
        return trn("{n} customer wrote", "{n} customers wrote", count)
    if given == count:
        return trn("{n} customer was assigned to you", "{n} customers were assigned to you", count)
    return trn("{n} customer is waiting for you", "{n} customers are waiting for you", count)


def note_of_news(news: News) -> Note:
    button = tr("Open chat") if news.about else tr("Open Handraise")
    key, about = f"{NEWS_ID}{news.key}", f"{NEWS_ID}{news.about}"
    return Note(key, about, news.title, news.body, ((button, None),), news.urgent)

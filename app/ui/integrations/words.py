"""What integrations and webhooks are called, and what became of messages, as sentences."""

from __future__ import annotations

from PySide6.QtCore import QDateTime, QLocale

from app.core.hooks import (
    ApiAction,
    HookEvent,
    HookPost,
    HookTrouble,
    Integration,
    PostState,
    Webhook,
)
from app.ui.i18n import N_, tr, tr_template, trn

ACTION_WORDS = {
    ApiAction.READ: N_("See open escalations"),
    ApiAction.RAISE: N_("Raise hands for people"),
    ApiAction.ANSWER: N_("Answer for people"),
    ApiAction.END: N_("Lower hands"),
    ApiAction.METRICS: N_("Read the server’s figures"),
}
EVENT_WORDS = {
    HookEvent.RAISED: N_("A hand is raised"),
    HookEvent.ANSWERED: N_("Somebody answers"),
    HookEvent.STEP: N_("A policy’s step is taken"),
    HookEvent.NOBODY: N_("Nobody is available"),
    HookEvent.ENDED: N_("A hand is lowered"),
    HookEvent.PRIORITY_SENT: N_("A priority message is sent"),
    HookEvent.PRIORITY_ANSWERED: N_("A priority message is read or answered"),
    HookEvent.PRIORITY_ESCALATED: N_("A priority message goes on to phones or to others"),
    HookEvent.PRIORITY_NOBODY: N_("Nobody answers a priority message"),
    HookEvent.LINE: N_("A customer writes on a line"),
    HookEvent.LINE_REPLIED: N_("Somebody replies to a customer"),
    HookEvent.LINE_FORWARDED: N_("A customer’s text is forwarded"),
    HookEvent.LINE_RESOLVED: N_("A customer’s conversation is resolved"),
    HookEvent.TEST: N_("Test"),
}
EVENT_GROUPS = (
    (N_("Raised hands"), "escalation."),
    (N_("Priority messages"), "priority."),
    (N_("Lines"), "line."),
)
"""How events stand together, and how those of each begin."""
TROUBLE_WORDS = {
    HookTrouble.NO_HOST: N_("There is no such host"),
    HookTrouble.FORBIDDEN: N_("This server does not send to that network"),
    HookTrouble.UNREACHABLE: N_("It cannot be reached"),
    HookTrouble.TLS: N_("Its certificate is not trusted"),
    HookTrouble.TIMEOUT: N_("It does not answer in time"),
    HookTrouble.STATUS: N_("It answers {status}"),
    HookTrouble.GONE: N_("It wants no more messages ({status})"),
}
STATE_WORDS = {
    PostState.WAITING: N_("Waiting"),
    PostState.DELIVERED: N_("Delivered"),
    PostState.FAILED: N_("Refused"),
    PostState.HELD: N_("Not sent"),
}


def action_words(action: ApiAction) -> str:
    return tr_template(ACTION_WORDS[action], {})


def event_words(event: HookEvent) -> str:
    return tr_template(EVENT_WORDS[event], {})


def trouble_words(trouble: HookTrouble, status: int | None) -> str:
    return tr_template(TROUBLE_WORDS[trouble], {"status": status if status is not None else "…"})


def moment_words(at: float, locale: QLocale) -> str:
    """The day and the time, short."""
    return locale.toString(QDateTime.fromSecsSinceEpoch(int(at)), QLocale.FormatType.ShortFormat)


def integration_words(integration: Integration, locale: QLocale) -> tuple[str, str]:
    """What it may do; by which end its token is known, and when it was last used."""
    actions = " · ".join(action_words(action) for action in integration.actions)
    if integration.used is None:
        return actions, tr("Token …{shown}, never used", shown=integration.shown)
    when = moment_words(integration.used, locale)
    return actions, tr("Token …{shown}, last used {when}", shown=integration.shown, when=when)


def webhook_words(webhook: Webhook) -> str:
    """Where it is and what it hears of."""
    count = trn("{n} kind of event", "{n} kinds of events", len(webhook.events))
    if len(webhook.events) == 1:
        count = event_words(webhook.events[0])
    if webhook.space is None:
        return tr("{host} · {events} · every space", host=webhook.shown, events=count)
    return tr("{host} · {events}", host=webhook.shown, events=count)


def secret_words(webhook: Webhook, now: float, locale: QLocale) -> str:
    """That an old secret still signs, and until when; "" where none does. ``now``: s."""
    if webhook.renewing is None or webhook.renewing <= now:
        return ""
    when = moment_words(webhook.renewing, locale)
    return tr("The new secret and the one before it both sign until {when}.", when=when)


def state_words(webhook: Webhook, locale: QLocale) -> tuple[str, bool]:
    """How it goes, and whether that is a problem; "" where all is well."""
    why = ""
    if webhook.trouble is not None:
        why = trouble_words(webhook.trouble, webhook.status)
    if webhook.off is not None:
        when = moment_words(webhook.off, locale)
        if why:
            return tr("Off since {when}. {why}.", when=when, why=why), True
        return tr("Off since {when}.", when=when), False
    if webhook.failing is not None:
        when = moment_words(webhook.failing, locale)
        waiting = trn("{n} message waits", "{n} messages wait", webhook.waiting)
        return tr("Failing since {when}. {why}; {waiting}.", when=when, why=why, waiting=waiting), True
    if webhook.waiting:
        return trn("{n} message waits.", "{n} messages wait.", webhook.waiting), False
    return "", False


def post_words(post: HookPost, locale: QLocale) -> str:
    """When it happened and what became of it."""
    state = tr_template(STATE_WORDS[post.state], {})
    parts = [moment_words(post.at, locale), state]
    if post.trouble is not None:
        parts.append(trouble_words(post.trouble, post.status))
    if post.attempts > 1:
        parts.append(trn("{n} attempt", "{n} attempts", post.attempts))
    return " · ".join(parts)

"""``handraise admin integration …`` and ``handraise admin webhook …``."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from datetime import datetime

from app.core.hooks import CHOSEN, GRACE_S, ApiAction, HookEvent, Webhook
from app.server.admin import Admin
from app.server.admin_hooks import HookAdmin
from app.server.clock import SystemClock

Say = Callable[[str], None]
Do = Callable[[HookAdmin, argparse.Namespace, Say], None]
Verbs = argparse._SubParsersAction  # what add_subparsers() returns has no public name


def integration_arguments(parser: argparse.ArgumentParser) -> None:
    verbs = parser.add_subparsers(required=True, metavar="VERB")
    add = _verb(verbs, "add", "let a program use the HTTP API; its token is shown once", _add_integration)
    add.add_argument("name", metavar="NAME")
    add.add_argument("--space", help="where it acts; without one it can only read figures (--allow metrics)")
    add.add_argument(
        "--allow", action="append", default=[], choices=list(ApiAction), type=ApiAction, help="again for more"
    )
    _verb(verbs, "list", "list the integrations", _list_integrations)
    revoke = _verb(verbs, "revoke", "make a token worth nothing", _revoke)
    revoke.add_argument("integration", metavar="ID")


def webhook_arguments(parser: argparse.ArgumentParser) -> None:
    verbs = parser.add_subparsers(required=True, metavar="VERB")
    add = _verb(verbs, "add", "tell an address what happens; its secret is shown once", _add_webhook)
    add.add_argument("name", metavar="NAME")
    add.add_argument("url", metavar="URL")
    add.add_argument("--space", help="whose events (default: those of every space)")
    add.add_argument(
        "--event",
        action="append",
        default=[],
        choices=list(CHOSEN),
        type=HookEvent,
        help="what it is told of; again for more (default: everything)",
    )
    add.add_argument(
        "--inside", action="store_true", help="it is in the server's own network (see --webhooks-inside)"
    )
    add.add_argument(
        "--texts",
        action="store_true",
        help="tell it what people and customers wrote, too",
    )
    renew = _verb(verbs, "renew", "give a webhook another secret, which is shown once", _renew)
    renew.add_argument("webhook", metavar="ID")
    renew.add_argument(
        "--hours",
        type=float,
        default=GRACE_S / 3_600.0,
        help="for so long the old one signs as well (default: 24; 0: not at all, if somebody knows it)",
    )
    _verb(verbs, "list", "list the webhooks and how they do", _list_webhooks)
    for name, summary, do in (
        ("on", "send to a webhook again", _turn_on),
        ("off", "send nothing to a webhook for now", _turn_off),
        ("test", "send a webhook a message that says it is a test", _test),
        ("remove", "remove a webhook and its log", _remove),
    ):
        _verb(verbs, name, summary, do).add_argument("webhook", metavar="ID")
    log = _verb(verbs, "log", "show what a webhook was told, the newest first", _log)
    log.add_argument("webhook", metavar="ID")
    log.add_argument("--before", type=int, metavar="NUMBER", help="older messages than this one")
    log.add_argument("--bodies", action="store_true", help="with what they said")
    resend = _verb(verbs, "resend", "send messages of the log again", _resend)
    resend.add_argument("webhook", metavar="ID")
    which = resend.add_mutually_exclusive_group(required=True)
    which.add_argument("--number", type=int, help="this one")
    which.add_argument("--hours", type=float, help="all of so many hours")


def _verb(verbs: Verbs[argparse.ArgumentParser], name: str, summary: str, do: Do) -> argparse.ArgumentParser:
    parser = verbs.add_parser(name, help=summary, description=summary[0].upper() + summary[1:] + ".")

    def run(admin: Admin, options: argparse.Namespace, say: Say) -> None:
        do(HookAdmin(admin), options, say)

    parser.set_defaults(do=run)
    return parser


def _add_integration(admin: HookAdmin, options: argparse.Namespace, say: Say) -> None:
    number, token = admin.add_integration(options.name, options.allow, options.space)
    say(f"Made the integration {options.name} ({number}). Its token, shown only now:")
    say(token)


def _list_integrations(admin: HookAdmin, _: argparse.Namespace, say: Say) -> None:
    for one in admin.integrations():
        used = "never used" if one.used is None else f"last used {_moment(one.used)}"
        say(f"{one.id}  {one.name}  [{' '.join(one.actions)}]  token …{one.shown}, {used}")


def _revoke(admin: HookAdmin, options: argparse.Namespace, say: Say) -> None:
    say(f"Revoked the token of {admin.revoke(options.integration)}.")


def _add_webhook(admin: HookAdmin, options: argparse.Namespace, say: Say) -> None:
    number, secret = admin.add_webhook(
        options.name,
        options.url,
        options.event,
        options.space,
        inside=options.inside,
        texts=options.texts,
    )
    say(f"Made the webhook {options.name} ({number}). Its secret, shown only now:")
    say(secret)


def _renew(admin: HookAdmin, options: argparse.Namespace, say: Say) -> None:
    secret = admin.renew(options.webhook, options.hours * 3_600.0)
    until = f"; the one before it signs as well for {options.hours:g} hours" if options.hours else ""
    say(f"Its secret, shown only now{until}:")
    say(secret)


def _list_webhooks(admin: HookAdmin, _: argparse.Namespace, say: Say) -> None:
    for one in admin.webhooks():
        texts = ", with texts" if one.texts else ""
        events, state = f"[{' '.join(one.events)}]{texts}", _state(one) + _renewing(one)
        say(f"{one.id}  {one.name}  {one.shown}  {events}  {state}")


def _renewing(webhook: Webhook) -> str:
    until = webhook.renewing
    if until is None or until <= SystemClock().now():
        return ""
    return f", the secret before this one signs until {_moment(until)}"


def _state(webhook: Webhook) -> str:
    why = ""
    if webhook.trouble is not None:
        why = f": {webhook.trouble} {webhook.status if webhook.status is not None else ''}".rstrip()
    if webhook.off is not None:
        return f"off since {_moment(webhook.off)}{why}"
    if webhook.failing is not None:
        return f"failing since {_moment(webhook.failing)}{why}, {webhook.waiting} waiting"
    return f"{webhook.waiting} waiting"


def _log(admin: HookAdmin, options: argparse.Namespace, say: Say) -> None:
    for post in admin.posts(options.webhook, options.before):
        tried = "1 attempt" if post.attempts == 1 else f"{post.attempts} attempts"
        parts = [str(post.number), _moment(post.at), post.event, post.state, tried]
        if post.trouble is not None:
            parts.append(post.trouble)
        if post.status is not None:
            parts.append(str(post.status))
        say("  ".join(parts))
        if options.bodies:
            say(f"    {post.body}")


def _resend(admin: HookAdmin, options: argparse.Namespace, say: Say) -> None:
    within = None if options.hours is None else options.hours * 3_600.0
    count = admin.resend(options.webhook, options.number, within)
    say(f"{count} {'message waits' if count == 1 else 'messages wait'} to be sent again.")


def _turn_on(admin: HookAdmin, options: argparse.Namespace, _: Say) -> None:
    admin.switch(options.webhook, True)


def _turn_off(admin: HookAdmin, options: argparse.Namespace, _: Say) -> None:
    admin.switch(options.webhook, False)


def _test(admin: HookAdmin, options: argparse.Namespace, say: Say) -> None:
    admin.test(options.webhook)
    say("A test waits to be sent; `handraise admin webhook log` says what became of it.")


def _remove(admin: HookAdmin, options: argparse.Namespace, say: Say) -> None:
    say(f"Removed the webhook {admin.remove(options.webhook)}.")


def _moment(at: float) -> str:
    return datetime.fromtimestamp(at).isoformat(" ", "seconds")

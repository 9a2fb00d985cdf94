"""``handraise://`` links: what they may say, and what they open. A link opens a view and never acts.

::

    handraise://open
    handraise://space/SPACE
    handraise://person/HANDLE
    handraise://hand/HAND
    handraise://conversation/CONVERSATION
    …?server=office.example.com     a link for people of several servers says whose it is
"""

from __future__ import annotations

import enum
import re
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from app.core.model import ConversationId, EscalationId, Frozen, PersonId, SpaceId
from app.net.address import parse_address
from app.net.problems import ConnectionProblem
from app.ui.desk import Desk
from app.ui.i18n import tr
from app.ui.panels.side_panel import Tab
from app.ui.question import ask

SCHEME = "handraise:"
LINK_CHARS = 512
_ID = re.compile(r"@?([\w.\-]{1,64})")


class Target(enum.StrEnum):
    OPEN = "open"
    SPACE = "space"
    PERSON = "person"
    HAND = "hand"
    CONVERSATION = "conversation"


class DeepLink(Frozen):
    """Attributes:
    id: what it opens; empty for the window itself.
    server: ``host:port`` of the server it is meant for; empty for whichever one is signed in to.
    """

    target: Target
    id: str = ""
    server: str = ""


def is_link(text: str) -> bool:
    """Whether somebody means a link of ours, right or wrong."""
    return text[: len(SCHEME)].lower() == SCHEME


def parse_link(text: str) -> DeepLink | None:
    """The link, or ``None`` if it says anything that is not listed above."""
    if len(text) > LINK_CHARS or not is_link(text):
        return None
    try:
        parts = urlsplit(text)
        fields = parse_qsl(parts.query, keep_blank_values=True, strict_parsing=True) if parts.query else []
        target = Target(parts.netloc.lower())
        server = _server(fields)
    except (ValueError, ConnectionProblem):
        return None
    if parts.fragment or server is None:
        return None
    return _link(target, parts, server)


def _link(target: Target, parts: SplitResult, server: str) -> DeepLink | None:
    path = parts.path.removesuffix("/")
    if target is Target.OPEN:
        return None if path else DeepLink(target, server=server)
    found = _ID.fullmatch(unquote(path.removeprefix("/"), errors="replace"))
    return DeepLink(target, found[1], server) if found else None


def _server(fields: list[tuple[str, str]]) -> str | None:
    """Raises ConnectionProblem for what is no address; ``None``: there is something else."""
    if not fields:
        return ""
    if len(fields) != 1 or fields[0][0] != "server":
        return None
    address = parse_address(fields[0][1])
    return f"{address.host}:{address.port}"


def unknown_words() -> str:
    return tr("This is no link that Handraise knows.")


def follow(desk: Desk, link: DeepLink) -> str:
    """Show what the link leads to; a sentence if that cannot be done.

    Another space is entered only after a question: others see it, and a raised hand goes down.
    """
    client = desk.client
    space, me = client.space, client.me
    desk.window.open()
    if link.server and link.server != _plain(client.connection.server):
        return tr("This link is for {server}, where you are not signed in.", server=link.server)
    if space is None or me is None:
        return "" if link.target is Target.OPEN else tr("You are not in a space yet. Try the link again.")
    if link.target is Target.SPACE and link.id != space.space.id:
        return _offer_space(desk, SpaceId(link.id))
    if link.target is Target.PERSON:
        return _show_person(desk, link.id)
    if link.target is Target.HAND:
        if EscalationId(link.id) not in space.escalations:
            return tr("This hand is not raised any more, or is in another space.")
        desk.show_hand(link.id)
    if link.target is Target.CONVERSATION:
        if ConversationId(link.id) not in me.conversations:
            return tr("This conversation does not exist, or is not for you.")
        desk.chat.open_conversation(link.id)
    return ""


def _show_person(desk: Desk, who: str) -> str:
    space = desk.client.space
    mention = space.directory.find(who) if space else None
    person = mention.person if mention and mention.person else PersonId(who)
    if space is None or person not in space.people:
        return tr("There is nobody called @{handle} in this space.", handle=who)
    desk.window.show_tab(Tab.PEOPLE)
    desk.panels.people.point_at(person)
    if person in space.occupants:
        desk.map.locate(person)
        return ""
    return tr("{name} is not here now.", name=space.people[person].name)


def _offer_space(desk: Desk, wanted: SpaceId) -> str:
    there = next((space for space in desk.client.spaces if space.id == wanted), None)
    if there is None:
        return tr("This space does not exist, or is not for you.")
    words = tr("A link leads there. Everybody sees where you are.")
    if desk.hands.own is not None:
        words = tr("A link leads there. Your raised hand is lowered when you leave this space.")
    title = tr("Go to {space}?", space=there.name)
    ask(desk.window, title, words, tr("Go there"), lambda: desk.open_space(wanted), desk.theme.tokens)
    return ""


def _plain(server: str) -> str:
    """An address as the connection names it, comparable with a link's."""
    try:
        address = parse_address(server)
    except ConnectionProblem:
        return server
    return f"{address.host}:{address.port}"

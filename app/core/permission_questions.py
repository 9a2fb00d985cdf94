"""What is asked about permissions, and before an unanswered priority message is sent further.

Admins set who may what; everybody may know what they may themselves.
"""

from __future__ import annotations

import enum

from app.core.calls import PhoneWay
from app.core.model import Frozen, MessageId, PersonId
from app.core.permissions import Least, OwnRight, Right
from app.core.policy import Contact


class GetRights(Frozen, tag="get_rights"):
    """What I may do."""


class Rights(Frozen, tag="rights"):
    mine: tuple[Right, ...] = ()


class GetPermissions(Frozen, tag="get_permissions"):
    """For admins: the organisation's settings, and those of people they share a space with."""


class SetPermission(Frozen, tag="set_permission"):
    """For admins: who has a right unless their own setting says otherwise."""

    right: Right
    least: Least


class SetOwnRight(Frozen, tag="set_own_right"):
    """For admins: one person's own setting; ``None``: what the organisation says counts."""

    person: PersonId
    right: Right
    allowed: bool | None = None


class PermissionsNow(Frozen, tag="permissions"):
    priority: Least
    phones: Least
    own: tuple[OwnRight, ...] = ()


class GetOutreach(Frozen, tag="get_outreach"):
    """Whom escalating my priority message would reach now."""

    message: MessageId


class PhoneState(enum.StrEnum):
    """What is known of somebody's phone; never the number."""

    NONE = "none"
    READY = "ready"
    QUIET = "quiet"


class Outreached(Frozen):
    """Somebody who has not read the message.

    Attributes:
        quiet_until: when their quiet hours end, s.
    """

    person: PersonId
    phone: PhoneState
    quiet_until: float | None = None


class Outreach(Frozen, tag="outreach"):
    """Attributes:
    allowed: I may reach for phones, and hand messages on.
    contacts: of the message's space, such as the duty phone, which I may reach; no numbers.
    ways: what the server can send.
    wait: s until the same may be done by hand again; 0 for now.
    """

    people: tuple[Outreached, ...] = ()
    allowed: tuple[Right, ...] = ()
    ways: tuple[PhoneWay, ...] = ()
    wait: int = 0
    contacts: tuple[Contact, ...] = ()


PermissionQuery = GetRights | GetPermissions | SetPermission | SetOwnRight | GetOutreach
PermissionResult = Rights | PermissionsNow | Outreach

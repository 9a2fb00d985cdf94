"""What is asked about phones: the contacts of a space, and one's own number and quiet hours.

Numbers and addresses go to the server and never come back: what is shown of them is a few characters.
"""

from __future__ import annotations

from typing import Annotated

import msgspec

from app.core.model import Frozen, SpaceId
from app.core.policy import Contact, ContactId, ContactKind

Number = Annotated[str, msgspec.Meta(max_length=40)]
Address = Annotated[str, msgspec.Meta(max_length=2048)]
Label = Annotated[str, msgspec.Meta(max_length=120)]
Minute = Annotated[int, msgspec.Meta(ge=0, lt=1440)]
"""Minutes since midnight, as the clock on the wall shows them."""


class QuietHours(Frozen):
    """From ``start`` until ``end``, every day, nobody is texted or called; it may go over midnight.

    Attributes:
        zone: the name of the time zone, such as ``Asia/Tokyo``.
    """

    start: Minute
    end: Minute
    zone: Label


# Contacts, for the space's supervisors and admins


class ListContacts(Frozen, tag="list_contacts"):
    space: SpaceId


class SaveContact(Frozen, tag="save_contact"):
    """Make a contact, or change one.

    Attributes:
        contact: "" makes one; the answer says its id.
        address: phone number, Apprise URL or https address; "" leaves that of a contact as it is.
    """

    space: SpaceId
    name: Label
    kind: ContactKind
    address: Address = ""
    contact: ContactId = ContactId("")


class DeleteContact(Frozen, tag="delete_contact"):
    """Steps that would reach it are passed over from now on."""

    space: SpaceId
    contact: ContactId


class TryContact(Frozen, tag="try_contact"):
    """Send a test to it: a text message to a phone."""

    space: SpaceId
    contact: ContactId


class Contacts(Frozen, tag="contacts"):
    """By name."""

    contacts: tuple[Contact, ...] = ()


class Saved(Frozen, tag="contact_saved"):
    contact: Contact


# One's own


class GetMyPhone(Frozen, tag="get_my_phone"):
    pass


class SetMyPhone(Frozen, tag="set_my_phone"):
    """A code is sent to the number; it is used once :class:`VerifyMyPhone` has brought the code."""

    number: Number


class VerifyMyPhone(Frozen, tag="verify_my_phone"):
    code: Annotated[str, msgspec.Meta(max_length=16)]


class RemoveMyPhone(Frozen, tag="remove_my_phone"):
    """The number, and one that waits for its code."""


class SetQuietHours(Frozen, tag="set_quiet_hours"):
    """``None``: there are none."""

    hours: QuietHours | None = None


class TryMyPhone(Frozen, tag="try_my_phone"):
    """Send a test to my own verified number: a text message, or a call."""

    call: bool = False


class MyPhone(Frozen, tag="my_phone"):
    """Attributes:
    shown: the verified number's last digits; "" where there is none.
    waiting: the last digits of a number that waits for its code.
    waits_until: s, when the code is no longer valid.
    available: the server can send text messages and call.
    """

    shown: Label = ""
    waiting: Label = ""
    waits_until: float | None = None
    quiet: QuietHours | None = None
    available: bool = False


PhoneQuery = (
    ListContacts
    | SaveContact
    | DeleteContact
    | TryContact
    | GetMyPhone
    | SetMyPhone
    | VerifyMyPhone
    | RemoveMyPhone
    | SetQuietHours
    | TryMyPhone
)
PhoneResult = Contacts | Saved | MyPhone

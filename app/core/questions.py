"""Questions to the server, and their answers: what is asked for when it is needed, and in no stream.

Each subject has its own; the server answers with whoever registered for the type
(:meth:`app.server.service.Service.answers`).
"""

from __future__ import annotations

from typing import Annotated

import msgspec

from app.core.case_questions import GetTimeline, Timeline
from app.core.hook_questions import HookQuery, HookResult
from app.core.line_questions import LineQuery, LineResult
from app.core.model import AssetId, ConversationId, Frozen, MapId, Message, Recipients
from app.core.permission_questions import PermissionQuery, PermissionResult
from app.core.phone_questions import PhoneQuery, PhoneResult
from app.core.policy_questions import PolicyQuery, PolicyResult
from app.core.privacy_questions import PrivacyQuery, PrivacyResult
from app.core.report_questions import ReportQuery, ReportResult

Short = Annotated[str, msgspec.Meta(max_length=256)]
Secret = Annotated[str, msgspec.Meta(max_length=1024)]


class GetMap(Frozen, tag="get_map"):
    map: MapId


class GetAsset(Frozen, tag="get_asset"):
    asset: AssetId


class History(Frozen, tag="history"):
    """Messages of a conversation older than ``before`` (s), newest page first asked."""

    conversation: ConversationId
    before: float | None = None


class Search(Frozen, tag="search"):
    """My messages that contain ``text``, newest first."""

    text: str
    before: float | None = None


class ChangePassword(Frozen, tag="change_password"):
    """Signs out all the person's other devices."""

    current: Secret
    new: Secret


class ListDevices(Frozen, tag="list_devices"):
    """Where I am signed in."""


class EndDevice(Frozen, tag="end_device"):
    """Sign one of my devices out."""

    device: Short


SpaceQuery = GetMap | GetAsset | History | Search | GetTimeline | ReportQuery | LineQuery
AccountQuery = ChangePassword | ListDevices | EndDevice
Query = SpaceQuery | AccountQuery | PhoneQuery | PolicyQuery | PrivacyQuery | HookQuery | PermissionQuery


class Found(Frozen, tag="found"):
    """Messages, newest first; ``more`` when there are older ones.

    ``conversations`` names whom the messages' conversations are between.
    """

    messages: tuple[Message, ...] = ()
    conversations: tuple[tuple[ConversationId, Recipients], ...] = ()
    more: bool = False


class Blob(Frozen, tag="blob"):
    """A map document or a picture."""

    data: bytes


class Device(Frozen):
    """Where a person is signed in.

    Attributes:
        name: of the machine, as it calls itself.
        since, seen: when they signed in and when the device was last connected, server time, s.
        here: it is the one that asks.
    """

    id: str
    name: str
    since: float
    seen: float
    here: bool = False


class Devices(Frozen, tag="devices"):
    """The one that asks first, then by use, newest first."""

    devices: tuple[Device, ...]


class Done(Frozen, tag="done"):
    """It was done. ``ended``: how many other devices were signed out with it."""

    ended: int = 0


Result = (
    Found
    | Blob
    | Devices
    | Done
    | Timeline
    | PhoneResult
    | ReportResult
    | LineResult
    | PolicyResult
    | HookResult
    | PermissionResult
    | PrivacyResult
)

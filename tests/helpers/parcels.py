"""Things for a gateway to send, ordinary and strange."""

from __future__ import annotations

from dataclasses import replace

from app.core.cases import SendId
from app.server.delivery.base import Parcel

TEXT = Parcel(
    SendId("case.0.0.1.sms.ann"), "sms", "+819012345678", "Ann: help", code="4711", since=1_700_000_000.0
)
CALL = replace(TEXT, id=SendId("case.0.0.1.call.ann/?#"), channel="call", code="")
STRANGE = (
    TEXT,
    CALL,
    replace(TEXT, text="助けて！" * 400),
    replace(CALL, text="<&>'\"\x00"),
    replace(CALL, text="a && b -> <c> & " * 30),
    replace(CALL, text="&" * 400),
)

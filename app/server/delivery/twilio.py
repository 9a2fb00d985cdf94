"""Text messages and phone calls through Twilio. https://www.twilio.com/docs/usage/api

A thin adapter: what Twilio says at once becomes a receipt, everything later comes in through
:mod:`.twilio_callbacks`. Where an answer was lost, Twilio is asked what it knows.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar
from urllib.parse import quote

import httpx2
import msgspec

from app.core.cases import SendState
from app.core.errors import Code
from app.server.bounded import UNCOMPRESSED, bounded
from app.server.delivery.base import GatewayError, GatewayUnsureError, Parcel, Receipt
from app.server.delivery.speech import REPLY_WORDS, words
from app.server.delivery.twilio_reasons import reason_of
from app.server.delivery.twiml import Voice
from app.server.phones_config import TwilioConfig

T = TypeVar("T")

LIMIT_S = 8.0
"""s; less than a send's lease."""
LIMIT_BYTES = 1_048_576
TEXT_CHARS = 480
"""Characters of a text message, about seven parts of Japanese; each one is paid for."""
RING_S = 30
"""s that a phone rings; most voice boxes take over before."""
DOWN_AGAIN_S, BUSY_AGAIN_S, MOST_AGAIN_S = 5.0, 2.0, 120.0
"""s after which an error and a refusal for being too fast are tried again, and the longest that is taken from
``Retry-After``."""
NEAR_S = 5.0
"""s by which two clocks may differ when it is asked what was sent since."""

SMS_STATES = {
    **dict.fromkeys(("queued", "accepted", "scheduled", "sending", "sent"), SendState.SENT),
    **dict.fromkeys(("delivered", "read"), SendState.DELIVERED),
    **dict.fromkeys(("undelivered", "failed", "canceled"), SendState.FAILED),
}
CALL_STATES = {
    **dict.fromkeys(("queued", "initiated", "ringing", "in-progress", "answered"), SendState.SENT),
    "completed": SendState.DELIVERED,
    **dict.fromkeys(("busy", "no-answer", "failed", "canceled"), SendState.FAILED),
}
REASONS = {"busy": Code.PHONE_BUSY, "no-answer": Code.PHONE_UNANSWERED}


class Resource(msgspec.Struct):
    """What is read of a message or a call."""

    sid: str
    status: str
    body: str | None = None
    date_created: str | None = None
    direction: str | None = None
    error_code: int | None = None
    error_message: str | None = None


class _Messages(msgspec.Struct):
    messages: list[Resource]


class _Calls(msgspec.Struct):
    calls: list[Resource]


class _Problem(msgspec.Struct):
    code: int = 0
    message: str = ""


def receipt_of(channel: str, status: str, reference: str, number: int = 0, said: str = "") -> Receipt | None:
    """What a status of Twilio's means; ``None``: nothing that is known here.

    Args:
        number, said: of its error, where it failed.
    """
    state = (SMS_STATES if channel == "sms" else CALL_STATES).get(status)
    if state is None:
        return None
    reason = (REASONS.get(status) or reason_of(number, said)) if state is SendState.FAILED else ""
    # A call that has ended without a key brings no answer any more; a text may be answered for hours.
    over = state is SendState.FAILED or (channel == "call" and state is SendState.DELIVERED)
    return Receipt(state, reference, reason, over)


def _receipt(channel: str, made: Resource) -> Receipt | None:
    return receipt_of(channel, made.status, made.sid, made.error_code or 0, made.error_message or "")


def callback_url(config: TwilioConfig, *parts: str) -> str:
    """Where Twilio calls back."""
    return "/".join((config.callbacks, "twilio", *(quote(part, safe="") for part in parts)))


class TwilioGateway:
    """See :class:`app.server.delivery.base.Gateway`; carries ``sms`` and ``call``.

    Args:
        language: of what the server itself says.
        limit: s for one request, everything included.
    """

    def __init__(self, config: TwilioConfig, language: str, limit: float = LIMIT_S) -> None:
        self._config, self._language, self._voice = config, language, Voice(language)
        self._limit = limit
        self._client = httpx2.AsyncClient(
            auth=(config.account_sid, config.auth_token),
            base_url=f"{config.api}/2010-04-01/Accounts/{config.account_sid}/",
            timeout=limit,
            follow_redirects=False,
            headers=UNCOMPRESSED,
            event_hooks={"response": [bounded(LIMIT_BYTES)]},
        )

    async def close(self) -> None:
        await self._client.aclose()

    async def send(self, parcel: Parcel) -> Receipt:
        call = parcel.channel == "call"
        form = self._call(parcel) if call else self._text(parcel)
        status, body, after = await self._ask("POST", "Calls.json" if call else "Messages.json", form)
        if status not in (200, 201):
            raise _error(status, body, after)
        made = _read(body, Resource)
        if made is None:
            raise GatewayUnsureError(Code.GATEWAY_DOWN)
        known = _receipt(parcel.channel, made)
        return known or Receipt(SendState.SENT, made.sid)

    async def look_up(self, parcel: Parcel, reference: str) -> Sequence[Receipt]:
        plural = "Calls" if parcel.channel == "call" else "Messages"
        if reference:
            status, body, after = await self._ask("GET", f"{plural}/{quote(reference)}.json")
            one = _read(body, Resource) if status == 200 else None
            found: Sequence[Resource] = [one] if one is not None else []
        else:
            query = {"To": parcel.address, "From": self._sender(parcel), "PageSize": "50"}
            status, body, after = await self._ask("GET", f"{plural}.json", query=query)
            found = self._among(parcel, body) if status == 200 else []
        if status not in (200, 404):
            raise _error(status, body, after)
        receipts = (_receipt(parcel.channel, made) for made in found)
        return [receipt for receipt in receipts if receipt is not None]

    def _among(self, parcel: Parcel, body: bytes) -> Sequence[Resource]:
        """What this parcel may have become: texts with the same words, calls that were begun since."""
        if parcel.channel == "call":
            calls = _read(body, _Calls)
            made = calls.calls if calls else []
        else:
            messages = _read(body, _Messages)
            made = [m for m in messages.messages if m.body == self._words(parcel)] if messages else []
        return [one for one in made if _time(one.date_created) >= parcel.since - NEAR_S]

    # What is sent

    def _text(self, parcel: Parcel) -> dict[str, Any]:
        return {
            "To": parcel.address,
            "From": self._sender(parcel),
            "Body": self._words(parcel),
            "StatusCallback": callback_url(self._config, "sms", parcel.id),
        }

    def _call(self, parcel: Parcel) -> dict[str, Any]:
        base = callback_url(self._config, "call", parcel.id)
        return {
            "To": parcel.address,
            "From": self._sender(parcel),
            "Twiml": self._voice.alert(parcel.text, f"{base}/key"),
            "Timeout": str(RING_S),
            "StatusCallback": base,
            "StatusCallbackEvent": ["initiated", "ringing", "answered", "completed"],
            "StatusCallbackMethod": "POST",
            # Beside the message, not before it: who picks up would hear nothing for seconds.
            "MachineDetection": "Enable",
            "AsyncAmd": "true",
            "AsyncAmdStatusCallback": f"{base}/machine",
            "AsyncAmdStatusCallbackMethod": "POST",
        }

    def _words(self, parcel: Parcel) -> str:
        reply = f"\n{words(REPLY_WORDS, self._language).format(code=parcel.code)}" if parcel.code else ""
        room = TEXT_CHARS - len(reply)
        text = parcel.text if len(parcel.text) <= room else f"{parcel.text[: room - 1]}…"
        return text + reply

    def _sender(self, parcel: Parcel) -> str:
        return parcel.sender or self._config.number

    # How it is asked

    async def _ask(
        self,
        method: str,
        path: str,
        form: Mapping[str, Any] | None = None,
        query: Mapping[str, str] | None = None,
    ) -> tuple[int, bytes, float | None]:
        """Status, body, and the s of ``Retry-After``."""
        try:
            async with asyncio.timeout(self._limit):
                response = await self._client.request(method, path, data=form, params=query)
        except (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout) as error:
            raise GatewayError(Code.GATEWAY_DOWN, DOWN_AGAIN_S) from error
        except (httpx2.HTTPError, TimeoutError) as error:
            raise GatewayUnsureError(Code.GATEWAY_DOWN) from error
        return response.status_code, response.content, _seconds(response.headers)


def _error(status: int, body: bytes, after: float | None) -> GatewayError | GatewayUnsureError:
    if status == 429:
        return GatewayError(Code.GATEWAY_BUSY, after or BUSY_AGAIN_S)
    if status in (502, 504):
        return GatewayUnsureError(Code.GATEWAY_DOWN)  # somebody between us gave up waiting
    if status >= 500:
        return GatewayError(Code.GATEWAY_DOWN, after or DOWN_AGAIN_S)
    problem = _read(body, _Problem)
    if problem is None or not problem.code:
        return GatewayError(Code.GATEWAY_REFUSED)
    return GatewayError(reason_of(problem.code, problem.message))


def _read(body: bytes, kind: type[T]) -> T | None:
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def _seconds(headers: httpx2.Headers) -> float | None:
    try:
        return min(MOST_AGAIN_S, max(0.0, float(headers.get("Retry-After", ""))))
    except ValueError:
        return None


def _time(date: str | None) -> float:
    """Of RFC 2822, s. A call that has not begun yet has no date, and is new."""
    if date is None:
        return float("inf")
    try:
        return parsedate_to_datetime(date).timestamp()
    except ValueError:
        return 0.0

"""What Twilio says by itself: how far a text or call came, keys that were pressed, texts that came in.

Each request is signed, and may come late, twice, or never. A signature carries no time, so what limits a
replay is that nothing here has an effect twice: states only move on, keys count for some minutes after their
call, a text that came in is known by its SID.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from urllib.parse import parse_qsl

from aiohttp import web

from app.core.cases import SendId, SendState
from app.core.errors import Code, Refused
from app.core.limits import MEDIA
from app.core.lines import Media
from app.server.clock import Clock
from app.server.delivery.base import Parcel, Receipt, Reply, Switchboard, TextIn
from app.server.delivery.carriers import Carriers
from app.server.delivery.speech import (
    COMING_WORDS,
    DECLINED_WORDS,
    NOTHING_FORWARDED_WORDS,
    OVER_WORDS,
    TESTED_WORDS,
    UNKNOWN_WORDS,
    Words,
    words,
)
from app.server.delivery.twilio import callback_url, receipt_of
from app.server.delivery.twilio_signature import is_signed
from app.server.delivery.twiml import Voice
from app.server.phones_config import TwilioConfig
from app.server.store.contacts import ContactStore
from app.server.web import Web

log = logging.getLogger(__name__)

FIELDS = 200
"""Fields of a callback at most; Twilio sends some thirty."""
MACHINES = ("machine", "fax")
SAID: dict[Reply, Words] = {
    Reply.COMING: COMING_WORDS,
    Reply.DECLINED: DECLINED_WORDS,
    Reply.OVER: OVER_WORDS,
    Reply.TESTED: TESTED_WORDS,
    Reply.UNKNOWN: UNKNOWN_WORDS,
    Reply.NOTHING_FORWARDED: NOTHING_FORWARDED_WORDS,
}
MISTAKES = frozenset({Reply.UNKNOWN, Reply.NOTHING_FORWARDED})
MISTAKES_SAID = 3
"""Texts to a number within an hour above which its mistakes are not answered any more: a phone that answers
each text by itself would answer that too, for ever, and what is paid for leaves room for alerts."""

Form = dict[str, str]
Answer = Callable[[SendId, Form], Awaitable[str]]


class TwilioCallbacks:
    """Args:
    language: of what the server itself says.
    """

    def __init__(
        self,
        config: TwilioConfig,
        language: str,
        board: Switchboard,
        contacts: ContactStore,
        carriers: Carriers,
        clock: Clock,
    ) -> None:
        self._config, self._language, self._voice = config, language, Voice(language)
        self._board, self._contacts, self._clock = board, contacts, clock
        self._carriers = carriers

    def register(self, web_server: Web) -> None:
        web_server.add("POST", "/twilio/sms", self._handler(self._texted))
        web_server.add("POST", "/twilio/sms/{send}", self._handler(self._text_status))
        web_server.add("POST", "/twilio/call/{send}", self._handler(self._call_status))
        web_server.add("POST", "/twilio/call/{send}/machine", self._handler(self._machine))
        web_server.add("POST", "/twilio/call/{send}/key", self._handler(self._key))

    def _handler(self, answer: Answer) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        """Nothing is looked at that is not signed."""

        async def handle(request: web.Request) -> web.StreamResponse:
            form = _form(await request.read())
            url = f"{self._config.callbacks}{request.raw_path}"
            given = request.headers.get("X-Twilio-Signature", "")
            if form is None or not is_signed(self._config.auth_token, url, form, given):
                log.warning("a callback that Twilio did not sign was refused")
                return web.Response(status=403)
            said = await answer(SendId(request.match_info.get("send", "")), dict(form))
            return web.Response(text=said or "<Response/>", content_type="text/xml")

        return handle

    async def _text_status(self, send: SendId, form: Form) -> str:
        await self._report("sms", send, form, form.get("MessageStatus", ""), form.get("MessageSid", ""))
        return ""

    async def _call_status(self, send: SendId, form: Form) -> str:
        await self._report("call", send, form, form.get("CallStatus", ""), form.get("CallSid", ""))
        return ""

    async def _report(self, channel: str, send: SendId, form: Form, status: str, reference: str) -> None:
        number = form.get("ErrorCode", "")
        error = int(number) if number.isascii() and number.isdecimal() and len(number) < 9 else 0
        receipt = receipt_of(channel, status, reference, error, form.get("ErrorMessage", ""))
        if receipt is not None:
            await self._board.reported(send, receipt)

    async def _machine(self, send: SendId, form: Form) -> str:
        """A voice box is no answer: nobody has to wait until it hangs up."""
        if form.get("AnsweredBy", "").startswith(MACHINES):
            receipt = Receipt(SendState.FAILED, form.get("CallSid", ""), Code.PHONE_MACHINE, over=True)
            await self._board.reported(send, receipt)
        return ""

    async def _key(self, send: SendId, form: Form) -> str:
        digits = form.get("Digits", "")
        if digits not in ("1", "2"):
            return self._voice.again(callback_url(self._config, "call", send, "key"))
        return self._voice.last(SAID[await self._board.pressed(send, coming=digits == "1")])

    async def _texted(self, _: SendId, form: Form) -> str:
        sid, now = form.get("MessageSid", ""), self._clock.now()
        if not sid or not await self._contacts.first_time(sid, now):
            return ""
        text = TextIn(sid, form.get("To", ""), form.get("From", ""), form.get("Body", ""), _media(form))
        reply = await self._board.texted(text)
        await self._contacts.handled(sid, now)
        said = SAID.get(reply) if reply is not None else None
        if reply is None or said is None or not await self._may_say(reply, text.sender):
            return ""
        return self._voice.message(words(said, self._language))

    async def _may_say(self, reply: Reply, to: str) -> bool:
        """Whether the caps have room for it: an answer is a text like any other."""
        caps = self._carriers.caps
        if reply in MISTAKES:
            caps = caps._replace(target=min(caps.target, MISTAKES_SAID))
        try:
            await self._carriers.charge(Parcel(SendId(f"reply-{reply}"), "sms", to, ""), None, None, caps)
        except Refused:
            return False
        return True


def _media(form: Form) -> tuple[Media, ...]:
    count = form.get("NumMedia", "")
    named = range(min(int(count), MEDIA)) if count.isdecimal() else ()
    found = ((form.get(f"MediaUrl{i}", ""), form.get(f"MediaContentType{i}", "")) for i in named)
    return tuple(Media(url, kind) for url, kind in found if url)


def _form(body: bytes) -> list[tuple[str, str]] | None:
    try:
        return parse_qsl(body.decode(), keep_blank_values=True, strict_parsing=False, max_num_fields=FIELDS)
    except (UnicodeDecodeError, ValueError):
        return None

"""One's own phone: a number counts once a code that was sent to it came back; and quiet hours."""

from __future__ import annotations

import hashlib
import zoneinfo

from app.core.audit import NOT_SET, SET, Act, Change, Deed, Subject
from app.core.cases import SendId
from app.core.errors import Code, Refused
from app.core.model import PersonId
from app.core.phone_questions import (
    GetMyPhone,
    MyPhone,
    QuietHours,
    RemoveMyPhone,
    SetMyPhone,
    SetQuietHours,
    TryMyPhone,
    VerifyMyPhone,
)
from app.core.policy import ContactId
from app.server.clock import Clock, Entropy
from app.server.delivery.base import Parcel
from app.server.delivery.carriers import Carriers
from app.server.delivery.numbers import Numbers, masked
from app.server.delivery.once import Once
from app.server.delivery.speech import CODE_WORDS, TEST_WORDS, words
from app.server.link import Link
from app.server.rights import signed_in
from app.server.service import Service
from app.server.store.base import Store
from app.tasks import Tasks

CODE_S = 600.0
"""s for which a code is valid."""
CODES = 5
"""Codes and tests that one person may ask for within an hour."""


class OwnPhone:
    """Args:
    language: in which the server's own words are, such as ``en``.
    """

    def __init__(
        self,
        store: Store,
        carriers: Carriers,
        numbers: Numbers,
        clock: Clock,
        entropy: Entropy,
        tasks: Tasks,
        language: str,
    ) -> None:
        self._contacts, self._carriers, self._numbers = store.contacts, carriers, numbers
        self._clock, self._entropy, self.language = clock, entropy, language
        self._once = Once(carriers, tasks)

    def register(self, service: Service) -> None:
        service.answers(GetMyPhone, self._get)
        service.answers(SetMyPhone, self._set)
        service.answers(VerifyMyPhone, self._verify)
        service.answers(RemoveMyPhone, self._remove)
        service.answers(SetQuietHours, self._set_quiet)
        service.answers(TryMyPhone, self._try)

    async def _get(self, link: Link, _: GetMyPhone) -> MyPhone:
        return await self._shown(signed_in(link))

    async def _shown(self, person: PersonId) -> MyPhone:
        phone, now = await self._contacts.phone(person), self._clock.now()
        waiting = phone.waiting if phone.waiting is not None and phone.waiting.until > now else None
        return MyPhone(
            masked(phone.number),
            masked(waiting.number) if waiting else "",
            waiting.until if waiting else None,
            phone.quiet,
            self._carriers.has("sms"),
        )

    async def _set(self, link: Link, query: SetMyPhone) -> MyPhone:
        person = signed_in(link)
        number = self._numbers.read(query.number)
        code = f"{int.from_bytes(self._entropy(8)) % 1_000_000:06d}"
        now = self._clock.now()
        parcel = Parcel(
            self._new_send("code"), "sms", number, words(CODE_WORDS, self.language).format(code=code)
        )
        await self._charge(parcel, person)
        await self._contacts.await_code(person, number, _hashed(person, code), now, now + CODE_S)
        await self._once.send(parcel)
        return await self._shown(person)

    async def _verify(self, link: Link, query: VerifyMyPhone) -> MyPhone:
        person = signed_in(link)
        code = "".join(c for c in query.code if c.isdecimal())
        deed = self._deed(person, Act.CHANGED, Change("number", NOT_SET, SET))
        left = await self._contacts.bring_code(person, _hashed(person, code), deed)
        if left is None:
            return await self._shown(person)
        raise Refused.of(Code.CODE_WRONG, left=left) if left else Refused.of(Code.CODE_OVER)

    async def _remove(self, link: Link, _: RemoveMyPhone) -> MyPhone:
        person = signed_in(link)
        deed = self._deed(person, Act.REMOVED, Change("number", SET, NOT_SET))
        await self._contacts.remove_phone(person, deed)
        return await self._shown(person)

    async def _set_quiet(self, link: Link, query: SetQuietHours) -> MyPhone:
        person = signed_in(link)
        if query.hours is not None and query.hours.zone not in zoneinfo.available_timezones():
            raise Refused.of(Code.UNKNOWN_ZONE)
        before = (await self._contacts.phone(person)).quiet
        if before != query.hours:
            change = Change("quiet_hours", _hours(before), _hours(query.hours))
            await self._contacts.set_quiet(person, query.hours, self._deed(person, Act.CHANGED, change))
        return await self._shown(person)

    async def _try(self, link: Link, query: TryMyPhone) -> MyPhone:
        person = signed_in(link)
        phone = await self._contacts.phone(person)
        if not phone.number:
            raise Refused.of(Code.NO_NUMBER)
        parcel = self._test("call" if query.call else "sms", phone.number)
        await self._charge(parcel, person)
        await self._once.send(parcel)
        return await self._shown(person)

    async def try_out(self, channel: str, address: str, contact: ContactId) -> None:
        """Send a test to a contact. Raises Refused ``no_phones``, ``cap_…``, ``gateway_…``."""
        if not self._carriers.has(channel):
            raise Refused.of(Code.NO_PHONES)
        parcel = self._test(channel, address)
        await self._carriers.charge(parcel, None, contact)
        await self._once.send(parcel)

    def _test(self, channel: str, address: str) -> Parcel:
        return Parcel(self._new_send("test"), channel, address, words(TEST_WORDS, self.language))

    def _new_send(self, what: str) -> SendId:
        return SendId(f"{what}-{self._entropy(8).hex()}")

    async def _charge(self, parcel: Parcel, person: PersonId) -> None:
        """Raises Refused ``no_phones``, ``too_many_codes``."""
        if not self._carriers.has(parcel.channel):
            raise Refused.of(Code.NO_PHONES)
        caps = self._carriers.caps._replace(person=CODES)
        try:
            await self._carriers.charge(parcel, person, None, caps)
        except Refused as error:
            raise Refused.of(Code.TOO_MANY_CODES, minutes=60) from error

    def _deed(self, person: PersonId, act: Act, change: Change) -> Deed:
        return Deed(self._clock.now(), act, Subject.PHONE, person, person=person, changes=(change,))


def _hours(hours: QuietHours | None) -> str:
    """As the audit log has them, such as ``22:00-07:00 Asia/Tokyo``."""
    if hours is None:
        return NOT_SET
    start, end = (f"{minutes // 60:02}:{minutes % 60:02}" for minutes in (hours.start, hours.end))
    return f"{start}-{end} {hours.zone}"


def _hashed(person: PersonId, code: str) -> bytes:
    return hashlib.sha256(f"{person} {code}".encode()).digest()

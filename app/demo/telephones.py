"""The telephones of the sample contact center: customers, and a duty phone; all on this machine.

``python -m app.demo.telephones --callbacks URL`` speaks the part of Twilio's API that the server uses. The
first line of standard input is the account's token. It prints where it listens, and writes a line to
standard error for whatever a phone hears and does. The end of standard input ends it.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import sys
import xml.etree.ElementTree as ET
from collections.abc import Callable, Mapping
from itertools import count

import httpx2
from aiohttp import web

from app.demo.lines import ANSWERS, DUTY_NOTES, TEXTS
from app.server.delivery.twilio_signature import signature
from app.tasks import Tasks, Workers

ACCOUNT = f"AC{0:032x}"
SERVER, LINE = "+12015550100", "+12015550199"
DUTY = "+12015550177"
CUSTOMERS = ("+12015550111", "+12015550122", "+12015550133", "+12015550144")
RING_S, LISTEN_S, TYPE_S = 4.0, 6.0, 9.0
BETWEEN_S = (40.0, 90.0)
"""s between two texts of customers."""
WHOLE_DAY = 24 * 3600.0
_KINDS = {"Messages": "SM", "Calls": "CA"}


class Telephones:
    """Args:
    callbacks: where the server's HTTP port is.
    say: shows a line to whoever watches.
    pace: how slow everybody is; 1 is as people are.
    """

    def __init__(
        self, callbacks: str, token: str, rng: random.Random, say: Callable[[str], None], pace: float = 1.0
    ) -> None:
        self._callbacks, self._token, self._rng = callbacks, token, rng
        self._say, self._pace = say, pace
        self._numbers = count(1)
        self._states: dict[str, str] = {}
        self._tasks = Tasks("telephones")
        self._client = httpx2.AsyncClient(timeout=20.0, trust_env=False)
        app = web.Application()
        app.router.add_post("/2010-04-01/Accounts/{account}/{kind}.json", self._send)
        app.router.add_get("/2010-04-01/Accounts/{account}/{kind}.json", self._list)
        app.router.add_get("/2010-04-01/Accounts/{account}/{kind}/{sid}.json", self._look_up)
        self._runner = web.AppRunner(app, access_log=None)

    async def start(self) -> str:
        """Returns where it listens."""
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        return f"http://127.0.0.1:{self._runner.addresses[0][1]}"

    async def close(self) -> None:
        await self._tasks.close()
        await self._client.aclose()
        await self._runner.cleanup()

    async def idle(self) -> None:
        """Until nobody is texting or calling."""
        await self._tasks.idle()

    def open(self) -> None:
        """Customers write now and then, from now on."""
        self._tasks.spawn(self._customers(), name="customers")

    async def _customers(self) -> None:
        while True:
            await self._wait(self._rng.uniform(*BETWEEN_S))
            await self.text(self._rng.choice(CUSTOMERS), self._rng.choice(TEXTS))

    async def text(self, sender: str, words: str) -> None:
        """Somebody texts the line."""
        self._say(f"{_name(sender)} texts the line: {words}")
        form = {"MessageSid": self._sid("Messages"), "From": sender, "To": LINE, "Body": words}
        said = await self._call_back(f"{self._callbacks}/twilio/sms", {**form, "NumMedia": "0"})
        answer = "".join(ET.fromstring(said).itertext()) if said.startswith("<") else ""
        if answer:
            self._say(f"{_name(sender)} is answered: {answer}")

    # The API

    async def _send(self, request: web.Request) -> web.Response:
        kind = request.match_info["kind"]
        form = {name: str(value) for name, value in (await request.post()).items()}
        if kind not in _KINDS or "To" not in form:
            return web.json_response({"code": 20001, "message": "not as described"}, status=400)
        sid = self._sid(kind)
        self._states[sid] = "queued"
        doing = self._ring(sid, form) if kind == "Calls" else self._deliver(sid, form)
        self._tasks.spawn(doing, name=sid)
        return web.json_response({"sid": sid, "status": "queued"}, status=201)

    async def _list(self, request: web.Request) -> web.Response:
        """Nothing is ever lost here that would have to be looked for."""
        return web.json_response({request.match_info["kind"].lower(): []})

    async def _look_up(self, request: web.Request) -> web.Response:
        sid = request.match_info["sid"]
        if sid not in self._states:
            return web.json_response({"code": 20404, "message": "not found"}, status=404)
        return web.json_response({"sid": sid, "status": self._states[sid]})

    # The people

    async def _deliver(self, sid: str, form: Mapping[str, str]) -> None:
        to = form["To"]
        self._say(f"Text message to {_name(to)}: {form.get('Body', '')}")
        for state in ("sent", "delivered"):
            self._states[sid] = state
            said = {"MessageSid": sid, "MessageStatus": state}
            await self._call_back(form.get("StatusCallback", ""), said)
        if form.get("From") == LINE:
            await self._wait(TYPE_S)
            await self.text(to, self._rng.choice(ANSWERS if to in CUSTOMERS else DUTY_NOTES))

    async def _ring(self, sid: str, form: Mapping[str, str]) -> None:
        """Whoever is called hears the message, and comes."""
        who = _name(form["To"])
        self._say(f"The phone rings: {who}")
        await self._status(sid, form, "ringing")
        await self._wait(RING_S)
        await self._status(sid, form, "in-progress")
        gather = ET.fromstring(form["Twiml"]).find("Gather")
        if gather is not None:
            heard = " ".join(say.text or "" for say in gather.findall("Say"))
            self._say(f"{who} hears: {heard}")
            await self._wait(LISTEN_S)
            said = await self._call_back(gather.get("action", ""), {"CallSid": sid, "Digits": "1"})
            self._say(f"{who} presses 1 and hears: {''.join(ET.fromstring(said).itertext())}")
        await self._status(sid, form, "completed")

    async def _status(self, sid: str, form: Mapping[str, str], state: str) -> None:
        self._states[sid] = state
        await self._call_back(form.get("StatusCallback", ""), {"CallSid": sid, "CallStatus": state})

    async def _call_back(self, url: str, form: Mapping[str, str]) -> str:
        """As Twilio does it, signed. Returns what the server says; "" where it is gone."""
        if not url:
            return ""
        whole = {"AccountSid": ACCOUNT, **form}
        signed = {"X-Twilio-Signature": signature(self._token, url, list(whole.items()))}
        try:
            return (await self._client.post(url, data=whole, headers=signed)).text
        except httpx2.HTTPError as error:
            self._say(f"The server does not answer: {error}")
            return ""

    def _sid(self, kind: str) -> str:
        return f"{_KINDS[kind]}{next(self._numbers):032x}"

    async def _wait(self, seconds: float) -> None:
        await asyncio.sleep(seconds * self._pace)


def _name(number: str) -> str:
    """Of whom it is, for whoever watches."""
    return "the duty phone" if number == DUTY else f"customer …{number[-3:]}"


async def _run(options: argparse.Namespace, token: str) -> None:
    def say(line: str) -> None:
        sys.stderr.write(f"{line[:1].upper()}{' '.join(line[1:].split())}\n")
        sys.stderr.flush()

    telephones = Telephones(options.callbacks, token, random.Random(options.seed), say)
    try:
        sys.stdout.write(f"{await telephones.start()}\n")
        sys.stdout.flush()
        if not options.calm:
            telephones.open()
        await Workers("telephones", limit=1).run(sys.stdin.read, timeout_s=WHOLE_DAY)
    finally:
        await telephones.close()


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m app.demo.telephones")
    parser.add_argument("--callbacks", required=True, help="address of the server's HTTP port")
    parser.add_argument("--seed", type=int, default=1, help="another number, another day")
    parser.add_argument("--calm", action="store_true", help="no customer writes by themself")
    options = parser.parse_args()
    try:
        asyncio.run(_run(options, sys.stdin.readline().rstrip("\r\n")))
    except KeyboardInterrupt:
        return 0
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

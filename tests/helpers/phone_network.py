"""A phone network of our own: it speaks Twilio's API, has people on the other end, and can break.

In a test it is an object; ``python -m tests.helpers.phone_network`` is a process with the same behaviour,
told what to do over HTTP (``POST /control/person``, ``/control/fail``, ``/control/text``; ``GET
/control/log``).

Every request is held against the gateway's OpenAPI description; every callback is signed by Twilio's own
library.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import re
import xml.etree.ElementTree as ET
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from email.utils import formatdate
from itertools import count
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
from aiohttp import web
from twilio.request_validator import RequestValidator  # type: ignore[import-untyped]  # it has no types

from app.tasks import Tasks
from tests.helpers.gateway_description import problem_with

SID = "AC" + "0a" * 16
TOKEN = "f00d" * 8
NUMBER = "+12015550123"
FAILURES = ("500", "503", "429", "400", "lost", "refused")
"""``lost``: it is taken, and the connection breaks before the answer; ``refused``: it breaks before."""


@dataclass
class Person:
    """Who holds a phone.

    Attributes:
        call: ``1``, ``2`` or another key; ``none`` (listens and hangs up), ``busy``, ``no-answer``,
            ``machine``.
        text: what they reply to a text; ``{code}`` is the code in it; "" for nothing.
        delivered: whether texts arrive at all; ``trouble``: Twilio's number of why they do not.
    """

    call: str = "none"
    text: str = ""
    delivered: bool = True
    trouble: str = ""


@dataclass
class Taken:
    """A text or call that the network took."""

    sid: str
    kind: str
    form: dict[str, str]
    status: str = "queued"
    heard: list[str] = field(default_factory=list)
    """What was said to whoever picked up, in order."""
    date: str = ""

    @property
    def to(self) -> str:
        return self.form["To"]


class PhoneNetwork:
    """Attributes:
    url: where the API is.
    people: by number; others pick up and press nothing.
    taken: texts and calls, in order.
    problems: requests that the description does not allow.
    failures: what becomes of the next requests that send something, one each; see :data:`FAILURES`.
    answers: what our server said to callbacks: path and status.
    repeat: times that each callback is made.
    hold: callbacks wait until :meth:`release`.
    """

    def __init__(self, now: Callable[[], float], sid: str = SID, token: str = TOKEN) -> None:
        self.url, self.sid, self.token = "", sid, token
        self.people: dict[str, Person] = {}
        self.taken: list[Taken] = []
        self.problems: list[str] = []
        self.failures: deque[str] = deque()
        self.answers: list[tuple[str, int]] = []
        self.repeat, self.hold = 1, False
        self._now, self._numbers = now, count(1)
        self._held: list[tuple[str, dict[str, str]]] = []
        self._client = httpx2.AsyncClient(timeout=20.0, trust_env=False)
        self._tasks = Tasks("phone network")
        self._app = web.Application()
        self._app.router.add_route("*", "/2010-04-01/{rest:.*}", self._api)
        self._app.router.add_route("*", "/control/{what}", self._control)
        self._runner = web.AppRunner(self._app, access_log=None)

    async def start(self, port: int = 0) -> None:
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", port)
        await site.start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"

    async def stop(self) -> None:
        await self._tasks.close()
        await self._client.aclose()
        await self._runner.cleanup()

    async def __aenter__(self) -> PhoneNetwork:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def quiet(self) -> None:
        """Until everybody has hung up and every callback was made."""
        await self._tasks.idle()

    def of(self, kind: str) -> list[Taken]:
        return [one for one in self.taken if one.kind == kind]

    # The API

    async def _api(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        headers = {name.lower(): value for name, value in request.headers.items()}
        problem = problem_with(request.method, request.path, request.rel_url.raw_query_string, headers, body)
        if problem:
            self.problems.append(problem)
            return _error(400, 20001, "not as described")
        if (
            headers.get("authorization")
            != f"Basic {base64.b64encode(f'{self.sid}:{self.token}'.encode()).decode()}"
        ):
            return _error(401, 20003, "Authenticate")
        kind = "call" if "/Calls" in request.path else "sms"
        if request.method == "GET":
            return self._looked_up(kind, request)
        failure = self.failures.popleft() if self.failures else ""
        if failure == "refused":
            return _break(request)
        if failure.isdecimal():
            extra = {"Retry-After": "3"} if failure == "429" else {}
            return _error(int(failure), 21211 if failure == "400" else 20500, "no", extra)
        taken = self._take(kind, parse_qs(body.decode(), keep_blank_values=True))
        return _break(request) if failure == "lost" else web.json_response(self._shown(taken), status=201)

    def _take(self, kind: str, fields: dict[str, list[str]]) -> Taken:
        prefix = "CA" if kind == "call" else "SM"
        form = {name: values[-1] for name, values in fields.items()}
        taken = Taken(f"{prefix}{next(self._numbers):032x}", kind, form, date=formatdate(self._now()))
        self.taken.append(taken)
        self._tasks.spawn(self._ring(taken) if kind == "call" else self._deliver(taken), name=taken.sid)
        return taken

    def _looked_up(self, kind: str, request: web.Request) -> web.Response:
        name = request.path.rpartition("/")[2].removesuffix(".json")
        if name in ("Calls", "Messages"):
            to, sender = request.query.get("To"), request.query.get("From")
            found = [
                t for t in reversed(self.of(kind)) if to in (None, t.to) and sender in (None, t.form["From"])
            ]
            return web.json_response({name.lower(): [self._shown(one) for one in found]})
        one = next((t for t in self.taken if t.sid == name), None)
        return web.json_response(self._shown(one)) if one else _error(404, 20404, "not found")

    def _shown(self, taken: Taken) -> dict[str, Any]:
        shown = {"sid": taken.sid, "status": taken.status, "to": taken.to, "from": taken.form["From"]}
        shown |= {"date_created": taken.date, "direction": "outbound-api", "account_sid": self.sid}
        return shown | ({"body": taken.form.get("Body", "")} if taken.kind == "sms" else {})

    # The people

    async def _deliver(self, text: Taken) -> None:
        person = self.people.get(text.to, Person())
        for status in ("sent", "delivered" if person.delivered else "undelivered"):
            text.status = status
            told = {"MessageSid": text.sid, "MessageStatus": status}
            if status == "undelivered" and person.trouble:
                told["ErrorCode"] = person.trouble
            await self.call_back(text.form.get("StatusCallback", ""), told)
        code = re.search(r"\b\d{4}\b", text.form.get("Body", ""))
        if person.text and person.delivered:
            await self.text(text.to, person.text.format(code=code[0] if code else ""), text.form["From"])

    async def text(self, sender: str, words: str, to: str = NUMBER, sid: str = "", **more: str) -> str:
        """Somebody texts one of our numbers; returns what our server answers with."""
        sid = sid or f"SM{next(self._numbers):032x}"
        form = {"MessageSid": sid, "From": sender, "To": to, "Body": words, "NumMedia": "0", **more}
        said = await self.call_back(f"{self.callbacks}/twilio/sms", form)
        return "".join(ET.fromstring(said).itertext()) if said.startswith("<") else said

    @property
    def callbacks(self) -> str:
        """Where texts that come in go to: as for a number in Twilio's console."""
        return self._callbacks

    @callbacks.setter
    def callbacks(self, url: str) -> None:
        self._callbacks = url

    async def _ring(self, call: Taken) -> None:
        does = self.people.get(call.to, Person()).call
        await self._status(call, "initiated")
        await self._status(call, "ringing")
        if does in ("busy", "no-answer"):
            await self._status(call, does)
            return
        await self._status(call, "in-progress")
        if does == "machine":
            said = {"CallSid": call.sid, "AnsweredBy": "machine_start"}
            await self.call_back(call.form.get("AsyncAmdStatusCallback", ""), said)
            does = "none"
        await self._listen(call, call.form["Twiml"], does)
        await self._status(call, "completed")

    async def _status(self, call: Taken, status: str) -> None:
        call.status = status if status != "initiated" else "queued"
        shown = {"CallSid": call.sid, "CallStatus": status, "To": call.to, "From": call.form["From"]}
        await self.call_back(call.form.get("StatusCallback", ""), shown)

    async def _listen(self, call: Taken, twiml: str, key: str) -> None:
        """Hear it as it is written; press the key where one is asked for, then hear what comes of it."""
        for verb in ET.fromstring(twiml):
            call.heard += [say.text or "" for say in ([verb] if verb.tag == "Say" else verb.findall("Say"))]
            if verb.tag == "Gather" and key != "none":
                form = {"CallSid": call.sid, "Digits": key, "To": call.to, "From": call.form["From"]}
                said = await self.call_back(verb.get("action", ""), form)
                # Who pressed a wrong key finds the right one.
                await self._listen(call, said, "1" if key not in ("1", "2") else "none")
                return
            if verb.tag == "Hangup":
                return

    # Callbacks

    async def call_back(self, url: str, form: dict[str, str]) -> str:
        """As Twilio does it: signed, and again if need be. Returns what the last one was answered."""
        if not url:
            return ""
        if self.hold and "/key" not in url:
            self._held.append((url, form))
            return ""
        said = ""
        for _ in range(self.repeat):
            said = await self._post(url, form)
        return said

    async def release(self, *, backwards: bool = False) -> None:
        """Make the callbacks that were held, also in the wrong order."""
        self.hold = False
        held, self._held = self._held, []
        for url, form in reversed(held) if backwards else held:
            await self.call_back(url, form)

    async def _post(self, url: str, form: dict[str, str]) -> str:
        form = {"AccountSid": self.sid, **form}
        signed = RequestValidator(self.token).compute_signature(url, form)
        response = await self._client.post(url, data=form, headers={"X-Twilio-Signature": signed})
        self.answers.append((urlsplit(url).path, response.status_code))
        return response.text

    # As a process

    async def _control(self, request: web.Request) -> web.Response:
        told: dict[str, Any] = await request.json() if request.can_read_body else {}
        match request.match_info["what"]:
            case "person":
                number = told.pop("number")
                self.people[number] = Person(**told)
            case "fail":
                self.failures.extend(told["with"])
            case "text":
                return web.json_response({"said": await self.text(told["from"], told["text"], told["to"])})
            case "callbacks":
                self.callbacks = told["url"]
        log = [
            {"kind": t.kind, "to": t.to, "status": t.status, "heard": t.heard, "form": t.form}
            for t in self.taken
        ]
        return web.json_response({"taken": log, "problems": self.problems, "answers": self.answers})


def _error(status: int, code: int, words: str, headers: dict[str, str] | None = None) -> web.Response:
    return web.json_response(
        {"code": code, "message": words, "status": status}, status=status, headers=headers
    )


def _break(request: web.Request) -> web.Response:
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


async def _serve(port: int, callbacks: str, sid: str, token: str) -> None:
    import time

    network = PhoneNetwork(time.time, sid, token)
    network.callbacks = callbacks
    await network.start(port)
    print(network.url, flush=True)  # noqa: T201  whoever started it waits for this
    await asyncio.Event().wait()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--callbacks", default="", help="the HTTP address of the server that is called back")
    parser.add_argument("--sid", default=SID)
    parser.add_argument("--token", default=TOKEN)
    options = parser.parse_args()
    asyncio.run(_serve(options.port, options.callbacks, options.sid, options.token))

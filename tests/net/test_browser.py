"""Signing in through the browser: what the page brings back counts once, from the right page, in time."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import random
from collections.abc import AsyncIterator, Callable
from urllib.parse import parse_qs, urlsplit

import pytest

from app.core import wire
from app.core.errors import Code, Refused
from app.net.assets import MemoryCache
from app.net.browser import LIMIT_SECONDS, VISIT_BYTES
from app.net.client import Client, Link
from app.net.problems import ConnectionProblem, Trouble
from app.tasks import Tasks
from tests.helpers.clock import FakeClock, settle
from tests.helpers.office import ANN
from tests.helpers.scripted import ScriptedServer

WAY = wire.Way("oidc", "Example Corp")
WORDS = "You are signed in <b>. 戻ってください。"


class Person:
    """Signs in with a browser that does what the test says.

    Attributes:
        pages: that were opened.
    """

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.server = ScriptedServer(self.clock)
        self.server.ways = (WAY,)
        self.server.codes["good"] = ANN
        self.pages: list[str] = []
        self._tasks = Tasks("test")
        self.client = Client(
            connect=self.server.connect,
            clock=self.clock,
            rng=random.Random(1),
            tasks=Tasks("client"),
            cache=MemoryCache(),
            app="test",
            device="laptop",
        )

    def begin(self) -> asyncio.Task[object]:
        coro = self.client.sign_in_through("localhost", WAY, self.pages.append, WORDS)
        return asyncio.ensure_future(coro)

    async def page(self) -> dict[str, str]:
        """What the opened page was told."""
        await until(lambda: bool(self.pages))
        return {name: values[0] for name, values in parse_qs(urlsplit(self.pages[-1]).query).items()}


@pytest.fixture
async def person() -> AsyncIterator[Person]:
    made = Person()
    yield made
    await made.client.close(leave=False)


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not condition():  # noqa: ASYNC110  nothing tells us when it becomes so
            await asyncio.sleep(0)


async def visit(back: str, query: str, *, method: str = "GET") -> str:
    """What the browser is shown."""
    parts = urlsplit(back)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    writer.write(f"{method} {parts.path}{query} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
    answer = await reader.read()
    writer.close()
    return answer.decode()


async def test_the_code_that_comes_back_signs_in(person: Person) -> None:
    assert await person.client.ways("localhost") == (WAY,)
    signing_in = person.begin()
    told = await person.page()
    shown = await visit(told["back"], f"?code=good&state={told['state']}")
    assert shown.startswith("HTTP/1.1 200 OK")
    assert "You are signed in &lt;b&gt;. 戻ってください。" in shown
    assert await signing_in == person.client.token
    assert person.client.connection.link is Link.PROTECTED
    (credential,) = person.server.signed_in
    assert isinstance(credential, wire.FinishSignIn)
    assert (credential.ticket, credential.code, credential.device) == ("ticket", "good", "laptop")
    with pytest.raises(OSError, match="onnect"):
        await visit(told["back"], "?code=good")


async def test_the_proof_fits_and_every_sign_in_has_its_own(
    person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[wire.BeginSignIn] = []
    handle = person.server.handle

    def noting(peer: object, request: object) -> None:
        if isinstance(request, wire.BeginSignIn):
            begun.append(request)
        handle(peer, request)  # type: ignore[arg-type]  # passed on as it came

    monkeypatch.setattr(person.server, "handle", noting)
    for _ in range(2):
        signing_in = person.begin()
        told = await person.page()
        person.pages.clear()
        await visit(told["back"], f"?code=good&state={told['state']}")
        await signing_in
    credential = person.server.signed_in[0]
    assert isinstance(credential, wire.FinishSignIn)
    digest = hashlib.sha256(credential.verifier.encode()).digest()
    assert begun[0].challenge == base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    assert 43 <= len(credential.verifier) <= 128
    assert begun[0].state != begun[1].state
    assert begun[0].challenge != begun[1].challenge


async def test_a_visit_without_the_right_word_changes_nothing(person: Person) -> None:
    signing_in = person.begin()
    told = await person.page()
    for query in (
        "?code=evil&state=guessed",
        "?code=evil",
        "",
        "?error=access_denied",
        "?state=%ff",
        "?a=[" * 9,
    ):
        assert (await visit(told["back"], query)).startswith("HTTP/1.1 404")
    other = told["back"].replace("/signed-in", "/favicon.ico")
    assert (await visit(other, f"?code=evil&state={told['state']}")).startswith("HTTP/1.1 404")
    post = await visit(told["back"], f"?code=evil&state={told['state']}", method="POST")
    assert post.startswith("HTTP/1.1 404")
    assert await visit(told["back"], "?" + "x" * (VISIT_BYTES + 1)) == ""
    assert not signing_in.done()
    await visit(told["back"], f"?code=good&state={told['state']}")
    await signing_in
    assert len(person.server.signed_in) == 1


async def test_who_says_no_at_the_page_is_told_so(person: Person) -> None:
    signing_in = person.begin()
    told = await person.page()
    await visit(told["back"], f"?error=access_denied&state={told['state']}")
    with pytest.raises(Refused, match="Example Corp did not confirm") as refused:
        await signing_in
    assert refused.value.refusal.code is Code.PROVIDER_DENIED
    assert person.server.signed_in == []


async def test_a_closed_browser_is_not_waited_for_for_ever(person: Person) -> None:
    signing_in = person.begin()
    told = await person.page()
    await person.clock.advance(LIMIT_SECONDS - 1)
    assert not signing_in.done()
    await person.clock.advance(1)
    with pytest.raises(ConnectionProblem, match="within 5 minutes") as problem:
        await signing_in
    assert problem.value.problem.code is Trouble.BROWSER_SLOW
    with pytest.raises(OSError, match="onnect"):
        await visit(told["back"], f"?code=good&state={told['state']}")


async def test_it_can_be_cancelled_and_nothing_listens_any_more(person: Person) -> None:
    signing_in = person.begin()
    told = await person.page()
    signing_in.cancel()
    await settle()
    assert signing_in.cancelled()
    with pytest.raises(OSError, match="onnect"):
        await visit(told["back"], f"?code=good&state={told['state']}")


@pytest.mark.parametrize("url", ["http://login.example.com/", "file:///etc/passwd", "handraise://x", "x.exe"])
async def test_a_server_can_open_nothing_but_an_encrypted_page(
    person: Person, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def evil(peer: object, request: object) -> None:
        assert isinstance(request, wire.BeginSignIn)
        peer.push(wire.SignInAt(url, "ticket"))  # type: ignore[attr-defined]  # a scripted peer

    monkeypatch.setattr(person.server, "handle", evil)
    with pytest.raises(Refused, match="could not be trusted"):
        await person.begin()
    assert person.pages == []


async def test_a_server_that_is_away_or_silent_is_said(person: Person) -> None:
    person.server.problem = ConnectionProblem(Trouble.NO_ANSWER, host="localhost", port=7443)
    with pytest.raises(ConnectionProblem, match="does not answer"):
        await person.client.ways("localhost")
    person.server.problem = None
    person.server.turned_away = wire.Bye(Code.SERVER_STOPPING)
    with pytest.raises(Refused, match="restarting"):
        await person.client.ways("localhost")

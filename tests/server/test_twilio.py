"""The adapter to Twilio alone: what it sends, what it makes of answers and errors, whom it believes."""

from __future__ import annotations

import contextlib
import random
import xml.etree.ElementTree as ET
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from twilio.request_validator import RequestValidator  # type: ignore[import-untyped]  # it has no types

from app.core.cases import SendState
from app.core.errors import Code
from app.server.config import Config
from app.server.delivery.base import GatewayError, GatewayUnsureError, Parcel
from app.server.delivery.speech import language_of
from app.server.delivery.twilio import LIMIT_BYTES, TEXT_CHARS, TwilioGateway
from app.server.delivery.twilio_reasons import reason_of
from app.server.delivery.twilio_signature import is_signed, signature
from app.server.delivery.twiml import MOST_CHARS, Voice
from app.server.phones_config import PhonesConfig, TwilioConfig, load_phones
from app.server.settings_file import ConfigError
from tests.helpers.clock import FakeClock
from tests.helpers.gateway_description import problem_with
from tests.helpers.parcels import STRANGE, TEXT
from tests.helpers.phone_network import NUMBER, SID, TOKEN, PhoneNetwork
from tests.helpers.phone_world import free_port


@pytest.fixture
async def network() -> AsyncIterator[PhoneNetwork]:
    async with PhoneNetwork(FakeClock().now) as made:
        yield made


@pytest.fixture
async def gateway(network: PhoneNetwork) -> AsyncIterator[TwilioGateway]:
    made = TwilioGateway(config(network.url), "en")
    yield made
    await made.close()


def config(api: str) -> TwilioConfig:
    return TwilioConfig(SID, NUMBER, "", "", api, TOKEN)


# What is sent


@pytest.mark.parametrize("parcel", STRANGE)
async def test_everything_is_as_the_description_asks(
    network: PhoneNetwork, gateway: TwilioGateway, parcel: Parcel
) -> None:
    receipt = await gateway.send(parcel)
    assert receipt.state is SendState.SENT
    assert receipt.reference == network.taken[0].sid
    (found,) = await gateway.look_up(parcel, receipt.reference)
    assert found.reference == receipt.reference
    assert receipt.reference in [one.reference for one in await gateway.look_up(parcel, "")]
    assert network.problems == []


def test_the_description_refuses_what_is_not_in_it() -> None:
    headers = {"content-type": "application/x-www-form-urlencoded", "authorization": "Basic YTpi"}
    path = f"/2010-04-01/Accounts/{SID}/Calls.json"
    assert problem_with("POST", path, "", headers, b"To=%2B1&From=%2B1&Timeout=30") == ""
    for body in (b"From=%2B1", b"To=%2B1&From=%2B1&Timeut=30", b"To=%2B1&From=%2B1&Timeout=soon"):
        assert problem_with("POST", path, "", headers, body) != ""
    assert problem_with("POST", path.replace(SID, "AC1"), "", headers, b"To=%2B1&From=%2B1") != ""


async def test_a_text_is_cut_and_its_code_is_not(network: PhoneNetwork, gateway: TwilioGateway) -> None:
    await gateway.send(replace(TEXT, text="x" * 2_000))
    body = network.taken[0].form["Body"]
    assert len(body) == TEXT_CHARS
    assert body.endswith("…\nReply 4711 if you are coming, 4711 NO if you cannot.")


async def test_a_line_texts_from_its_own_number(network: PhoneNetwork, gateway: TwilioGateway) -> None:
    await gateway.send(replace(TEXT, sender="+12015550199"))
    assert network.taken[0].form["From"] == "+12015550199"


# What comes back


@pytest.mark.parametrize(
    ("failure", "reason", "again"),
    [
        ("500", Code.GATEWAY_DOWN, 5.0),
        ("503", Code.GATEWAY_DOWN, 5.0),
        ("429", Code.GATEWAY_BUSY, 3.0),
        ("400", Code.NUMBER_UNKNOWN, None),
    ],
)
async def test_an_error_says_whether_trying_again_makes_sense(
    network: PhoneNetwork, gateway: TwilioGateway, failure: str, reason: str, again: float | None
) -> None:
    network.failures.append(failure)
    with pytest.raises(GatewayError) as caught:
        await gateway.send(TEXT)
    assert (caught.value.reason, caught.value.retry_after) == (reason, again)


@pytest.mark.parametrize(
    ("number", "said", "reason"),
    [
        (21610, "Attempt to send to unsubscribed recipient", Code.PHONE_BLOCKS),
        (30002, "Account suspended", "Twilio 30002: Account suspended"),
        (99999, "The 'To' number +1 (201) 555-0199\nis odd", "Twilio 99999: The 'To' number …  is odd"),
        (99999, "", "Twilio 99999"),
        (0, "whatever", Code.NOT_DELIVERED),
    ],
)
def test_its_own_words_are_kept_where_they_are_not_known_and_no_number_is(
    number: int, said: str, reason: str
) -> None:
    told = reason_of(number, said)
    assert " ".join(told.split()) == " ".join(reason.split())
    assert len(reason_of(99999, "x" * 5_000)) < 200


async def test_a_lost_answer_is_not_a_failure(network: PhoneNetwork, gateway: TwilioGateway) -> None:
    network.failures.extend(["lost", "502", "504"])
    for _ in range(3):
        with pytest.raises(GatewayUnsureError):
            await gateway.send(TEXT)
    (found,) = await gateway.look_up(TEXT, "")
    assert found.reference == network.taken[0].sid


async def test_what_takes_too_long_may_have_been_sent(network: PhoneNetwork) -> None:
    impatient = TwilioGateway(config(network.url), "en", limit=0.0)
    with pytest.raises((GatewayUnsureError, GatewayError)):
        await impatient.send(TEXT)
    await impatient.close()


@pytest.mark.parametrize("compressed", [False, True])
async def test_an_answer_without_end_is_not_read(compressed: bool) -> None:
    """It may have been sent, and nobody's memory is filled with it."""
    streamed = 0

    async def stream(request: web.Request) -> web.StreamResponse:
        nonlocal streamed
        await request.read()
        response = web.StreamResponse(status=201)
        if compressed:
            response.enable_compression(web.ContentCoding.gzip)
        await response.prepare(request)
        with contextlib.suppress(ConnectionError):
            while streamed < 100 * LIMIT_BYTES:
                await response.write(bytes(65_536))
                streamed += 65_536
        return response

    app = web.Application()
    app.router.add_route("*", "/{rest:.*}", stream)
    async with TestServer(app, host="127.0.0.1") as server:
        gateway = TwilioGateway(config(f"http://127.0.0.1:{server.port}"), "en", limit=30.0)
        with pytest.raises(GatewayUnsureError):
            await gateway.send(TEXT)
        await gateway.close()
    assert streamed < 50 * LIMIT_BYTES


async def test_nobody_there_is_certain() -> None:
    nowhere = TwilioGateway(config(f"http://127.0.0.1:{free_port()}"), "en")
    with pytest.raises(GatewayError) as caught:
        await nowhere.send(TEXT)
    assert caught.value.retry_after is not None
    await nowhere.close()


async def test_a_wrong_token_is_refused_and_says_nothing_of_it(network: PhoneNetwork) -> None:
    network.token = "another"
    gateway = TwilioGateway(config(network.url), "en")
    with pytest.raises(GatewayError) as caught:
        await gateway.send(TEXT)
    assert (caught.value.reason, caught.value.retry_after) == (Code.GATEWAY_REFUSED, None)
    assert TOKEN not in repr(caught.value)
    await gateway.close()


# Whom it believes


VECTOR = (
    ("CallSid", "CA1234567890ABCDE"),
    ("Caller", "+14158675309"),
    ("Digits", "1234"),
    ("From", "+14158675309"),
    ("To", "+18005551212"),
)
ADDRESS = "https://mycompany.com/myapp.php?foo=1&bar=2"


def test_the_documented_signature() -> None:
    assert signature("12345", ADDRESS, VECTOR) == "RSOYDt4T1cUTdK1PDd93/VVr8B8="
    assert is_signed("12345", ADDRESS, VECTOR, "RSOYDt4T1cUTdK1PDd93/VVr8B8=")


@pytest.mark.parametrize(
    ("token", "url", "form", "given"),
    [
        ("12346", ADDRESS, VECTOR, "RSOYDt4T1cUTdK1PDd93/VVr8B8="),
        ("12345", ADDRESS.replace("foo=1", "foo=2"), VECTOR, "RSOYDt4T1cUTdK1PDd93/VVr8B8="),
        ("12345", ADDRESS, VECTOR[1:], "RSOYDt4T1cUTdK1PDd93/VVr8B8="),
        ("12345", ADDRESS, (*VECTOR, ("Digits", "1")), "RSOYDt4T1cUTdK1PDd93/VVr8B8="),
        ("12345", ADDRESS, VECTOR, ""),
        ("12345", ADDRESS, VECTOR, "RSOYDt4T1cUTdK1PDd93"),
        ("12345", ADDRESS, VECTOR, "é" * 28),
    ],
)
def test_anything_else_is_not_believed(
    token: str, url: str, form: tuple[tuple[str, str], ...], given: str
) -> None:
    assert not is_signed(token, url, form, given)


def test_twilio_s_own_library_signs_the_same() -> None:
    dice = random.Random(7)
    letters = "aZ09 _-+%&=é日\u200d?/"
    for _ in range(200):
        names = {"".join(dice.choices("AbcD12", k=4)) for _ in range(dice.randrange(6))}
        form = {name: "".join(dice.choices(letters, k=dice.randrange(9))) for name in names}
        port = dice.choice(["", ":443", ":8443"])
        url = f"https://example.com{port}/twilio/call/{dice.randrange(99)}"
        signed = RequestValidator("token").compute_signature(url, form)
        assert is_signed("token", url, tuple(form.items()), signed)
        assert RequestValidator("token").validate(url, form, signature("token", url, tuple(form.items())))


# What is said


@pytest.mark.parametrize(
    ("text", "usual", "language"),
    [
        ("Customer shouts", "en", "en-US"),
        ("お客様が怒っています", "en", "ja-JP"),
        ("至急対応", "ja", "ja-JP"),
        ("至急対応", "en", "zh-CN"),
        ("Ann: お願い", "de", "ja-JP"),
        ("Hilfe", "de", "de-DE"),
        ("help", "ja", "en-US"),
        ("도와주세요", "en", "ko-KR"),
    ],
)
def test_a_text_is_read_in_its_language(text: str, usual: str, language: str) -> None:
    assert language_of(text, usual) == language


@pytest.mark.parametrize(("text", "times"), [("Help me", 3), ("&" * 400, 2)])
def test_a_call_is_never_longer_than_the_gateway_takes(text: str, times: int) -> None:
    """Signs are written with several characters; it is said less often then."""
    said = Voice("en").alert(text, "https://example.com/twilio/call/" + "x" * 120)
    assert len(said) <= MOST_CHARS
    spoken = [say.text for say in ET.fromstring(said).findall("Gather/Say")]
    assert len(spoken) == 2 * times
    assert (spoken[0] or "").startswith(text[:200])


def test_what_a_person_wrote_is_text_and_nothing_else() -> None:
    said = Voice("ja").alert('</Say><Dial>+1900</Dial>&amp; \x0b"', "https://example.com/key")
    verbs = {element.tag for element in ET.fromstring(said).iter()}
    assert verbs == {"Response", "Gather", "Say", "Hangup"}
    assert (
        ET.fromstring(said).findall("Gather/Say")[1].text
        == "対応できる場合は1を、できない場合は2を押してください。"
    )


# The settings


GOOD = """
region = "JP"
language = "ja"
[caps]
server = 100
[twilio]
account_sid = "AC0123456789abcdef0123456789abcdef"
number = "+81 3-1234-5678"
callbacks = "https://handraise.example.com/"
auth_token_file = "token"
"""


def test_settings_come_from_a_file_and_the_token_from_another(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("  secret\n")
    (tmp_path / "phones.toml").write_text(GOOD)
    found = load_phones(tmp_path / "phones.toml", {})
    assert found.twilio is not None
    assert (found.twilio.number, found.twilio.callbacks) == ("+81312345678", "https://handraise.example.com")
    assert (found.twilio.auth_token, found.most.server, found.most.target) == ("secret", 100, 20)
    (tmp_path / "phones.toml").write_text(GOOD.replace('auth_token_file = "token"', ""))
    found = load_phones(tmp_path / "phones.toml", {"HANDRAISE_TWILIO_TOKEN": "from outside"})
    assert found.twilio is not None
    assert found.twilio.auth_token == "from outside"


@pytest.mark.parametrize(
    ("was", "becomes", "said"),
    [
        ('account_sid = "AC0', 'account_sid = "XX0', "account_sid must be the Account SID"),
        ('number = "+81 3-1234-5678"', "", "twilio.number is missing"),
        ("+81 3-1234-5678", "12", "number must be a phone number"),
        ("https://handraise", "http://handraise", "callbacks must begin with https://"),
        ('auth_token_file = "token"', "", "HANDRAISE_TWILIO_TOKEN"),
        ('auth_token_file = "token"', 'auth_token_file = "none"', "cannot be read"),
        ('auth_token_file = "token"', 'auth_token = "secret"', "write the token to a file of its own"),
        ('region = "JP"', 'region = "Japan"', '"Japan" is no country'),
        ('language = "ja"', 'language = "Japanese"', "language must be like"),
        ("[caps]", "[cap]", "there is no setting called cap"),
        ("server = 100", "servers = 100", "there is no setting called caps.servers"),
        ("server = 100", "server = 0", "caps.server: expected `int` >= 1"),
        ("[twilio]", "[twilio", "cannot be used"),
    ],
)
def test_what_is_wrong_with_them_is_said(tmp_path: Path, was: str, becomes: str, said: str) -> None:
    (tmp_path / "token").write_text("secret")
    (tmp_path / "phones.toml").write_text(GOOD.replace(was, becomes))
    with pytest.raises(ConfigError) as caught:
        load_phones(tmp_path / "phones.toml", {})
    assert said in str(caught.value)
    assert "secret" not in str(caught.value)


def test_twilio_has_to_reach_the_server(tmp_path: Path) -> None:
    phones = PhonesConfig(twilio=config("https://api.twilio.com"))
    with pytest.raises(ConfigError, match="--http-port"):
        Config(tmp_path, phones=phones).check()
    Config(tmp_path, phones=phones, http_port=0).check()

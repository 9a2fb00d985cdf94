"""How somebody is taken out of texts and of stored values."""

from __future__ import annotations

import msgspec
import pytest

from app.core.erasing import CustomerEraser, PersonEraser, PhoneNumber, alias_of
from app.core.lines import CustomerId
from app.core.model import PersonId

P1 = PersonId("p1")
JAPAN = PhoneNumber("81", "9012345678")


def test_a_name_is_replaced_where_it_is_one() -> None:
    eraser = PersonEraser(P1, [("al", "Al")], [PhoneNumber("49", "30123")])
    _, name = alias_of(P1)
    text = "Al and @al and @al.b and also @Al: +4930123!"
    assert eraser.text(text) == f"{name} and @former-p1 and @{'al.b'} and also @former-p1: …!"
    japanese = PersonEraser(PersonId("p2"), [("chie", "森 千恵")])
    assert japanese.text("森 千恵さん") == "Former colleague p2さん"
    mine = {"author": "p1", "text": "secret", "to": ["x"]}
    assert eraser.value(mine) == {"author": "p1", "text": "", "to": ["x"]}
    assert eraser.value({"author": "p9", "text": "free"}) == {"author": "p9", "text": "free"}


def test_what_somebody_wrote_goes_where_they_are_told_of_as_to_other_programs() -> None:
    eraser = PersonEraser(P1, [("al", "Al")])
    al, bo = {"id": "p1", "handle": "al", "name": "Al"}, {"id": "p2", "handle": "bo", "name": "Bo"}
    gone = {"id": "p1", "handle": "former-p1", "name": alias_of(P1)[1]}
    raised = {"raiser": al, "message": "secret"}
    told = [{"author": al, "text": "secret"}, raised, {"author": bo, "text": "free"}]
    assert eraser.value(told) == [
        {"author": gone, "text": ""},
        {"raiser": gone, "message": ""},
        {"author": bo, "text": "free"},
    ]


def test_earlier_names_go_too_and_a_namesake_keeps_theirs() -> None:
    eraser = PersonEraser(P1, [("al", "Al New"), ("old", "Al Old")], namesakes=[PersonId("p2")])
    _, name = alias_of(P1)
    assert eraser.text("Al Old (@old) is Al New (@al)") == f"{name} (@former-p1) is {name} (@former-p1)"
    people = [
        {"id": "p1", "handle": "al", "name": "Al New", "picture": "f"},
        {"id": "p2", "handle": "a2", "name": "Al New"},
    ]
    assert eraser.value(people) == [
        {"id": "p1", "handle": "former-p1", "name": name},
        {"id": "p2", "handle": "a2", "name": "Al New"},
    ]


@pytest.mark.parametrize("length", [48, 57, 65, 97, 122, 200])
def test_what_begins_a_packed_text_is_found_whatever_its_length_looks_like(length: int) -> None:
    """The byte before it is the length: 48 is a digit, 65 and 97 are letters."""
    eraser = PersonEraser(P1, [("al", "Al")], [JAPAN])
    for begins in ("@al", "Al", "+819012345678", "9012345678"):
        text = begins.ljust(length, ".")
        packed = msgspec.msgpack.encode({"text": text})
        assert eraser.concerns(packed), begins
        assert begins not in eraser.value(msgspec.msgpack.decode(packed))["text"]
    assert not eraser.concerns(msgspec.msgpack.encode({"text": "nobody".ljust(length, ".")}))


@pytest.mark.parametrize(
    "written",
    [
        "+819012345678",
        "819012345678",
        "+81 90-1234-5678",
        "+81 (0)90 1234 5678",
        "0081 90 1234 5678",
        "09012345678",
        "090-1234-5678",
        "(090) 1234 5678",
        "090.1234.5678",
    ],
)
def test_a_number_is_found_however_it_is_written(written: str) -> None:
    eraser = CustomerEraser(JAPAN, [])
    assert eraser.concerns(written.encode())
    assert eraser.text(f"call {written}, please") == "call …, please"


def test_a_number_within_other_digits_is_another_one() -> None:
    eraser = CustomerEraser(JAPAN, [])
    for other in ("order 1090123456780", "0901234567", "090123456789", "+82 10-1234-5678"):
        assert eraser.text(other) == other
    short = CustomerEraser(PhoneNumber("", "32665"), [])
    assert short.text("32665 wrote, 132665 did not") == "… wrote, 132665 did not"
    few = CustomerEraser(PhoneNumber("49", "30123"), [])
    assert few.text("line 30123, phone 030123 or +49 30123") == "line 30123, phone … or …"


def test_what_a_customer_wrote_goes_where_their_conversation_is_named() -> None:
    eraser = CustomerEraser(JAPAN, [CustomerId("c1")])
    told = {
        "data": {"conversation": "c1", "text": "where is it"},
        "other": {"conversation": "c2", "text": "x"},
    }
    assert eraser.value(told) == {
        "data": {"conversation": "c1", "text": ""},
        "other": {"conversation": "c2", "text": "x"},
    }
    assert eraser.concerns(b'"conversation":"c1"')
    assert eraser.value({"topic": "c1", "text": "words", "id": "k"}) == {"topic": "c1", "text": "", "id": "k"}

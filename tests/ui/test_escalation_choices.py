"""Who is found by what is typed, and what is said about whom a choice reaches."""

from __future__ import annotations

import pytest

from app.core.model import Channel, Group, GroupId, Occupant, Person, PersonId, Reach, Recipients, Status
from app.ui.escalation.choices import (
    EscalationChoices,
    choices_of,
    offers,
    reach,
    reach_words,
    recipients,
    search,
    why_not,
)
from tests.helpers.office import ALONE, ANN, BOB, CHIE, DEV, EMPTY, EVA, SUPERVISORS, Office

COME_BACK = "They are alerted as soon as they come back; your hand stays visible to everyone here."


def person(handle: str, name: str, occupant: Occupant | None = None) -> tuple[Person, Occupant | None]:
    return Person(PersonId(handle), handle, name), occupant


def here(handle: str, name: str, status: Status = Status.AVAILABLE) -> tuple[Person, Occupant | None]:
    return person(handle, name, Occupant(PersonId(handle), status))


def group(handle: str, *members: str) -> Group:
    return Group(GroupId(handle), handle, handle.title(), tuple(PersonId(m) for m in members))


CHOICES = EscalationChoices(
    people=(
        here("me", "Myself"),
        here("mori", "森 千恵", Status.ON_CALL),
        here("yamada", "ヤマダ タロウ"),
        person("gomez", "José Gómez"),
        person("lost", "Lena Lost", Occupant(PersonId("lost"), lost_since=5.0)),
        here("omar", "Omar Said"),
    ),
    groups=(
        group("support", "me", "mori", "gomez", "omar"),
        group("night", "gomez", "lost"),
        group("own", "me"),
    ),
    me=PersonId("me"),
)
ALL = offers(CHOICES)


def found(typed: str, *taken: str) -> list[str]:
    return [offer.handle for offer in search(ALL.values(), typed, taken)]


def said(*keys: str) -> tuple[str, str]:
    return reach_words(CHOICES, recipients(ALL[key] for key in keys))


def test_who_may_not_notice_it_is_named_before_execute() -> None:
    def muffled(handle: str, name: str, *lost: Channel) -> tuple[Person, Occupant | None]:
        return person(handle, name, Occupant(PersonId(handle), reach=Reach(lost)))

    people = (
        here("me", "Myself"),
        muffled("aiko", "Aiko", Channel.SOUND, Channel.TRAY),
        muffled("ben", "Ben", Channel.SOUND),
        muffled("cleo", "Cleo", Channel.NOTIFICATION),
        muffled("dora", "Dora", Channel.POPUP, Channel.SOUND),
        person("gone", "Gone"),
    )
    choices = EscalationChoices(people, me=PersonId("me"))

    def words(*handles: str) -> str:
        return reach_words(choices, Recipients(people=tuple(map(PersonId, handles))))[0]

    assert words("aiko") == "Aiko will be called. Aiko: no sound on their machine."
    assert words("cleo") == "Cleo will be called."
    assert words("aiko", "ben", "dora", "gone") == (
        "1 of 4 is offline. Aiko, Ben: no sound on their machines. "
        "Dora: no pop-up, no sound on their machine."
    )


@pytest.mark.parametrize(
    ("typed", "handle"),
    [
        ("@mori", "mori"),
        ("＠ＭＯＲＩ", "mori"),
        ("千恵", "mori"),
        ("やまだ", "yamada"),
        ("ﾔﾏﾀﾞ", "yamada"),
        ("たろう", "yamada"),
        ("gomez", "gomez"),
        ("jose go", "gomez"),
        ("Support", "support"),
    ],
)
def test_spellings_find_the_same_person(typed: str, handle: str) -> None:
    assert found(typed) == [handle]


def test_nothing_typed_offers_groups_and_who_is_here_first() -> None:
    assert found("") == ["support", "night", "own", "omar", "yamada", "mori", "gomez", "lost"]


def test_the_beginning_of_a_word_goes_before_its_middle_and_who_is_here_before_the_absent() -> None:
    assert found("o") == ["own", "omar", "support", "mori", "gomez", "lost"]
    assert found("m") == ["mori", "omar", "yamada", "gomez"]


def test_oneself_and_who_is_chosen_already_are_not_offered() -> None:
    assert found("myself") == []
    assert found("omar", "p:omar") == []


def test_an_offer_says_who_is_there() -> None:
    assert ALL["g:support"].detail == "2 of 3 here"
    assert ALL["p:mori"].detail == "On a call"
    assert ALL["p:gomez"].detail == "Not here"
    assert ALL["p:lost"].detail == "Connection lost"
    assert ALL["g:own"].detail == "No members besides you"
    assert ALL["p:mori"].spoken == "森 千恵, @mori, On a call"


def test_everybody_here_is_named() -> None:
    assert said("p:omar", "p:mori") == ("Omar Said, 森 千恵 will be called.", "")


def test_some_are_offline() -> None:
    assert said("g:support") == ("1 of 3 is offline.", COME_BACK)
    assert said("g:support", "p:lost", "p:yamada") == ("2 of 5 are offline.", COME_BACK)


def test_nobody_of_a_group_is_here() -> None:
    assert said("g:night") == ("Nobody of @night is here.", COME_BACK)
    assert said("g:night", "p:omar") == ("2 of 3 are offline. Nobody of @night is here.", COME_BACK)


def test_one_or_all_of_the_chosen_are_offline() -> None:
    assert said("p:gomez") == ("José Gómez is offline.", COME_BACK)
    assert said("p:gomez", "p:lost") == ("None of the 2 people you chose is here.", COME_BACK)


def test_a_person_in_two_groups_counts_once() -> None:
    assert len(reach(CHOICES, recipients([ALL["g:support"], ALL["g:night"], ALL["p:gomez"]])).people) == 4


def test_why_a_red_one_cannot_be_executed() -> None:
    def hindrance(*keys: str) -> str:
        to = recipients(ALL[key] for key in keys)
        return why_not(to, reach(CHOICES, to))

    assert hindrance() == "Choose who is to be notified."
    assert hindrance("g:own") == "The chosen groups have no members besides you."
    assert hindrance("g:own", "p:gomez") == ""
    assert said("g:own") == ("", "")


def test_the_space_as_choices() -> None:
    office = Office(present=(ANN, BOB))
    choices = choices_of(office.space, office.persons[ANN])
    made = offers(choices)
    assert made[f"g:{SUPERVISORS}"].detail == "1 of 2 here"
    assert {key for key, offer in made.items() if not offer.reachable} == {
        f"p:{CHIE}",
        f"p:{DEV}",
        f"p:{EVA}",
        f"g:{EMPTY}",
        f"g:{ALONE}",
    }
    to = Recipients(people=(DEV,), groups=(SUPERVISORS,))
    assert reach(choices, to).absent == {CHIE, DEV}

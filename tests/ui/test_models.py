"""The lists of the side panels: their rows, and their manners as Qt models."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from PySide6.QtCore import QAbstractItemModel, QLocale, QModelIndex, QPersistentModelIndex, Qt

from app.core.commands import (
    AnswerEscalation,
    EndEscalation,
    MarkRead,
    RaiseEscalation,
    ReportRung,
    SendMessage,
    SetStatus,
)
from app.core.model import (
    AnswerKind,
    EscalationId,
    Level,
    Recipients,
    Rung,
    SpaceId,
    Status,
)
from app.net.outbox import Entry
from app.net.problems import Problem, Trouble
from app.ui.models.conversations import ConversationsModel, conversation_rows, found_rows
from app.ui.models.hands import HandsModel, hand_rows
from app.ui.models.messages import (
    MessageRow,
    MessagesModel,
    NewLine,
    Sending,
    message_rows,
)
from app.ui.models.people import Heading, PeopleModel, PersonRow, people_rows
from app.ui.models.rows import ROW_ROLE, RowModel
from app.ui.models.ticker import Ticker
from app.ui.models.unsent import drafts_of
from app.ui.words import elapsed, listed
from tests.helpers.office import ANN, BOB, CHIE, DEV, EVA, IN_KITA, KITA, SUPERVISORS, Office

LOCALE = QLocale(QLocale.Language.English)


@dataclass(frozen=True)
class Letter:
    key: str
    looks: int = 0

    @property
    def spoken(self) -> str:
        return f"letter {self.key}"


def letters(text: str, looks: int = 0) -> list[Letter]:
    return [Letter(c, looks) for c in text]


Watch = Callable[[QAbstractItemModel], None]


@pytest.fixture
def watch_manners(qtmodeltester: Any) -> Watch:
    """Checks everything that a Qt model must keep, now and after every change."""
    return lambda model: qtmodeltester.check(model, force_py=True)


# -- the adapter


@pytest.mark.parametrize(
    ("before", "after"),
    [("", "abc"), ("abc", ""), ("abcdef", "bdf"), ("abc", "cab"), ("ace", "abcde"), ("abcd", "xdyaz")],
)
def test_a_row_model_goes_from_any_rows_to_any_others(before: str, after: str, watch_manners: Watch) -> None:
    model: RowModel[Letter] = RowModel()
    watch_manners(model)
    model.show(letters(before))
    model.show(letters(after))
    assert "".join(row.key for row in model.rows) == after
    assert model.rowCount() == len(after)


def test_a_row_that_looks_the_same_is_not_drawn_again() -> None:
    model: RowModel[Letter] = RowModel()
    model.show(letters("abc"))
    changed: list[int] = []
    model.dataChanged.connect(lambda first, last: changed.append(first.row()))
    model.show([Letter("a"), Letter("b", looks=1), Letter("c")])
    assert changed == [1]


def test_new_rows_that_stand_together_come_as_one_insertion() -> None:
    model: RowModel[Letter] = RowModel()
    model.show(letters("af"))
    runs: list[tuple[int, int]] = []
    model.rowsInserted.connect(lambda _, first, last: runs.append((first, last)))
    model.show(letters("abcdef"))
    assert runs == [(1, 4)]


def test_a_chosen_row_stays_chosen_while_others_come_and_move() -> None:
    model: RowModel[Letter] = RowModel()
    model.show(letters("abc"))
    chosen = QPersistentModelIndex(model.index_of("c"))
    model.show(letters("xcya"))
    row = model.row(chosen)
    assert row is not None
    assert row.key == "c"
    assert model.data(chosen, Qt.ItemDataRole.AccessibleTextRole) == "letter c"
    assert model.data(QModelIndex(), ROW_ROLE) is None


# -- hands


def raised(office: Office) -> tuple[EscalationId, EscalationId]:
    """Dev yellow, then Ann red to the supervisors."""
    office.do(DEV, RaiseEscalation(Level.YELLOW), "hand-dev")
    to = Recipients(groups=(SUPERVISORS,))
    office.do(ANN, RaiseEscalation(Level.RED, "line 3", to), "hand-ann")
    return EscalationId("hand-dev"), EscalationId("hand-ann")


def test_hands_stand_in_the_order_of_raising_whatever_their_colour() -> None:
    office = Office()
    raised(office)
    rows = hand_rows(office.space, office.persons[BOB], None)
    assert [(r.id, r.level) for r in rows] == [("hand-dev", Level.YELLOW), ("hand-ann", Level.RED)]
    assert rows[1].asked
    assert not rows[0].asked


def test_ones_own_hand_stands_on_top_with_its_ladder() -> None:
    office = Office()
    _, mine = raised(office)
    office.do(BOB, ReportRung(mine, Rung.SHOWN))
    rows = hand_rows(office.space, office.persons[ANN], None)
    assert rows[0].mine
    assert rows[0].seen == 1
    assert {line.name: line.rung for line in rows[0].ladder}["Bob Stone"] is Rung.SHOWN
    assert hand_rows(office.space, office.persons[BOB], None)[1].ladder == ()


def test_a_hand_says_who_comes_who_cannot_and_who_was_not_reached() -> None:
    office = Office(present=(ANN, BOB, DEV))
    _, hand = raised(office)
    office.do(BOB, AnswerEscalation(hand, AnswerKind.DECLINE))
    office.do(DEV, AnswerEscalation(hand, AnswerKind.APPROACH))
    row = hand_rows(office.space, office.persons[BOB], None)[1]
    assert row.coming == ((DEV, "Dev Patel"),)
    assert row.declined == ((BOB, "You"),)
    assert row.unreached == ((CHIE, "森 千恵"),)
    assert row.my_answer is AnswerKind.DECLINE
    assert not row.asked


def test_somebody_in_a_meeting_room_is_told_that_they_cannot_approach() -> None:
    from tests.helpers.office import office_map

    office = Office()
    raised(office)
    office.walk_person(BOB, IN_KITA)
    assert office.space.occupants[BOB].zone == KITA
    assert all(row.in_room for row in hand_rows(office.space, office.persons[BOB], office_map()))
    assert not any(row.in_room for row in hand_rows(office.space, office.persons[CHIE], office_map()))


def test_the_hands_model_behaves(watch_manners: Watch) -> None:
    office, model = Office(), HandsModel()
    watch_manners(model)
    _, mine = raised(office)
    model.refresh(office.space, office.persons[ANN], None)
    assert [row.id for row in model.rows if row is model.own] == [mine]
    office.do(ANN, EndEscalation(mine))
    model.refresh(office.space, office.persons[ANN], None)
    assert model.own is None
    assert "Yellow hand of Dev Patel: no message" in str(model.data(model.index(0, 0)))


# -- people


def names(rows: tuple[PersonRow | Heading, ...]) -> list[str]:
    return [row.divides if isinstance(row, Heading) else row.name for row in rows]


def test_people_who_are_here_come_first() -> None:
    office = Office()
    assert names(people_rows(office.space, ANN, None)) == [
        "Here · 4", "Ann Field", "Bob Stone", "Dev Patel", "森 千恵", "Not here · 1", "Eva Admin",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("BOB", "Bob Stone"),
        ("@chie", "森 千恵"),
        ("千恵", "森 千恵"),
        ("ｄｅｖ", "Dev Patel"),
        ("fi an", "Ann Field"),
    ],
)
def test_people_are_found_by_name_handle_and_width(typed: str, found: str) -> None:
    office = Office()
    rows = people_rows(office.space, ANN, None, typed)
    assert [r.name for r in rows if isinstance(r, PersonRow)] == [found]


def test_a_person_is_spoken_with_role_status_and_hand(watch_manners: Watch) -> None:
    office, model = Office(), PeopleModel()
    watch_manners(model)
    office.do(BOB, SetStatus(Status.ON_CALL))
    office.do(BOB, RaiseEscalation(Level.YELLOW))
    model.refresh(office.space, ANN, None)
    row = model.row(model.index_of(BOB))
    assert row is not None
    assert row.spoken == "Bob Stone, Supervisor, On a call, hand raised"
    heading = model.index_of("#here")
    assert not model.flags(heading) & Qt.ItemFlag.ItemIsSelectable
    model.search = "eva"
    model.refresh(office.space, ANN, None)
    assert [r.key for r in model.rows] == ["#absent", EVA]


# -- conversations and messages


def test_conversations_stand_latest_first_with_titles_and_unread(watch_manners: Watch) -> None:
    office, model = Office(), ConversationsModel()
    watch_manners(model)
    office.do(BOB, SendMessage("@ann are you\nfree?"))
    office.do(BOB, SendMessage("@supervisors @ann look"))
    office.do(ANN, SendMessage("@all hello"))
    model.show(conversation_rows(office.space, office.persons[ANN], office.now, LOCALE))
    assert [(r.title, r.unread) for r in model.rows] == [
        ("Everyone", 0), ("@supervisors", 1), ("Bob Stone", 1),
    ]  # fmt: skip
    assert [r.preview for r in model.rows] == [
        "You: @all hello", "Bob Stone: @supervisors @ann look", "@ann are you free?",
    ]  # fmt: skip
    assert model.rows[2].face == BOB


def test_messages_have_days_a_line_above_the_new_and_one_name_for_what_belongs_together(
    watch_manners: Watch,
) -> None:
    office, model = Office(), MessagesModel()
    watch_manners(model)
    noon = datetime(2024, 5, 1, 12, tzinfo=UTC).timestamp()
    office.now = noon
    office.do(BOB, SendMessage("one", Recipients(people=(ANN,))))
    office.do(BOB, SendMessage("two", Recipients(people=(ANN,))))
    (conversation,) = office.persons[ANN].conversations
    office.do(ANN, MarkRead(conversation, office.now))
    office.now = noon + 86_400
    office.do(BOB, SendMessage("three", Recipients(people=(ANN,))))
    chat = office.persons[ANN].conversations[conversation]
    rows = message_rows(office.space, ANN, chat.last, (), chat.read_at, office.now, LOCALE)
    model.show(rows)
    shown = [r.text if isinstance(r, MessageRow) else r.divides for r in rows]
    assert shown == ["Yesterday", "one", "two", "Today", "New", "three"]
    assert [r.first for r in rows if isinstance(r, MessageRow)] == [True, False, True]
    assert sum(isinstance(r, NewLine) for r in rows) == 1


def test_mentions_are_found_and_those_of_oneself_marked() -> None:
    office = Office()
    office.do(ANN, SendMessage("@bob @supervisors see @nobody2 <b>@dev</b>"))
    (chat,) = office.persons[BOB].conversations.values()
    rows = message_rows(office.space, BOB, chat.last, (), None, office.now, LOCALE)
    row = rows[-1]
    assert isinstance(row, MessageRow)
    assert [(row.text[m.start : m.end], m.me) for m in row.mentions] == [
        ("@bob", True), ("@supervisors", True), ("@dev", False),
    ]  # fmt: skip


def test_a_message_that_was_not_sent_stands_where_it_was_written_until_it_is() -> None:
    office, to = Office(), Recipients(people=(BOB,))
    office.do(BOB, SendMessage("hi", Recipients(people=(ANN,))))
    (chat,) = office.persons[ANN].conversations.values()
    entry = Entry("d1", SendMessage("hello", to), office.now, problem=Problem(Trouble.OTHER_SPACE))
    (draft,) = drafts_of(office.space, ANN, (entry,))
    assert draft.conversation == chat.id
    failed = message_rows(office.space, ANN, chat.last, (draft,), None, office.now, LOCALE)[-1]
    assert isinstance(failed, MessageRow)
    assert failed.sending is Sending.FAILED
    assert failed.reason == "This was not sent: it was meant for another space."
    (on_its_way,) = drafts_of(office.space, ANN, (msgspec.structs.replace(entry, problem=None),))
    waiting = message_rows(office.space, ANN, chat.last, (on_its_way,), None, office.now, LOCALE)[-1]
    assert isinstance(waiting, MessageRow)
    assert (waiting.sending, waiting.time) == (Sending.UNDER_WAY, "sending…")
    office.do(ANN, SendMessage("hello", to), draft.id)
    chat = office.persons[ANN].conversations[chat.id]
    rows = message_rows(office.space, ANN, chat.last, (draft,), None, office.now, LOCALE)
    assert [r.sending for r in rows if isinstance(r, MessageRow)] == [Sending.SENT, Sending.SENT]


def test_a_conversation_of_which_nothing_was_sent_yet_is_in_the_list() -> None:
    office = Office()
    office.do(BOB, SendMessage("hi", Recipients(people=(ANN,))))
    late = Problem(Trouble.EXPIRED_LONG, {"hours": 4})
    entries = [
        Entry("d1", SendMessage("to you all", Recipients(people=(DEV,))), office.now + 5, problem=late),
        Entry("d2", SendMessage("waiting", Recipients(people=(BOB,))), office.now + 9),
        Entry("d4", SendMessage("later", Recipients(people=(DEV,))), office.now + 6),
        Entry("d3", SendMessage("elsewhere", Recipients(people=(CHIE,))), office.now, space=SpaceId("kobe")),
    ]
    drafts = drafts_of(office.space, ANN, entries)
    rows = conversation_rows(office.space, office.persons[ANN], office.now, LOCALE, drafts)
    assert [(row.face, row.preview) for row in rows] == [
        (BOB, "You: waiting"),
        (DEV, "Not sent: to you all"),
    ]
    rows = conversation_rows(office.space, office.persons[ANN], office.now, LOCALE, drafts, connected=False)
    assert [row.preview for row in rows] == ["Not sent yet: waiting", "Not sent: to you all"]


def test_found_messages_name_their_conversation() -> None:
    office = Office()
    office.do(ANN, SendMessage("@bob contract 4471"))
    (chat,) = office.persons[ANN].conversations.values()
    (row,) = found_rows(office.space, ANN, chat.last, {chat.id: chat.with_}, office.now, LOCALE)
    assert (row.title, row.name, row.text) == ("Bob Stone", "You", "@bob contract 4471")
    assert row.full_name == office.space.people[ANN].name  # whose initials the face shows


# -- small things


def test_the_ticker_stands_still_while_nobody_needs_it(qapp: object) -> None:
    ticker = Ticker()
    states = [ticker.running]
    ticker.need("a", True)
    ticker.need("b", True)
    ticker.need("a", False)
    states.append(ticker.running)
    ticker.need("b", False)
    assert [*states, ticker.running] == [False, True, False]


def test_times_and_lists_in_words() -> None:
    assert [elapsed(s) for s in (-3, 0.9, 38, 161, 3_723)] == ["0:00", "0:00", "0:38", "2:41", "1:02:03"]
    assert listed(["a", "b"]) == "a, b"
    assert listed(list("abcde")) == "a, b, c and 2 more"

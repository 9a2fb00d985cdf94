"""The inbox of a space's lines, for eyes: empty, what waits, a conversation, a line's setting."""

from __future__ import annotations

import time
from collections.abc import Callable

import msgspec
from PySide6.QtCore import QLocale
from PySide6.QtWidgets import QWidget

from app.core import line_events as le
from app.core.cases import SendState
from app.core.errors import Code, refuse
from app.core.line_commands import AssignTalk, NoteOnLine, ReplyOnLine, ResolveTalk
from app.core.line_questions import (
    GetLineSettings,
    GetTalk,
    LineSetting,
    LineSettings,
    ListTalks,
    SetLineEscalation,
    TalkPage,
    Talks,
)
from app.core.line_rules import customer_wrote
from app.core.lines import CustomerId, Line, LineId, LineTextId, Talk
from app.core.model import PersonId, Role
from app.core.scene import Decision
from app.ui.desk import Desk
from app.ui.idle import IdleWatch
from app.ui.panels.side_panel import Tab
from app.ui.theme import Theme
from tests.helpers.office import SPACE
from tests.helpers.support_floor import ME, SupportFloor, run_now

Save = Callable[[str, QWidget], None]
OMAR = PersonId("omar")
FIRST, SECOND, THIRD, LAST = (CustomerId(f"c{number}") for number in range(4))
WORDS = {
    "en": (
        "Support",
        "My parcel has not arrived. The number is 4471-220.",
        "Hello? Is anybody there?",
        "Yes! We are looking for it and text you within the hour.",
        "The driver has it on board, told the depot.",
        "Can I change the address of my order?",
        "Thank you, that was quick!",
        "Please call me back before five, it is about the invoice of last month and the one before it",
    ),
    "ja": (
        "サポート",
        "荷物がまだ届きません。番号は4471-220です。",
        "もしもし、どなたかいらっしゃいますか？",
        "はい。ただいまお調べしています。1時間以内にご連絡いたします。",
        "ドライバーが積んでいるとのこと。営業所に伝えました。",
        "注文の届け先を変更できますか？",
        "早い対応をありがとうございました！",
        "先月分とその前の請求書について、5時までに折り返しお電話をいただけますか",
    ),
}


class InboxScenes:
    """A supervisor's window with the inbox of a line."""

    def __init__(self, theme: Theme, language: str, save: Save) -> None:
        self._save, self._words = save, WORDS[language]
        self._newest: dict[CustomerId, LineTextId] = {}
        self.floor = SupportFloor(language, time.time() - 1_500)
        people = self.floor.space.people
        people[ME] = msgspec.structs.replace(people[ME], role=Role.SUPERVISOR)
        self.line = Line(LineId("l1"), self._words[0], "+81312345678", SPACE)
        self.floor.fold(Decision((le.LineChanged(self.line),)))
        client = self.floor.client(ME)
        setting = LineSetting(self.line, enabled=True, minutes=10, cell="…789")
        client.answers |= {
            GetTalk: lambda asked: self._page(asked.talk),
            ListTalks: lambda _: Talks(),
            GetLineSettings: lambda _: LineSettings((setting,)),
            SetLineEscalation: lambda _: refuse(Code.PHONE_INVALID),
        }
        locale = QLocale("ja_JP" if language == "ja" else "en_GB")
        self.desk = Desk(client, theme, IdleWatch(lambda: None), run_now, locale)

    def show(self) -> None:
        window = self.desk.window
        window.resize(1280, 800)
        window.show()
        window.show_tab(Tab.INBOX)
        self._save("inbox-empty", window)
        self._talk()
        self._save("inbox", window)
        self.desk.inbox.open(FIRST)
        self._save("inbox-talk", window)
        self.desk.line_settings.open(window)
        dialog = self.desk.line_settings.dialog
        assert dialog is not None
        self._save("inbox-setting", dialog)
        dialog.cell.setText("12")
        dialog.save.click()
        self._save("inbox-setting-wrong", dialog)
        dialog.reject()
        self.desk.close()

    def _page(self, talk: CustomerId) -> TalkPage:
        known = self.floor.space.inbox.talks[talk]
        return TalkPage(known, known.last)

    def _wrote(self, talk: CustomerId, words: str, later: float) -> None:
        self.floor.now += later
        beginning = Talk(talk, self.line.id, f"…{talk.removeprefix('c')}21")
        key = LineTextId(f"{talk}-{self.floor.now}")
        self._newest[talk] = key
        self.floor.fold(customer_wrote(self.floor.scene, beginning, key, words, (), self.floor.now))

    def _talk(self) -> None:
        floor, (_, parcel, hello, yes, note, address, thanks, call) = self.floor, self._words
        self._wrote(LAST, thanks, 0)
        floor.ask(OMAR, ResolveTalk(LAST))
        self._wrote(SECOND, address, 30)
        self._wrote(FIRST, parcel, 200)
        self._wrote(FIRST, hello, 240)
        floor.ask(OMAR, ReplyOnLine(FIRST, yes), LineTextId("reply"))
        floor.fold(Decision((le.LineSent(FIRST, LineTextId("reply"), SendState.DELIVERED),)))
        floor.ask(ME, NoteOnLine(FIRST, note), LineTextId("note"))
        floor.ask(ME, AssignTalk(FIRST, OMAR))
        self._wrote(FIRST, hello, 300)
        forwarded = le.TalkForwarded(SECOND, self._newest[SECOND], floor.now, SendState.DELIVERED)
        floor.fold(Decision((forwarded,)))
        self._wrote(THIRD, call, 400)
        floor.ask(OMAR, AssignTalk(THIRD, ME))
        floor.now += 90

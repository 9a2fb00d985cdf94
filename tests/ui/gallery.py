"""Pictures of every view, for eyes: light, dark and high contrast, English and Japanese, 100 % and 150 %.

    python -m tests.ui.gallery [NAME...]      all, or those whose name begins so; into build/gallery/

Not a test: it says nothing about right or wrong, it shows.
"""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from PySide6.QtCore import QEventLoop, QLocale, QTimer
from PySide6.QtWidgets import QApplication, QWidget

from app.core.commands import ReportChannels, ReportRung
from app.core.errors import Code, refuse
from app.core.model import Channel, Device, DeviceId, Level, PersonId, Reach, Rung, Status
from app.net.changes import ConnectionState, Link
from app.net.problems import ConnectionProblem, Problem, Trouble
from app.ui.alerts import troubles
from app.ui.alerts.card import AlertCard
from app.ui.alerts.troubles import Degraded
from app.ui.alerts.views import AlertView, Phase, Raiser
from app.ui.controllers.asking import failure_words
from app.ui.desk import Desk
from app.ui.i18n import tr, use_language
from app.ui.idle import IdleWatch
from app.ui.panels.look import Look
from app.ui.panels.side_panel import Tab
from app.ui.preferences import Values
from app.ui.question import ask
from app.ui.reach_words import lost_words
from app.ui.settings import SettingsDialog
from app.ui.shortcuts import ShortcutsSheet
from app.ui.signin import SignInPage
from app.ui.theme import THEMES, Theme
from app.ui.words import refusal_words
from tests.helpers.support_floor import ME, RED, WORDS, SupportFloor, run_now
from tests.ui import gallery_priority
from tests.ui.gallery_inbox import InboxScenes
from tests.ui.gallery_integrations import IntegrationScenes
from tests.ui.gallery_parts import icons, top_bars, widgets
from tests.ui.gallery_policies import PolicyScenes
from tests.ui.gallery_privacy import PrivacyScenes
from tests.ui.gallery_reports import ReportScenes
from tests.ui.gallery_waiting import waiting

FOLDER = Path(__file__).resolve().parents[2] / "build" / "gallery"
LANGUAGES = ("en", "ja")
SCALES = ("1", "1.5")
SETTLE_MS = 350
"""Longer than any animation of the window."""
Save = Callable[[str, QWidget], None]


def settle(ms: int = SETTLE_MS) -> None:
    """Let what was started arrive on the screen."""
    loop = QEventLoop()
    QTimer.singleShot(ms, loop.quit)
    loop.exec()


class Gallery:
    """One language in one theme, at the scale of this process."""

    def __init__(self, app: QApplication, theme: Theme, language: str, wanted: tuple[str, ...]) -> None:
        self.app, self.theme, self.language, self._wanted = app, theme, language, wanted
        self._tag = f"{theme.tokens.name}-{language}-{round(app.devicePixelRatio() * 100)}"

    def wants(self, name: str) -> bool:
        return not self._wanted or any(name.startswith(wanted) for wanted in self._wanted)

    def save(self, name: str, widget: QWidget) -> None:
        settle()
        widget.grab().save(str(FOLDER / f"{name}-{self._tag}.png"))

    def show_all(self) -> None:
        for name, scene in self.scenes():
            if self.wants(name):
                scene()

    def scenes(self) -> Iterator[tuple[str, Callable[[], None]]]:
        yield "icons", self.icons
        yield "widgets", self.widgets
        yield "signin", self.signin
        yield "topbar", self.top_bar
        yield "settings", self.settings
        yield "popup", self.popup
        yield "priority", self.priority
        yield "window", self.window
        yield "reach", self.reach
        yield "waiting", lambda: waiting(self.theme, self.language, self.save)
        yield "policies", lambda: PolicyScenes(self.theme, self.language, self.save).show()
        yield "inbox", lambda: InboxScenes(self.theme, self.language, self.save).show()
        yield "reports", lambda: ReportScenes(self.theme, self.language, self.save).show()
        yield "integrations", lambda: IntegrationScenes(self.theme, self.language, self.save).show()
        yield "privacy", lambda: PrivacyScenes(self.theme, self.language, self.save).show()

    def icons(self) -> None:
        self._alone("icons", icons(self.theme.tokens))

    def widgets(self) -> None:
        self._alone("widgets", widgets(self.theme.tokens))

    def _alone(self, name: str, widget: QWidget) -> None:
        widget.show()
        self.save(name, widget)
        widget.close()
        widget.deleteLater()

    def signin(self) -> None:
        page = SignInPage(self.theme)
        page.resize(1280, 800)
        page.show()
        self.save("signin-first", page)
        page.resize(900, 600)
        page.fill("wss://support.example.com:7443", "mia", remember=True)
        page.password.setText("wrong password")
        page.show_error(refusal_words(refuse(Code.WRONG_CREDENTIALS)), password=True)
        self.save("signin-error", page)
        page.set_busy(True)
        self.save("signin-busy", page)
        page.resize(560, 600)
        page.set_first_start(True)
        page.set_secret_store(
            tr("This machine has no place for secrets: you stay signed in until Handraise ends."), kept=False
        )
        page.offer_plain(failure_words(ConnectionProblem(Trouble.UNPROTECTED, host="10.0.0.5")), "")
        self.save("signin-plain", page)
        page.close()
        page.deleteLater()

    def top_bar(self) -> None:
        self._alone("topbar", top_bars(Look(self.theme, lambda _asset: None), self.language))

    def settings(self) -> None:
        dialog = SettingsDialog(Values(volume=60), self.theme.tokens)
        dialog.set_devices([("speakers", "Built-in Audio"), ("headset", "Jabra Evolve 65")])
        dialog.show()
        self.save("settings", dialog)
        dialog.volume.setValue(0)
        dialog.volume.setFocus()
        self.save("settings-silent", dialog)
        dialog.close()

    def popup(self) -> None:
        people = SupportFloor(self.language, 0.0).space.people
        finn = people[PersonId("finn")]
        raiser = Raiser(finn.id, finn.name, "Desk row 1", Status.ON_CALL)
        names = tuple(people[PersonId(p)].name for p in ("quentin", "marco", "tara"))
        ringing = AlertView(RED, raiser, WORDS[self.language][0], -161.0, Phase.RINGING, declined=names[1:2])
        calm = AlertView(RED, raiser, "", -161.0, Phase.CALM, coming=names[:1], unreached=names[2:])
        for name, view in (("ringing", ringing), ("calm", calm)):
            host = QWidget()
            host.setAutoFillBackground(True)
            card = AlertCard(self.theme.tokens, lambda _asset: None, host)
            card.set_view(view, can_approach=name == "ringing", now=0.0)
            card.setFixedWidth(380)
            card.adjustSize()
            card.move(24, 24)
            host.resize(card.width() + 48, card.height() + 48)
            self._alone(f"popup-{name}", host)

    def priority(self) -> None:
        self._alone("priority-card", gallery_priority.card(self.theme, self.language))
        gallery_priority.chat(self.theme, self.language, self.save)
        gallery_priority.settings(self.theme, self.language, self.save)

    def window(self) -> None:
        floor = SupportFloor(self.language, time.time())
        locale = QLocale("ja_JP" if self.language == "ja" else "en_GB")
        desk = Desk(floor.client(ME), self.theme, IdleWatch(lambda: None), run_now, locale)
        desk.window.resize(1280, 800)
        desk.window.show()
        self.save("window-quiet", desk.window)
        floor.raise_hands()
        self.save("window-hands", desk.window)
        self._talk(floor, desk)
        self._escalate(desk)
        desk.window.keys_wanted.emit()
        sheet = desk.window.findChild(ShortcutsSheet)
        assert sheet is not None
        self.save("shortcuts", sheet)
        sheet.close()
        self._lose(floor, desk)
        desk.window.resize(800, 560)
        self.save("window-narrow", desk.window)
        desk.close()

    def reach(self) -> None:
        """Channels that are lost: in the dialog, on the ladder, in the list, on the map, in the settings."""
        floor = SupportFloor(self.language, time.time())
        locale = QLocale("ja_JP" if self.language == "ja" else "en_GB")
        desk = Desk(floor.client(ME), self.theme, IdleWatch(lambda: None), run_now, locale)
        desk.window.resize(1280, 800)
        desk.window.show()
        quentin, tara = PersonId("quentin"), PersonId("tara")
        floor.do(quentin, ReportChannels(Reach((Channel.SOUND, Channel.TRAY))))
        desk.escalation.press()
        dialog = desk.escalation.dialog
        dialog.notify.switch.setChecked(True)
        for key in ("g:billing", "p:quentin", "p:tara"):
            dialog.recipients.choose(key)
        self.save("reach-dialog", desk.window)
        dialog.execute.emit(Level.RED, "", dialog.chosen)
        desk.window.show_tab(Tab.HANDS)
        hand = next(e.id for e in floor.space.escalations.values() if e.raiser == ME)
        machines = (Device(DeviceId("d1"), "desk-17"), Device(DeviceId("d2"), "quentin-laptop"))
        for person, rung, device in (
            (quentin, Rung.SHOWN, machines[0]),
            (quentin, Rung.RECEIVED, machines[1]),
            (tara, Rung.RECEIVED, Device(DeviceId("d3"), "cc-0412")),
        ):
            floor.do(person, ReportRung(hand, rung), device=device)
        settle()
        ladder = desk.panels.hands.cards[hand].ladder
        for line in ladder.lines:
            if line.words is not None and line.words.person == quentin:
                line.click()
        troubles_of = [Degraded(Channel.SOUND, "no_device"), Degraded(Channel.NOTIFICATION, "do_not_disturb")]
        lost = lost_words(Reach((Channel.SOUND, Channel.NOTIFICATION)))
        desk.top_bar.show_troubles(lost, "")
        self.save("reach-ladder", desk.window)
        desk.window.show_tab(Tab.PEOPLE)
        desk.map.locate(quentin)
        desk.view.card.show_for(quentin)
        self.save("reach-people", desk.window)
        desk.close()
        settings = SettingsDialog(Values(volume=60), self.theme.tokens)
        settings.show_channels(
            [f"{troubles.words(t)} {troubles.mending(t)}" for t in troubles_of],
            [troubles.doubt(Channel.NOTIFICATION)],
        )
        settings.show()
        self.save("reach-settings", settings)
        settings.close()

    def _talk(self, floor: SupportFloor, desk: Desk) -> None:
        floor.chat()
        desk.chat.open_with("quentin")
        self.save("window-chat", desk.window)
        desk.top_bar.search.setText("ma" if self.language == "en" else "森")
        self.save("window-search", desk.window)
        desk.top_bar.search.clear()
        desk.window.show_tab(Tab.PEOPLE)
        desk.toasts.say(tr("This is your home seat now. You start here."))
        self.save("window-people", desk.window)

    def _escalate(self, desk: Desk) -> None:
        desk.escalation.press()
        self.save("window-dialog-yellow", desk.window)
        dialog = desk.escalation.dialog
        dialog.notify.switch.setChecked(True)
        dialog.message.setText(WORDS[self.language][0])
        dialog.recipients.choose("g:billing")
        dialog.recipients.choose("p:quentin")
        self.save("window-dialog-red", desk.window)
        dialog.execute.emit(Level.RED, dialog.message.text(), dialog.chosen)
        desk.window.show_tab(Tab.HANDS)
        self.save("window-own", desk.window)
        question = ask(
            desk.window,
            tr("Quit Handraise?"),
            tr("Your hand is raised. Quitting lowers it, unless you are here on another machine too."),
            tr("Quit and lower my hand"),
            lambda: None,
            self.theme.tokens,
        )
        self.save("question", question)
        question.close()

    def _lose(self, floor: SupportFloor, desk: Desk) -> None:
        now = time.time()
        problem = Problem(Trouble.SILENT)
        client = floor.clients[0]
        client.link(ConnectionState(Link.NOT_PROTECTED, now - 240, now + 5.4, None, "", problem))
        self.save("window-lost", desk.window)


def show(wanted: tuple[str, ...]) -> None:
    """Everything at this process's scale."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    app = QApplication([])
    app.setQuitOnLastWindowClosed(False)
    theme = Theme(app, "light")
    for choice, language in itertools.product(THEMES, LANGUAGES):
        theme.choose(choice)
        use_language(language)
        Gallery(app, theme, language, wanted).show_all()


def main() -> None:
    wanted = tuple(sys.argv[1:])
    if "QT_SCALE_FACTOR" in os.environ:
        show(wanted)
        return
    for scale in SCALES:
        place = {**os.environ, "QT_SCALE_FACTOR": scale, "QT_QPA_PLATFORM": "offscreen"}
        subprocess.run([sys.executable, "-m", "tests.ui.gallery", *wanted], env=place, check=True)
    sys.stdout.write(f"{len(list(FOLDER.glob('*.png')))} pictures in {FOLDER}\n")


if __name__ == "__main__":
    main()

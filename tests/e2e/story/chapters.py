"""The chapters, in order. Each asserts what it reports."""

from __future__ import annotations

from collections.abc import Callable

from app.demo.cast import AGENT, SUPERVISOR
from app.demo.orders import Chat, End, Raise
from tests.e2e.desk import until
from tests.e2e.story.stage import GRACE, MAP_NAME, MAP_ROLE, Stage
from tests.e2e.story.unanswered import customer_text, nobody_answers, priority_message
from tests.helpers.desktop import never

MIA, SORA = AGENT.handle, SUPERVISOR.handle


def sign_in(stage: Stage) -> None:
    """Both sign in; the session is kept in the system's secret store."""
    stage.report.chapter("Sign in")
    stage.agent.see("Password", role="password text", within=40)
    stage.report.picture(stage.agent, "The sign-in page")
    for desk in (stage.agent, stage.supervisor):
        desk.sign_in(password=stage.center.password)
        desk.see(MAP_NAME, role=MAP_ROLE, within=30)
    until(lambda: {MIA, SORA} <= stage.watched.people().keys(), "others see both")
    desk = stage.agent
    people = [node.name for node in desk.find("", role="list item") if "Available" in node.name]
    stage.report.saw("Available people whom a screen reader finds on the agent's map", len(people))
    stage.report.saw("People in the space, as a colleague sees it", len(stage.watched.people()))
    stage.report.saw("Secrets in the agent's keyring", len(desk.desktop.secrets.stored()))
    stage.report.picture(desk, "The agent's space")
    busy = stage.idle_share(desk)
    assert busy < 0.02, busy
    stage.report.saw("CPU of the agent's client over 3 s in which nothing moved", f"{busy:.1%} of a core")
    stage.report.picture(stage.supervisor, "The supervisor's space")


def yellow_without_message(stage: Stage) -> None:
    """Everybody sees it, nobody is alerted; the button lowers it."""
    stage.report.chapter("Yellow, without a message; ended with the button")
    agent, other = stage.agent, stage.supervisor
    with other.desktop.sound.recording() as recording:
        agent.begin_raise()
        stage.report.picture(agent, "The dialog, nothing chosen")
        agent.execute()
        hand = stage.watched.wait_hand(MIA)
        other.see("hand raised", role="list item")
        stage.report.saw("Level and message that others see", f"{hand.level}, {hand.message!r}")
        stage.report.picture(other, "Yellow without a message, at the supervisor")
        never(lambda: other.popups() or other.desktop.notifications.shown(), during=2.0, what="an alert")
        levels = recording.levels()
    assert levels.loudest < -80, levels
    stage.report.saw("Sound at the supervisor while it was up, loudest 0.1 s", f"{levels.loudest:.0f} dBFS")
    stage.report.saw("Pop-ups and notifications at the supervisor", 0)
    agent.lower_hand()
    stage.watched.wait_ended(MIA, "button")
    stage.report.saw("Ended as", stage.watched.ended()[-1][1])


def yellow_with_message(stage: Stage) -> None:
    """Hover shows the whole message; entering a meeting room ends it."""
    stage.report.chapter("Yellow, with a message; hover; ended by entering a meeting room")
    agent, other = stage.agent, stage.supervisor
    agent.raise_yellow("The refund form hangs for every customer of today")
    hand = stage.watched.wait_hand(MIA)
    stage.report.saw("Message that others see", f"{hand.message} ({len(hand.message)} characters)")
    other.focus()
    avatar = other.see("Mia Young", role="list item")
    other.point_at(avatar)
    stage.report.saw("A screen reader reads at the supervisor", avatar.name)
    never(lambda: not other.client or not other.client.alive, during=1.0)
    stage.report.picture(other, "Hover shows the whole message")
    stage.report.picture(agent, "The raiser's own view, the button active")
    room = stage.room("Kita")
    agent.focus()
    stage.click_on_map(agent, room)
    stage.watched.wait_ended(MIA, "meeting_room", within=30)
    stage.report.saw("The agent walked through so many seen places", len(stage.watched.way(MIA)))
    stage.report.saw("The agent is now in", stage.zone_of(MIA))
    stage.report.saw("Ended as", stage.watched.ended()[-1][1])
    stage.report.picture(agent, "In the meeting room, the hand is down")
    agent.click("Go to your home seat", role="push button")
    until(lambda: stage.zone_of(MIA) == "", "the agent is out of the room again", within=30)


def red(stage: Stage) -> None:
    """A user and a group are called; the supervisor's other program keeps the keyboard; Approach."""
    stage.report.chapter("Red: a user and a group; the alert at the recipient; Approach")
    agent, other = stage.agent, stage.supervisor
    probe = other.desktop.focus_probe()
    words = "typing in the CRM while the alert comes up"
    ears = other.desktop.accessibility.listening(other.desktop.folder / "heard.jsonl")
    with other.desktop.sound.recording() as recording, ears as listening:
        agent.begin_raise("Customer asks for a manager, line 3", "@quentin", "@supervisors")
        stage.report.picture(agent, "The dialog with a user and a group")
        typing = other.desktop.windows.typing(words)
        agent.execute()
        until(other.popups, "the pop-up is on the supervisor's screen")
        note = other.desktop.notifications.wait("Mia Young")
        typing.wait(30)
        state = probe.wait_for(words)
        stage.report.picture(other, "The alert at the supervisor, another program in front")
        heard = listening.wait("Red escalation")
        until(lambda: recording.levels().bursts() >= 2, "the sound was heard twice", within=20)
        levels = recording.levels()
    popup = other.popups()[0]
    assert state.losses == 0
    assert popup.above
    assert levels.loudest > -40
    report = stage.report
    report.saw("Keys typed into the other program while the pop-up appeared, and arrived there", state.text)
    report.saw("Times the other program lost the keyboard focus", state.losses)
    report.saw("Pop-up: kept above other windows, size", f"{popup.above}, {popup.geometry}")
    loud = f"{levels.loudest:.1f} dBFS, {levels.bursts()} times in {levels.seconds:.0f} s"
    report.saw("Sound at the supervisor, loudest 0.1 s", loud)
    report.saw("A screen reader was told, unasked", heard.text)
    report.saw("Notification as the daemon received it", f"{note.summary} / {note.body}")
    report.saw("Its buttons", ", ".join(label for key, label in note.actions.items() if key != "default"))
    icon = other.desktop.tray.wait()
    calm = other.desktop.tray.picture(icon)
    until(lambda: other.desktop.tray.picture(icon) != calm, "the tray icon flashes")
    report.saw("Tray icon changes while it flashes", True)
    report.saw("Taskbar entry demands attention", other.main_window().demands_attention)
    report.picture(agent, "The raiser sees how far the alert has come")
    _approach(stage)


def _approach(stage: Stage) -> None:
    agent, other, report = stage.agent, stage.supervisor, stage.report
    before = stage.distance(MIA, SORA)
    with other.desktop.sound.recording() as recording:
        other.click_popup("Approach")
        until(lambda: SORA in stage.watched.hands()[MIA].coming, "others see who is coming")
        report.picture(other, "On the way")
        until(lambda: stage.distance(MIA, SORA) < 100, "the supervisor has arrived", within=60)
        silent_from = recording.levels().seconds
        until(lambda: recording.levels().seconds > silent_from + 5, "five more seconds were recorded")
        after = recording.levels(last=4.5)
    assert after.loudest < -80, after
    report.saw("Sound after the answer, loudest 0.1 s of 4.5 s", f"{after.loudest:.0f} dBFS")
    distance = stage.distance(MIA, SORA)
    report.saw("Distance of the two avatars before and after", f"{before:.0f} px, {distance:.0f} px")
    report.saw("Places at which the walking avatar was seen", len(stage.watched.way(SORA)))
    agent.see("on the way")
    report.saw("Notifications still shown", len(other.desktop.notifications.shown()))
    report.picture(agent, "The raiser sees who came")
    agent.lower_hand()
    stage.watched.wait_ended(MIA, "button")


def mention_chat(stage: Stage) -> None:
    """Only those mentioned see it."""
    stage.report.chapter("Mention chat")
    agent, other, report = stage.agent, stage.supervisor, stage.report
    for desk in (agent, other):
        desk.focus()
        desk.key("ctrl+2")
    before = len(stage.watched.messages())
    agent.click("New message", role="push button")
    agent.see("Message", role="text")
    agent.type("@sora Contract 4471, they want to cancel")
    agent.key("Return")
    row = other.see("4471", role="list item")
    report.picture(other, "An unread mention at the supervisor")
    other.click(row)
    other.see("Message", role="text")
    other.click("Message", role="text")
    other.type("On it, offer them the old rate")
    other.key("Return")
    agent.see("old rate")
    report.picture(agent, "The conversation at the agent")
    report.picture(other, "The conversation at the supervisor")
    stage.colleagues.tell(Chat(who="finn", text="@zoe lunch?"))
    until(lambda: stage.watched.messages()[-1:] == [("finn", "@zoe lunch?")], "a message for the watcher")
    seen = stage.watched.messages()[before:]
    assert seen == [("finn", "@zoe lunch?")], seen
    report.saw("Messages that reached a colleague who was not mentioned", len(seen) - 1)


def server_restarts(stage: Stage) -> None:
    """The connection is visible, and what was accepted is still there afterwards."""
    report, agent = stage.report, stage.agent
    report.chapter("The server stops and starts again")
    agent.raise_yellow("before the restart")
    stage.watched.wait_hand(MIA)
    stage.center.stop()
    pill = agent.see("NOT PROTECTED", within=20)
    report.saw("The agent's window says", pill.name)
    report.picture(agent, "NOT PROTECTED")
    stage.center.start()
    agent.see_exactly("Protected", within=40)
    report.picture(agent, "Protected again, the hand is still up")
    until(lambda: stage.watched.people()[MIA].connected, "others see the agent connected", within=40)
    report.saw("The hand after the restart, as others see it", stage.watched.hands()[MIA].message)
    agent.lower_hand()
    stage.watched.wait_ended(MIA, "button")


def other_ends(stage: Stage) -> None:
    """Away by hand, leaving, a lost connection."""
    report, agent = stage.report, stage.agent
    report.chapter("The other ways of ending")
    for way in (_end_away, _end_lost, _end_left):
        agent.raise_yellow("once more")
        stage.watched.wait_hand(MIA)
        way(stage)
        reason = stage.watched.ended()[-1][1]
        report.saw(way.__doc__ or way.__name__, f"ended as {reason}")


def _end_away(stage: Stage) -> None:
    """Status set to away by hand"""
    agent = stage.agent
    agent.click("Status: Available", role="push button")
    agent.key("Down", "Down", "Down", "Return")
    stage.watched.wait_ended(MIA, "away")
    stage.report.picture(agent, "Away, and told that the hand is down")
    agent.click("Status: Away", role="push button")
    agent.key("Up", "Up", "Up", "Return")
    agent.see("Status: Available", role="push button")


def _end_lost(stage: Stage) -> None:
    """The program was killed: the hand stays for the grace time, marked"""
    agent = stage.agent
    assert agent.client is not None
    agent.client.kill()
    until(lambda: not stage.watched.people()[MIA].connected, "others see the connection lost")
    assert MIA in stage.watched.hands()
    stage.report.picture(stage.supervisor, "Connection lost, the hand stays")
    stage.watched.wait_ended(MIA, "connection_lost", within=GRACE + 20)
    agent.open("--lang", "en")
    agent.see(MAP_NAME, role=MAP_ROLE, within=40)
    stage.report.saw("After a restart the agent is signed in again without a password", True)


def _end_left(stage: Stage) -> None:
    """Quitting the program, after a word about the hand"""
    agent = stage.agent
    agent.focus()
    agent.key("ctrl+q")
    sure = agent.see("Quit and lower my hand", role="push button")
    stage.report.picture(agent, "Quitting says what it means for the hand")
    agent.click(sure)
    stage.watched.wait_ended(MIA, "left", within=20)
    until(lambda: agent.client is None or not agent.client.alive, "the program has ended")


def japanese(stage: Stage) -> None:
    """The same in Japanese, dark, at 150 %."""
    stage.report.chapter("Japanese, dark, 150 %")
    desk = stage.supervisor
    desk.focus()
    desk.key("ctrl+q")
    until(lambda: desk.client is None or not desk.client.alive, "the program has ended")
    desk.open("--lang", "ja", "--theme", "dark", scale=1.5)
    desk.see("スペースのマップ", role=MAP_ROLE, within=40)
    message = "お客様が責任者とのお話を希望されています、内線三番"
    stage.colleagues.tell(Raise(who="aiko", message=message, people=("sora",)))
    until(desk.popups, "the pop-up is on the screen")
    note = desk.desktop.notifications.wait("田中 愛子")
    stage.report.saw("Notification as the daemon received it", f"{note.summary} / {note.body}")
    never(lambda: not desk.popups(), during=1.0)
    stage.report.picture(desk, "Red, in Japanese, dark, at 150 percent")
    stage.colleagues.tell(End(who="aiko"))


CHAPTERS: tuple[Callable[[Stage], None], ...] = (
    sign_in,
    yellow_without_message,
    yellow_with_message,
    red,
    mention_chat,
    nobody_answers,
    priority_message,
    customer_text,
    server_restarts,
    other_ends,
    japanese,
)

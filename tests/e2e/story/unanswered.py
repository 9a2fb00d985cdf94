"""The chapters of what goes on by itself: a hand, a message and a customer whom nobody answers."""

from __future__ import annotations

import time

from tests.e2e.desk import until
from tests.e2e.story.stage import Stage
from tests.e2e.story.telephones import CELL, CUSTOMER, DUTY, LINE

MIA = "mia"
HELP = "The system is down, ten customers wait"
ASKED = "A refund of 5,000 needs your OK"
ORDER = "Where is my order 8812? I leave tomorrow."
NOTED = "I called her, the courier comes at 5"
UNTOUCHED_MIN = 1


def nobody_answers(stage: Stage) -> None:
    """By policy: the supervisors too, then a text message, then a phone call, until a key is pressed."""
    report, agent, other, phones = stage.report, stage.agent, stage.supervisor, stage.phones
    report.chapter("A red hand that nobody answers")
    phones.teach(DUTY, call="1")
    for desk in (agent, other):
        desk.focus()
        desk.key("ctrl+1")
    agent.raise_red(HELP, "@billing")
    began = time.monotonic()
    assert not other.popups(), "the supervisors were not called yet"
    until(other.popups, "the supervisors are called too", within=30)
    report.saw("The supervisors were called too after", f"{time.monotonic() - began:.0f} s")
    report.picture(other, "Nobody of Billing answers, so the supervisors are called")
    until(lambda: phones.taken("sms", DUTY), "a text message to the duty phone", within=30)
    report.saw("Text message as the phone network took it", phones.taken("sms", DUTY)[0]["form"]["Body"])
    until(lambda: phones.taken("call", DUTY), "a call to the duty phone", within=30)
    agent.see("answered by phone", within=30)
    report.saw("What was said on the phone", " / ".join(phones.taken("call", DUTY)[0]["heard"]))
    until(lambda: not other.popups(), "the key that was pressed ends the call on every screen", within=30)
    report.picture(agent, "The raiser sees that the duty phone has answered, and what was tried")
    report.picture(other, "Nothing calls any more")
    agent.lower_hand()
    stage.watched.wait_ended(MIA, "button")


def priority_message(stage: Stage) -> None:
    """Repeated until it is read; unread, it goes to somebody else."""
    report, agent, other = stage.report, stage.agent, stage.supervisor
    report.chapter("A priority message that is not read")
    agent.focus()
    agent.key("ctrl+2")
    for back in agent.find("All conversations", role="push button"):
        agent.click(back)
    agent.click("New message", role="push button")
    agent.see("Message", role="text")
    agent.type(f"@quentin {ASKED}")
    agent.click("Priority")
    report.picture(agent, "A message is made a priority message")
    agent.click("Send", role="push button")
    began = time.monotonic()
    until(other.popups, "it is forwarded to somebody else", within=60)
    report.saw("Forwarded after", f"{time.monotonic() - began:.0f} s")
    note = other.desktop.notifications.wait(ASKED)
    report.saw("Notification as the daemon received it", f"{note.summary} / {note.body}")
    report.picture(other, "The message has come to somebody else")
    report.picture(agent, "The sender sees how far it came at each of them")
    other.click_popup("Open")
    until(lambda: not other.popups(), "read, and nothing calls any more")
    report.picture(other, "Read")


def customer_text(stage: Stage) -> None:
    """A customer's text that nobody touches goes to a cell phone; what comes back from there is a note."""
    report, agent, other, phones = stage.report, stage.agent, stage.supervisor, stage.phones
    report.chapter("A customer's text that nobody looks at")
    other.focus()
    other.click("Inbox", role="page tab")
    _set_escalation(stage)
    probe = agent.desktop.focus_probe()
    with agent.desktop.sound.recording() as heard:
        phones.text(CUSTOMER, ORDER, LINE)
        began = time.monotonic()
        note = agent.desktop.notifications.wait(ORDER)
        report.saw("Notification as the daemon received it", f"{note.summary} / {note.body}")
        until(lambda: heard.levels().bursts() == 1, "one gentle sound", within=10)
    assert not agent.popups(), "a customer's text stands over nothing"
    assert probe.state().focused, "the keyboard stays where it was"
    report.picture(agent, "Whoever works with another program hears of a customer's text")
    other.see(ORDER[:20], within=15)
    report.picture(other, "A customer's text stands in the inbox")
    until(lambda: phones.taken("sms", CELL), "it is forwarded to the cell phone", within=120)
    report.saw("Forwarded after", f"{time.monotonic() - began:.0f} s")
    form = phones.taken("sms", CELL)[0]["form"]
    assert form["From"] == LINE, form
    report.saw("Text message at the cell phone, from the line's own number", form["Body"])
    phones.text(CELL, NOTED, LINE)
    other.click(other.see(NOTED, role="list item"))
    other.see(ORDER)
    told = agent.desktop.notifications
    until(lambda: note.id not in [n.id for n in told.shown()], "it is looked at, and nobody is told any more")
    report.picture(other, "The reply from the cell phone is a note for colleagues")
    assert not phones.taken("sms", CUSTOMER), "nothing of it went to the customer"
    report.saw("Texts that went to the customer", len(phones.taken("sms", CUSTOMER)))


def _set_escalation(stage: Stage) -> None:
    desk = stage.supervisor
    desk.click("Escalation of lines", role="push button")
    desk.click("Forward messages that nobody looks at", role="check box")
    desk.click("Cell phone", role="text")
    desk.type(CELL)
    desk.click("Minutes to wait", role="spin button")
    desk.key("ctrl+a")
    desk.type(str(UNTOUCHED_MIN))
    stage.report.picture(desk, "Escalation of a line, for those who supervise its space")
    desk.click("Save", role="push button")
    desk.see("Saved.")
    desk.click("Done", role="push button")

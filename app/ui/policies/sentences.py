"""A policy in sentences: each step one whole sentence, so that every language can order it as it does.

What is filled in are names and lengths of time only.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from app.core.model import Group, GroupId, Person, PersonId, Recipients
from app.core.policy import (
    Action,
    AnswerWay,
    Call,
    CaseKind,
    Contact,
    ContactId,
    Forward,
    Notify,
    Policy,
    PolicyStep,
    Post,
    Reached,
    Repeat,
    Text,
)
from app.core.policy_rules import WAYS, Flaw, FlawKind
from app.ui.i18n import N_, tr, tr_template, trn
from app.ui.words import in_a_row, listed

KIND_WORDS = {
    CaseKind.ESCALATION: N_("Red escalations"),
    CaseKind.PRIORITY: N_("Priority messages"),
    CaseKind.LINE: N_("Lines"),
}

WAY_WORDS = {
    AnswerWay.APPROACH: N_("Somebody approaches"),
    AnswerWay.CHAT: N_("Somebody starts a chat"),
    AnswerWay.READ: N_("The message is read"),
    AnswerWay.REPLY: N_("Somebody replies"),
    AnswerWay.COMING: N_("Somebody says that they are coming"),
    AnswerWay.KEY: N_("A key is pressed on the phone"),
    AnswerWay.SMS: N_("A text message is answered with its code"),
    AnswerWay.RESOLVE: N_("The message is resolved"),
    AnswerWay.API: N_("Another program answers"),
}


class Timing(enum.Enum):
    """How a step begins: which of the sentences is said."""

    AT_ONCE = 0
    FIRST = 1
    TOGETHER = 2
    LATER = 3


def timing_of(index: int, after: float) -> Timing:
    if index == 0:
        return Timing.FIRST if after else Timing.AT_ONCE
    return Timing.LATER if after else Timing.TOGETHER


NOTIFY = {
    Timing.AT_ONCE: N_("At once, alert {whom}."),
    Timing.FIRST: N_("If nobody answers for {time}, alert {whom}."),
    Timing.TOGETHER: N_("At the same time, alert {whom}."),
    Timing.LATER: N_("After {time}, alert {whom}."),
}
TEXT = {
    Timing.AT_ONCE: N_("At once, send a text message to {whom}."),
    Timing.FIRST: N_("If nobody answers for {time}, send a text message to {whom}."),
    Timing.TOGETHER: N_("At the same time, send a text message to {whom}."),
    Timing.LATER: N_("After {time}, send a text message to {whom}."),
}
CALL = {
    Timing.AT_ONCE: N_("At once, call {whom}."),
    Timing.FIRST: N_("If nobody answers for {time}, call {whom}."),
    Timing.TOGETHER: N_("At the same time, call {whom}."),
    Timing.LATER: N_("After {time}, call {whom}."),
}
FORWARD = {
    Timing.AT_ONCE: N_("At once, hand it over to {whom}."),
    Timing.FIRST: N_("If nobody answers for {time}, hand it over to {whom}."),
    Timing.TOGETHER: N_("At the same time, hand it over to {whom}."),
    Timing.LATER: N_("After {time}, hand it over to {whom}."),
}
POST = {
    Timing.AT_ONCE: N_("At once, tell {whom}."),
    Timing.FIRST: N_("If nobody answers for {time}, tell {whom}."),
    Timing.TOGETHER: N_("At the same time, tell {whom}."),
    Timing.LATER: N_("After {time}, tell {whom}."),
}
REPEAT = {
    Timing.AT_ONCE: N_("At once, alert everybody again: every {every}, {times}."),
    Timing.FIRST: N_("If nobody answers for {time}, alert everybody again: every {every}, {times}."),
    Timing.TOGETHER: N_("At the same time, alert everybody again: every {every}, {times}."),
    Timing.LATER: N_("After {time}, alert everybody again: every {every}, {times}."),
}
SENTENCES: Mapping[type[Action], Mapping[Timing, str]] = {
    Notify: NOTIFY,
    Repeat: REPEAT,
    Text: TEXT,
    Call: CALL,
    Forward: FORWARD,
    Post: POST,
}


@dataclass(frozen=True)
class Names:
    """By what people, groups and contacts are called in a space."""

    people: Mapping[PersonId, Person] = field(default_factory=dict)
    groups: Mapping[GroupId, Group] = field(default_factory=dict)
    contacts: Mapping[ContactId, Contact] = field(default_factory=dict)

    def person(self, person: PersonId) -> str:
        found = self.people.get(person)
        return found.name if found else tr("somebody who left")

    def group(self, group: GroupId) -> str:
        found = self.groups.get(group)
        return f"@{found.handle}" if found else tr("a group that is gone")

    def contact(self, contact: ContactId) -> str:
        found = self.contacts.get(contact)
        return found.name if found else tr("a contact that is gone")


def whom(names: Names, action: Action) -> str:
    """Those whom an action reaches: “@supervisors, Mina and 2 more”."""
    match action:
        case Notify(to=to):
            said = _recipients(names, to)
        case Text(to=reached) | Call(to=reached):
            said = _reached(names, reached)
        case Forward(to=person):
            said = [names.person(person)] if person else []
        case Post(contact=contact):
            said = [names.contact(contact)] if contact else []
        case Repeat():
            said = []
    return listed(said, 4) or tr("nobody yet")


def _recipients(names: Names, to: Recipients) -> list[str]:
    whole = [tr("everyone")] if to.everyone else [tr("everyone here")] if to.here else []
    return [*whole, *map(names.group, to.groups), *map(names.person, to.people)]


def _reached(names: Names, reached: Reached) -> list[str]:
    called = [tr("everybody alerted so far")] if reached.called else []
    return [*called, *_recipients(names, reached.to), *map(names.contact, reached.contacts)]


def step_sentence(names: Names, step: PolicyStep, index: int) -> str:
    """“If nobody answers for 60 s, alert @supervisors.”"""
    timing = timing_of(index, step.after)
    time = more_words(step.after) if timing is Timing.LATER else length_words(step.after)
    template = SENTENCES[type(step.action)][timing]
    fields: dict[str, object] = {"time": time}
    if isinstance(step.action, Repeat):
        fields |= {"every": length_words(step.action.every), "times": times_words(step.action.times)}
    else:
        fields["whom"] = whom(names, step.action)
    return tr_template(template, fields)


def sentences(names: Names, policy: Policy) -> tuple[str, ...]:
    """All of a policy, in order."""
    steps = (step_sentence(names, step, number) for number, step in enumerate(policy.steps))
    return (*steps, again_sentence(policy), come_sentence(policy), ways_words(policy))


def again_sentence(policy: Policy) -> str:
    """What happens after the last step."""
    if not policy.steps:
        return tr("Nothing else is done: it stays where it is until somebody answers.")
    if not policy.again:
        return tr("Then “nobody available” is said.")
    return trn(
        "Then all steps are run once more, and then “nobody available” is said.",
        "Then all steps are run again, up to {n} times, and then “nobody available” is said.",
        policy.again,
    )


def come_sentence(policy: Policy) -> str:
    if policy.come_within is None:
        return tr("Once answered, it does not come back.")
    return tr(
        "If nobody comes within {time} after somebody has promised to, it starts once more.",
        time=length_words(policy.come_within),
    )


def ways_words(policy: Policy) -> str:
    """What counts as an answer, in few words."""
    mine = WAYS[policy.kind]
    chosen = [way for way in mine if way in policy.answers]
    if len(chosen) == len(mine):
        return tr("Every answer counts.")
    said = in_a_row(tr_template(WAY_WORDS[way], {}) for way in chosen)
    return tr("What counts as an answer: {ways}", ways=said)


# Lengths of time


def length_words(seconds: float) -> str:
    """“60 s”, “2 minutes”, “1 hour”, “2 min 30 s”."""
    whole = round(seconds)
    hours, rest = divmod(whole, 3600)
    minutes, left = divmod(rest, 60)
    if whole <= 90:
        return trn("{n} s", "{n} s", whole)
    if not rest:
        return trn("{n} hour", "{n} hours", hours)
    if hours:
        return tr("{hours} h {minutes} min", hours=hours, minutes=minutes)
    if not left:
        return trn("{n} minute", "{n} minutes", minutes)
    return tr("{minutes} min {seconds} s", minutes=minutes, seconds=left)


def more_words(seconds: float) -> str:
    """“2 more minutes”: the same after something else."""
    whole = round(seconds)
    hours, rest = divmod(whole, 3600)
    minutes, left = divmod(rest, 60)
    if whole <= 90:
        return trn("{n} more second", "{n} more seconds", whole)
    if not rest:
        return trn("{n} more hour", "{n} more hours", hours)
    if not hours and not left:
        return trn("{n} more minute", "{n} more minutes", minutes)
    return tr("another {time}", time=length_words(seconds))


def times_words(times: int) -> str:
    return trn("{n} time", "{n} times", times)


# What is wrong or odd

FLAW_WORDS = {
    FlawKind.NO_NAME: N_("Give the policy a name."),
    FlawKind.NAME_TAKEN: N_("Another policy has this name."),
    FlawKind.TOO_MANY_STEPS: N_("A policy has 20 steps at most."),
    FlawKind.EMPTY_STEP: N_("Choose who is to be reached."),
    FlawKind.TOO_MANY_RECIPIENTS: N_("These are too many people and groups for one step."),
    FlawKind.UNKNOWN_PERSON: N_("Somebody named here is no longer in this space. Choose others."),
    FlawKind.UNKNOWN_GROUP: N_("A group named here no longer exists. Choose others."),
    FlawKind.UNKNOWN_CONTACT: N_("A contact named here no longer exists. Choose another one."),
    FlawKind.WRONG_CONTACT: N_("{contact} cannot be reached in this way."),
    FlawKind.NOT_FOR_LINES: N_(
        "A line’s message alerts nobody in the program; it stands in the inbox. Choose a phone or a service."
    ),
    FlawKind.DELAY: N_("Wait between 0 s and 24 hours."),
    FlawKind.EVERY: N_("Repeat every 10 s to 24 hours."),
    FlawKind.TIMES: N_("Repeat between 1 and 100 times."),
    FlawKind.ROUNDS: N_("All steps can be run again 5 times at most."),
    FlawKind.COMING: N_("Somebody who promised to come needs between 30 s and 24 hours."),
    FlawKind.NO_ANSWER: N_("Choose what counts as an answer, or it would never end."),
    FlawKind.AGAIN_AT_ONCE: N_("The steps take no time: run again, all of them would go out at once."),
    FlawKind.NOBODY_YET: N_("Nobody has been alerted before this step, so it reaches nobody."),
    FlawKind.EMPTY_GROUP: N_("Nobody in this space is a member of {group}."),
    FlawKind.NO_PHONE: N_("Without a verified phone number: {people}."),
    FlawKind.NO_TEXTS: N_(
        "This server sends no text messages, so this step reaches nobody. Ask an admin for a phone gateway."
    ),
    FlawKind.NO_CALLS: N_(
        "This server makes no phone calls, so this step reaches nobody. Ask an admin for a phone gateway."
    ),
    FlawKind.REACHES_NOBODY: N_("No step of this policy reaches anybody."),
}


def flaw_words(names: Names, flaw: Flaw) -> str:
    fields: dict[str, object] = {}
    if flaw.contact is not None:
        fields["contact"] = names.contact(flaw.contact)
    if flaw.group is not None:
        fields["group"] = names.group(flaw.group)
    if flaw.people:
        fields["people"] = listed([names.person(person) for person in flaw.people])
    return tr_template(FLAW_WORDS[flaw.kind], fields)


def idle_words(steps: Sequence[int]) -> str:
    """That these steps, counted from 0, reach nobody; empty where there are none."""
    if not steps:
        return ""
    return trn(
        "As things are, step {which} reaches nobody.",
        "As things are, steps {which} reach nobody.",
        len(steps),
        which=listed([str(step + 1) for step in steps], 6),
    )


def kind_words(kind: CaseKind) -> str:
    return tr_template(KIND_WORDS[kind], {})


def run_for_words(names: Names, people: Sequence[PersonId], everybody: bool) -> str:
    """Whom a policy applies to."""
    said = [tr("everybody")] if everybody else []
    said += [names.person(person) for person in people]
    if not said:
        return tr("Not used yet")
    return tr("For {people}", people=listed(said))

"""(scene, who, command, now) -> events, or a refusal with a code. Nothing is done here.

A client that lies, or asks too late, gets a refusal; the same call with the same scene always gives
the same answer.
"""

from __future__ import annotations

from app.core import chat, hands, presence, priority
from app.core import commands as cmd
from app.core.errors import Refusal
from app.core.line_rules import decide_line
from app.core.model import Device, PersonId
from app.core.scene import Decision, Scene


def decide(
    scene: Scene,
    actor: PersonId,
    command: cmd.Command,
    command_id: str,
    now: float,
    device: Device | None = None,
) -> Decision | Refusal:
    """What ``command`` does.

    Args:
        command_id: made by the client; becomes the id of what the command creates.
        now: server time, s.
        device: the machine it came from, where that matters to others.
    """
    match command:
        case cmd.RaiseEscalation():
            return hands.raise_hand(scene, actor, command, command_id, now)
        case cmd.EndEscalation():
            return hands.end_hand(scene, actor, command, now)
        case cmd.AnswerEscalation():
            return hands.answer_hand(scene, actor, command, now, device)
        case cmd.ReportRung():
            return hands.report_rung(scene, actor, command, device)
        case cmd.ReportChannels(reach=reach):
            return presence.change_reach(scene, actor, reach)
        case cmd.SetStatus():
            return presence.set_status(scene, actor, command, now)
        case cmd.SetAutoAway():
            return presence.set_auto_away(scene, actor, command)
        case cmd.TakeSeat():
            return presence.take_seat(scene, actor, command)
        case cmd.SendMessage():
            return chat.send_message(scene, actor, command, command_id, now)
        case cmd.ReportCall():
            return priority.report_call(scene, actor, command, device)
        case cmd.EscalateMessage():
            return priority.escalate(scene, actor, command, command_id, now)
        case cmd.MarkRead():
            return chat.mark_read(scene, actor, command, now)
        case cmd.LeaveSpace():
            return presence.leave(scene, actor, now)
        case _:
            return decide_line(scene, actor, command, command_id, now)

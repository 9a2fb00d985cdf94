"""Benchmark (b): a red escalation, Execute -> painted on the last of 3 real clients, 500 others in the space.

``python -m tests.bench.escalation_bench [ROUNDS] [CONNECTIONS]``. The raiser is one of the three clients,
used with keys; each process writes down when the escalation passed its stages, and the lines are joined here.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

from app import stages
from app.demo.cast import AGENT, COLLEAGUES, SUPERVISOR
from app.demo.center import Center
from tests.e2e.desk import Desk
from tests.helpers.desktop import VirtualDesktop, eventually

ROUNDS, CONNECTIONS = 50, 500
CLIENTS = (AGENT.handle, SUPERVISOR.handle, "quentin")
Times = dict[str, dict[str, float]]
"""s since the epoch, by escalation and stage."""


def read(file: Path) -> Times:
    """The stages that one process wrote down."""
    times: Times = {}
    for line in file.read_text("utf-8").splitlines() if file.exists() else ():
        at, stage, escalation = line.split(" ")
        times.setdefault(escalation, {}).setdefault(stage, float(at))
    return times


def joined(server: Times, clients: list[Times]) -> list[dict[str, float]]:
    """One row a hand that everybody painted: ms of each stage, and of all of it."""
    rows = []
    for escalation, at_server in server.items():
        seen = [client.get(escalation, {}) for client in clients]
        if not all(stages.PAINTED in one for one in seen):
            continue
        sent = seen[0][stages.SENT]
        received, committed = at_server[stages.RECEIVED], at_server[stages.COMMITTED]
        fanned = at_server[stages.FANNED_OUT]
        folded = max(one[stages.FOLDED] for one in seen)
        painted = max(one[stages.PAINTED] for one in seen)
        points = {
            "sent -> at the server": received - sent,
            "at the server -> committed": committed - received,
            "committed -> fanned out": fanned - committed,
            "committed -> received by the last client": folded - committed,
            "received -> painted by the last client": painted - folded,
            "Execute (sent) -> painted by the last client": painted - sent,
        }
        rows.append({name: seconds * 1000 for name, seconds in points.items()})
    return rows


def report(rows: list[dict[str, float]], connections: int) -> None:
    print(f"\nOne red escalation, {len(CLIENTS)} real clients, {connections} raw connections")
    print(f"ms, {len(rows)} times")
    print(f"{'stage':<46}{'median':>9}{'p99':>9}{'share':>8}")
    whole = statistics.median(row["Execute (sent) -> painted by the last client"] for row in rows)
    for name in rows[0]:
        values = sorted(row[name] for row in rows)
        median = statistics.median(values)
        p99 = values[min(len(values) - 1, round(0.99 * len(values)))]
        print(f"{name:<46}{median:>9.1f}{p99:>9.1f}{median / whole:>8.2f}")


def one_round(raiser: Desk, painted: list[Path], number: int) -> None:
    """Raise a red hand with keys alone, wait until all have painted it, lower it."""
    raiser.raise_red(f"round {number}", "@supervisors")
    everybody = f"round {number} is painted everywhere"
    eventually(lambda: all(_count(file) >= number for file in painted), within=20, what=everybody)
    raiser.lower_hand()


def _count(file: Path) -> int:
    return sum(stages.PAINTED in times for times in read(file).values())


def main(rounds: int = ROUNDS, connections: int = CONNECTIONS) -> None:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="handraise-bench-")))
        logs = [folder / f"stages-{handle}" for handle in CLIENTS]
        server_log = folder / "stages-server"
        center = stack.enter_context(Center(options=["--stages", str(server_log)]))
        crowd = _crowd(stack, center, connections)
        desks: list[Desk] = []
        for handle, log in zip(CLIENTS, logs, strict=True):
            desk = Desk(stack.enter_context(VirtualDesktop()), handle, center.url)
            desk.open("--stages", str(log))
            desk.sign_in(password=center.password)
            desks.append(desk)
        for number in range(1, rounds + 1):
            one_round(desks[0], logs, number)
        assert crowd.poll() is None, "the crowd went away"
        report(joined(read(server_log), [read(log) for log in logs]), connections)


def _crowd(stack: ExitStack, center: Center, connections: int) -> subprocess.Popen[str]:
    handles = [part.handle for part in COLLEAGUES if part.handle not in CLIENTS]
    command = [sys.executable, "-m", "tests.bench.crowd", center.url, str(connections), *handles]
    crowd = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    stack.callback(crowd.wait)
    stack.callback(crowd.kill)
    assert crowd.stdin is not None
    assert crowd.stdout is not None
    crowd.stdin.write(center.password + "\n")
    crowd.stdin.flush()
    assert crowd.stdout.readline().strip() == "ready", "the crowd could not enter"
    return crowd


if __name__ == "__main__":
    main(*map(int, sys.argv[1:3]))

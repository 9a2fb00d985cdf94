"""Phones for the sample contact center: a phone network in a process of its own, and what reaches for it."""

from __future__ import annotations

import asyncio
import secrets
import socket
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

from app.core.audit import Act, Deed, Subject
from app.core.lines import LineId
from app.core.model import GroupId, Recipients, SpaceId
from app.core.policy import (
    Assignment,
    Call,
    CaseKind,
    Contact,
    ContactId,
    ContactKind,
    Notify,
    Policy,
    PolicyId,
    PolicyStep,
    Reached,
    Text,
)
from app.demo.cast import SPACE
from app.demo.center import Center, Process
from app.demo.telephones import ACCOUNT, DUTY, LINE, SERVER
from app.server.admin import Admin
from app.server.delivery.numbers import masked
from app.server.store.contacts import KeptContact
from app.server.store.lines import KeptSetting
from app.server.store.sqlite.store import FILE, SqliteStore

DUTY_PHONE = ContactId("demo-duty-phone")
POLICY = PolicyId("demo-nobody-is-left-alone")
WAIT_S = 30.0
FORWARD_MIN = 1


class Phones:
    """The process of the phone network. Use it in a ``with`` statement, around the center's.

    Attributes:
        options: more arguments for ``handraise serve``.
    """

    def __init__(self, seed: int, *, calm: bool = False) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="handraise-phones-", ignore_cleanup_errors=True)
        self._arguments = ["--seed", str(seed), *(["--calm"] if calm else [])]
        self._process: Process | None = None
        self._read = 0
        self.options: Sequence[str] = ()

    def __enter__(self) -> Phones:
        folder, token, port = Path(self._folder.name), secrets.token_hex(16), _free_port()
        callbacks = f"http://127.0.0.1:{port}"
        arguments = ["-m", "app.demo.telephones", "--callbacks", callbacks, *self._arguments]
        try:
            self._process = Process(arguments, folder / "heard.log", token)
            url = self._process.read()
        except BaseException:  # an interrupt, too, leaves no process behind
            self.__exit__(None, None, None)
            raise
        (folder / "token").write_text(token, encoding="utf-8")
        settings = folder / "phones.toml"
        settings.write_text(
            f'[twilio]\naccount_sid = "{ACCOUNT}"\nauth_token_file = "token"\nnumber = "{SERVER}"\n'
            f'callbacks = "{callbacks}"\napi = "{url}"\n',
            encoding="utf-8",
        )
        self.options = ("--phones", str(settings), "--http-port", str(port))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process is not None:
            self._process.stop()
        self._folder.cleanup()

    def heard(self) -> Sequence[str]:
        """What phones have heard and done since it was asked last, line by line."""
        assert self._process is not None, "use it in a with statement"
        with self._process.log.open("rb") as log:
            log.seek(self._read)
            lines = log.read().rpartition(b"\n")
        self._read += len(lines[0]) + len(lines[1])
        return lines[0].decode(errors="replace").splitlines()


def furnish(center: Center) -> None:
    """A line, a duty phone, and a policy that reaches for it: as an admin and a supervisor set them up."""
    with Admin(center.data) as admin:
        line = admin.add_line("Orders", LINE, SPACE)
        space = admin.space_called(SPACE)
    asyncio.run(set_up(center.data, space, line))


async def set_up(data: Path, space: SpaceId, line: LineId) -> None:
    """A duty phone, the policy that reaches for it, and where the line forwards to."""

    def deed(subject: Subject, thing: str) -> Deed:
        return Deed(time.time(), Act.ADDED, subject, space=space, thing=thing)

    store = SqliteStore(data / FILE)
    try:
        duty = KeptContact(space, Contact(DUTY_PHONE, "Duty phone", ContactKind.PHONE, masked(DUTY)), DUTY)
        await store.contacts.save(duty, deed(Subject.CONTACT, DUTY_PHONE))
        groups = (await store.roster()).groups.values()
        supervisors = next(group.id for group in groups if group.handle == "supervisors")
        await store.policies.save(space, policy(supervisors), lambda *_: deed(Subject.POLICY, POLICY))
        run_for_all = Assignment(space, CaseKind.ESCALATION, POLICY)
        await store.policies.assign(run_for_all, None, lambda *_: deed(Subject.ASSIGNMENT, POLICY))
        setting = KeptSetting(True, DUTY, FORWARD_MIN)
        await store.lines.set_setting(line, setting, deed(Subject.LINE, line))
    finally:
        await store.close()


def policy(supervisors: GroupId) -> Policy:
    """Nobody answers: the supervisors are called, then the duty phone is texted and called."""
    phone = Reached(contacts=(DUTY_PHONE,))
    steps = (
        PolicyStep(WAIT_S, Notify(Recipients(groups=(supervisors,)))),
        PolicyStep(WAIT_S, Text(phone)),
        PolicyStep(WAIT_S, Call(phone)),
    )
    return Policy(POLICY, "Nobody is left alone", CaseKind.ESCALATION, steps, 0)


def _free_port() -> int:
    """One that nobody listens on; the phone network is told of it before the server is started."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port

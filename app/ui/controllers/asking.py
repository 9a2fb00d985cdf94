"""Sends commands in the person's name, and says in words what came of them."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Coroutine
from typing import Any

from app.core.commands import Command
from app.core.errors import Refused
from app.core.model import Person, Role
from app.core.space import SpaceState
from app.net.problems import ConnectionProblem, NotSent, Trouble
from app.ui.port import ClientPort
from app.ui.words import problem_words, refusal_words

Spawn = Callable[[Coroutine[Any, Any, None], str], object]
"""Starts a coroutine under a name (``Tasks.spawn``)."""

Outcome = Callable[[str], None]
"""Called with the reason in words."""

Failed = (Refused, NotSent, ConnectionProblem)


def admin_here(client: ClientPort) -> tuple[Person, SpaceState] | None:
    """Who is signed in, and where, if that is an admin."""
    person, space = client.person, client.space
    if person is None or space is None or person.role is not Role.ADMIN:
        return None
    return person, space


def new_id() -> str:
    """An id for a command and for what it creates; the same for every attempt."""
    return uuid.uuid4().hex


def failure_words(error: Refused | NotSent | ConnectionProblem) -> str:
    """Why something was not done, as a sentence in the window's language."""
    if isinstance(error, Refused):
        return refusal_words(error.refusal)
    return problem_words(error.problem)


class Asking:
    """Args:
    say: shows a sentence to the person, for whoever does not want to say it elsewhere.
    """

    def __init__(self, client: ClientPort, spawn: Spawn, say: Outcome) -> None:
        self.client = client
        self.spawn = spawn
        self.say = say

    def do(
        self,
        command: Command,
        *,
        command_id: str | None = None,
        done: Callable[[], None] | None = None,
        failed: Outcome | None = None,
    ) -> None:
        """Ask the server; ``done`` when it has stored it, else ``failed`` with the reason, unless it was
        taken back before."""
        self.spawn(self._do(command, command_id, done, failed or self.say), type(command).__name__)

    async def _do(
        self, command: Command, command_id: str | None, done: Callable[[], None] | None, failed: Outcome
    ) -> None:
        try:
            await self.client.do(command, command_id)
        except Failed as error:
            taken_back = isinstance(error, NotSent) and error.problem.code is Trouble.WITHDRAWN
            if not taken_back:  # nobody is told what they have just done
                failed(failure_words(error))
        else:
            if done is not None:
                done()

    def quietly(self, command: Command) -> None:
        """Ask for something that nobody waits for; a refusal means it does not matter any more."""
        self.do(command, failed=lambda _reason: None)

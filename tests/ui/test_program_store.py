"""The program and the secret store of the machine: locked, broken, absent, slow."""

from __future__ import annotations

import threading

import pytest

from app.core import wire
from app.net.credentials import CredentialStore, KeyringError, Obstacle
from tests.helpers.machine import NAME, Machine, page, until
from tests.helpers.office import ANN
from tests.helpers.scripted import PASSWORD


@pytest.mark.parametrize(
    ("error", "before", "after"),
    [
        (
            KeyringError(Obstacle.LOCKED),
            "This system's secret store is locked or does not answer. Until it is unlocked,",
            "This system's secret store is locked or does not answer: sign in again",
        ),
        (
            KeyringError(Obstacle.FAILED, "RuntimeError"),
            "This system's secret store does not work: you stay signed in until Handraise ends.",
            "This system's secret store did not take the session: sign in again",
        ),
    ],
)
async def test_a_secret_store_that_fails_is_said_before_and_after(
    machine: Machine, error: Exception, before: str, after: str
) -> None:
    machine.ring.error = error
    program = machine.start()
    await until(lambda: page(program).button.isEnabled() and before in page(program).kept.text())
    page(program).password.setText(PASSWORD)
    page(program).button.click()
    await until(lambda: program.desk is not None and program.desk.toasts.text)
    assert program.desk is not None
    assert program.desk.toasts.text.startswith(after)
    assert machine.ring.kept == {}


async def test_a_store_that_took_nothing_newer_leads_to_the_password_and_not_to_talk_of_theft(
    machine: Machine,
) -> None:
    machine.ring.kept["Handraise", NAME] = "old"
    machine.server.tokens[wire.Token("old")] = ANN
    machine.ring.refuse = KeyringError(Obstacle.FAILED, "PasswordSetError")
    program = machine.start()
    await until(lambda: program.desk is not None and program.desk.toasts.text)
    assert [type(sign) for sign in machine.server.signed_in] == [wire.Resume]
    await program._close()
    again = machine.start()
    await until(lambda: page(again).kept.text())
    assert page(again).kept.text().startswith("This system's secret store did not take your last session")
    assert page(again).password.isEnabled()
    assert [type(sign) for sign in machine.server.signed_in] == [wire.Resume]


async def test_two_programs_of_one_person_on_a_machine_do_not_use_one_token(machine: Machine) -> None:
    machine.ring.kept["Handraise", NAME] = "old"
    machine.server.tokens[wire.Token("old")] = ANN
    first = machine.start()
    await until(lambda: first.desk is not None)
    second = machine.start()
    await until(lambda: page(second).kept.text())
    assert second.desk is None
    page(second).password.setText(PASSWORD)
    page(second).button.click()
    await until(lambda: second.desk is not None and len(machine.ring.kept) == 2)
    assert [type(sign) for sign in machine.server.signed_in] == [wire.Resume, wire.SignIn]


async def test_who_types_a_password_while_the_store_is_asked_is_not_overtaken(machine: Machine) -> None:
    machine.ring.kept["Handraise", NAME] = "old"
    machine.ring.hang = threading.Event()
    program = machine.start()
    page(program).password.setText(PASSWORD)
    machine.ring.hang.set()
    await until(lambda: page(program).kept.text())
    assert machine.server.signed_in == []
    page(program).button.click()
    await until(lambda: program.desk is not None)
    assert [type(sign) for sign in machine.server.signed_in] == [wire.SignIn]


async def test_a_machine_without_a_secret_store_says_so_and_offers_nothing(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def none(_: CredentialStore) -> bool:
        return False

    monkeypatch.setattr(CredentialStore, "present", none)
    machine.ring.error = KeyringError(Obstacle.NO_KEYRING)
    program = machine.start()
    await until(lambda: page(program).kept.text() and page(program).button.isEnabled())
    assert page(program).kept.text().startswith("This machine has no place for secrets: you stay signed in")
    assert not page(program).remember.isEnabled()
    page(program).password.setText(PASSWORD)
    page(program).button.click()
    await until(lambda: program.desk is not None and program.desk.toasts.text)
    assert program.desk is not None
    assert program.desk.toasts.text.startswith("This machine has no place for secrets: sign in again")

"""The outbox on a real disk: killed programs, damaged files, full disks, several programs at once."""

from __future__ import annotations

import asyncio
import errno
import os
import stat
import sys
from pathlib import Path

import pytest

from app.core import commands as cmd
from app.core.model import PersonId, Status
from app.net import shelf as shelf_module
from app.net.delivery import AGAIN_SECONDS
from app.net.outbox import Entry
from app.net.problems import Trouble
from app.net.shelf import Contents, DiskShelf, pack, unpack
from tests.helpers.clock import settle
from tests.helpers.leftover import TO_BOB, Machine, asks, outcome, texts, until
from tests.helpers.office import ANN


async def test_a_killed_program_leaves_what_was_typed(disk: Machine) -> None:
    first = await disk.start()
    await disk.offline()
    asks(first, cmd.SendMessage("秘密ではない", TO_BOB), "m")
    await until(lambda: list(disk.folder.glob("*.outbox")))
    assert stat.S_IMODE(disk.file.stat().st_mode) == 0o600
    assert stat.S_IMODE(disk.folder.stat().st_mode) == 0o700
    left = disk.file.read_bytes()
    assert first.token is not None
    assert first.token.encode() not in left
    await first.close(leave=False)
    disk.file.write_bytes(left)  # as a kill at that moment would have left it
    disk.server.problem = None
    second = await disk.start()
    await until(lambda: texts(disk.server) == ["秘密ではない"] and second.outbox == ())
    await until(lambda: not list(disk.folder.glob("*.outbox")))


async def test_a_damaged_file_is_set_aside_and_the_program_goes_on(
    disk: Machine, caplog: pytest.LogCaptureFixture
) -> None:
    first = await disk.start()
    await disk.offline()
    asks(first, cmd.SendMessage("half", TO_BOB), "m")
    await until(lambda: list(disk.folder.glob("*.outbox")))
    await first.close(leave=False)
    data = disk.file.read_bytes()
    disk.file.write_bytes(data[:-20])
    disk.server.problem = None
    second = await disk.start()
    await until(lambda: second.outbox_problem)
    assert second.outbox_problem is not None
    assert second.outbox_problem.code is Trouble.OUTBOX_BROKEN
    assert [path.read_bytes() for path in disk.folder.glob("*.broken")] == [data[:-20]]
    assert "cannot be read" in caplog.text
    assert "half" not in caplog.text
    assert "m" not in disk.server.commands
    await asyncio.wait_for(second.do(cmd.SendMessage("whole", TO_BOB)), 1)


def test_a_file_cut_or_changed_at_any_byte_is_never_taken_for_whole() -> None:
    entry = Entry("m", cmd.SendMessage("text", TO_BOB), 1_700_000_000.0)
    whole = pack(Contents("ws://localhost:7443", ANN, (entry,)))
    assert unpack(whole) == Contents("ws://localhost:7443", ANN, (entry,))
    for at in range(len(whole)):
        assert unpack(whole[:at]) is None
        for bit in range(8):
            assert unpack(whole[:at] + bytes([whole[at] ^ (1 << bit)]) + whole[at + 1 :]) is None
    assert unpack(whole + b" ") is None
    assert unpack(pack(Contents("", ANN, ())).replace(b"outbox 1", b"outbox 2")) is None


async def test_a_file_of_somebody_else_is_not_sent(disk: Machine) -> None:
    disk.folder.mkdir()
    place = DiskShelf(disk.folder).place("ws://localhost:7443", ANN)
    await place.load()
    await place.save((Entry("m", cmd.SendMessage("mine", TO_BOB), disk.clock.time()),))
    await place.close()
    theirs = disk.file.read_bytes()
    disk.file.unlink()
    place = DiskShelf(disk.folder).place("ws://localhost:7443", PersonId("chie"))
    await place.load()
    await place.save((Entry("x", cmd.SetStatus(Status.BUSY), 0.0),))
    disk.file.write_bytes(theirs)  # copied by hand
    loaded = await place.load()
    assert loaded.entries == ()
    assert loaded.problem is not None
    await place.close()


async def test_a_full_disk_is_said_and_the_message_is_sent_from_memory(
    disk: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = await disk.start()
    await until(lambda: disk.folder.exists())

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(shelf_module, "write_whole", full)
    await disk.offline()
    asked = asks(client, cmd.SendMessage("from memory", TO_BOB), "m")
    await until(lambda: client.outbox_problem)
    assert client.outbox_problem is not None
    assert client.outbox_problem.code is Trouble.NOT_KEPT_FULL
    monkeypatch.undo()
    await disk.clock.advance(AGAIN_SECONDS)
    await until(lambda: client.outbox_problem is None)
    assert b"from memory" in disk.file.read_bytes()
    await disk.online()
    assert await outcome(asked) is None
    assert texts(disk.server) == ["from memory"]


async def test_a_folder_that_cannot_be_looked_into_is_not_written_over(
    disk: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = await disk.start()
    await disk.offline()
    asks(first, cmd.SendMessage("earlier", TO_BOB), "m1")
    await until(lambda: list(disk.folder.glob("*.outbox")))
    await first.close(leave=False)

    def gone(*_: object) -> None:
        raise OSError(errno.EIO, "input/output error")

    monkeypatch.setattr(shelf_module._DiskPlace, "_read", gone)
    disk.server.problem = None
    second = await disk.start()
    await until(lambda: second.outbox_problem)
    await disk.offline()
    asks(second, cmd.SendMessage("later", TO_BOB), "m2")
    await settle()
    monkeypatch.undo()
    await disk.clock.advance(AGAIN_SECONDS)
    await until(lambda: [entry.id for entry in second.outbox] == ["m1", "m2"])
    await disk.online()
    assert texts(disk.server) == ["earlier", "later"]


async def test_two_programs_of_one_person_keep_their_own_and_inherit(disk: Machine) -> None:
    here, there = DiskShelf(disk.folder), DiskShelf(disk.folder)
    one, two = here.place("ws://office:1", ANN), there.place("ws://office:1", ANN)
    assert (await one.load()).entries == (await two.load()).entries == ()
    first = Entry("1", cmd.SendMessage("one", TO_BOB), 0.0)
    second = Entry("2", cmd.SendMessage("two", TO_BOB), 0.0)
    await one.save((first,))
    await two.save((second,))
    await two.save((second,))
    assert len(list(disk.folder.glob("*.outbox"))) == 2
    await two.close()  # it ended; the other goes on
    await one.save((first,))
    await one.close()
    heir = DiskShelf(disk.folder).place("ws://office:1", ANN)
    assert (await heir.load()).entries == (first, second)
    assert len(list(disk.folder.glob("*.outbox"))) == 1
    await heir.close()


WRITER = """
import asyncio, sys
from pathlib import Path
from app.core.commands import SendMessage
from app.core.model import PersonId
from app.net.outbox import Entry
from app.net.shelf import DiskShelf

async def write() -> None:
    place = DiskShelf(Path(sys.argv[1])).place("ws://office:1", PersonId("ann"))
    await place.load()
    for number in range(1_000_000):
        await place.save((Entry(f"{number}", SendMessage("x" * 3_000), 0.0),))
        print(number, flush=True)

asyncio.run(write())
"""


@pytest.mark.parametrize("written", [1, 4, 9])
async def test_a_program_killed_while_it_writes_leaves_a_whole_file(tmp_path: Path, written: int) -> None:
    writer = await asyncio.create_subprocess_exec(
        sys.executable, "-c", WRITER, str(tmp_path), stdout=asyncio.subprocess.PIPE
    )
    assert writer.stdout is not None
    said = [int(await writer.stdout.readline()) for _ in range(written)]
    writer.kill()
    said += [int(line) for line in (await writer.stdout.read()).split()]
    await writer.wait()
    place = DiskShelf(tmp_path).place("ws://office:1", ANN)
    loaded = await place.load()
    assert loaded.problem is None
    assert loaded.entries is not None
    (entry,) = loaded.entries
    assert int(entry.id) >= said[-1]  # what it said was on the disk was
    await place.close()

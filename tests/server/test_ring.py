"""One call for many sockets, with the kernel's own."""

from __future__ import annotations

import ctypes
import errno
import gc
import os
import socket
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from app.server import ring as ring_module
from app.server.ring import SOCKETS, Batch, Ring, open_ring

here = pytest.mark.skipif(open_ring() is None, reason="this kernel has no io_uring, or forbids it")


@pytest.fixture
def ring() -> Iterator[Ring]:
    ring = Ring()
    yield ring
    ring.close()


@pytest.fixture
def pairs() -> Iterator[list[tuple[socket.socket, socket.socket]]]:
    with ExitStack() as open_ones:
        pairs = [socket.socketpair() for _ in range(200)]
        for pair in pairs:
            for end in pair:
                end.setblocking(False)
                open_ones.enter_context(end)
        yield pairs


Pairs = list[tuple[socket.socket, socket.socket]]


def batch_of(ring: Ring, pairs: Pairs) -> Batch:
    return ring.batch([near.fileno() for near, _ in pairs])


def fill(end: socket.socket) -> int:
    """Until it takes no more; returns how many bytes it took."""
    took = 0
    while True:
        try:
            took += end.send(bytes(1000))
        except BlockingIOError:
            return took


@here
def test_each_gets_the_same_each_time_around_the_ring(ring: Ring, pairs: Pairs) -> None:
    some, all_of_them = batch_of(ring, pairs[:7]), batch_of(ring, pairs)
    for turn in range(4 * SOCKETS // 200):
        data = b"turn " * (turn % 3 + 1)
        assert ring.send(all_of_them, data) == [len(data)] * 200
        assert ring.send(some, b"more") == [4] * 7
        assert [far.recv(100) for _, far in pairs] == [data + b"more"] * 7 + [data] * 193


@here
def test_each_says_for_itself_what_it_took(ring: Ring, pairs: Pairs) -> None:
    full, gone, shut, closed, well = pairs[:5]
    fill(full[0])
    gone[1].close()
    shut[0].shutdown(socket.SHUT_WR)
    batch = batch_of(ring, pairs[:5])
    closed[0].close()
    assert ring.send(batch, b"x") == [-errno.EAGAIN, -errno.EPIPE, -errno.EPIPE, -errno.EBADF, 1]
    assert well[1].recv(10) == b"x"


@here
def test_a_socket_takes_the_part_that_it_has_room_for(ring: Ring) -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.create_connection(server.getsockname()) as near,
        server.accept()[0] as far,
    ):
        near.setblocking(False)
        near.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
        data = os.urandom(60_000)
        sent = bytearray()
        while True:
            (took,) = ring.send(ring.batch([near.fileno()]), data)
            if took < len(data):
                break
            sent += data
        sent += data[: max(took, 0)]
        near.shutdown(socket.SHUT_WR)
        heard = bytearray()
        while some := far.recv(100_000):
            heard += some
        assert heard == sent


@here
def test_what_the_kernel_does_not_begin_is_not_sent_later(ring: Ring, pairs: Pairs) -> None:
    batch, call = batch_of(ring, pairs[:9]), ring._call
    answers = iter([4, -1])

    def busy(number: int, fd: int, count: int, *rest: object) -> int:
        begins = next(answers)
        if begins < 0:
            ctypes.set_errno(errno.EBUSY)
            return begins
        return int(call(number, fd, begins, begins, *rest[1:]))

    ring._call = busy
    assert ring.send(batch, b"some") == [4] * 4 + [-errno.EAGAIN] * 5
    ring._call = call
    assert ring.send(batch, b"all") == [3] * 9
    assert [far.recv(10) for _, far in pairs[:9]] == [b"someall"] * 4 + [b"all"] * 5


@here
def test_an_interrupted_call_goes_on(ring: Ring, pairs: Pairs) -> None:
    batch, call = batch_of(ring, pairs[:3]), ring._call
    interrupted = iter([True, False])

    def signalled(*words: object) -> int:
        if next(interrupted):
            ctypes.set_errno(errno.EINTR)
            return -1
        return int(call(*words))

    ring._call = signalled
    assert ring.send(batch, b"x") == [1] * 3


@here
def test_a_kernel_that_begins_nothing_is_not_asked_for_ever(ring: Ring, pairs: Pairs) -> None:
    def nothing(*words: object) -> int:
        ctypes.set_errno(errno.EINTR)  # of an earlier call
        return 0

    ring._call = nothing
    assert ring.send(batch_of(ring, pairs[:3]), b"x") == [-errno.EAGAIN] * 3


@here
def test_a_closed_ring_takes_nothing_and_leaves_nothing_open(pairs: Pairs) -> None:
    before = set(os.listdir("/proc/self/fd"))
    ring, forgotten = Ring(), Ring()
    batch = batch_of(ring, pairs[:2])
    ring.close()
    assert ring.send(batch, b"x") == [-errno.EAGAIN] * 2
    with pytest.raises(BlockingIOError):
        pairs[0][1].recv(1)
    del ring, forgotten  # the maps keep it open as well
    gc.collect()
    assert set(os.listdir("/proc/self/fd")) <= before


@pytest.mark.parametrize("what", ["forbidden", "old", "elsewhere"])
def test_where_there_is_none_one_does_without(what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if what == "forbidden":
        monkeypatch.setattr(ring_module, "SETUP", 100_000)  # no such call
    elif what == "old":
        monkeypatch.setattr(ring_module, "_NEW_ENOUGH", 1 << 31)
    else:
        monkeypatch.setattr("sys.platform", "darwin")
    assert open_ring() is None

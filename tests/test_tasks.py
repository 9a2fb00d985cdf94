"""Tasks are referenced and reported; owners end theirs; workers are bounded in number and time."""

from __future__ import annotations

import asyncio
import gc
import logging
import threading
import weakref

import pytest

from app.tasks import Tasks, TasksClosedError, Workers, spawn


async def fail() -> None:
    raise ValueError("boom")


async def test_a_failing_task_is_logged_with_its_name_and_traceback(caplog: pytest.LogCaptureFixture) -> None:
    task = spawn(fail(), name="the errand")
    await asyncio.wait([task])
    await asyncio.sleep(0)
    [record] = caplog.records
    assert "the errand" in record.getMessage()
    assert record.exc_info is not None
    assert record.exc_info[0] is ValueError


async def test_a_cancelled_task_is_not_an_error(caplog: pytest.LogCaptureFixture) -> None:
    task = spawn(asyncio.Event().wait(), name="waiting")
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not caplog.records


async def test_a_task_nobody_holds_survives_the_garbage_collector() -> None:
    done = asyncio.get_running_loop().create_future()

    async def wait_on_an_object_only_it_knows() -> None:
        event = asyncio.Event()
        holder.append(weakref.ref(event))
        await event.wait()
        done.set_result(True)

    holder: list[weakref.ref[asyncio.Event]] = []
    spawn(wait_on_an_object_only_it_knows(), name="alone")
    await asyncio.sleep(0)
    gc.collect()
    event = holder[0]()
    assert event is not None
    event.set()
    assert await done


@pytest.mark.filterwarnings("error")
def test_without_a_loop_it_says_so_and_leaves_no_coroutine_behind() -> None:
    with pytest.raises(RuntimeError, match="no running event loop"):
        spawn(fail(), name="nowhere")
    gc.collect()


async def test_closing_an_owner_cancels_and_awaits_its_tasks() -> None:
    cleaned: list[str] = []

    async def work(name: str) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)  # cleaning up may take a turn of the loop
            cleaned.append(name)

    owner = Tasks("office")
    owner.spawn(work("a"), name="a")
    task = owner.spawn(work("b"), name="b")
    await asyncio.sleep(0)
    assert len(owner) == 2
    assert task.get_name() == "office: b"
    await owner.close()
    assert sorted(cleaned) == ["a", "b"]
    assert len(owner) == 0


async def test_a_closed_owner_starts_nothing() -> None:
    owner = Tasks("office")
    await owner.close()
    with pytest.raises(TasksClosedError, match="office is closed; late"):
        owner.spawn(fail(), name="late")
    await owner.close()


async def test_an_owner_may_be_closed_by_its_own_task() -> None:
    owner = Tasks("office")
    reached: list[str] = []

    async def closer() -> None:
        await owner.close()
        reached.append("end")

    other = owner.spawn(asyncio.Event().wait(), name="other")
    await owner.spawn(closer(), name="closer")
    assert reached == ["end"]
    assert other.cancelled()


async def test_idle_waits_for_tasks_that_tasks_start() -> None:
    owner = Tasks("office")
    done: list[str] = []

    async def child() -> None:
        await asyncio.sleep(0)
        done.append("child")

    async def parent() -> None:
        owner.spawn(child(), name="child")

    owner.spawn(parent(), name="parent")
    await owner.idle()
    assert done == ["child"]
    await owner.close()


async def test_a_task_that_refuses_to_end_is_named(caplog: pytest.LogCaptureFixture) -> None:
    release = asyncio.Event()

    async def stubborn() -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            await release.wait()

    owner = Tasks("office")
    task = owner.spawn(stubborn(), name="stubborn")
    await asyncio.sleep(0)
    await owner.close(within_s=0.01)
    assert "office: stubborn" in caplog.text
    release.set()
    await task


async def test_workers_return_and_raise_what_the_function_does() -> None:
    workers = Workers("files", 2)
    here = threading.get_ident()
    assert await workers.run(threading.get_ident, timeout_s=5) != here

    def broken() -> None:
        raise StopIteration  # no future can carry this one

    with pytest.raises(RuntimeError, match="raised StopIteration"):
        await workers.run(broken, timeout_s=5)

    with pytest.raises(ZeroDivisionError):
        await workers.run(lambda: 1 // 0, timeout_s=5)


async def test_a_hanging_function_times_out_and_keeps_its_place() -> None:
    workers = Workers("keyring", 1)
    release = threading.Event()
    with pytest.raises(TimeoutError):
        await workers.run(release.wait, timeout_s=0.02)
    with pytest.raises(TimeoutError):  # the only place is still taken by the hung thread
        await workers.run(lambda: "second", timeout_s=0.02)
    release.set()
    assert await workers.run(lambda: "third", timeout_s=5) == "third"


async def test_no_more_threads_than_the_limit() -> None:
    workers = Workers("argon2", 2)
    lock = threading.Lock()
    running, most = 0, 0
    barrier = threading.Barrier(2)

    def work() -> None:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        barrier.wait(5)  # passes only when two run at once
        with lock:
            running -= 1

    async with Tasks("hashes") as tasks:
        await asyncio.gather(*(tasks.spawn(workers.run(work, timeout_s=5), name="hash") for _ in range(6)))
    assert most == 2


async def test_a_late_failure_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    workers = Workers("keyring", 1)
    release = threading.Event()

    def late() -> None:
        release.wait(5)
        raise OSError("too late")

    with pytest.raises(TimeoutError):
        await workers.run(late, timeout_s=0.02)
    release.set()
    await workers.run(lambda: None, timeout_s=5)
    assert "failed after nobody waited" in caplog.text

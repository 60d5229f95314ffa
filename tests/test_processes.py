"""A pool of worker processes passes results and errors on, and never waits for one that is dead."""

import gc
import multiprocessing
import os
import signal
import time
from multiprocessing.connection import Connection
from pathlib import Path

import pytest
from joblib.externals.loky import ProcessPoolExecutor

from denovo.errors import InputError
from denovo.processes import IN_FLIGHT, WorkerLostError, worker_pool

MEGABYTES = 8 * 2**20


def square(number: int) -> int:
    return number * number


def echo(content: bytes) -> bytes:
    return content


def refuse(number: int) -> int:
    raise InputError(f"{number} is refused")


def fail() -> None:
    raise InputError("nothing is ready")


class TwoPartsError(Exception):
    """An error that pickle cannot make again."""

    def __init__(self, what: str, why: str) -> None:
        super().__init__(f"{what}: {why}")


def fail_in_two_parts() -> None:
    raise TwoPartsError("it", "fails")


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def die_while_writing() -> None:
    (pipe,) = (each for each in gc.get_objects() if isinstance(each, Connection))
    os.write(pipe.fileno(), (1000).to_bytes(4, "big") + b"some of it")
    die()


def write_slowly(path: Path) -> None:
    path.with_suffix(".begun").touch()
    time.sleep(0.5)
    path.touch()


@pytest.mark.slow
def squares_of_a_pool(n: int) -> list[int]:
    with worker_pool(2) as pool:
        return sorted(result for _, result in pool.results(square, [(k,) for k in range(n)]))


def test_a_process_of_a_sweep_makes_a_pool_too():
    with ProcessPoolExecutor(1) as jobs:
        assert jobs.submit(squares_of_a_pool, 3).result() == [0, 1, 4]


def test_every_result_comes_with_the_number_of_its_task():
    with worker_pool(2) as pool:
        found = dict(pool.results(square, [(n,) for n in range(20)]))
        assert found == {n: n * n for n in range(20)}
        assert list(pool.results(square, [])) == []
        assert dict(pool.results(square, [(3,)])) == {0: 9}
    assert not multiprocessing.active_children()


@pytest.mark.slow
def test_tasks_and_results_that_fill_their_pipes_do_not_block():
    contents = [bytes([n]) * MEGABYTES for n in range(6)]
    with worker_pool(2) as pool:
        for number, found in pool.results(echo, [(content,) for content in contents]):
            assert found == contents[number]


def test_tasks_are_taken_as_far_ahead_as_workers_need_them():
    taken = []

    def tasks():
        for number in range(30):
            taken.append(number)
            yield (number,)

    with worker_pool(2) as pool:
        for n_done, _ in enumerate(pool.results(square, tasks()), start=1):
            assert len(taken) <= n_done + 2 * IN_FLIGHT


def test_an_error_of_a_task_is_raised_with_its_place():
    with pytest.raises(InputError, match="3 is refused") as caught, worker_pool(1) as pool:
        list(pool.results(refuse, [(3,)]))
    assert "in refuse" in caught.value.__notes__[0]
    assert not multiprocessing.active_children()


def test_an_error_that_cannot_be_pickled_is_raised_as_its_text():
    with pytest.raises(RuntimeError, match="TwoPartsError: it: fails"), worker_pool(1) as pool:
        list(pool.results(fail_in_two_parts, [()]))


def test_an_error_of_the_preparation_is_raised_by_the_first_task():
    with pytest.raises(InputError, match="nothing is ready"), worker_pool(2, fail) as pool:
        list(pool.results(square, [(3,)]))


@pytest.mark.parametrize("way", [die, die_while_writing])
def test_a_worker_that_is_killed_is_not_waited_for(way):
    with pytest.raises(WorkerLostError), worker_pool(2) as pool:
        list(pool.results(way, [(), (), ()]))
    assert not multiprocessing.active_children()


@pytest.mark.parametrize("completes", [True, False])
def test_after_an_interruption_running_tasks_are_completed_where_that_is_asked(tmp_path, completes):
    paths = [tmp_path / str(n) for n in range(3)]

    def interrupted() -> None:
        with worker_pool(1, completes=completes) as pool:
            for _ in pool.results(write_slowly, [(path,) for path in paths]):
                while not paths[1].with_suffix(".begun").exists():
                    time.sleep(0.01)
                raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert [path.exists() for path in paths] == [True, completes, False]
    assert not multiprocessing.active_children()

"""Timing on a noisy machine: short rounds, contenders in turn, the median round."""

import gc
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

Step = Callable[[], None]
Contender = Callable[[int], Step]
"""Given a thread's number, answers what that thread does again and again."""


@dataclass(frozen=True, slots=True)
class Rounds:
    """How often, and how long, every contender has its turn."""

    count: int
    seconds: float


def per_second(contender: Contender, threads: int, seconds: float) -> float:
    """Return how many steps a second `threads` threads take together."""
    done = [0] * threads
    errors: list[BaseException] = []
    ready = threading.Barrier(threads + 1)
    deadline = [0.0]

    def work(number: int) -> None:
        try:
            step = contender(number)
            ready.wait()
            while time.perf_counter() < deadline[0]:
                step()
                done[number] += 1
        except BaseException as error:  # noqa: BLE001 (raised again in the caller's thread)
            errors.append(error)
            ready.abort()

    workers = [threading.Thread(target=work, args=(number,)) for number in range(threads)]
    for worker in workers:
        worker.start()
    deadline[0] = time.perf_counter() + 60
    with suppress(threading.BrokenBarrierError):
        ready.wait()
    started = time.perf_counter()
    deadline[0] = started + seconds
    for worker in workers:
        worker.join()
    took = time.perf_counter() - started
    if errors:
        raise errors[0]
    return sum(done) / took


def in_turn(ours: Contender, peer: Contender, threads: int, rounds: Rounds) -> tuple[float, float]:
    """Return our and the peer's steps a second in the round whose ratio is the median."""
    for contender in (ours, peer):
        per_second(contender, threads, min(0.5, rounds.seconds))
    return median_round(
        lambda: per_second(ours, threads, rounds.seconds),
        lambda: per_second(peer, threads, rounds.seconds),
        rounds.count,
    )


def seconds_in_turn(
    ours: Callable[[], object], peer: Callable[[], object], rounds: int
) -> tuple[float, float]:
    """Return our and the peer's seconds for one call in the round whose ratio is the median."""
    ours(), peer()
    return median_round(lambda: _seconds(ours), lambda: _seconds(peer), rounds)


def median_round(
    ours: Callable[[], float], peer: Callable[[], float], rounds: int
) -> tuple[float, float]:
    """Measure both one right after the other, `rounds` times, and return the median round.

    Whatever else a machine does is the same for the two halves of a round, or nearly, and differs
    from round to round. Who begins changes with every round.
    """
    found: list[tuple[float, float]] = []
    for number in range(rounds):
        gc.collect()
        if number % 2 == 0:
            first = ours()
            found.append((first, peer()))
        else:
            first = peer()
            found.append((ours(), first))
    return sorted(found, key=lambda both: both[0] / both[1])[(rounds - 1) // 2]


def _seconds(call: Callable[[], object]) -> float:
    started = time.perf_counter()
    call()
    return time.perf_counter() - started

"""Timing on a noisy machine: short rounds, contenders in turn, medians."""

import gc
import statistics
import threading
import time
from collections.abc import Callable, Mapping
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


def in_turn(contenders: Mapping[str, Contender], threads: int, rounds: Rounds) -> dict[str, float]:
    """Return each contender's median steps a second; the order changes with every round."""
    found: dict[str, list[float]] = {name: [] for name in contenders}
    for contender in contenders.values():
        per_second(contender, threads, min(0.5, rounds.seconds))
    for number in range(rounds.count):
        names = list(contenders)[:: 1 if number % 2 == 0 else -1]
        for name in names:
            gc.collect()
            found[name].append(per_second(contenders[name], threads, rounds.seconds))
    return {name: statistics.median(figures) for name, figures in found.items()}


def seconds_in_turn(
    contenders: Mapping[str, Callable[[], object]], rounds: int
) -> dict[str, float]:
    """Return each contender's median seconds for one call; the order changes with every round."""
    found: dict[str, list[float]] = {name: [] for name in contenders}
    for contender in contenders.values():
        contender()
    for number in range(rounds):
        names = list(contenders)[:: 1 if number % 2 == 0 else -1]
        for name in names:
            gc.collect()
            started = time.perf_counter()
            contenders[name]()
            found[name].append(time.perf_counter() - started)
    return {name: statistics.median(figures) for name, figures in found.items()}

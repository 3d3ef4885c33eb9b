"""Gathering: threads that want the same of the database at the same moment ask it once, together.

Whoever comes first leads: it asks for all that has gathered meanwhile and hands the lead on. So a
statement, a round trip and an fsync are shared by all threads that had to wait for the one before.
"""

import threading
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Collection, Sequence
from typing import Generic, TypeVar, cast

from eventsourcing.persistence import OperationalError

Q = TypeVar("Q")
A = TypeVar("A")

GROUP_MEMBERS_MAX = 256
GROUP_WEIGHT_MAX = 5_000

_NOTHING: frozenset[object] = frozenset()


class Member(Generic[Q, A]):
    """A question in the queue, and the thread that waits for its answer."""

    __slots__ = (
        "answer", "error", "leads", "question", "settled", "touches", "weight", "woken",
    )  # fmt: skip

    def __init__(self, question: Q, touches: Collection[object], weight: int) -> None:
        self.question = question
        self.touches = touches
        self.weight = weight
        self.answer: A | None = None
        self.error: BaseException | None = None
        self.settled = False
        self.leads = False
        self.woken = threading.Lock()
        self.woken.acquire()


def touches_nothing(_question: object) -> frozenset[object]:
    """Say that a question gets on with every other."""
    return _NOTHING


def weighs_one(_question: object) -> int:
    """Say that a question is as heavy as any other."""
    return 1


class Gatherer(ABC, Generic[Q, A]):
    """A queue of questions; whoever leads takes a group of them and answers it.

    `touches` names what no other question of the same group may touch; who has to wait keeps its
    place. `weight` bounds a group.
    """

    def __init__(
        self,
        *,
        touches: Callable[[Q], frozenset[object] | set[object]] = touches_nothing,
        weight: Callable[[Q], int] = weighs_one,
    ) -> None:
        self._touches = touches
        self._weight = weight
        self._queue: deque[Member[Q, A]] = deque()
        self._mutex = threading.Lock()
        self._led = False

    @abstractmethod
    def _ask_for_group(self, leader: Member[Q, A]) -> None:
        """Gather a group and answer it, hand the lead on and wake the others."""

    def _arrived(self) -> None:
        """Notice, holding the mutex, that somebody has queued up behind a leader."""

    def submit(self, question: Q) -> A:
        """Return the answer; raises what the database raised for this question."""
        # what makes no sense is said to its own thread, before anybody waits beside it
        member: Member[Q, A] = Member(question, self._touches(question), self._weight(question))
        try:
            with self._mutex:
                self._queue.append(member)
                if not self._led:
                    self._led = member.leads = True
                else:
                    self._arrived()
            if not member.leads:
                member.woken.acquire()
            while member.leads and not member.settled:
                self._ask_for_group(member)
        finally:  # whoever is interrupted, waiting or asking, leaves nobody without a leader
            if member.leads or not member.settled:
                self._leave(member)
        if member.error is not None:
            raise member.error
        return cast("A", member.answer)

    def _leave(self, member: Member[Q, A]) -> None:
        """Give up the place in the queue, and the lead to whoever is first, or comes next."""
        with self._mutex:
            if not member.settled and member in self._queue:
                self._queue.remove(member)
            if not member.leads:
                return
            member.leads = False
            if not self._queue:
                self._led = False
                return
            successor = self._queue[0]
            successor.leads = True
        successor.woken.release()

    def _gather(self, group: list[Member[Q, A]], taken: Collection[object] = ()) -> None:
        """Let join a group who touches nothing taken, nor what another does; the others stay.

        The mutex is held. Whoever is interrupted here has moved all of them, or none.
        """
        found: list[Member[Q, A]] = []
        left: deque[Member[Q, A]] = deque()
        touched: set[object] = set(taken)
        weight = 0
        queue = iter(self._queue)
        for member in queue:
            if touched.isdisjoint(member.touches):
                found.append(member)
                weight += member.weight
            else:
                left.append(member)
            touched.update(member.touches)
            if len(found) >= GROUP_MEMBERS_MAX or weight >= GROUP_WEIGHT_MAX:
                break
        left.extend(queue)
        group += found
        self._queue = left


class Gathering(Gatherer[Q, A]):
    """Gathers the questions of a process's threads for `ask`, which answers them in order.

    When `ask` fails with `OperationalError` the whole group fails; with anything else, its members
    are asked singly, so that only the one to blame fails.
    """

    def __init__(
        self,
        ask: Callable[[list[Q]], Sequence[A]],
        *,
        touches: Callable[[Q], frozenset[object] | set[object]] = touches_nothing,
        weight: Callable[[Q], int] = weighs_one,
    ) -> None:
        super().__init__(touches=touches, weight=weight)
        self._ask = ask

    def _ask_for_group(self, leader: Member[Q, A]) -> None:
        group: list[Member[Q, A]] = []
        try:
            with self._mutex:
                self._gather(group)
            self._settle(group)
        finally:
            for member in group:
                if not member.settled:
                    member.error = OperationalError("the group's leader was interrupted")
                    member.settled = True
            if leader.settled:  # the next leader first: the database waits for nobody else
                self._leave(leader)
            for member in group:
                if member is not leader:
                    member.woken.release()

    def _settle(self, group: list[Member[Q, A]]) -> None:
        try:
            answers = self._ask([member.question for member in group])
        except OperationalError as error:
            for member in group:
                member.error = error
                member.settled = True
        except Exception as error:  # noqa: BLE001 (whatever it is, somebody waits to be told)
            if len(group) == 1:
                group[0].error = error
                group[0].settled = True
                return
            for place, member in enumerate(group):  # one of them is to blame, not the innocent
                self._settle([member])
                if isinstance(member.error, OperationalError):
                    for other in group[place + 1 :]:  # the database is away now, for all
                        other.error, other.settled = member.error, True
                    return
        else:
            for member, answer in zip(group, answers, strict=True):
                member.answer = answer
                member.settled = True

"""A relay: while one group of questions is being finished, the next one is already being prepared.

Where finishing means to wait for a disk, the interpreter would stand idle meanwhile. The group that
is next takes in whoever comes until it is its turn, so it is no smaller for having begun early, and
as many share an fsync as before.
"""

import threading
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from eventsourcing.persistence import OperationalError

from store.gathering import GROUP_MEMBERS_MAX, Gatherer, Member

Q = TypeVar("Q")
P = TypeVar("P")
A = TypeVar("A")


class _Group(Generic[Q, P, A]):
    """Who goes together, what was prepared for those of them who did not fail, what they touch."""

    __slots__ = ("finishes", "members", "prepared", "touched")

    def __init__(self) -> None:
        self.members: list[Member[Q, A]] = []
        self.prepared: list[tuple[Member[Q, A], P]] = []
        self.touched: set[object] = set()
        self.finishes = False


class Relay(Gatherer[Q, A], Generic[Q, P, A]):
    """Gathers questions for `prepare`, asked for some at a time, and `finish`, for a whole group.

    What a group touches that is under way, the next one does not before it is finished: who wants
    it waits. When `prepare` or `finish` fails, all fail for whom it was asked.
    """

    def __init__(
        self,
        prepare: Callable[[list[Q]], Sequence[P]],
        finish: Callable[[list[P]], Sequence[A]],
        *,
        touches: Callable[[Q], frozenset[object] | set[object]],
    ) -> None:
        super().__init__(touches=touches)
        self._prepare = prepare
        self._finish = finish
        self._changed = threading.Condition(self._mutex)
        self._finishing = False
        self._under_way: set[object] = set()

    def _arrived(self) -> None:
        self._changed.notify()

    def _ask_for_group(self, leader: Member[Q, A]) -> None:
        group: _Group[Q, P, A] = _Group()
        try:
            while newcomers := self._next(group):
                self._prepare_for(newcomers, group)
            if leader in group.members:  # whoever leads next prepares meanwhile
                self._leave(leader)
            self._finish_for(group)
        finally:
            self._end(group)
            for member in group.members:
                if not member.settled:
                    member.error = OperationalError("the group's leader was interrupted")
                    member.settled = True
            if leader.settled:
                self._leave(leader)
            for member in group.members:
                if member is not leader:
                    member.woken.release()

    def _next(self, group: _Group[Q, P, A]) -> list[Member[Q, A]]:
        """Return who joins the group, nobody when it is its turn to be finished."""
        with self._changed:
            newcomers = [] if self._may_finish(group) else self._joining(group)
            while not newcomers and not self._may_finish(group):
                some_wait = bool(self._queue)  # for what is under way: they join when it is free
                self._changed.wait()
                if some_wait or not self._may_finish(group):
                    newcomers = self._joining(group)
            if not newcomers:
                group.finishes = self._finishing = True
            return newcomers

    def _may_finish(self, group: _Group[Q, P, A]) -> bool:
        return bool(group.members) and not self._finishing

    def _joining(self, group: _Group[Q, P, A]) -> list[Member[Q, A]]:
        here = len(group.members)
        if here < GROUP_MEMBERS_MAX:
            self._gather(group.members, self._under_way)
        newcomers = group.members[here:]
        group.touched.update(*(member.touches for member in newcomers))
        self._under_way |= group.touched
        return newcomers

    def _end(self, group: _Group[Q, P, A]) -> None:
        with self._changed:
            if group.finishes:
                self._finishing = False
            self._under_way -= group.touched
            self._changed.notify()

    def _prepare_for(self, newcomers: list[Member[Q, A]], group: _Group[Q, P, A]) -> None:
        try:
            prepared = self._prepare([member.question for member in newcomers])
        except Exception as error:  # noqa: BLE001 (whatever it is, somebody waits to be told)
            _fail(newcomers, error)
        else:
            group.prepared += zip(newcomers, prepared, strict=True)

    def _finish_for(self, group: _Group[Q, P, A]) -> None:
        if not group.prepared:
            return
        members = [member for member, _ in group.prepared]
        try:
            answers = self._finish([prepared for _, prepared in group.prepared])
        except Exception as error:  # noqa: BLE001 (as above)
            _fail(members, error)
        else:
            for member, answer in zip(members, answers, strict=True):
                member.answer = answer
                member.settled = True


def _fail(members: list[Member[Q, A]], error: Exception) -> None:
    for member in members:
        member.error = error
        member.settled = True

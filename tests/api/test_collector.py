"""While the API serves, Python looks for cyclic garbage less often; afterwards as before."""

import gc
import weakref

from api.collector import seldom_collected


class _Knot:
    """Something that only the collector frees."""

    def __init__(self) -> None:
        self.itself = self


def test_the_collector_is_as_it_was_when_serving_ends() -> None:
    before = gc.get_threshold()
    with seldom_collected():
        assert gc.get_threshold()[0] > before[0]
        assert gc.get_freeze_count() > 0
    assert gc.get_threshold() == before
    assert gc.get_freeze_count() == 0


def test_what_becomes_garbage_while_serving_is_found_all_the_same() -> None:
    with seldom_collected():
        knot = _Knot()
        gone = weakref.ref(knot)
        del knot
        for _ in range(gc.get_threshold()[0] * 2):
            _Knot()
        assert gone() is None

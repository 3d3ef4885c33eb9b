"""How often Python looks for cyclic garbage while the API serves.

What the program is made of never becomes garbage, and folded states are kept by the ten thousand,
so looking through all of it as often as Python does by itself took a sixth of a registration's
time, in pauses that everybody waits through. A request leaves no cycles, or they die young.
"""

import contextlib
import gc
from collections.abc import Iterator

_THRESHOLDS = (10_000, 20, 20)


@contextlib.contextmanager
def seldom_collected() -> Iterator[None]:
    """Leave out what there is already, and look less often for what comes."""
    before = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(*_THRESHOLDS)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()

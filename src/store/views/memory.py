"""How often Python looks for cyclic garbage while a view catches up."""

import contextlib
import gc
from collections.abc import Iterator

_THRESHOLDS = (50_000, 20, 20)


@contextlib.contextmanager
def seldom_collected() -> Iterator[None]:
    """Let the collector look less often: a batch makes many objects and no cycles of its own."""
    before = gc.get_threshold()
    gc.set_threshold(*_THRESHOLDS)
    try:
        yield
    finally:
        gc.set_threshold(*before)

"""A process that runs the bench's saga as the server runs its own: `-m bench.timers_part URL`.

It says `running` and goes on until it is told to end.
"""

import signal
import sys
import threading

from _logs import configure
from bench.place import casebook_at
from bench.reminding import SAGA
from sagas.runner import run


def main() -> None:
    """Fold and fire until SIGTERM; no folded state is kept, as for cases long untouched."""
    configure("ERROR")  # and not to the pipe, which nobody reads any more
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    url = sys.argv[1]
    with casebook_at(url, size=12, cached_states_max=0) as casebook:
        print("running", flush=True)
        run(url, casebook, [SAGA], stop)


if __name__ == "__main__":
    main()

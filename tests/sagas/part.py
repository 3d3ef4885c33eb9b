"""A process that runs the sagas of the tests as the server does: `python -m tests.sagas.part URL`.

It says `running` when its threads are started, and ends in good order on SIGTERM.
"""

import signal
import sys
import threading

from _logs import configure
from sagas.runner import run
from tests.sagas.promises import REMINDING, open_casebook


def main() -> None:
    configure("ERROR")  # and not to the pipe, which nobody reads any more
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    url = sys.argv[1]
    casebook = open_casebook(url)
    print("running", flush=True)
    run(url, casebook, [REMINDING], stop)
    casebook.pool.close()


if __name__ == "__main__":
    main()

"""Take mail on this machine and print it, for trying notices on without a mail server."""

import _bootstrap

if __name__ == "__main__":
    _bootstrap.enter()
    from _mailbox import app

    app()

"""Validate rule documents and publish them into the log."""

import _bootstrap

if __name__ == "__main__":
    _bootstrap.enter()
    from publishing import app

    app()

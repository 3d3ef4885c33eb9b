"""Bring complaints of another system into the casebook, every source row accounted for."""

import _bootstrap

if __name__ == "__main__":
    _bootstrap.enter()
    from importing.command import app

    app()

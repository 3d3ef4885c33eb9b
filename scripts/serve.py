#!/usr/bin/env python3
"""Run the whole server: the private PostgreSQL, the views, the sagas and the API."""

import _bootstrap

if __name__ == "__main__":
    _bootstrap.enter()
    from _serving import app

    app()

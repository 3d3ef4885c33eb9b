#!/usr/bin/env python3
"""Print an access token for the local server, which is its own issuer.

This file bears the name of a module of the standard library. Python looks into a script's own
folder first, so whatever asks for that module while a script runs would find this file; then it
answers as the module that was meant.
"""

if __name__ == "token":
    import os as _os

    with open(_os.path.join(_os.path.dirname(_os.__file__), "token.py"), encoding="utf-8") as _file:
        exec(compile(_file.read(), _file.name, "exec"))  # noqa: S102 (the standard library's own)
else:
    import _bootstrap

    _bootstrap.enter()

    from _tokens import app

    app()

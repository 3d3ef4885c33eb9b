"""Print a case's history: who, when, what, why, and what changed at each step."""

import _bootstrap

if __name__ == "__main__":
    _bootstrap.enter()
    from replaying import app

    app()

"""The runner of views: what a view is, how it follows the log, and how it is rebuilt.

`declare` says what a view is; `follower` applies one batch in one transaction; `runner` keeps all
views up with the log; `rebuild` builds one anew beside the live one and takes its place.
"""

from store.blocks import Blocks, beside
from store.views.declare import (
    Document,
    DocumentView,
    Erasure,
    SqlView,
    TableView,
    View,
    Work,
)
from store.views.forgetting import forget
from store.views.rebuild import (
    Difference,
    RebuildIsRunning,
    RebuildIsStuck,
    SwapIsBlocked,
    compare,
    rebuild,
)
from store.views.runner import ViewIsStuck, catch_up, run
from store.views.tracking import ViewStatus, view_status

__all__ = [
    "Blocks",
    "Difference",
    "Document",
    "DocumentView",
    "Erasure",
    "RebuildIsRunning",
    "RebuildIsStuck",
    "SqlView",
    "SwapIsBlocked",
    "TableView",
    "View",
    "ViewIsStuck",
    "ViewStatus",
    "Work",
    "beside",
    "catch_up",
    "compare",
    "forget",
    "rebuild",
    "run",
    "view_status",
]

"""The table's rows, in the order of the table."""

from collections.abc import Callable, Mapping

from bench import (
    catching_up,
    drawing,
    execute,
    folding,
    growing,
    histories,
    importing_log,
    ledgers,
    over_http,
    recorder,
    timing,
)
from bench.figures import Figure
from bench.place import Place

Program = Callable[[Place], Figure]

ROWS: Mapping[str, Program] = {
    "recorder": recorder.against_stock,
    "recorder-plain": recorder.against_plain_rows,
    "execute": execute.against_stock,
    "catch-up-audit": catching_up.audit,
    "catch-up-documents": catching_up.documents,
    "fold": folding.against_parsing,
    "get-complaint": over_http.read_complaint,
    "get-360": over_http.read_360,
    "post-complaint": over_http.register_complaint,
    "rebuild-memory": growing.rebuild_memory,
    "growth-read": growing.read_growth,
    "growth-command": growing.command_growth,
    "growth-360": growing.overview_growth,
    "growth-history": histories.overview_history,
    "import-memory": importing_log.import_memory,
    "tick": timing.tick,
    "firing": timing.firing,
    "storm": timing.storm,
    "draw": drawing.draw,
    "import-loyalty": ledgers.import_baskets,
    "expiry-run": ledgers.expiry_run,
}
"""Every row by its name; rows that need the long log share it."""

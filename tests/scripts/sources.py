"""Source files made for tests: invented complaints and traces in the real layouts."""

import csv
import io
from collections.abc import Iterable, Mapping
from xml.sax.saxutils import quoteattr

DERIVED = (
    "CMPLID", "ODINO", "MAKETXT", "MODELTXT", "YEARTXT", "FAILDATE", "LDATE", "VIN_PARTIAL",
    "CDESCR", "ANNOT_FAILURE_MODE", "CRASH", "FIRE", "INJURED", "DEATHS", "MILES", "STATE",
    "VEH_SPEED", "DEALER_NAME", "DEALER_STATE",
)  # fmt: skip

DERIVED_ROW = {
    "CMPLID": "1",
    "ODINO": "9001",
    "MAKETXT": "PHOENIX",
    "MODELTXT": "P1",
    "YEARTXT": "2021",
    "FAILDATE": "2023-01-02",
    "LDATE": "2023-01-05",
    "VIN_PARTIAL": "DEM0ZZZ0021",
    "CDESCR": "THE REAR WINDOW LEFT THE CAR WITHOUT SAYING WHY.",
    "ANNOT_FAILURE_MODE": "REAR WINDOW | GONE",
    "CRASH": "N",
    "FIRE": "N",
    "INJURED": "0",
    "DEATHS": "0",
    "MILES": "12000",
    "STATE": "Indiana",
    "VEH_SPEED": "",
    "DEALER_NAME": "Fictional Motors",
    "DEALER_STATE": "",
}

OFFICIAL = (
    "CMPLID", "ODINO", "MFR_NAME", "MAKETXT", "MODELTXT", "YEARTXT", "CRASH", "FAILDATE", "FIRE",
    "INJURED", "DEATHS", "COMPDESC", "CITY", "STATE", "VIN", "DATEA", "LDATE", "MILES",
    "OCCURENCES", "CDESCR", "CMPL_TYPE", "POLICE_RPT_YN", "PURCH_DT", "ORIG_OWNER_YN",
    "ANTI_BRAKES_YN", "CRUISE_CONT_YN", "NUM_CYLS", "DRIVE_TRAIN", "FUEL_SYS", "FUEL_TYPE",
    "TRANS_TYPE", "VEH_SPEED", "DOT", "TIRE_SIZE", "LOC_OF_TIRE", "TIRE_FAIL_TYPE",
    "ORIG_EQUIP_YN", "MANUF_DT", "SEAT_TYPE", "RESTRAINT_TYPE", "DEALER_NAME", "DEALER_TEL",
    "DEALER_CITY", "DEALER_STATE", "DEALER_ZIP", "PROD_TYPE", "REPAIRED_YN", "MEDICAL_ATTN",
    "VEHICLES_TOWED_YN",
)  # fmt: skip

OFFICIAL_ROW = {
    "CMPLID": "71",
    "ODINO": "9100",
    "MFR_NAME": "Imaginary Motor Company",
    "MAKETXT": "PHOENIX",
    "MODELTXT": "P4",
    "YEARTXT": "2019.0",
    "CRASH": "Y",
    "FAILDATE": "20240111",
    "FIRE": "N",
    "INJURED": "2",
    "DEATHS": "0",
    "COMPDESC": "POWER TRAIN",
    "CITY": "Springfield",
    "STATE": "AR",
    "VIN": "DEM0ZZZ0019",
    "DATEA": "20240213",
    "LDATE": "20240212",
    "MILES": "71600.0",
    "CDESCR": "The gearbox went on holiday.",
    "CMPL_TYPE": "IVOQ",
    "PROD_TYPE": "V",
}


def as_csv(columns: Iterable[str], *rows: Mapping[str, str]) -> str:
    """Return rows as CSV with a header."""
    text = io.StringIO()
    writer = csv.DictWriter(text, list(columns), restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def derived(*changes: Mapping[str, str]) -> str:
    """Return the derived layout; each row is the usual one with changes."""
    return as_csv(DERIVED, *({**DERIVED_ROW, **change} for change in changes))


def official_tabs(*changes: Mapping[str, str]) -> str:
    """Return the agency's own layout: tabs, no header, no quotes."""
    rows = [{**OFFICIAL_ROW, **change} for change in changes]
    return "".join("\t".join(row.get(name, "") for name in OFFICIAL) + "\n" for row in rows)


def official_csv(*changes: Mapping[str, str]) -> str:
    """Return the agency's fields as CSV with a header."""
    columns = [name for name in OFFICIAL if name != "DEALER_TEL"]
    return as_csv(columns, *({**OFFICIAL_ROW, **change} for change in changes))


def event(status: str, transition: str, at: str, **more: str) -> str:
    """Return an event of the incident log's kind."""
    attributes = {
        "org:group": "Desk 1",
        "org:resource": "Zarathustra",
        "organization involved": "Org line C",
        "org:role": "A2_1",
        "concept:name": status,
        "impact": "High",
        "lifecycle:transition": transition,
        **more,
    }
    inside = "".join(
        f"<string key={quoteattr(key)} value={quoteattr(value)}/>"
        for key, value in attributes.items()
    )
    return f'<event>{inside}<date key="time:timestamp" value="{at}"/></event>\n'


def trace(name: str, *events: str) -> str:
    """Return a trace."""
    return f'<trace><string key="concept:name" value="{name}"/>\n{"".join(events)}</trace>\n'


def xes(*traces: str, namespace: str = "", before: str = "") -> str:
    """Return an event log; `before` stands between the XML declaration and the log."""
    head = '<global scope="trace"><string key="concept:name" value="UNKNOWN"/></global>'
    log = f'<log xes.version="1.0"{namespace}>{head}{"".join(traces)}</log>'
    return f'<?xml version="1.0"?>{before}{log}'

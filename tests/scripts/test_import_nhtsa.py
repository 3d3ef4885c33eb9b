"""NHTSA complaints: every layout, every row accounted for, and a second run adds nothing."""

import csv
import gzip
from datetime import UTC, date, datetime
from pathlib import Path
from uuid import UUID

import pytest

from domain.complaint import (
    Channel,
    ComplaintRegistered,
    CorrespondenceRecorded,
    Kind,
    MileageUnit,
    Status,
    StepCarriedOver,
)
from domain.vehicle.events import VehicleRegistered
from importing.command import app
from store.casebook import Casebook
from tests.scripts.running import events, nhtsa_case, run
from tests.scripts.sources import derived, official_csv, official_tabs

VIN = "DEM0ZZZ0021123456"


def rejected(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_a_row_becomes_a_vehicle_and_a_complaint_with_its_original_dates(
    installation: Casebook, tmp_path: Path
) -> None:
    file = tmp_path / "rows.csv"
    file.write_text(derived({"CRASH": "Y", "INJURED": "1", "YEARTXT": "9999"}), encoding="utf-8")
    result = run(app, "nhtsa", file)
    assert "1 rows read = 1 imported + 0 already there + 0 rejected" in result.stdout
    assert result.exit_code == 0
    registered, step = events(nhtsa_case(installation, 9001))
    assert isinstance(registered, ComplaintRegistered)
    assert registered.received_at == datetime(2023, 1, 5, tzinfo=UTC)
    assert registered.occurred_on == date(2023, 1, 2)
    assert (registered.kind, registered.customer_id) == (Kind.QUALITY, None)
    assert (registered.mileage, registered.mileage_unit) == (12_000, MileageUnit.MI)
    assert (registered.region, registered.dealer_named) == ("US-IN", "Fictional Motors")
    assert (registered.crash, registered.fire, registered.injured_count) == (True, False, 1)
    assert registered.number == "NHTSA-9001"
    assert isinstance(step, StepCarriedOver)
    assert (step.source_row, step.source_status) == ("NHTSA CMPLID 1", "REAR WINDOW | GONE")
    assert isinstance(registered.vehicle_id, UUID)
    (vehicle,) = events(installation.history(registered.vehicle_id))
    assert vehicle == VehicleRegistered(
        make="PHOENIX", model="P1", vin_part="DEM0ZZZ0021", vin_source="nhtsa"
    )


@pytest.mark.parametrize("layout", [official_csv, official_tabs])
def test_the_agencys_own_fields_are_read_with_and_without_a_header(
    installation: Casebook, tmp_path: Path, layout: object
) -> None:
    assert callable(layout)
    file = tmp_path / "FLAT_CMPL.gz"
    file.write_bytes(gzip.compress(layout({}).encode()))
    assert run(app, "nhtsa", file).exit_code == 0
    registered = events(nhtsa_case(installation, 9100))[0]
    assert registered.received_at == datetime(2024, 2, 12, tzinfo=UTC)
    assert registered.channel is Channel.WEBSITE
    assert (registered.mileage, registered.region) == (71_600, "US-AR")


def test_components_of_one_complaint_are_one_case_and_no_row_is_merged_away(
    installation: Casebook, tmp_path: Path
) -> None:
    file = tmp_path / "rows.csv"
    file.write_text(
        official_csv(
            {},
            {"CMPLID": "72", "COMPDESC": "STEERING", "CDESCR": "THE WHEEL TOO."},
            {"CMPLID": "80", "ODINO": "9200"},
            {"CMPLID": "73", "COMPDESC": "SEATS", "PROD_TYPE": "C", "MODELTXT": "THRONE"},
        ),
        encoding="utf-8",
    )
    for already in (0, 4):
        result = run(app, "nhtsa", file)
        imported = 4 - already
        assert f"4 rows read = {imported} imported + {already} already there" in result.stdout
    found = events(nhtsa_case(installation, 9100))
    steps = [event.source_status for event in found if isinstance(event, StepCarriedOver)]
    assert steps == ["POWER TRAIN", "STEERING", "PHOENIX THRONE 2019: SEATS"]
    texts = [event.content for event in found if isinstance(event, CorrespondenceRecorded)]
    assert texts == ["THE WHEEL TOO."]


def test_a_broken_row_goes_to_the_reject_file_and_the_rest_is_imported(
    installation: Casebook, tmp_path: Path
) -> None:
    good = {"CMPLID": "5", "ODINO": "9005"}
    file = tmp_path / "rows.csv"
    text = derived(
        {"CMPLID": "2", "ODINO": "9002", "LDATE": "soon"},
        {"CMPLID": "3", "ODINO": ""},
        {"CMPLID": "4", "ODINO": "9004", "FAILDATE": "2024-01-05"},
        good,
        {"CMPLID": "6", "ODINO": "9006", "FAILDATE": "1948-01-05"},
        {"CMPLID": "7", "ODINO": "9007", "CDESCR": "HID\x00DEN"},
        {"CMPLID": "8", "ODINO": "9008", "MILES": "many"},
        {"CMPLID": "9", "ODINO": "9009", "LDATE": "2099-01-05"},
    )
    file.write_text(text + "too,short\n", encoding="utf-8")
    result = run(app, "nhtsa", file)
    assert "9 rows read = 1 imported + 0 already there + 8 rejected" in result.stdout
    assert (result.exit_code, run(app, "nhtsa", file, "--strict").exit_code) == (0, 3)
    rows = rejected(tmp_path / "rows.csv.rejects.csv")
    assert sorted((row["line"], row["code"], row["field"]) for row in rows) == [
        ("10", "row.malformed", ""),
        ("2", "value.date_parsing", "LDATE"),
        ("3", "value.odino", "ODINO"),
        ("4", "complaint.occurred_after_receipt", ""),
        ("6", "value.greater_than_equal", "FAILDATE"),
        ("7", "value.value_error", "CDESCR"),
        ("8", "value.int_parsing", "MILES"),
        ("9", "complaint.instant_in_future", ""),
    ]
    assert {row["raw"] for row in rows} == set(file.read_text().split("\n")[1:-1]) - {
        derived(good).split("\n")[1]
    }
    assert nhtsa_case(installation, 9005)
    assert (tmp_path / "rows.csv.rejects.csv").stat().st_mode & 0o077 == 0


def test_a_quote_that_never_ends_costs_its_own_row_only(
    installation: Casebook, tmp_path: Path
) -> None:
    header, first, second = derived({}, {"CMPLID": "2", "ODINO": "9002"}).splitlines()
    broken = first.replace("THE REAR", '"THE REAR').replace("9001", "9000")
    file = tmp_path / "rows.csv"
    file.write_text("\n".join([header, broken, first, second]) + "\n", encoding="utf-8")
    result = run(app, "nhtsa", file)
    assert "3 rows read = 2 imported + 0 already there + 1 rejected" in result.stdout
    (row,) = rejected(tmp_path / "rows.csv.rejects.csv")
    assert (row["line"], row["raw"]) == ("2", broken)


def test_a_narrative_of_several_lines_is_one_row(installation: Casebook, tmp_path: Path) -> None:
    file = tmp_path / "rows.csv"
    file.write_text(derived({"CDESCR": "ONE\nTWO"}), encoding="utf-8")
    run(app, "nhtsa", file)
    assert events(nhtsa_case(installation, 9001))[0].narrative == "ONE\nTWO"


@pytest.mark.parametrize(
    ("stored", "meant"),
    [
        ("HE SAID \x93NO\x94".encode("latin-1"), "HE SAID “NO”"),
        ("HE SAID â€œNOâ€\x9d".encode(), "HE SAID “NO”"),
        ("IT’S FINE — ÄÖÜ".encode(), "IT’S FINE — ÄÖÜ"),
    ],
)
def test_mistaken_encodings_are_read_as_they_were_meant(
    installation: Casebook, tmp_path: Path, stored: bytes, meant: str
) -> None:
    file = tmp_path / "rows.csv"
    file.write_bytes(derived({"CDESCR": "@"}).encode().replace(b"@", stored))
    run(app, "nhtsa", file)
    assert events(nhtsa_case(installation, 9001))[0].narrative == meant


def test_complaints_about_one_full_vin_share_its_vehicle(
    installation: Casebook, tmp_path: Path
) -> None:
    file = tmp_path / "rows.csv"
    rows = ({"VIN_PARTIAL": VIN}, {"CMPLID": "2", "ODINO": "9002", "VIN_PARTIAL": VIN})
    file.write_text(derived(*rows), encoding="utf-8")
    run(app, "nhtsa", file)
    first, second = (events(nhtsa_case(installation, n))[0] for n in (9001, 9002))
    assert first.vehicle_id == second.vehicle_id
    assert "0 events added" in run(app, "nhtsa", file).stdout


def test_what_the_driver_mistyped_as_vin_does_not_cost_her_complaint(
    installation: Casebook, tmp_path: Path
) -> None:
    file = tmp_path / "rows.csv"
    file.write_text(derived({"VIN_PARTIAL": "2012 PHOENIX"}), encoding="utf-8")
    assert "1 imported" in run(app, "nhtsa", file).stdout
    assert events(nhtsa_case(installation, 9001))[0].vin_partial is None


def test_a_row_that_was_imported_otherwise_says_in_what_it_differs(
    installation: Casebook, tmp_path: Path
) -> None:
    file = tmp_path / "rows.csv"
    file.write_text(derived({}), encoding="utf-8")
    run(app, "nhtsa", file)
    file.write_text(derived({"MILES": "13000", "FIRE": "Y"}), encoding="utf-8")
    assert "0 already there + 1 rejected" in run(app, "nhtsa", file).stdout
    (row,) = rejected(tmp_path / "rows.csv.rejects.csv")
    assert (row["code"], row["field"]) == ("row.differs", "mileage fire")
    assert len(nhtsa_case(installation, 9001)) == 2


def test_the_rejects_of_an_earlier_run_do_not_stay(installation: Casebook, tmp_path: Path) -> None:
    file = tmp_path / "rows.csv"
    file.write_text(derived({"LDATE": ""}), encoding="utf-8")
    run(app, "nhtsa", file)
    file.write_text(derived({}), encoding="utf-8")
    run(app, "nhtsa", file)
    assert not (tmp_path / "rows.csv.rejects.csv").exists()


def test_a_dry_run_changes_nothing(installation: Casebook, tmp_path: Path) -> None:
    file = tmp_path / "rows.csv"
    file.write_text(derived({}, {"CMPLID": "2", "ODINO": "9002", "LDATE": ""}), encoding="utf-8")
    before = installation.head()
    result = run(app, "nhtsa", file, "--dry-run")
    assert "2 rows read = 1 would be imported + 0 already there + 1 rejected" in result.stdout
    assert installation.head() == before


def test_a_limit_counts_cases(installation: Casebook, tmp_path: Path) -> None:
    file = tmp_path / "rows.csv"
    file.write_text(derived({}, {"CMPLID": "2", "ODINO": "9002"}), encoding="utf-8")
    assert "1 rows read = 1 imported" in run(app, "nhtsa", file, "--limit", "1").stdout
    assert not nhtsa_case(installation, 9002)


def test_an_imported_complaint_can_be_handled_on_and_imported_again(
    installation: Casebook, tmp_path: Path
) -> None:
    file = tmp_path / "rows.csv"
    file.write_text(derived({}), encoding="utf-8")
    run(app, "nhtsa", file)
    stream = nhtsa_case(installation, 9001)[0].stream
    assert installation.state(stream).state.status is Status.REGISTERED
    assert "0 events added" in run(app, "nhtsa", file).stdout


@pytest.mark.parametrize("content", [b"", b"a,b,c\n1,2,3\n", b"<html></html>\n"])
def test_a_file_of_something_else_is_refused_in_one_line(
    installation: Casebook, tmp_path: Path, content: bytes
) -> None:
    file = tmp_path / "rows.csv"
    file.write_bytes(content)
    result = run(app, "nhtsa", file)
    assert result.exit_code == 1
    assert len(result.stderr.strip().splitlines()) == 1


def test_a_truncated_file_is_imported_as_far_as_it_goes(
    installation: Casebook, tmp_path: Path
) -> None:
    rows = [
        {"CMPLID": str(n), "ODINO": str(9000 + n), "CDESCR": f"N{n * 7919}"} for n in range(500)
    ]
    whole = gzip.compress(derived(*rows).encode())
    file = tmp_path / "rows.csv.gz"
    file.write_bytes(whole[: len(whole) // 2])
    assert run(app, "nhtsa", file).exit_code == 0
    codes = {row["code"] for row in rejected(tmp_path / "rows.csv.gz.rejects.csv")}
    assert "file.damaged" in codes
    assert nhtsa_case(installation, 9001)

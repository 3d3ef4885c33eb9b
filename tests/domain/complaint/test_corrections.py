from datetime import UTC, date, datetime
from typing import Any

from domain import complaint as c
from tests.domain.complaint.desk import CAR, CLOSED, LEILA, REGISTERED, SALES, an_id, registered
from tests.scenario import CASE, NOW

WRONG = "It was taken down wrongly."


def correct(version: int = 1, number: int = 80, **values: Any) -> c.CorrectComplaint:
    return c.CorrectComplaint(
        stream=CASE,
        correction_id=an_id(number),
        corrects_version=version,
        reason=WRONG,
        **values,
    )


def corrected(version: int = 1, number: int = 80, **values: Any) -> c.ComplaintCorrected:
    return c.ComplaintCorrected(
        correction_id=an_id(number), corrects_version=version, reason=WRONG, **values
    )


def test_a_correction_names_the_version_it_corrects_and_what_holds_instead() -> None:
    case = SALES.when(correct(fire=True, injured_count=2, vehicle_id=CAR)).then(
        corrected(fire=True, injured_count=2, vehicle_id=CAR)
    )
    assert case.state.facts.risks == {c.Risk.FIRE, c.Risk.INJURY}
    assert case.state.facts.vehicle_id == CAR
    assert case.state.registered == registered()


def test_a_risk_that_was_none_is_corrected_away() -> None:
    case = REGISTERED.given(corrected(fire=True))
    case = case.when(correct(2, 81, fire=False)).then(corrected(2, 81, fire=False))
    assert case.state.facts.risks == set()


def test_a_vin_is_corrected_in_its_normal_form() -> None:
    SALES.when(correct(vin_partial="1ftew1efxff")).then(corrected(vin_partial="1FTEW1EFXFF"))


def test_whoever_was_identified_wrongly_is_corrected() -> None:
    linked = REGISTERED.given(c.VehicleLinked(vehicle_id=CAR))
    case = linked.when(correct(2, vehicle_id=LEILA)).then(corrected(2, vehicle_id=LEILA))
    assert case.state.facts.vehicle_id == LEILA


def test_whatever_an_event_said_is_put_right_by_a_statement() -> None:
    CLOSED.when(correct(6, statement="Accounting was not asked, sales was.")).then(
        corrected(6, statement="Accounting was not asked, sales was.")
    )


def test_an_id_stands_for_one_correction() -> None:
    SALES.given(corrected(fire=True)).when(correct(fire=False)).refused(c.ItemExists)


def test_a_correction_corrects_something() -> None:
    SALES.when(correct()).refused(c.NothingCorrected)


def test_a_correction_is_of_an_event_that_is_there() -> None:
    SALES.when(correct(9, statement="No.")).refused(c.NoSuchVersion, newest=5)


def test_a_correction_of_facts_is_of_an_event_that_said_them() -> None:
    SALES.when(correct(2, fire=True)).refused(c.VersionSaysNothingOfIt)
    linked = REGISTERED.given(c.VehicleLinked(vehicle_id=CAR))
    linked.when(correct(2, vehicle_id=LEILA, fire=True)).refused(
        c.VersionSaysNothingOfIt, version=2, fields=["fire"]
    )
    case = linked.given(corrected(2, vehicle_id=LEILA))
    case.when(correct(3, 81, vehicle_id=CAR)).then(corrected(3, 81, vehicle_id=CAR))
    case.when(correct(3, 81, fire=True)).refused(c.VersionSaysNothingOfIt)


def test_a_correction_makes_nothing_that_could_not_have_been_registered() -> None:
    SALES.when(correct(origin=c.Origin.DEALER)).refused(c.DealerMissing)
    named = corrected(origin=c.Origin.DEALER, dealer_id="D-17")
    SALES.when(correct(origin=c.Origin.DEALER, dealer_id="D-17")).then(named)


def test_a_complaint_is_in_the_media_as_long_as_it_came_from_there() -> None:
    case = REGISTERED.when(correct(origin=c.Origin.MEDIA)).then(corrected(origin=c.Origin.MEDIA))
    assert case.state.facts.risks == {c.Risk.MEDIA}
    case = case.when(correct(2, 81, origin=c.Origin.CUSTOMER)).then(
        corrected(2, 81, origin=c.Origin.CUSTOMER)
    )
    assert case.state.facts.risks == set()


def test_corrected_days_still_fit_together() -> None:
    SALES.when(correct(occurred_on=date(2026, 5, 1))).refused(c.OccurredAfterReceipt)
    SALES.when(correct(received_at=datetime(2027, 1, 1, tzinfo=UTC))).refused(c.InstantInFuture)
    case = SALES.when(correct(received_at=NOW)).then(corrected(received_at=NOW))
    assert case.state.facts.received_at == NOW

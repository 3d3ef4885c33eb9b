from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

from domain import complaint as c
from domain.declare import AlreadyExists, CaseNotFound
from domain.identifiers import VinIsWrong
from domain.rulebook import RulesNotPublished
from tests.domain.complaint.desk import (
    CAR,
    CUSTOMER,
    DEALER,
    FRESH,
    IMPORTER,
    LEILA,
    MANAGER,
    OTHER_CUSTOMER,
    OTHER_DEALER,
    RECEIVED,
    REGISTERED,
    SPECIALIST,
    register,
    registered,
)
from tests.scenario import CASE, NOW


def test_a_complaint_is_registered_under_the_procedure_that_serves_its_kind() -> None:
    FRESH.when(register()).then(registered("sales"))
    FRESH.when(register(kind=c.Kind.QUALITY)).then(registered("dealer"))
    FRESH.when(register(kind=c.Kind.PARTS)).then(registered("after_sales", kind=c.Kind.PARTS))


def test_a_complaint_without_an_instant_of_receipt_is_received_now_and_once() -> None:
    case = FRESH.when(register(received_at=None)).then(registered(received_at=NOW))
    case.when(register(received_at=None), at=NOW + timedelta(days=1)).then_nothing()


def test_the_instant_of_receipt_is_kept_in_utc() -> None:
    tehran = timezone(timedelta(hours=3, minutes=30))
    FRESH.when(register(received_at=datetime(2026, 2, 27, 12, 0, tzinfo=tehran))).then(
        registered(received_at=datetime(2026, 2, 27, 8, 30, tzinfo=UTC))
    )


def test_everything_known_at_intake_is_recorded() -> None:
    facts: dict[str, Any] = {
        "customer_id": None,
        "complainant_name": "Leila Karimi",
        "complainant_contact": "by the neighbour",
        "vehicle_described": "white, plate not seen",
        "occurred_on": date(2026, 2, 20),
        "mileage": 96_000,
        "injured_count": 1,
        "deaths_count": 0,
        "fire": True,
        "crash": True,
        "media": False,
        "dealer_id": "D-17",
        "dealer_named": "Murray, Kingsland",
        "region": "Georgia",
        "number": "1403/225",
        "source_ref": "nhtsa:1633564",
    }
    case = FRESH.when(
        register(**facts, vin_partial="1ftew1efxff", mileage_unit=c.MileageUnit.MI)
    ).then(registered(**facts, vin_partial="1FTEW1EFXFF", mileage_unit=c.MileageUnit.MI))
    assert case.state.facts.risks == {c.Risk.INJURY, c.Risk.FIRE, c.Risk.CRASH}


def test_a_full_vin_of_an_unknown_vehicle_is_taken_and_a_wrong_one_is_not() -> None:
    FRESH.when(register(vin_partial="1FTEW1EFXFFA12345")).then(
        registered(vin_partial="1FTEW1EFXFFA12345")
    )
    FRESH.when(register(vin_partial="not a VIN")).refused(VinIsWrong)


def test_an_id_that_exists_with_other_content_is_refused() -> None:
    REGISTERED.when(register(narrative="Something else.")).refused(AlreadyExists)
    REGISTERED.when(register(procedure="dealer")).refused(AlreadyExists)
    REGISTERED.when(register(procedure="sales")).then_nothing()


def test_a_complaint_tells_its_story_unless_it_is_carried_over() -> None:
    FRESH.when(register(narrative=None)).refused(c.NarrativeMissing)
    FRESH.when(register(narrative=None, procedure="carried_over"), by=IMPORTER).then(
        registered("carried_over", kind=c.Kind.SALES, narrative=None)
    )


def test_a_complaint_does_not_come_from_the_future() -> None:
    FRESH.when(register(received_at=NOW + timedelta(hours=1))).refused(c.InstantInFuture)
    dawn = datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=14)))
    FRESH.when(register(received_at=dawn)).refused(c.InstantTooEarly)
    dusk = datetime(9999, 12, 31, 23, tzinfo=timezone(timedelta(hours=-12)))
    FRESH.when(register(received_at=dusk)).refused(c.InstantInFuture)
    FRESH.when(register(received_at=datetime(2026, 2, 1))).refused(  # noqa: DTZ001
        c.InstantWithoutZone
    )


def test_what_is_complained_about_happened_before() -> None:
    FRESH.when(register(occurred_on=date(2026, 3, 1))).refused(c.OccurredAfterReceipt)


def test_a_procedure_is_one_that_is_published() -> None:
    FRESH.when(register(procedure="no_such")).refused(RulesNotPublished)
    FRESH.at(datetime(2019, 1, 1, tzinfo=UTC)).when(register(received_at=None)).refused(
        c.NoProcedureServes
    )


def test_nobody_chooses_a_procedure_to_get_round_the_steps_of_the_right_one() -> None:
    carried = register(procedure="carried_over")
    for who in (CUSTOMER, DEALER, SPECIALIST, MANAGER):
        FRESH.when(carried, by=who).refused(c.ProcedureNotYours, procedure="carried_over")
    FRESH.when(register(procedure="after_sales"), by=CUSTOMER).refused(c.ProcedureNotYours)
    FRESH.when(register(procedure="after_sales"), by=SPECIALIST).then(
        registered("after_sales", kind=c.Kind.SALES)
    )


def test_a_customer_complains_for_herself() -> None:
    FRESH.when(register(customer_id=None), by=CUSTOMER).then(registered())
    FRESH.when(register(), by=OTHER_CUSTOMER).refused(c.ComplaintOfAnotherCustomer)


def test_a_dealer_complains_in_its_own_name() -> None:
    FRESH.when(register(origin=c.Origin.DEALER, customer_id=None), by=DEALER).then(
        registered(origin=c.Origin.DEALER, customer_id=None, dealer_id="D-17")
    )
    FRESH.when(register(origin=c.Origin.DEALER, dealer_id="D-17"), by=OTHER_DEALER).refused(
        c.NotTheAssignedDealer
    )
    FRESH.when(register(origin=c.Origin.DEALER)).refused(c.DealerMissing)


def test_the_dealer_who_raised_a_complaint_is_a_party_until_it_is_assigned() -> None:
    raised = FRESH.given(registered(origin=c.Origin.DEALER, customer_id=None, dealer_id="D-17"))
    about = FRESH.given(registered(dealer_id="D-17"))
    assert c.parties(raised.state).dealer_id == "D-17"
    assert c.parties(about.state).dealer_id is None


def test_an_unknown_complainant_is_identified_later_and_once() -> None:
    unknown = FRESH.given(registered(customer_id=None))
    case = unknown.when(c.IdentifyComplainant(stream=CASE, customer_id=LEILA)).then(
        c.ComplainantIdentified(customer_id=LEILA)
    )
    case.when(c.IdentifyComplainant(stream=CASE, customer_id=CAR)).refused(
        c.ComplainantAlreadyIdentified
    )


def test_the_key_of_an_event_is_the_customers_once_she_is_known() -> None:
    unknown = FRESH.given(registered(customer_id=None))
    assert c.subject(CASE, unknown.state, unknown.events[-1]) == CASE
    known = unknown.given(c.ComplainantIdentified(customer_id=LEILA))
    assert c.subject(CASE, known.state, known.events[-1]) == LEILA


def test_a_vehicle_is_linked_later_and_once() -> None:
    case = REGISTERED.when(c.LinkVehicle(stream=CASE, vehicle_id=CAR)).then(
        c.VehicleLinked(vehicle_id=CAR)
    )
    case.when(c.LinkVehicle(stream=CASE, vehicle_id=LEILA)).refused(c.VehicleAlreadyLinked)


def test_nothing_is_done_to_a_case_that_is_not_registered() -> None:
    for command in (
        c.LinkVehicle(stream=CASE, vehicle_id=CAR),
        c.JudgeComplaint(stream=CASE, valid=True),
        c.GradeComplaint(stream=CASE, importance=c.Importance.LOW),
        c.EndCrisis(stream=CASE, crisis_id=CAR, summary="Over."),
        c.ReopenComplaint(stream=CASE, reopening_id=CAR, reason="Why not."),
    ):
        FRESH.when(command).refused(CaseNotFound)


def test_received_is_what_the_clock_of_the_source_said() -> None:
    assert REGISTERED.state.facts.received_at == RECEIVED

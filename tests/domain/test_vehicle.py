"""A vehicle's record."""

from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest

from domain import vehicle
from domain.declare import (
    AlreadyExists,
    CaseNotFound,
    Claim,
    Context,
    Parties,
    Release,
    Role,
)
from domain.identifiers import PlateIsWrong, VinCheckDigitIsWrong, VinIsWrong, VinPartIsWrong
from domain.rulebook import NO_RULES
from domain.vehicle import events as happened
from domain.vehicle import identity, papers, state
from tests.domain.steps import CASE, CUSTOMER, NOW, SPECIALIST, acting, claims_of, fresh

VIN = "1M8GDM9AXKP042788"
OTHER_VIN = "11111111111111111"
SARA, OMID = UUID(int=11), UUID(int=12)
FIRST, SECOND = UUID(int=1), UUID(int=2)

REGISTER = vehicle.RegisterVehicle(stream=CASE, make="Khorshid", model="Lamp 3", vin=VIN.lower())
REGISTERED = happened.VehicleRegistered(make="Khorshid", model="Lamp 3", vin=VIN)
PARTLY = happened.VehicleRegistered(
    make="Khorshid", model="Lamp 3", vin_part=VIN[:11], vin_source="nhtsa"
)

OWN = vehicle.RecordOwnership(
    stream=CASE, ownership_id=FIRST, customer_id=SARA, from_on=date(2024, 3, 1)
)
OWNED = happened.OwnershipRecorded(
    ownership_id=FIRST,
    customer_id=SARA,
    role=happened.OwnershipRole.OWNER,
    from_on=date(2024, 3, 1),
)
ENDED = happened.OwnershipEnded(ownership_id=FIRST, to_on=date(2025, 5, 1))
END = vehicle.EndOwnership(stream=CASE, ownership_id=FIRST, to_on=date(2025, 5, 1))

VISIT = vehicle.RecordVisit(
    stream=CASE,
    visit_id=FIRST,
    dealer_id="D-17",
    visited_on=date(2025, 6, 1),
    mileage_km=20_000,
    works=(happened.WorkKind.REPAIR, happened.WorkKind.REPAIR),
    next_service_due_on=date(2026, 6, 1),
    next_service_due_km=30_000,
)
VISITED = happened.VisitRecorded(
    visit_id=FIRST,
    dealer_id="D-17",
    visited_on=date(2025, 6, 1),
    mileage_km=20_000,
    works=(happened.WorkKind.REPAIR,),
    next_service_due_on=date(2026, 6, 1),
    next_service_due_km=30_000,
)
WARRANT = vehicle.RecordWarranty(
    stream=CASE,
    warranty_id=FIRST,
    kind=happened.WarrantyKind.BASIC,
    starts_on=date(2024, 3, 1),
    ends_on=date(2027, 2, 28),
    mileage_limit_km=100_000,
)
WARRANTED = happened.WarrantyRecorded(
    warranty_id=FIRST,
    kind=happened.WarrantyKind.BASIC,
    starts_on=date(2024, 3, 1),
    ends_on=date(2027, 2, 28),
    mileage_limit_km=100_000,
)
FILE = vehicle.RecordVehicleDocument(
    stream=CASE,
    document_id=FIRST,
    kind=happened.VehicleDocumentKind.INVOICE,
    number="F-12",
    issued_on=date(2024, 2, 1),
)
FILED = happened.VehicleDocumentRecorded(
    document_id=FIRST,
    kind=happened.VehicleDocumentKind.INVOICE,
    number="F-12",
    issued_on=date(2024, 2, 1),
)
INSPECT = vehicle.RecordInspection(
    stream=CASE, inspected_on=date(2026, 1, 10), next_due_on=date(2027, 1, 10)
)
INSPECTED = happened.InspectionRecorded(
    inspected_on=date(2026, 1, 10), passed=True, next_due_on=date(2027, 1, 10)
)

EMPTY = fresh(vehicle.DECIDER)
HERE = EMPTY.given(REGISTERED)


# --- which vehicle it is --------------------------------------------------------------------------


def test_a_vehicle_is_registered_by_its_full_vin() -> None:
    EMPTY.when(REGISTER).then(REGISTERED).when(REGISTER).then()


def test_a_part_of_a_vin_is_enough_where_its_source_is_named() -> None:
    partly = replace(REGISTER, vin=VIN[:11], vin_source="nhtsa")
    EMPTY.when(partly).then(PARTLY).when(partly).then()
    EMPTY.when(replace(partly, vin="OOO")).refused(VinPartIsWrong)
    EMPTY.when(replace(partly, vin_source=None)).refused(VinIsWrong)


def test_an_unknown_vin_needs_a_source_too() -> None:
    unknown = replace(REGISTER, vin=None, vin_source="walk-in")
    EMPTY.when(unknown).then(replace(REGISTERED, vin=None, vin_source="walk-in"))
    EMPTY.when(replace(unknown, vin_source=None)).refused(identity.VinSourceIsMissing)


def test_a_full_vin_may_name_its_source_as_well() -> None:
    EMPTY.when(replace(REGISTER, vin_source="factory")).then(
        replace(REGISTERED, vin_source="factory")
    )


def test_the_check_digit_counts_only_where_the_market_uses_it() -> None:
    mistyped = replace(REGISTER, vin="1M8GDM9AXKP042789")
    EMPTY.when(mistyped).then(replace(REGISTERED, vin="1M8GDM9AXKP042789"))
    EMPTY.when(replace(mistyped, check_digit_applies=True)).refused(VinCheckDigitIsWrong)


def test_a_record_stands_for_no_other_vehicle() -> None:
    HERE.when(replace(REGISTER, model="Lamp 4")).refused(AlreadyExists)


def test_a_full_vin_belongs_to_one_vehicle_and_a_part_to_nobody() -> None:
    corrected = happened.VinCorrected(was=VIN, vin=OTHER_VIN)
    assert claims_of(EMPTY, REGISTERED) == [Claim("vin", VIN)]
    assert claims_of(EMPTY, PARTLY) == []
    assert claims_of(EMPTY.given(PARTLY), happened.VinCompleted(vin=VIN)) == [Claim("vin", VIN)]
    assert claims_of(HERE, corrected) == [Release("vin", VIN), Claim("vin", OTHER_VIN)]


def test_the_full_vin_is_completed_later() -> None:
    complete = vehicle.CompleteVin(stream=CASE, vin=VIN)
    partly = EMPTY.given(PARTLY)
    partly.when(complete).then(happened.VinCompleted(vin=VIN)).when(complete).then()
    partly.when(replace(complete, vin=OTHER_VIN)).refused(identity.VinContradictsPart)
    HERE.when(replace(complete, vin=OTHER_VIN)).refused(identity.VinStands)
    by_last_8 = EMPTY.given(replace(PARTLY, vin_part=VIN[-8:]))
    by_last_8.when(complete).then(happened.VinCompleted(vin=VIN))


def test_a_wrong_vin_is_corrected_and_says_what_it_was() -> None:
    correct = vehicle.CorrectVin(stream=CASE, vin=OTHER_VIN)
    corrected = happened.VinCorrected(was=VIN, vin=OTHER_VIN)
    HERE.when(correct).then(corrected).when(correct).then()
    EMPTY.given(PARTLY).when(correct).refused(identity.VinIsNotKnown)


def test_a_description_is_corrected_as_a_whole() -> None:
    correct = vehicle.CorrectDescription(
        stream=CASE, make="Khorshid", model="Lamp 4", model_year=2024, colour="red"
    )
    corrected = happened.DescriptionCorrected(
        make="Khorshid", model="Lamp 4", model_year=2024, colour="red"
    )
    HERE.when(correct).then(corrected).when(correct).then()
    HERE.when(replace(correct, model_year=2029)).refused(identity.ModelYearLiesAhead, at_most=2028)
    EMPTY.when(replace(REGISTER, model_year=2029)).refused(identity.ModelYearLiesAhead)


def test_a_plate_is_recorded_in_its_normal_form() -> None:
    record = vehicle.RecordPlate(stream=CASE, plate="ایران ۶۷ - ۳۴۵ ب ۱۲")
    HERE.when(record).then(happened.PlateRecorded(plate="12ب34567")).when(record).then()
    HERE.when(replace(record, plate="?")).refused(PlateIsWrong)


# --- who has it -----------------------------------------------------------------------------------


def test_an_owner_is_recorded_and_the_next_one_after_her() -> None:
    owned = HERE.when(OWN).then(OWNED)
    owned.when(OWN).then()
    next_own = replace(OWN, ownership_id=SECOND, customer_id=OMID, from_on=date(2025, 5, 1))
    owned.when(next_own).refused(identity.OwnershipOverlaps, ownership_id=str(FIRST))
    sold = owned.when(END).then(ENDED)
    sold.when(END).then()
    sold.when(OWN).then()
    sold.when(next_own).then(
        replace(OWNED, ownership_id=SECOND, customer_id=OMID, from_on=date(2025, 5, 1))
    )
    sold.when(replace(END, to_on=date(2025, 5, 2))).refused(identity.OwnershipHasEnded)


def test_an_earlier_owner_is_recorded_later() -> None:
    earlier = replace(
        OWN,
        ownership_id=SECOND,
        customer_id=OMID,
        from_on=date(2020, 1, 1),
        to_on=date(2024, 3, 1),
    )
    owned = HERE.given(OWNED)
    owned.after((SPECIALIST, earlier))
    owned.when(replace(earlier, to_on=date(2024, 3, 2))).refused(identity.OwnershipOverlaps)


def test_who_has_it_now_is_its_party_and_subject() -> None:
    assert vehicle.DECIDER.parties(HERE.state) == Parties()
    assert vehicle.DECIDER.subject(CASE, HERE.state, REGISTERED) == CASE
    owned = HERE.given(OWNED)
    assert vehicle.DECIDER.parties(owned.state) == Parties(customer_id=SARA)
    assert vehicle.DECIDER.subject(CASE, owned.state, VISITED) == SARA
    leased = owned.given(
        replace(
            OWNED,
            ownership_id=SECOND,
            customer_id=OMID,
            role=happened.OwnershipRole.LESSEE,
            from_on=date(2024, 2, 1),
        )
    )
    assert vehicle.DECIDER.parties(leased.state) == Parties(customer_id=OMID)
    assert vehicle.DECIDER.parties(owned.given(ENDED).state) == Parties()
    withdrawn = owned.given(happened.OwnershipWithdrawn(ownership_id=FIRST))
    assert vehicle.DECIDER.parties(withdrawn.state) == Parties()


def test_an_ownership_that_never_was_is_withdrawn_by_customer_care() -> None:
    withdraw = vehicle.WithdrawOwnership(stream=CASE, ownership_id=FIRST)
    withdrawn = happened.OwnershipWithdrawn(ownership_id=FIRST)
    owned = HERE.given(OWNED)
    owned.when(withdraw, by=acting(Role.DEALER)).refused(identity.OwnershipNotYours)
    gone = owned.when(withdraw).then(withdrawn)
    gone.when(withdraw).then()
    gone.when(OWN).refused(state.EntryIsWithdrawn)
    gone.when(END).refused(state.EntryIsWithdrawn)
    gone.when(replace(OWN, ownership_id=SECOND)).then(replace(OWNED, ownership_id=SECOND))
    HERE.when(withdraw).refused(state.EntryNotFound)


def test_an_ownership_has_possible_dates() -> None:
    HERE.when(replace(OWN, from_on=date(2026, 7, 3))).refused(state.DateLiesAhead)
    HERE.when(replace(OWN, to_on=date(2024, 2, 1))).refused(state.DatesAreReversed)
    HERE.given(OWNED).when(replace(END, to_on=date(2024, 2, 1))).refused(state.DatesAreReversed)
    HERE.given(OWNED).when(replace(END, to_on=date(2030, 1, 1))).refused(state.DateLiesAhead)
    HERE.given(OWNED).when(replace(OWN, customer_id=OMID)).refused(state.EntryExists)
    HERE.when(END).refused(state.EntryNotFound)


def test_the_date_where_the_day_has_begun_already_counts_as_today() -> None:
    late = NOW.replace(hour=20)
    HERE.when(replace(OWN, from_on=date(2026, 7, 2)), at=late).then(
        replace(OWNED, from_on=date(2026, 7, 2))
    )


# --- papers and visits ----------------------------------------------------------------------------


def test_a_warranty_is_recorded_and_voided() -> None:
    void = vehicle.VoidWarranty(stream=CASE, warranty_id=FIRST)
    HERE.when(void).refused(state.EntryNotFound)
    covered = HERE.when(WARRANT).then(WARRANTED)
    covered.when(WARRANT).then()
    covered.when(replace(WARRANT, mileage_limit_km=1)).refused(state.EntryExists)
    voided = covered.when(void).then(happened.WarrantyVoided(warranty_id=FIRST))
    voided.when(void).then()
    voided.when(WARRANT).refused(state.EntryIsWithdrawn)
    HERE.when(replace(WARRANT, ends_on=date(2024, 2, 1))).refused(state.DatesAreReversed)


def test_a_document_is_recorded_and_withdrawn() -> None:
    withdraw = vehicle.WithdrawVehicleDocument(stream=CASE, document_id=FIRST)
    HERE.when(withdraw).refused(state.EntryNotFound)
    filed = HERE.when(FILE).then(FILED)
    filed.when(FILE).then()
    filed.when(withdraw).then(happened.VehicleDocumentWithdrawn(document_id=FIRST)).when(
        withdraw
    ).then()
    HERE.when(replace(FILE, issued_on=date(2027, 1, 1))).refused(state.DateLiesAhead)
    HERE.when(replace(FILE, valid_until_on=date(2023, 1, 1))).refused(state.DatesAreReversed)


def test_a_record_holds_only_so_many_entries() -> None:
    many = {UUID(int=n): FILED for n in range(2, 2 + state.ENTRIES_MAX)}
    full = replace(HERE.state, documents=many)
    context = Context(now=NOW, actor=SPECIALIST, rules=NO_RULES)
    with pytest.raises(state.TooManyEntries):
        vehicle.decide(full, FILE, context)
    owned = {
        id: replace(OWNED, ownership_id=id, from_on=date(2000, 1, 1), to_on=date(2000, 1, 2))
        for id in many
    }
    with pytest.raises(state.TooManyEntries):
        vehicle.decide(replace(HERE.state, ownerships=owned), OWN, context)


def test_an_insurance_runs_until_a_day() -> None:
    insure = vehicle.RecordInsurance(stream=CASE, insurer="Sayeh", expires_on=date(2026, 12, 1))
    insured = happened.InsuranceRecorded(insurer="Sayeh", expires_on=date(2026, 12, 1))
    HERE.when(insure).then(insured).when(insure).then()


def test_the_newest_inspection_counts() -> None:
    HERE.when(INSPECT).then(INSPECTED).when(INSPECT).then()
    older = replace(INSPECT, inspected_on=date(2025, 1, 10))
    HERE.given(INSPECTED).when(older).refused(papers.OlderInspection, newest="2026-01-10")
    HERE.when(replace(INSPECT, inspected_on=date(2027, 1, 1))).refused(state.DateLiesAhead)
    HERE.when(replace(INSPECT, next_due_on=date(2025, 1, 1))).refused(state.DatesAreReversed)


def test_a_visit_is_recorded_and_withdrawn() -> None:
    withdraw = vehicle.WithdrawVisit(stream=CASE, visit_id=FIRST)
    HERE.when(withdraw).refused(state.EntryNotFound)
    visited = HERE.when(VISIT).then(VISITED)
    visited.when(VISIT).then()
    gone = visited.when(withdraw).then(happened.VisitWithdrawn(visit_id=FIRST))
    gone.when(withdraw).then()
    gone.when(VISIT).refused(state.EntryIsWithdrawn)
    lower = replace(VISIT, visit_id=SECOND, visited_on=date(2025, 7, 1), mileage_km=2_000)
    gone.after((SPECIALIST, lower))


@pytest.mark.parametrize(("on", "km"), [(date(2025, 7, 1), 19_999), (date(2025, 5, 1), 20_001)])
def test_mileage_grows_from_visit_to_visit_in_whatever_order_they_are_recorded(
    on: date, km: int
) -> None:
    other = replace(
        VISIT,
        visit_id=SECOND,
        visited_on=on,
        mileage_km=km,
        next_service_due_on=None,
        next_service_due_km=None,
    )
    visited = HERE.given(VISITED)
    visited.when(other).refused(papers.MileageGoesBack, other_km=20_000)
    visited.after((SPECIALIST, replace(other, mileage_km=20_000)))


def test_the_next_service_is_due_after_the_visit() -> None:
    for wrong in (
        replace(VISIT, next_service_due_on=VISIT.visited_on),
        replace(VISIT, next_service_due_km=VISIT.mileage_km),
    ):
        HERE.when(wrong).refused(papers.NextServiceIsNotLater)
    HERE.when(replace(VISIT, visited_on=date(2026, 8, 1), next_service_due_on=None)).refused(
        state.DateLiesAhead
    )


def test_a_dealer_records_visits_to_its_own_workshop() -> None:
    own = acting(Role.DEALER, dealer_id="D-17")
    foreign = acting(Role.DEALER, dealer_id="D-18")
    withdraw = vehicle.WithdrawVisit(stream=CASE, visit_id=FIRST)
    HERE.when(VISIT, by=own).then(VISITED)
    HERE.when(VISIT, by=foreign).refused(papers.VisitOfAnotherDealer)
    HERE.given(VISITED).when(withdraw, by=foreign).refused(papers.VisitOfAnotherDealer)


@pytest.mark.parametrize("role", [Role.CUSTOMER, Role.AUDITOR])
def test_customers_and_auditors_record_nothing_of_a_vehicle(role: Role) -> None:
    for wish in (REGISTER, OWN, VISIT, WARRANT):
        HERE.when(wish, by=acting(role)).refused(state.VehicleCareOnly)


def test_nothing_is_recorded_of_a_vehicle_that_is_not_registered() -> None:
    EMPTY.when(OWN, by=CUSTOMER).refused(CaseNotFound)
    EMPTY.when(VISIT).refused(CaseNotFound)

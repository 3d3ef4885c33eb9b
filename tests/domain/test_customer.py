"""A customer's record."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from domain import customer
from domain.customer import account, identity, reach
from domain.declare import (
    AlreadyExists,
    CaseNotFound,
    Claim,
    Parties,
    Release,
    Role,
)
from domain.fields import Erased
from domain.identifiers import IdentifierKind, NationalIdIsWrong, PhoneIsWrong
from tests.domain.steps import CASE, CUSTOMER, NOW, acting, claims_of, fresh

OTHER = UUID("018f0000-0000-7000-8000-000000000002")
NATIONAL_ID = "0084575948"
PHONE_ID = UUID(int=1)
EMAIL_ID = UUID(int=2)

REGISTER = customer.RegisterCustomer(
    stream=CASE,
    name="نگار سپهری",
    locale=customer.Locale.FA,
    identifiers=(
        customer.GivenIdentifier(kind=IdentifierKind.NATIONAL_ID, value="۰۰۸۴۵۷۵۹۴۸"),
        customer.GivenIdentifier(kind=IdentifierKind.PHONE, value="0912 000 0001"),
        customer.GivenIdentifier(kind=IdentifierKind.PHONE, value="+989120000001"),
    ),
)
REGISTERED = customer.CustomerRegistered(
    customer_id=CASE,
    name="نگار سپهری",
    kind=customer.CustomerKind.PERSON,
    locale=customer.Locale.FA,
)
BY_NATIONAL_ID = customer.CustomerIdentified(kind=IdentifierKind.NATIONAL_ID, value=NATIONAL_ID)
BY_PHONE = customer.CustomerIdentified(kind=IdentifierKind.PHONE, value="+989120000001")
NEGAR = (REGISTERED, BY_NATIONAL_ID, BY_PHONE)

PHONE = customer.ContactAdded(
    contact_id=PHONE_ID, channel=customer.ContactChannel.PHONE, value="+989120000001"
)
ADD_PHONE = customer.AddContact(
    stream=CASE, contact_id=PHONE_ID, channel=customer.ContactChannel.PHONE, value="09120000001"
)
EMAIL = customer.ContactAdded(
    contact_id=EMAIL_ID, channel=customer.ContactChannel.EMAIL, value="negar@example.com"
)
VERIFY = customer.VerifyContact(stream=CASE, contact_id=PHONE_ID)
VERIFIED = customer.ContactVerified(contact_id=PHONE_ID)
PREFER = customer.PreferContact(stream=CASE, contact_id=PHONE_ID)
PREFERRED = customer.ContactPreferred(contact_id=PHONE_ID)
REMOVE = customer.RemoveContact(stream=CASE, contact_id=PHONE_ID)
REMOVED = customer.ContactRemoved(contact_id=PHONE_ID)

AGREE = customer.RecordConsent(
    stream=CASE,
    purpose=customer.ConsentPurpose.MARKETING,
    granted=True,
    channel=customer.ConsentChannel.PORTAL,
)
AGREED = customer.ConsentGranted(
    purpose=customer.ConsentPurpose.MARKETING,
    channel=customer.ConsentChannel.PORTAL,
    occurred_at=NOW,
)

OPEN_ACCOUNT = customer.OpenPortalAccount(stream=CASE, account="sub-1", login_phone="09120000001")
OPENED = customer.PortalAccountOpened(account="sub-1", login_phone="+989120000001")
CLOSED = customer.PortalAccountClosed(account="sub-1", login_phone="+989120000001")
ABSORB = customer.AbsorbCustomer(stream=CASE, absorbed_id=OTHER)
MERGE = customer.MarkAsMerged(stream=CASE, survivor_id=OTHER)
MERGED = customer.CustomerMerged(survivor_id=OTHER)
UNDO_MERGE = customer.UndoMerge(stream=CASE, survivor_id=OTHER)

EMPTY = fresh(customer.DECIDER)
HERE = EMPTY.given(*NEGAR)


# --- identity -------------------------------------------------------------------------------------


def test_a_customer_is_registered_with_the_identifiers_known_so_far() -> None:
    EMPTY.when(REGISTER).then(*NEGAR)


def test_registering_her_twice_is_registering_her_once() -> None:
    HERE.when(REGISTER).then()
    HERE.given(customer.NameCorrected(name="N. Sepehri")).when(REGISTER).then()


def test_her_record_stands_for_nobody_else() -> None:
    HERE.when(replace(REGISTER, name="Somebody Else")).refused(AlreadyExists)
    new_phone = customer.GivenIdentifier(kind=IdentifierKind.PHONE, value="0912 000 0009")
    HERE.when(replace(REGISTER, identifiers=(new_phone,))).refused(AlreadyExists)


@pytest.mark.parametrize("role", [Role.CUSTOMER, Role.AUDITOR])
def test_customers_and_auditors_do_not_identify_people(role: Role) -> None:
    EMPTY.when(REGISTER, by=acting(role)).refused(customer.CustomerCareOnly)
    for wish in (
        customer.CorrectName(stream=CASE, name="N"),
        customer.IdentifyCustomer(stream=CASE, kind=IdentifierKind.PLATE, value="12ب34567"),
        customer.WithdrawIdentifier(stream=CASE, kind=IdentifierKind.PHONE, value="09120000001"),
        OPEN_ACCOUNT,
        customer.ClosePortalAccount(stream=CASE),
    ):
        HERE.when(wish, by=acting(role)).refused(customer.CustomerCareOnly)


def test_an_identifier_is_recorded_in_its_normal_form() -> None:
    identify = customer.IdentifyCustomer(
        stream=CASE, kind=IdentifierKind.PLATE, value="ایران ۶۷ - ۳۴۵ ب ۱۲"
    )
    identified = customer.CustomerIdentified(kind=IdentifierKind.PLATE, value="12ب34567")
    HERE.when(identify).then(identified).when(identify).then()


def test_a_wrong_identifier_is_refused() -> None:
    wrong = customer.IdentifyCustomer(
        stream=CASE, kind=IdentifierKind.NATIONAL_ID, value="0084575949"
    )
    HERE.when(wrong).refused(NationalIdIsWrong)


def test_a_vin_identifies_a_vehicle_and_no_customer() -> None:
    by_vin = customer.IdentifyCustomer(
        stream=CASE, kind=IdentifierKind.VIN, value="1M8GDM9AXKP042788"
    )
    HERE.when(by_vin).refused(customer.VinIdentifiesVehicle)


def test_a_second_national_id_waits_until_the_first_is_withdrawn() -> None:
    second = customer.IdentifyCustomer(
        stream=CASE, kind=IdentifierKind.NATIONAL_ID, value="P1234567"
    )
    withdraw = customer.WithdrawIdentifier(
        stream=CASE, kind=IdentifierKind.NATIONAL_ID, value=NATIONAL_ID
    )
    withdrawn = customer.IdentifierWithdrawn(kind=IdentifierKind.NATIONAL_ID, value=NATIONAL_ID)
    HERE.when(second).refused(customer.IdentifierDiffers, kind="national_id")
    without = HERE.when(withdraw).then(withdrawn)
    without.when(withdraw).then()
    without.when(second).then(replace(BY_NATIONAL_ID, value="P1234567"))


def test_what_was_never_recorded_is_not_withdrawn() -> None:
    unknown = customer.WithdrawIdentifier(
        stream=CASE, kind=IdentifierKind.PHONE, value="09120000002"
    )
    HERE.when(unknown).refused(customer.IdentifierNotRecorded)


def test_a_record_holds_only_so_many_identifiers() -> None:
    many = [replace(BY_PHONE, value=f"+98912{n:07}") for n in range(2, identity.IDENTIFIERS_MAX)]
    one_more = customer.IdentifyCustomer(stream=CASE, kind=IdentifierKind.PLATE, value="12ب34567")
    HERE.given(*many).when(one_more).refused(customer.TooManyIdentifiers)


def test_a_national_id_and_a_membership_belong_to_one_customer_a_phone_may_be_shared() -> None:
    member = customer.CustomerIdentified(kind=IdentifierKind.MEMBERSHIP_NUMBER, value="M-1")
    gone = customer.IdentifierWithdrawn(kind=IdentifierKind.MEMBERSHIP_NUMBER, value="M-1")
    assert claims_of(EMPTY, BY_NATIONAL_ID) == [Claim("national_id", NATIONAL_ID)]
    assert claims_of(HERE, member) == [Claim("membership_number", "M-1")]
    assert claims_of(HERE, gone) == [Release("membership_number", "M-1")]
    assert claims_of(EMPTY, BY_PHONE) == []
    assert claims_of(EMPTY, REGISTERED) == []


def test_a_name_and_a_language_are_corrected() -> None:
    name = customer.CorrectName(stream=CASE, name="Negar Sepehri")
    locale = customer.ChooseLocale(stream=CASE, locale=customer.Locale.ZH)
    HERE.when(name).then(customer.NameCorrected(name="Negar Sepehri")).when(name).then()
    chosen = customer.LocaleChosen(locale=customer.Locale.ZH)
    HERE.when(locale, by=CUSTOMER).then(chosen).when(locale, by=CUSTOMER).then()


# --- contacts and consents ------------------------------------------------------------------------


def test_a_customer_adds_prefers_and_removes_a_contact() -> None:
    added = HERE.when(ADD_PHONE, by=CUSTOMER).then(PHONE)
    added.when(ADD_PHONE, by=CUSTOMER).then()
    preferred = added.when(PREFER, by=CUSTOMER).then(PREFERRED)
    preferred.when(PREFER, by=CUSTOMER).then()
    removed = preferred.when(REMOVE, by=CUSTOMER).then(REMOVED)
    removed.when(REMOVE, by=CUSTOMER).then()
    assert removed.state.preferred == {}


def test_a_preference_holds_within_its_channel() -> None:
    both = HERE.given(PHONE, EMAIL, PREFERRED, customer.ContactPreferred(contact_id=EMAIL_ID))
    assert both.state.preferred == {
        customer.ContactChannel.PHONE: PHONE_ID,
        customer.ContactChannel.EMAIL: EMAIL_ID,
    }


def test_only_customer_care_says_that_a_contact_was_verified() -> None:
    added = HERE.given(PHONE)
    added.when(VERIFY, by=CUSTOMER).refused(customer.CustomerCareOnly)
    added.when(VERIFY).then(VERIFIED).when(VERIFY).then()
    verified = replace(ADD_PHONE, verified=True)
    HERE.when(verified, by=CUSTOMER).refused(customer.CustomerCareOnly)
    HERE.when(verified).then(replace(PHONE, verified=True)).when(verified).then()
    added.when(verified).then(VERIFIED)


def test_a_removed_contact_is_not_used_again() -> None:
    gone = HERE.given(PHONE, REMOVED)
    for wish in (ADD_PHONE, VERIFY, PREFER):
        gone.when(wish).refused(customer.ContactIsRemoved)


def test_an_unknown_contact_is_not_found() -> None:
    for wish in (VERIFY, PREFER, REMOVE):
        HERE.when(wish).refused(customer.ContactNotFound)


def test_a_contact_id_stands_for_one_contact() -> None:
    HERE.given(PHONE).when(replace(ADD_PHONE, value="09120000002")).refused(customer.ContactExists)


def test_a_contact_that_cannot_be_used_is_refused() -> None:
    HERE.when(replace(ADD_PHONE, value="12")).refused(PhoneIsWrong)
    email = replace(ADD_PHONE, channel=customer.ContactChannel.EMAIL)
    for wrong in ("negar", "negar@", "@example.com", "a b@example.com", "negar@example"):
        HERE.when(replace(email, value=wrong)).refused(customer.EmailIsWrong)
    address = replace(ADD_PHONE, channel=customer.ContactChannel.ADDRESS, value="1 Lamp Street")
    HERE.when(address).then(
        replace(PHONE, channel=customer.ContactChannel.ADDRESS, value="1 Lamp Street")
    )


def test_a_record_holds_only_so_many_contacts() -> None:
    many = [replace(PHONE, contact_id=UUID(int=n)) for n in range(2, 2 + reach.CONTACTS_MAX)]
    HERE.given(*many).when(ADD_PHONE).refused(customer.TooManyContacts)


def test_a_customer_agrees_and_changes_her_mind() -> None:
    agreed = HERE.when(AGREE, by=CUSTOMER).then(AGREED)
    agreed.when(AGREE, by=CUSTOMER, at=NOW + timedelta(days=1)).then()
    later = NOW + timedelta(days=2)
    agreed.when(replace(AGREE, granted=False), by=CUSTOMER, at=later).then(
        customer.ConsentWithdrawn(purpose=AGREED.purpose, channel=AGREED.channel, occurred_at=later)
    )


def test_the_same_words_in_a_letter_are_a_statement_of_their_own() -> None:
    letter = replace(AGREE, channel=customer.ConsentChannel.LETTER)
    HERE.given(AGREED).when(letter).then(replace(AGREED, channel=customer.ConsentChannel.LETTER))


def test_an_older_statement_does_not_undo_a_newer_one() -> None:
    old = replace(AGREE, granted=False, occurred_at=NOW - timedelta(days=1))
    HERE.given(AGREED).when(old).refused(customer.ConsentIsOutdated)


def test_nobody_has_agreed_tomorrow() -> None:
    ahead = replace(AGREE, occurred_at=NOW + timedelta(days=1))
    HERE.when(ahead).refused(customer.ConsentLiesAhead)
    at = NOW + timedelta(minutes=1)
    HERE.when(replace(AGREE, occurred_at=at)).then(replace(AGREED, occurred_at=at))


# --- login and merge ------------------------------------------------------------------------------


def test_a_portal_account_is_opened_and_closed() -> None:
    close = customer.ClosePortalAccount(stream=CASE)
    HERE.when(close).refused(customer.NoPortalAccount)
    opened = HERE.when(OPEN_ACCOUNT).then(OPENED)
    opened.when(OPEN_ACCOUNT).then()
    opened.when(replace(OPEN_ACCOUNT, account="sub-2")).refused(customer.PortalAccountExists)
    opened.when(close).then(CLOSED).when(close).then()


def test_a_login_phone_is_of_one_account_alone() -> None:
    assert claims_of(HERE, OPENED) == [Claim("portal_login", "+989120000001")]
    assert claims_of(HERE.given(OPENED), CLOSED) == [Release("portal_login", "+989120000001")]


def test_two_records_of_one_person_are_merged_and_the_merge_is_undone() -> None:
    undo = customer.UndoAbsorption(stream=CASE, absorbed_id=OTHER)
    absorbed = customer.CustomerAbsorbed(absorbed_id=OTHER)
    undone = customer.AbsorptionUndone(absorbed_id=OTHER)
    HERE.when(undo).refused(customer.NotMerged)
    survivor = HERE.when(ABSORB).then(absorbed)
    survivor.when(ABSORB).then()
    apart = survivor.when(undo).then(undone)
    apart.when(undo).then()
    apart.when(ABSORB).then(absorbed).when(undo).then(undone)


def test_the_absorbed_record_leads_to_the_survivor_until_the_merge_is_undone() -> None:
    HERE.when(UNDO_MERGE).refused(customer.NotMerged)
    merged = HERE.when(MERGE).then(MERGED)
    merged.when(MERGE).then()
    assert customer.DECIDER.parties(merged.state) == Parties(customer_id=OTHER)
    merged.when(replace(UNDO_MERGE, survivor_id=UUID(int=9))).refused(customer.NotMerged)
    undone = merged.when(UNDO_MERGE).then(customer.MergeUndone(survivor_id=OTHER))
    undone.when(UNDO_MERGE).then()
    assert customer.DECIDER.parties(undone.state) == Parties(customer_id=CASE)


def test_a_merge_closes_the_absorbed_portal_account_and_keeps_the_other_claims() -> None:
    HERE.given(OPENED).when(MERGE).then(CLOSED, MERGED)
    assert claims_of(HERE, MERGED) == []


def test_nothing_more_is_recorded_of_a_merged_record() -> None:
    merged = HERE.given(PHONE, MERGED)
    for wish in (
        ADD_PHONE,
        AGREE,
        ABSORB,
        OPEN_ACCOUNT,
        customer.CorrectName(stream=CASE, name="N"),
    ):
        merged.when(wish).refused(customer.CustomerIsMerged, survivor_id=str(OTHER))
    merged.when(replace(MERGE, survivor_id=UUID(int=9))).refused(customer.CustomerIsMerged)


def test_a_record_is_not_merged_with_itself() -> None:
    HERE.when(replace(ABSORB, absorbed_id=CASE)).refused(customer.MergeWithItself)
    HERE.when(replace(MERGE, survivor_id=CASE)).refused(customer.MergeWithItself)


def test_a_record_absorbs_only_so_many_others() -> None:
    many = [customer.CustomerAbsorbed(absorbed_id=UUID(int=n)) for n in range(account.ABSORBED_MAX)]
    HERE.given(*many).when(ABSORB).refused(customer.TooManyMerged)


@pytest.mark.parametrize("role", [Role.CUSTOMER, Role.DEALER, Role.UNIT, Role.AUDITOR])
def test_not_everybody_says_that_two_records_are_one_person(role: Role) -> None:
    for wish in (ABSORB, MERGE):
        HERE.when(wish, by=acting(role)).refused(customer.MergeNotEntitled)


def test_nothing_is_recorded_of_who_was_never_registered_or_is_erased() -> None:
    EMPTY.when(ADD_PHONE).refused(CaseNotFound)
    erased = EMPTY.given(replace(REGISTERED, name=Erased()))
    erased.when(ADD_PHONE).refused(customer.CustomerIsErased)
    erased.when(REGISTER).refused(AlreadyExists)


def test_an_erased_identifier_claims_nothing() -> None:
    assert claims_of(HERE, replace(BY_NATIONAL_ID, value=Erased())) == []


def test_she_is_her_own_subject_and_party() -> None:
    assert customer.DECIDER.subject(CASE, HERE.state, PHONE) == CASE
    assert customer.DECIDER.parties(HERE.state) == Parties(customer_id=CASE)
    assert customer.DECIDER.parties(EMPTY.state) == Parties()

"""Laws that hold of every customer's record."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from domain import customer
from domain.declare import (
    Context,
    Refusal,
)
from domain.identifiers import IdentifierKind
from domain.rulebook import NO_RULES
from tests.domain.steps import CASE, NOW, SPECIALIST
from tests.domain.test_customer import EMPTY, NEGAR, REGISTER

IDS = st.sampled_from([UUID(int=n) for n in range(1, 4)])
PHONES = st.sampled_from(["09120000001", "+98 912 000 0001", "09120000002"])
INSTANTS = st.none() | st.integers(-3, 0).map(lambda days: NOW + timedelta(days=days))


def _wishes() -> st.SearchStrategy[Any]:
    def wish(cls: type[Any], **parts: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
        return st.builds(cls, stream=st.just(CASE), **parts)

    kinds = st.sampled_from([IdentifierKind.PHONE, IdentifierKind.MEMBERSHIP_NUMBER])
    return st.one_of(
        st.just(REGISTER),
        wish(customer.IdentifyCustomer, kind=kinds, value=PHONES),
        wish(customer.WithdrawIdentifier, kind=kinds, value=PHONES),
        wish(customer.CorrectName, name=st.sampled_from(["Negar", "نگار"])),
        wish(customer.ChooseLocale, locale=st.sampled_from(customer.Locale)),
        wish(
            customer.AddContact,
            contact_id=IDS,
            channel=st.just(customer.ContactChannel.PHONE),
            value=PHONES,
            verified=st.booleans(),
        ),
        wish(customer.VerifyContact, contact_id=IDS),
        wish(customer.PreferContact, contact_id=IDS),
        wish(customer.RemoveContact, contact_id=IDS),
        wish(
            customer.RecordConsent,
            purpose=st.sampled_from(customer.ConsentPurpose),
            granted=st.booleans(),
            channel=st.sampled_from(customer.ConsentChannel),
            occurred_at=INSTANTS,
        ),
        wish(customer.OpenPortalAccount, account=st.just("sub-1"), login_phone=PHONES),
        wish(customer.ClosePortalAccount),
        wish(customer.AbsorbCustomer, absorbed_id=IDS),
        wish(customer.UndoAbsorption, absorbed_id=IDS),
        wish(customer.MarkAsMerged, survivor_id=IDS),
        wish(customer.UndoMerge, survivor_id=IDS),
    )


@given(st.lists(_wishes(), max_size=12), _wishes())
def test_any_wish_twice_is_that_wish_once(before: list[Any], last: Any) -> None:
    context = Context(now=datetime(2026, 7, 1, 9, 0, tzinfo=UTC), actor=SPECIALIST, rules=NO_RULES)
    case = EMPTY.given(*NEGAR)
    for wish in [*before, last]:
        try:
            events = customer.decide(case.state, wish, context)
        except Refusal:
            continue
        case = case.given(*events)
        assert customer.decide(case.state, wish, context) == []

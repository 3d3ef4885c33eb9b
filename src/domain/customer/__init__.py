"""A customer: who she is, how to reach her, what she agreed to, and which records are one person.

A merge writes one event on each of the two records (`AbsorbCustomer` on the surviving one,
`MarkAsMerged` on the other, in one execution, all or nothing). It moves nothing but closes the
absorbed record's portal account, so that undoing it is exact: the absorbed record keeps its
history and its claims, and leads to the survivor.
"""

from collections.abc import Sequence
from typing import assert_never
from uuid import UUID

from domain.customer import account, identity, reach
from domain.customer.account import (
    AbsorbCustomer,
    AbsorptionUndone,
    AccountEvent,
    ClosePortalAccount,
    CustomerAbsorbed,
    CustomerMerged,
    MarkAsMerged,
    MergeUndone,
    MergeWithItself,
    NoPortalAccount,
    NotMerged,
    OpenPortalAccount,
    PortalAccountClosed,
    PortalAccountExists,
    PortalAccountOpened,
    TooManyMerged,
    UndoAbsorption,
    UndoMerge,
)
from domain.customer.identity import (
    ChooseLocale,
    CorrectName,
    CustomerIdentified,
    CustomerRegistered,
    GivenIdentifier,
    IdentifierDiffers,
    IdentifierNotRecorded,
    IdentifierWithdrawn,
    IdentifyCustomer,
    LocaleChosen,
    NameCorrected,
    RegisterCustomer,
    TooManyIdentifiers,
    VinIdentifiesVehicle,
    WithdrawIdentifier,
)
from domain.customer.reach import (
    AddContact,
    ConsentGranted,
    ConsentIsOutdated,
    ConsentLiesAhead,
    ConsentWithdrawn,
    ContactAdded,
    ContactExists,
    ContactIsRemoved,
    ContactNotFound,
    ContactPreferred,
    ContactRemoved,
    ContactVerified,
    EmailIsWrong,
    PreferContact,
    ReachEvent,
    RecordConsent,
    RemoveContact,
    TooManyContacts,
    VerifyContact,
)
from domain.customer.state import (
    Consent,
    ConsentChannel,
    ConsentPurpose,
    Contact,
    ContactChannel,
    Customer,
    CustomerCareOnly,
    CustomerIsErased,
    CustomerIsMerged,
    CustomerKind,
    Locale,
    MergeNotEntitled,
    PortalAccount,
)
from domain.declare import CaseNotFound, Claim, Context, Decider, Parties, Release
from domain.fields import Erased

CustomerEvent = identity.IdentityEvent | reach.ReachEvent | account.AccountEvent
CustomerCommand = identity.IdentityCommand | reach.ReachCommand | account.AccountCommand


def decide(
    customer: Customer, command: CustomerCommand, context: Context
) -> Sequence[CustomerEvent]:
    """Decide a wish of one customer's record, in the phase of its life that it belongs to."""
    if not isinstance(command, RegisterCustomer):
        if customer.id is None:
            raise CaseNotFound
        if isinstance(customer.name, Erased):
            raise CustomerIsErased
        if customer.merged_into is not None and not isinstance(command, MarkAsMerged | UndoMerge):
            raise CustomerIsMerged(survivor_id=str(customer.merged_into))
    match command:
        case (
            RegisterCustomer()
            | IdentifyCustomer()
            | WithdrawIdentifier()
            | CorrectName()
            | ChooseLocale()
        ):
            return identity.decide(customer, command, context)
        case AddContact() | VerifyContact() | PreferContact() | RemoveContact() | RecordConsent():
            return reach.decide(customer, command, context)
        case (
            OpenPortalAccount()
            | ClosePortalAccount()
            | AbsorbCustomer()
            | MarkAsMerged()
            | UndoAbsorption()
            | UndoMerge()
        ):
            return account.decide(customer, command, context)
    assert_never(command)


def evolve(customer: Customer, event: CustomerEvent) -> Customer:
    """Follow one event of a customer's record."""
    match event:
        case (
            CustomerRegistered()
            | CustomerIdentified()
            | IdentifierWithdrawn()
            | NameCorrected()
            | LocaleChosen()
        ):
            return identity.evolve(customer, event)
        case (
            ContactAdded()
            | ContactVerified()
            | ContactPreferred()
            | ContactRemoved()
            | ConsentGranted()
            | ConsentWithdrawn()
        ):
            return reach.evolve(customer, event)
        case (
            PortalAccountOpened()
            | PortalAccountClosed()
            | CustomerAbsorbed()
            | AbsorptionUndone()
            | CustomerMerged()
            | MergeUndone()
        ):
            return account.evolve(customer, event)
    assert_never(event)


def parties(customer: Customer) -> Parties:
    """Answer the customer herself; of a merged record, the record that stands for her."""
    return Parties(customer_id=customer.merged_into or customer.id)


def subject(stream: UUID, _customer: Customer, _event: CustomerEvent) -> UUID:
    """Every event of a customer's record is encrypted with her own key."""
    return stream


def claims(_customer: Customer, event: CustomerEvent) -> Sequence[Claim | Release]:
    """Name the national id, membership number or login phone that an event takes or gives back."""
    match event:
        case CustomerIdentified() | IdentifierWithdrawn():
            return identity.claims(event)
        case PortalAccountOpened() | PortalAccountClosed():
            return account.claims(event)
        case _:
            return ()


DECIDER: Decider[Customer, CustomerCommand, CustomerEvent] = Decider(
    category="customer",
    initial=Customer(),
    decide=decide,
    evolve=evolve,
    commands=(
        RegisterCustomer,
        IdentifyCustomer,
        WithdrawIdentifier,
        CorrectName,
        ChooseLocale,
        AddContact,
        VerifyContact,
        PreferContact,
        RemoveContact,
        RecordConsent,
        OpenPortalAccount,
        ClosePortalAccount,
        AbsorbCustomer,
        MarkAsMerged,
        UndoAbsorption,
        UndoMerge,
    ),
    opens=(RegisterCustomer,),
    events=(
        CustomerRegistered,
        CustomerIdentified,
        IdentifierWithdrawn,
        NameCorrected,
        LocaleChosen,
        ContactAdded,
        ContactVerified,
        ContactPreferred,
        ContactRemoved,
        ConsentGranted,
        ConsentWithdrawn,
        PortalAccountOpened,
        PortalAccountClosed,
        CustomerAbsorbed,
        AbsorptionUndone,
        CustomerMerged,
        MergeUndone,
    ),
    parties=parties,
    subject=subject,
    claims=claims,
)

__all__ = [
    "DECIDER",
    "AbsorbCustomer",
    "AbsorptionUndone",
    "AccountEvent",
    "AddContact",
    "ChooseLocale",
    "ClosePortalAccount",
    "Consent",
    "ConsentChannel",
    "ConsentGranted",
    "ConsentIsOutdated",
    "ConsentLiesAhead",
    "ConsentPurpose",
    "ConsentWithdrawn",
    "Contact",
    "ContactAdded",
    "ContactChannel",
    "ContactExists",
    "ContactIsRemoved",
    "ContactNotFound",
    "ContactPreferred",
    "ContactRemoved",
    "ContactVerified",
    "CorrectName",
    "Customer",
    "CustomerAbsorbed",
    "CustomerCareOnly",
    "CustomerCommand",
    "CustomerEvent",
    "CustomerIdentified",
    "CustomerIsErased",
    "CustomerIsMerged",
    "CustomerKind",
    "CustomerMerged",
    "CustomerRegistered",
    "EmailIsWrong",
    "GivenIdentifier",
    "IdentifierDiffers",
    "IdentifierNotRecorded",
    "IdentifierWithdrawn",
    "IdentifyCustomer",
    "Locale",
    "LocaleChosen",
    "MarkAsMerged",
    "MergeNotEntitled",
    "MergeUndone",
    "MergeWithItself",
    "NameCorrected",
    "NoPortalAccount",
    "NotMerged",
    "OpenPortalAccount",
    "PortalAccount",
    "PortalAccountClosed",
    "PortalAccountExists",
    "PortalAccountOpened",
    "PreferContact",
    "ReachEvent",
    "RecordConsent",
    "RegisterCustomer",
    "RemoveContact",
    "TooManyContacts",
    "TooManyIdentifiers",
    "TooManyMerged",
    "UndoAbsorption",
    "UndoMerge",
    "VerifyContact",
    "VinIdentifiesVehicle",
    "WithdrawIdentifier",
]

"""Who a customer is: her name, her language, and the identifiers by which she is found."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated, assert_never
from uuid import UUID

from domain.customer.state import Customer, CustomerKind, Identifier, Locale, require_customer_care
from domain.declare import (
    AlreadyExists,
    Claim,
    Command,
    Context,
    Refusal,
    Release,
    Unacceptable,
    command,
    event,
    value,
)
from domain.fields import Items, Name, Personal, Text
from domain.identifiers import IdentifierKind, normalized

IDENTIFIERS_MAX = 100

CLAIMED = frozenset({IdentifierKind.NATIONAL_ID, IdentifierKind.MEMBERSHIP_NUMBER})
"""Identifiers that belong to one customer alone; phones, plates and contracts may be shared."""


@value
class GivenIdentifier:
    """An identifier as somebody gave it; the event keeps it in its normal form."""

    kind: IdentifierKind
    value: Annotated[str, Text(max=64)]


# --- events ---------------------------------------------------------------------------------------


@event("customer.registered")
class CustomerRegistered:
    """A customer's record was opened; `customer_id` is the id of its stream."""

    customer_id: UUID
    name: Personal[str]
    kind: CustomerKind
    locale: Locale


@event("customer.identified")
class CustomerIdentified:
    """An identifier, in normal form, was found to be this customer's."""

    kind: IdentifierKind
    value: Personal[str]


@event("customer.identifier_withdrawn")
class IdentifierWithdrawn:
    """An identifier turned out not to be this customer's."""

    kind: IdentifierKind
    value: Personal[str]


@event("customer.name_corrected")
class NameCorrected:
    """The name was recorded wrongly, or has changed; it corrects the name before."""

    name: Personal[str]


@event("customer.locale_chosen")
class LocaleChosen:
    """The customer is written to in another language from now on."""

    locale: Locale


# --- commands -------------------------------------------------------------------------------------


@command
class RegisterCustomer(Command):
    """Open a customer's record, with whatever identifiers are known so far."""

    name: Name
    kind: CustomerKind = CustomerKind.PERSON
    locale: Locale = Locale.EN
    identifiers: Annotated[tuple[GivenIdentifier, ...], Items(max=20)] = ()


@command
class IdentifyCustomer(Command):
    """Record an identifier of the customer."""

    kind: IdentifierKind
    value: Annotated[str, Text(max=64)]


@command
class WithdrawIdentifier(Command):
    """Take back an identifier that is not the customer's."""

    kind: IdentifierKind
    value: Annotated[str, Text(max=64)]


@command
class CorrectName(Command):
    """Record the right name."""

    name: Name


@command
class ChooseLocale(Command):
    """Record the language in which the customer wants to be written to."""

    locale: Locale


IdentityEvent = (
    CustomerRegistered | CustomerIdentified | IdentifierWithdrawn | NameCorrected | LocaleChosen
)

IdentityCommand = (
    RegisterCustomer | IdentifyCustomer | WithdrawIdentifier | CorrectName | ChooseLocale
)

# --- refusals -------------------------------------------------------------------------------------


class VinIdentifiesVehicle(Unacceptable, code="customer.vin_identifies_vehicle"):
    """A VIN identifies a vehicle; record who owns the vehicle instead."""


class IdentifierDiffers(Refusal, code="customer.identifier_differs"):
    """The customer has another identifier of this kind; withdraw that one first."""


class IdentifierNotRecorded(Refusal, code="customer.identifier_not_recorded"):
    """This identifier is not recorded of the customer."""


class TooManyIdentifiers(Refusal, code="customer.too_many_identifiers"):
    """The customer has as many identifiers as a record can hold."""


# --- decide ---------------------------------------------------------------------------------------


def _identifier(kind: IdentifierKind, text: str) -> tuple[IdentifierKind, str]:
    if kind is IdentifierKind.VIN:
        raise VinIdentifiesVehicle
    return kind, normalized(kind, text)


def _identify(
    known: Sequence[Identifier], given: Sequence[tuple[IdentifierKind, str]]
) -> list[CustomerIdentified]:
    """Answer an event for each identifier that is new; refuse what contradicts a known one."""
    all_known = list(known)
    identified: list[CustomerIdentified] = []
    for kind, text in given:
        if (kind, text) in all_known:
            continue
        if kind in CLAIMED and any(kind == other for other, _ in all_known):
            raise IdentifierDiffers(kind=kind.value)
        if len(all_known) >= IDENTIFIERS_MAX:
            raise TooManyIdentifiers(at_most=IDENTIFIERS_MAX)
        all_known.append((kind, text))
        identified.append(CustomerIdentified(kind=kind, value=text))
    return identified


def register(
    customer: Customer, command: RegisterCustomer, context: Context
) -> list[IdentityEvent]:
    """Open the record, or answer nothing when exactly this record was opened here."""
    given = [_identifier(one.kind, one.value) for one in command.identifiers]
    if customer.id is not None:
        wanted = (command.name, command.kind, command.locale)
        if customer.registered_as == wanted and customer.identifiers_ever.issuperset(given):
            return []
        raise AlreadyExists
    require_customer_care(context)
    registered = CustomerRegistered(
        customer_id=command.stream,
        name=command.name,
        kind=command.kind,
        locale=command.locale,
    )
    return [registered, *_identify((), given)]


def decide(
    customer: Customer, command: IdentityCommand, context: Context
) -> Sequence[IdentityEvent]:
    """Decide who the customer is."""
    match command:
        case RegisterCustomer():
            return register(customer, command, context)
        case ChooseLocale(locale=locale):
            return [] if customer.locale == locale else [LocaleChosen(locale=locale)]
        case CorrectName(name=name):
            require_customer_care(context)
            return [] if customer.name == name else [NameCorrected(name=name)]
        case IdentifyCustomer(kind=kind, value=text):
            require_customer_care(context)
            return _identify(customer.identifiers, [_identifier(kind, text)])
        case WithdrawIdentifier(kind=kind, value=text):
            require_customer_care(context)
            identifier = _identifier(kind, text)
            if identifier in customer.identifiers:
                return [IdentifierWithdrawn(kind=kind, value=identifier[1])]
            if identifier in customer.identifiers_ever:
                return []
            raise IdentifierNotRecorded(kind=kind.value)
    assert_never(command)


# --- evolve ---------------------------------------------------------------------------------------


def evolve(customer: Customer, event: IdentityEvent) -> Customer:
    """Follow who the customer is."""
    match event:
        case CustomerRegistered():
            return replace(
                customer,
                id=event.customer_id,
                name=event.name,
                kind=event.kind,
                locale=event.locale,
                registered_as=(event.name, event.kind, event.locale),
            )
        case CustomerIdentified(kind=kind, value=text):
            return replace(
                customer,
                identifiers=(*customer.identifiers, (kind, text)),
                identifiers_ever=customer.identifiers_ever | {(kind, text)},
            )
        case IdentifierWithdrawn(kind=kind, value=text):
            kept = tuple(known for known in customer.identifiers if known != (kind, text))
            return replace(customer, identifiers=kept)
        case NameCorrected(name=name):
            return replace(customer, name=name)
        case LocaleChosen(locale=locale):
            return replace(customer, locale=locale)
    assert_never(event)


def claims(event: IdentityEvent) -> Sequence[Claim | Release]:
    """Name the identifiers that from this event on are this customer's alone, or free again."""
    match event:
        case CustomerIdentified(kind=kind, value=str(text)) if kind in CLAIMED:
            return [Claim(kind.value, text)]
        case IdentifierWithdrawn(kind=kind, value=str(text)) if kind in CLAIMED:
            return [Release(kind.value, text)]
        case _:
            return ()

"""Which login acts for a customer, and which records are one person."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated, assert_never
from uuid import UUID

from domain.customer.state import (
    Customer,
    CustomerIsMerged,
    PortalAccount,
    require_customer_care,
    require_merger,
)
from domain.declare import (
    Claim,
    Command,
    Context,
    Refusal,
    Release,
    Unacceptable,
    command,
    event,
)
from domain.fields import Code, Personal, Text
from domain.identifiers import phone_number

ABSORBED_MAX = 100

# --- events ---------------------------------------------------------------------------------------


@event("customer.portal_account_opened")
class PortalAccountOpened:
    """A login acts for this customer; `account` is its opaque id, the token's `sub`."""

    account: str
    login_phone: Personal[str]


@event("customer.portal_account_closed")
class PortalAccountClosed:
    """The login no longer acts for this customer; its phone number is free for another."""

    account: str
    login_phone: Personal[str]


@event("customer.absorbed")
class CustomerAbsorbed:
    """Another record was found to be of the same person; this one is used from now on."""

    absorbed_id: UUID


@event("customer.absorption_undone")
class AbsorptionUndone:
    """The other record is of another person after all."""

    absorbed_id: UUID


@event("customer.merged")
class CustomerMerged:
    """This record is of the same person as `survivor_id`, which is used from now on."""

    survivor_id: UUID


@event("customer.merge_undone")
class MergeUndone:
    """This record stands for a person of its own again."""

    survivor_id: UUID


# --- commands -------------------------------------------------------------------------------------


@command
class OpenPortalAccount(Command):
    """Let a login act for the customer."""

    account: Code
    login_phone: Annotated[str, Text(max=64)]


@command
class ClosePortalAccount(Command):
    """Let no login act for the customer any more."""


@command
class AbsorbCustomer(Command):
    """Let this record survive a merge; goes with `MarkAsMerged` on the other record."""

    absorbed_id: UUID


@command
class MarkAsMerged(Command):
    """Let this record lead to the surviving one; goes with `AbsorbCustomer` on that one."""

    survivor_id: UUID


@command
class UndoAbsorption(Command):
    """Undo a merge on the surviving record; goes with `UndoMerge` on the other one."""

    absorbed_id: UUID


@command
class UndoMerge(Command):
    """Undo a merge on the absorbed record; goes with `UndoAbsorption` on the surviving one."""

    survivor_id: UUID


AccountEvent = (
    PortalAccountOpened
    | PortalAccountClosed
    | CustomerAbsorbed
    | AbsorptionUndone
    | CustomerMerged
    | MergeUndone
)

AccountCommand = (
    OpenPortalAccount
    | ClosePortalAccount
    | AbsorbCustomer
    | MarkAsMerged
    | UndoAbsorption
    | UndoMerge
)

# --- refusals -------------------------------------------------------------------------------------


class PortalAccountExists(Refusal, code="customer.portal_account_exists"):
    """The customer has another portal account; close that one first."""


class NoPortalAccount(Refusal, code="customer.no_portal_account"):
    """The customer has no portal account."""


class MergeWithItself(Unacceptable, code="customer.merge_with_itself"):
    """A record cannot be merged with itself."""


class NotMerged(Refusal, code="customer.not_merged"):
    """These two records are not merged."""


class TooManyMerged(Refusal, code="customer.too_many_merged"):
    """As many records as one can lead to it have been merged into this one."""


# --- decide ---------------------------------------------------------------------------------------


def decide(customer: Customer, command: AccountCommand, context: Context) -> Sequence[AccountEvent]:
    """Decide which login acts for the customer and which record stands for her."""
    match command:
        case OpenPortalAccount() | ClosePortalAccount():
            require_customer_care(context)
            return _account(customer, command)
        case AbsorbCustomer() | MarkAsMerged() | UndoAbsorption() | UndoMerge():
            require_merger(context)
            return _merge(customer, command)
    assert_never(command)


def _account(
    customer: Customer, command: OpenPortalAccount | ClosePortalAccount
) -> Sequence[AccountEvent]:
    standing = customer.account
    match command:
        case OpenPortalAccount(account=account):
            login_phone = phone_number(command.login_phone)
            if standing == PortalAccount(account=account, login_phone=login_phone):
                return []
            if standing is not None:
                raise PortalAccountExists
            return [PortalAccountOpened(account=account, login_phone=login_phone)]
        case ClosePortalAccount():
            if standing is not None:
                return [_closed(standing)]
            if customer.account_was_closed:
                return []
            raise NoPortalAccount
    assert_never(command)


def _closed(account: PortalAccount) -> PortalAccountClosed:
    return PortalAccountClosed(account=account.account, login_phone=account.login_phone)


def _merge(
    customer: Customer, command: AbsorbCustomer | MarkAsMerged | UndoAbsorption | UndoMerge
) -> Sequence[AccountEvent]:
    match command:
        case AbsorbCustomer(absorbed_id=absorbed_id):
            if absorbed_id == customer.id:
                raise MergeWithItself
            if absorbed_id in customer.absorbed:
                return []
            if len(customer.absorbed) >= ABSORBED_MAX:
                raise TooManyMerged(at_most=ABSORBED_MAX)
            return [CustomerAbsorbed(absorbed_id=absorbed_id)]
        case MarkAsMerged(survivor_id=survivor_id):
            if survivor_id == customer.id:
                raise MergeWithItself
            if customer.merged_into == survivor_id:
                return []
            if customer.merged_into is not None:
                raise CustomerIsMerged(survivor_id=str(customer.merged_into))
            merged = CustomerMerged(survivor_id=survivor_id)
            return [merged] if customer.account is None else [_closed(customer.account), merged]
        case UndoAbsorption(absorbed_id=absorbed_id):
            if absorbed_id in customer.absorbed:
                return [AbsorptionUndone(absorbed_id=absorbed_id)]
            if absorbed_id in customer.absorbed_before:
                return []
            raise NotMerged
        case UndoMerge(survivor_id=survivor_id):
            if customer.merged_into == survivor_id:
                return [MergeUndone(survivor_id=survivor_id)]
            if customer.merged_into is None and survivor_id in customer.merged_before:
                return []
            raise NotMerged
    assert_never(command)


# --- evolve ---------------------------------------------------------------------------------------


def evolve(customer: Customer, event: AccountEvent) -> Customer:
    """Follow which login acts for the customer and which record stands for her."""
    match event:
        case PortalAccountOpened():
            account = PortalAccount(account=event.account, login_phone=event.login_phone)
            return replace(customer, account=account)
        case PortalAccountClosed():
            return replace(customer, account=None, account_was_closed=True)
        case CustomerAbsorbed(absorbed_id=absorbed_id):
            return replace(customer, absorbed=customer.absorbed | {absorbed_id})
        case AbsorptionUndone(absorbed_id=absorbed_id):
            return replace(
                customer,
                absorbed=customer.absorbed - {absorbed_id},
                absorbed_before=customer.absorbed_before | {absorbed_id},
            )
        case CustomerMerged(survivor_id=survivor_id):
            return replace(customer, merged_into=survivor_id)
        case MergeUndone(survivor_id=survivor_id):
            return replace(
                customer, merged_into=None, merged_before=customer.merged_before | {survivor_id}
            )
    assert_never(event)


def claims(event: AccountEvent) -> Sequence[Claim | Release]:
    """Name the login phone that from this event on is this account's alone, or free again."""
    match event:
        case PortalAccountOpened(login_phone=str(phone)):
            return [Claim("portal_login", phone)]
        case PortalAccountClosed(login_phone=str(phone)):
            return [Release("portal_login", phone)]
        case _:
            return ()

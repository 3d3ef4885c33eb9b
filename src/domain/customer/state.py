"""What is known of a customer at one version of her record, and who may change it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from domain.declare import Context, NotPermitted, Refusal, Role
from domain.fields import Erased
from domain.identifiers import IdentifierKind


class CustomerKind(StrEnum):
    """Whether the customer is one human being or an organisation."""

    PERSON = "person"
    ORGANISATION = "organisation"


class Locale(StrEnum):
    """The language a person is written to in."""

    EN = "en"
    FA = "fa"
    ZH = "zh"


class ContactChannel(StrEnum):
    """By which means a contact reaches somebody."""

    PHONE = "phone"
    EMAIL = "email"
    ADDRESS = "address"
    WECHAT = "wechat"


class ConsentPurpose(StrEnum):
    """What a customer may agree to, each by itself."""

    SERVICE_NOTICES = "service_notices"
    MARKETING = "marketing"
    SURVEYS = "surveys"
    DATA_SHARING = "data_sharing"
    CALL_RECORDING = "call_recording"


class ConsentChannel(StrEnum):
    """By which way a customer said whether she agrees."""

    PORTAL = "portal"
    PHONE = "phone"
    MESSAGE = "message"
    EMAIL = "email"
    LETTER = "letter"
    WECHAT = "wechat"
    IN_PERSON = "in_person"


Identifier = tuple[IdentifierKind, str | Erased]


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """One way to reach the customer; a removed one is kept, so that repeats are recognised."""

    channel: ContactChannel
    value: str | Erased
    verified: bool
    removed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """The newest statement on one purpose."""

    granted: bool
    channel: ConsentChannel
    occurred_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PortalAccount:
    """The login that acts for the customer."""

    account: str
    login_phone: str | Erased


@dataclass(frozen=True, slots=True, kw_only=True)
class Customer:
    """One record; `id` is None before it is registered."""

    id: UUID | None = None
    name: str | Erased = ""
    kind: CustomerKind = CustomerKind.PERSON
    locale: Locale = Locale.EN
    registered_as: tuple[str | Erased, CustomerKind, Locale] | None = None
    identifiers: tuple[Identifier, ...] = ()
    identifiers_ever: frozenset[Identifier] = frozenset()
    contacts: Mapping[UUID, Contact] = field(default_factory=dict)
    preferred: Mapping[ContactChannel, UUID] = field(default_factory=dict)
    consents: Mapping[ConsentPurpose, Consent] = field(default_factory=dict)
    account: PortalAccount | None = None
    account_was_closed: bool = False
    absorbed: frozenset[UUID] = frozenset()
    absorbed_before: frozenset[UUID] = frozenset()
    merged_into: UUID | None = None
    merged_before: frozenset[UUID] = frozenset()


class CustomerCareOnly(NotPermitted, code="customer.customer_care_only"):
    """Only customer care or a dealer may record this of a customer."""


class MergeNotEntitled(NotPermitted, code="customer.merge_not_entitled"):
    """Only specialists, experts, their superiors and administrators may merge records."""


class CustomerIsMerged(Refusal, code="customer.is_merged"):
    """This record was merged into another one; use that one."""


class CustomerIsErased(Refusal, code="customer.is_erased"):
    """This person's data were erased; nothing can be recorded of her any more."""


CUSTOMER_CARE = frozenset(Role) - {Role.CUSTOMER, Role.AUDITOR}

MERGERS = (
    Role.SPECIALIST,
    Role.EXPERT,
    Role.SPECIAL_EXPERT,
    Role.SUPERVISOR,
    Role.UNIT_HEAD,
    Role.MANAGER,
    Role.ADMIN,
    Role.SYSTEM,
)


def require_customer_care(context: Context) -> None:
    """Refuse customers and auditors what only staff and dealers may record."""
    if not context.actor.has(*CUSTOMER_CARE):
        raise CustomerCareOnly


def require_merger(context: Context) -> None:
    """Refuse those who may not say that two records are one person."""
    if not context.actor.has(*MERGERS):
        raise MergeNotEntitled

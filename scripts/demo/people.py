"""The demo's customers, their vehicles, and the staff who care for them; none of them exists."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid5

from domain.customer import (
    AddContact,
    ConsentChannel,
    ConsentPurpose,
    ContactChannel,
    CustomerKind,
    GivenIdentifier,
    Locale,
    OpenPortalAccount,
    RecordConsent,
    RegisterCustomer,
)
from domain.declare import Actor, ActorId, Command, Role
from domain.identifiers import IdentifierKind
from domain.staff import RegisterStaffMember, SetQuietHours
from domain.vehicle.events import WarrantyKind, WorkKind
from domain.vehicle.identity import RecordOwnership, RecordPlate, RegisterVehicle
from domain.vehicle.papers import RecordInsurance, RecordVisit, RecordWarranty

DEMO = UUID("0b9c7f1e-53a4-5d3c-8a52-7c1d6f0e9ab4")
"""Namespace of every id of the demo, so that loading it twice adds nothing."""

SYSTEM = Actor(id=ActorId("system:demo"), roles=frozenset({Role.SYSTEM}))


def demo_id(name: str) -> UUID:
    """Return the id that a thing of the demo always has."""
    return uuid5(DEMO, name)


# --- staff ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Colleague:
    """A member of staff of the demo."""

    account: str
    name: str
    role: Role
    locale: str
    unit: str | None = None
    region: str | None = None
    dealer_id: str | None = None
    quiet: bool = True
    """Whether she has quiet hours; who has none is told at any hour."""

    @property
    def actor(self) -> Actor:
        """Return her as the one who acts."""
        return Actor(
            id=ActorId(self.account),
            roles=frozenset({self.role}),
            unit=self.unit,
            region=self.region,
            dealer_id=self.dealer_id,
        )


STAFF = (
    Colleague("demo-specialist", "نرگس پاسخگو", Role.SPECIALIST, "fa", "customer_centre"),
    Colleague("demo-expert", "Iris Casebook", Role.EXPERT, "en", "complaints"),
    Colleague("demo-expert-2", "陈案例", Role.EXPERT, "zh", "complaints"),
    Colleague("demo-technical", "بهمن آچاریان", Role.TECHNICAL, "fa", "technical"),
    Colleague("demo-sales", "Sally Showroom", Role.UNIT, "en", "sales"),
    Colleague("demo-accounting", "钱账目", Role.UNIT, "zh", "accounting"),
    Colleague("demo-parts", "پرویز قطعه‌ای", Role.UNIT, "fa", "parts"),
    Colleague("demo-after-sales", "Walter Workshop", Role.UNIT, "en", "after_sales"),
    Colleague("demo-special", "مهتاب ویژه‌نگار", Role.SPECIAL_EXPERT, "fa", "special_customers"),
    Colleague("demo-secretariat", "Paige Letterbox", Role.SECRETARIAT, "en", "secretariat"),
    Colleague("demo-supervisor", "سیمین ناظری", Role.SUPERVISOR, "fa", "complaints"),
    Colleague(
        "demo-supervisor-north", "Nora Northcote", Role.SUPERVISOR, "en", None, "north", quiet=False
    ),
    Colleague("demo-manager", "Max Imaginary", Role.MANAGER, "en", "customer_care"),
    Colleague("demo-leasing", "لیلا اقساطی", Role.LEASING_OFFICER, "fa", "leasing"),
    Colleague("demo-dealer-101", "نمایندگی خیالی شمال", Role.DEALER, "fa", None, "north", "D-101"),
    Colleague("demo-dealer-202", "Fictional Motors", Role.DEALER, "en", None, "south", "D-202"),
    Colleague("demo-dealer-303", "虚构汽车销售", Role.DEALER, "zh", None, "east", "D-303"),
)

_ACTORS = {colleague.account: colleague.actor for colleague in STAFF}

SPECIALIST = _ACTORS["demo-specialist"]
EXPERT = _ACTORS["demo-expert"]
EXPERT_2 = _ACTORS["demo-expert-2"]
TECHNICAL = _ACTORS["demo-technical"]
SALES = _ACTORS["demo-sales"]
ACCOUNTING = _ACTORS["demo-accounting"]
PARTS = _ACTORS["demo-parts"]
AFTER_SALES = _ACTORS["demo-after-sales"]
SPECIAL = _ACTORS["demo-special"]
SECRETARIAT = _ACTORS["demo-secretariat"]
SUPERVISOR = _ACTORS["demo-supervisor"]
MANAGER = _ACTORS["demo-manager"]
LEASING = _ACTORS["demo-leasing"]
DEALER_NORTH = _ACTORS["demo-dealer-101"]
DEALER_SOUTH = _ACTORS["demo-dealer-202"]
DEALER_EAST = _ACTORS["demo-dealer-303"]


def staff_commands(colleague: Colleague) -> tuple[Command, ...]:
    """Return what registers a member of staff, who is reached in her inbox alone."""
    stream = demo_id(f"staff/{colleague.account}")
    quiet = SetQuietHours(
        stream=stream, starts_local="22:00", ends_local="07:00", zone="Asia/Tehran"
    )
    return (
        RegisterStaffMember(
            stream=stream,
            account=colleague.account,
            name=colleague.name,
            roles=(colleague.role,),
            unit=colleague.unit,
            region=colleague.region,
            dealer_id=colleague.dealer_id,
            locale=colleague.locale,
        ),
        *((quiet,) if colleague.quiet else ()),
    )


# --- customers ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Person:
    """A customer of the demo, with the vehicle she has."""

    n: int
    name: str
    locale: Locale
    phone: str
    make: str
    model: str
    model_year: int
    plate: str
    kind: CustomerKind = CustomerKind.PERSON

    @property
    def id(self) -> UUID:
        """Return the customer's id."""
        return demo_id(f"customer/{self.n}")

    @property
    def vehicle_id(self) -> UUID:
        """Return her vehicle's id."""
        return demo_id(f"vehicle/{self.n}")

    @property
    def actor(self) -> Actor:
        """Return her as the one who acts, through the portal."""
        return Actor(
            id=ActorId(f"demo-customer-{self.n}"),
            roles=frozenset({Role.CUSTOMER}),
            customer_id=self.id,
        )


CUSTOMERS = (
    Person(1, "مینا نمونه‌پور", Locale.FA, "+989120000001", "Simorgh", "S7", 2024, "12ب34511"),
    Person(2, "رستم داستانی", Locale.FA, "+989120000002", "Simorgh", "S5", 2023, "23د45622"),
    Person(3, "سارا خیالی", Locale.FA, "+989120000003", "Simorgh", "City", 2022, "34س56733"),
    Person(4, "فریدون آزمایشی", Locale.FA, "+989120000004", "Simorgh", "S7", 2021, "45ط67844"),
    Person(5, "李示例", Locale.ZH, "+8610000000005", "凤凰", "F3", 2024, "京A00005"),
    Person(6, "王样本", Locale.ZH, "+8610000000006", "凤凰", "F6", 2023, "沪B00006"),
    Person(7, "张虚构", Locale.ZH, "+8610000000007", "凤凰", "F3 Plus", 2022, "粤C00007"),
    Person(8, "Ada Example", Locale.EN, "+12025550108", "Phoenix", "P1", 2024, "DEMO008"),
    Person(9, "Bert Sampleton", Locale.EN, "+12025550109", "Phoenix", "P4", 2023, "DEMO009"),
    Person(
        10, "Fictional Freight Ltd", Locale.EN, "+12025550110", "Phoenix", "Van", 2022, "DEMO010",
        CustomerKind.ORGANISATION,
    ),
)  # fmt: skip

PORTAL_CUSTOMER = CUSTOMERS[0]


def customer_commands(person: Person) -> tuple[Command, ...]:
    """Return what registers a customer, how she is reached, and what she agreed to."""
    stream = person.id
    registered = RegisterCustomer(
        stream=stream,
        name=person.name,
        kind=person.kind,
        locale=person.locale,
        identifiers=(
            GivenIdentifier(kind=IdentifierKind.NATIONAL_ID, value=f"DEMO{person.n:04}"),
            GivenIdentifier(kind=IdentifierKind.MEMBERSHIP_NUMBER, value=f"CLUB-{person.n:04}"),
            GivenIdentifier(kind=IdentifierKind.CONTRACT_NUMBER, value=f"DEMO/{person.n:03}"),
            GivenIdentifier(kind=IdentifierKind.PHONE, value=person.phone),
        ),
    )
    phone = AddContact(
        stream=stream,
        contact_id=uuid5(stream, "phone"),
        channel=ContactChannel.PHONE,
        value=person.phone,
        verified=True,
    )
    email = AddContact(
        stream=stream,
        contact_id=uuid5(stream, "email"),
        channel=ContactChannel.EMAIL,
        value=f"customer-{person.n}@example.com",
    )
    consent = RecordConsent(
        stream=stream,
        purpose=ConsentPurpose.SERVICE_NOTICES,
        granted=True,
        channel=ConsentChannel.PORTAL,
    )
    portal = OpenPortalAccount(
        stream=stream, account=f"demo-customer-{person.n}", login_phone=person.phone
    )
    return (registered, phone, email, consent, portal)


def vehicle_commands(person: Person, now: datetime) -> tuple[Command, ...]:
    """Return what registers a customer's vehicle with its papers and its visits."""
    stream = person.vehicle_id
    bought_on = (now - timedelta(days=300 + 40 * person.n)).date()
    visited_on = (now - timedelta(days=20 + 3 * person.n)).date()
    return (
        RegisterVehicle(
            stream=stream,
            make=person.make,
            model=person.model,
            vin=f"DEM0ZZZ00{person.model_year - 2000:02}{person.n:06}",
            model_year=person.model_year,
            colour="white",
        ),
        RecordOwnership(
            stream=stream,
            ownership_id=uuid5(stream, "ownership"),
            customer_id=person.id,
            from_on=bought_on,
        ),
        RecordPlate(stream=stream, plate=person.plate),
        RecordWarranty(
            stream=stream,
            warranty_id=uuid5(stream, "warranty"),
            kind=WarrantyKind.BASIC,
            starts_on=bought_on,
            ends_on=bought_on + timedelta(days=2 * 365),
            mileage_limit_km=40_000,
        ),
        RecordInsurance(
            stream=stream,
            insurer="Imaginary Insurance",
            expires_on=bought_on + timedelta(days=2 * 365),
        ),
        RecordVisit(
            stream=stream,
            visit_id=uuid5(stream, "visit"),
            dealer_id="D-101" if person.n < 5 else "D-303" if person.n < 8 else "D-202",
            visited_on=visited_on,
            mileage_km=9_000 + 1_700 * person.n,
            works=(WorkKind.PERIODIC_SERVICE,),
            next_service_due_on=visited_on + timedelta(days=180),
            next_service_due_km=19_000 + 1_700 * person.n,
        ),
    )

from domain import complaint as c
from domain.organisation import UnitUnknown
from tests.domain.complaint.desk import SALES, an_id
from tests.scenario import CASE

WHY = "It is on the evening news."
DECLARED = c.CrisisDeclared(
    crisis_id=an_id(92), level=c.CrisisLevel.NATIONAL, reason=WHY, support_unit="marketing"
)
OVER = c.CrisisEnded(crisis_id=an_id(92), summary="The news has moved on.")


def declare(
    number: int = 92, level: c.CrisisLevel = c.CrisisLevel.NATIONAL, unit: str = "marketing"
) -> c.DeclareCrisis:
    return c.DeclareCrisis(
        stream=CASE, crisis_id=an_id(number), level=level, reason=WHY, support_unit=unit
    )


def tell(number: int = 93, text: str = "We are looking into it.") -> c.IssueCrisisBulletin:
    return c.IssueCrisisBulletin(
        stream=CASE, bulletin_id=an_id(number), crisis_id=an_id(92), bulletin=text
    )


def end(summary: str = "The news has moved on.") -> c.EndCrisis:
    return c.EndCrisis(stream=CASE, crisis_id=an_id(92), summary=summary)


def test_marketing_supports_a_crisis_and_has_a_part_in_the_case() -> None:
    case = SALES.when(declare()).then(DECLARED)
    assert "marketing" in c.parties(case.state).units
    SALES.when(declare(unit="astrology")).refused(UnitUnknown)


def test_one_crisis_is_on_at_a_time() -> None:
    case = SALES.given(DECLARED)
    case.when(declare(95)).refused(c.CrisisIsOn)
    case.when(declare(level=c.CrisisLevel.LOCAL)).refused(c.ItemExists)
    case.given(OVER).when(declare(95)).then(
        c.CrisisDeclared(
            crisis_id=an_id(95), level=c.CrisisLevel.NATIONAL, reason=WHY, support_unit="marketing"
        )
    )


def test_bulletins_are_issued_and_counted_while_the_crisis_is_on() -> None:
    case = (
        SALES.given(DECLARED)
        .when(tell())
        .then(
            c.CrisisBulletinIssued(
                bulletin_id=an_id(93), crisis_id=an_id(92), n=1, bulletin="We are looking into it."
            )
        )
    )
    case.when(tell(94, "It is fixed.")).then(
        c.CrisisBulletinIssued(
            bulletin_id=an_id(94), crisis_id=an_id(92), n=2, bulletin="It is fixed."
        )
    )
    case.when(tell(text="Nothing to see.")).refused(c.ItemExists)
    case.given(OVER).when(tell(94)).refused(c.CrisisIsOver)
    SALES.when(tell()).refused(c.CrisisNotFound)


def test_a_crisis_ends_once() -> None:
    case = SALES.given(DECLARED).when(end()).then(OVER)
    case.when(end("Otherwise.")).refused(c.CrisisIsOver)
    SALES.when(end()).refused(c.CrisisNotFound)

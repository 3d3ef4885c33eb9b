import pytest

from domain.declare import Actor, ActorId, Role
from domain.procedure import (
    NOTHING_TAKEN,
    Apart,
    Next,
    Procedure,
    ProcedureStep,
    SamePartyMayNot,
    Separation,
    StepAlreadyTaken,
    StepIsPast,
    StepNeedsEarlierStep,
    StepNeedsEvidence,
    StepNotInProcedure,
    StepNotYours,
    Taken,
    Variant,
    VariantNotInProcedure,
    may_take,
    missing_steps,
    next_steps,
    taker,
    undone_by,
)


def somebody(name: str, role: Role = Role.EXPERT, **whose: str) -> Actor:
    return Actor(id=ActorId(name), roles=frozenset({role}), **whose)  # type: ignore[arg-type]


ANN, BOB = somebody("ann", unit="sales"), somebody("bob", unit="parts")
COLLEAGUE_OF_ANN = somebody("amy", unit="sales")
DEALER = somebody("dan", Role.DEALER, dealer_id="D-1")
COLLEAGUE_OF_DEALER = somebody("dot", Role.DEALER, dealer_id="D-1")

WORK_IS_CHECKED = Procedure(
    serves=("anything",),
    steps=(
        ProcedureStep(name="plan", until=("check",), repeatable=True),
        ProcedureStep(name="work", needs=("plan",), evidence=("photo",)),
        ProcedureStep(
            name="check",
            roles=(Role.EXPERT, Role.DEALER),
            needs=("work",),
            apart=(Apart(steps=("work",), by=(Separation.UNIT, Separation.DEALER)),),
            back_to="work",
        ),
        ProcedureStep(name="thanks", optional=True),
        ProcedureStep(
            name="end",
            variants=(
                Variant(name="good", needs=("check",)),
                Variant(name="bad", evidence=("letter",)),
            ),
        ),
    ),
)


def taken(*steps: tuple[str, Actor]) -> Taken:
    result = NOTHING_TAKEN
    for name, actor in steps:
        result = result.take(name, taker(actor))
    return result


PLANNED = taken(("plan", ANN))
WORKED = taken(("plan", ANN), ("work", ANN))


def test_a_step_whose_needs_are_met_may_be_taken() -> None:
    step = may_take(WORK_IS_CHECKED, PLANNED, "work", BOB, evidence=("photo",))
    assert step.name == "work"


def test_a_step_that_is_not_in_the_procedure_is_not_taken() -> None:
    with pytest.raises(StepNotInProcedure):
        may_take(WORK_IS_CHECKED, PLANNED, "party", BOB)


def test_a_step_is_taken_by_its_roles() -> None:
    with pytest.raises(StepNotYours):
        may_take(WORK_IS_CHECKED, WORKED, "check", somebody("una", Role.UNIT))


def test_a_step_needs_the_steps_before_it() -> None:
    with pytest.raises(StepNeedsEarlierStep) as refused:
        may_take(WORK_IS_CHECKED, NOTHING_TAKEN, "work", BOB, evidence=("photo",))
    assert refused.value.params == {"step": "work", "missing": ("plan",)}


def test_a_step_is_taken_once_unless_it_is_repeatable() -> None:
    with pytest.raises(StepAlreadyTaken):
        may_take(WORK_IS_CHECKED, WORKED, "work", BOB, evidence=("photo",))
    assert may_take(WORK_IS_CHECKED, PLANNED, "plan", BOB).name == "plan"


def test_a_step_can_be_past() -> None:
    checked = WORKED.take("check", taker(BOB))
    with pytest.raises(StepIsPast):
        may_take(WORK_IS_CHECKED, checked, "plan", BOB)


def test_a_step_is_taken_with_its_evidence() -> None:
    with pytest.raises(StepNeedsEvidence):
        may_take(WORK_IS_CHECKED, PLANNED, "work", BOB, evidence=("letter",))


@pytest.mark.parametrize("actor", [ANN, COLLEAGUE_OF_ANN])
def test_who_worked_does_not_check_nor_does_her_unit(actor: Actor) -> None:
    with pytest.raises(SamePartyMayNot):
        may_take(WORK_IS_CHECKED, WORKED, "check", actor)
    assert may_take(WORK_IS_CHECKED, WORKED, "check", BOB).name == "check"


def test_a_dealership_is_one_party() -> None:
    worked = PLANNED.take("work", taker(DEALER))
    with pytest.raises(SamePartyMayNot):
        may_take(WORK_IS_CHECKED, worked, "check", COLLEAGUE_OF_DEALER)
    assert may_take(WORK_IS_CHECKED, worked, "check", ANN).name == "check"


def test_each_way_of_a_step_has_its_own_needs_and_evidence() -> None:
    with pytest.raises(StepNeedsEarlierStep):
        may_take(WORK_IS_CHECKED, WORKED, "end", BOB, variant="good")
    with pytest.raises(StepNeedsEvidence):
        may_take(WORK_IS_CHECKED, WORKED, "end", BOB, variant="bad")
    assert may_take(
        WORK_IS_CHECKED, WORKED, "end", BOB, variant="bad", evidence=("letter",)
    ).name == ("end")
    for unknown in (None, "ugly"):
        with pytest.raises(VariantNotInProcedure):
            may_take(WORK_IS_CHECKED, WORKED, "end", BOB, variant=unknown)


def test_missing_steps_are_told_in_order() -> None:
    assert missing_steps(WORK_IS_CHECKED, NOTHING_TAKEN, "check") == ("work",)
    assert missing_steps(WORK_IS_CHECKED, WORKED, "end", "good") == ("check",)
    assert missing_steps(WORK_IS_CHECKED, NOTHING_TAKEN, "party") == ()


def test_a_step_that_sends_back_undoes_what_came_from_there_on() -> None:
    checked = WORKED.take("check", taker(BOB)).take("thanks", taker(BOB))
    assert undone_by(WORK_IS_CHECKED, checked, "check") == ("work", "check", "thanks")
    assert undone_by(WORK_IS_CHECKED, checked, "plan") == ()


def test_whoever_worked_in_an_earlier_round_is_remembered() -> None:
    again = WORKED.undo(("work",)).take("work", taker(BOB))
    with pytest.raises(SamePartyMayNot):
        may_take(WORK_IS_CHECKED, again, "check", ANN)


def test_the_next_steps_are_those_that_can_be_taken() -> None:
    assert next_steps(WORK_IS_CHECKED, PLANNED) == [
        Next("work", (), optional=False),
        Next("thanks", (), optional=True),
        Next("end", (), optional=False),
    ]
    checked = WORKED.take("check", taker(BOB)).undo(("plan",))
    assert "plan" not in [step.name for step in next_steps(WORK_IS_CHECKED, checked)]


def test_taking_a_step_again_changes_nothing() -> None:
    assert WORKED.take("work", taker(ANN)) is WORKED


@pytest.mark.parametrize(
    "steps",
    [
        (ProcedureStep(name="a"), ProcedureStep(name="a")),
        (ProcedureStep(name="a", needs=("b",)),),
        (ProcedureStep(name="a", until=("b",)),),
        (ProcedureStep(name="a", back_to="b"),),
        (ProcedureStep(name="a", apart=(Apart(steps=("b",)),)),),
        (ProcedureStep(name="a", variants=(Variant(name="x", needs=("b",)),)),),
    ],
)
def test_a_procedure_names_steps_that_are_there_and_each_once(
    steps: tuple[ProcedureStep, ...],
) -> None:
    with pytest.raises(ValueError, match="step"):
        Procedure(steps=steps)

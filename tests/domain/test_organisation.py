import pytest

from domain.document_policy import DocumentPolicy
from domain.organisation import Organisation, Region, RegionUnknown, Unit, UnitUnknown

CARE = Organisation(
    units=(Unit(code="care"), Unit(code="sales", above="care")),
    regions=(Region(code="north", above="sales"), Region(code="south")),
)


def test_units_and_regions_are_those_that_are_listed() -> None:
    CARE.check_unit("sales")
    CARE.check_region("north")
    with pytest.raises(UnitUnknown):
        CARE.check_unit("north")
    with pytest.raises(RegionUnknown):
        CARE.check_region("sales")


def test_who_stands_above_whom() -> None:
    assert CARE.chain_above("north") == ("sales", "care")
    assert CARE.chain_above("care") == ()
    assert CARE.chain_above("nowhere") == ()


def test_a_circle_of_units_ends() -> None:
    circle = Organisation(units=(Unit(code="a", above="b"), Unit(code="b", above="a")))
    assert circle.chain_above("a") == ("b", "a")


def test_an_organisation_answers_to_itself_and_lists_each_body_once() -> None:
    with pytest.raises(ValueError, match="not a unit"):
        Organisation(units=(Unit(code="a", above="b"),))
    with pytest.raises(ValueError, match="twice"):
        Organisation(units=(Unit(code="a"), Unit(code="a")))


def test_a_document_policy_takes_something() -> None:
    with pytest.raises(ValueError, match="at least one document"):
        DocumentPolicy(media_types=(), size_bytes_max=1, documents_max=1)

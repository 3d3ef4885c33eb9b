"""Vehicles: one case per VIN, with its owners over time, its papers and its visits."""

from api.commands import command_route
from api.operations import Operation
from api.reads import case_route
from domain import vehicle as v

TAG = "vehicles"
ROOT = "/v1/vehicles"
CASE = f"{ROOT}/{{id}}"


def _on_case(part: str, command: type, *made: str, **path_fields: str) -> Operation:
    """Make the route of a command on one vehicle."""
    return command_route(f"{CASE}/{part}", command, tag=TAG, made=made, path_fields=path_fields)


OPERATIONS: tuple[Operation, ...] = (
    command_route(ROOT, v.RegisterVehicle, tag=TAG, opens=True),
    case_route(
        CASE,
        name="read_vehicle",
        tag=TAG,
        summary="Read a vehicle's record.",
        category="vehicle",
        schema={"$ref": "#/components/schemas/Case"},
    ),
    _on_case("vin", v.CompleteVin),
    _on_case("vin/correction", v.CorrectVin),
    _on_case("description", v.CorrectDescription),
    _on_case("plate", v.RecordPlate),
    _on_case("ownership", v.RecordOwnership, "ownership_id"),
    _on_case("ownership/{item_id}/end", v.EndOwnership, item_id="ownership_id"),
    _on_case("ownership/{item_id}/withdrawal", v.WithdrawOwnership, item_id="ownership_id"),
    _on_case("warranties", v.RecordWarranty, "warranty_id"),
    _on_case("warranties/{item_id}/voiding", v.VoidWarranty, item_id="warranty_id"),
    _on_case("documents", v.RecordVehicleDocument, "document_id"),
    _on_case("documents/{item_id}/withdrawal", v.WithdrawVehicleDocument, item_id="document_id"),
    _on_case("insurance", v.RecordInsurance),
    _on_case("inspections", v.RecordInspection),
    _on_case("visits", v.RecordVisit, "visit_id"),
    _on_case("visits/{item_id}/withdrawal", v.WithdrawVisit, item_id="visit_id"),
)

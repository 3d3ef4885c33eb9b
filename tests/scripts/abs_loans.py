"""Invented loans in the layout of an ABS-EE filing of auto loans."""

import csv
import io
from collections.abc import Mapping

ROW = {
    "assetNumber": "900000000000000128",
    "reportingPeriodBeginningDate": "07-01-2020",
    "reportingPeriodEndingDate": "07-31-2020",
    "originatorName": "PHOENIX FINANCIAL",
    "originationDate": "08/2019",
    "originalLoanAmount": "10000",
    "originalLoanTerm": "25",
    "loanMaturityDate": "08/2021",
    "originalInterestRatePercentage": "0.06",
    "interestCalculationTypeCode": "1",
    "originalInterestRateTypeCode": "1",
    "originalFirstPaymentDate": "09/2019",
    "gracePeriodNumber": "1",
    "paymentTypeCode": "2",
    "vehicleManufacturerName": "PHOENIX",
    "vehicleModelName": "P1",
    "vehicleModelYear": "2019",
    "vehicleValueAmount": "12000",
    "obligorCreditScore": "701",
    "obligorGeographicLocation": "NC",
    "remainingTermToMaturityNumber": "13",
    "reportingPeriodActualEndBalanceAmount": "5563.21",
    "reportingPeriodScheduledPaymentAmount": "443.2",
    "currentDelinquencyStatus": "0",
    "interestPaidThroughDate": "07-20-2020",
}


def filing(*changes: Mapping[str, str]) -> str:
    """Return a filing with a row for each mapping of changed fields."""
    out = io.StringIO()
    writer = csv.DictWriter(out, list(ROW), lineterminator="\n")
    writer.writeheader()
    writer.writerows({**ROW, **change} for change in changes)
    return out.getvalue()

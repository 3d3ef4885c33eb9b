"""An order's money as one set of sums: for the rules, for its document, for whoever asks."""

from typing import NamedTuple


class Sums(NamedTuple):
    """Minor units of the contract's currency; `price_minor` is None before the contract.

    `credited_minor` is what of the company's own debts was set against the price, `fee_minor` what
    a cancellation lets the company keep, None while there is none.
    """

    price_minor: int | None = None
    paid_minor: int = 0
    refunded_minor: int = 0
    financed_minor: int = 0
    credited_minor: int = 0
    fee_minor: int | None = None

    @property
    def balance_minor(self) -> int:
        """Return what of the customer's money is with the company: paid less refunded.

        Below zero where a payment bounced that had been refunded already.
        """
        return self.paid_minor - self.refunded_minor

    @property
    def owed_minor(self) -> int:
        """Return what the customer has to bring: of the price, all that nobody else pays.

        Of a cancelled order nothing is owed but the fee.
        """
        if self.fee_minor is not None:
            return self.fee_minor
        if self.price_minor is None:
            return 0
        return max(0, self.price_minor - self.financed_minor - self.credited_minor)

    @property
    def outstanding_minor(self) -> int:
        """Return what is still to be paid, by the customer or by her lease."""
        return max(0, self.owed_minor - self.balance_minor)

    @property
    def refundable_minor(self) -> int:
        """Return what the company holds beyond what it may keep."""
        return max(0, self.balance_minor - self.owed_minor)

    def covers(self, minor: int) -> bool:
        """Tell whether the customer has brought this much of the price."""
        return self.balance_minor + self.credited_minor >= minor

    @property
    def is_paid(self) -> bool:
        """Tell whether nothing of the price is open any more."""
        return self.price_minor is not None and self.outstanding_minor == 0

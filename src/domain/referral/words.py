"""The words of the referral's language: how it arrived, where it stands, what is replied."""

from enum import StrEnum


class ReferralRoute(StrEnum):
    """How an authority's letter reached the company, and how a reply goes back."""

    SYSTEM = "system"
    """Through a system of the authority's, or of the state's."""
    COURIER = "courier"
    POST = "post"
    EMAIL = "email"
    FAX = "fax"
    IN_PERSON = "in_person"


class ReferralMatter(StrEnum):
    """What the complainant's matter is about, broadly; the kinds of complaint."""

    QUALITY = "quality"
    SALES = "sales"
    SERVICE = "service"
    PARTS = "parts"
    OTHER = "other"


class ReferralStatus(StrEnum):
    """Where the special case stands."""

    NOT_RECEIVED = "not_received"
    RECEIVED = "received"
    REGISTERED = "registered"
    DISTRIBUTED = "distributed"
    HANDLED = "handled"
    """The complaint has its result; the final control is next."""
    CONTROLLED = "controlled"
    INFORMED = "informed"
    """The customer was informed; the written reply is next."""
    REPLIED = "replied"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"


ENDED = frozenset({ReferralStatus.CLOSED, ReferralStatus.WITHDRAWN})
"""The statuses in which nothing more is to be done."""


class ReferralStep(StrEnum):
    """The steps that the procedure of referrals speaks of."""

    RECEIPT = "receipt"
    REGISTRATION = "registration"
    MILESTONE = "milestone"
    DISTRIBUTION = "distribution"
    INTERIM_REPLY = "interim_reply"
    LINKING = "linking"
    HANDLING = "handling"
    ACTION_CONTROL = "action_control"
    FINAL_CONTROL = "final_control"
    CUSTOMER_INFORMATION = "customer_information"
    REPLY_PREPARATION = "reply_preparation"
    REPLY = "reply"
    CLOSURE = "closure"
    WITHDRAWAL = "withdrawal"


class ReplyType(StrEnum):
    """The types of reply that authorities know."""

    ACKNOWLEDGEMENT = "acknowledgement"
    INTERIM = "interim"
    HOLDING = "holding"
    FINAL = "final"
    SUMMARY_RESOLUTION = "summary_resolution"

    @property
    def concludes(self) -> bool:
        """Tell whether it is the last word, so that it waits for the final control."""
        return self in (ReplyType.FINAL, ReplyType.SUMMARY_RESOLUTION)


class ControlVerdict(StrEnum):
    """What controlling an action against its time found."""

    IN_TIME = "in_time"
    LATE = "late"
    OUTSTANDING = "outstanding"
    """Not done, and its time has not passed."""
    OVERDUE = "overdue"
    """Not done although its time has passed."""


DONE = frozenset({ControlVerdict.IN_TIME, ControlVerdict.LATE})
"""The findings of which nothing more is owed."""


class ControlOutcome(StrEnum):
    """What the final control says (the variants of its step)."""

    ACCEPTED = "accepted"
    SENT_BACK = "sent_back"


class HandlingConclusion(StrEnum):
    """By what the complaint came to a result that can be controlled."""

    RESULT_ANNOUNCED = "result_announced"
    CLOSED = "closed"
    INVALID_ANSWERED = "invalid_answered"


class InformingChannel(StrEnum):
    """By which way the customer was informed."""

    PORTAL = "portal"
    PHONE = "phone"
    MESSAGE = "message"
    EMAIL = "email"
    LETTER = "letter"
    WECHAT = "wechat"
    IN_PERSON = "in_person"


class ReferralPaper(StrEnum):
    """What a document of the case is, as far as rules ask."""

    AUTHORITY_LETTER = "authority_letter"
    ENCLOSURE = "enclosure"
    PROOF_OF_INFORMATION = "proof_of_information"
    PROOF_OF_DISPATCH = "proof_of_dispatch"
    PAUSE_ORDER = "pause_order"
    OTHER = "other"


class ReplyLocale(StrEnum):
    """The languages in which letters are written."""

    EN = "en"
    FA = "fa"
    ZH = "zh"

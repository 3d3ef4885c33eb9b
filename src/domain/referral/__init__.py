"""The referral: an authority's letter from its arrival to the written reply, one file per phase.

`words` holds the enumerations, `case` the state, `clocks` what is recorded of deadlines,
`keeping_time` and `deriving` how they are derived, `moves` what people and sagas do with them.
"""

# The names are packed, or this list would be longer than what it lists.
# fmt: off
# ruff: noqa: I001, RUF022

from domain.referral.words import (
    ControlOutcome, ControlVerdict, DONE, ENDED, HandlingConclusion, InformingChannel,
    ReferralMatter, ReferralPaper, ReferralRoute, ReferralStatus, ReferralStep, ReplyLocale,
    ReplyType,
)
from domain.referral.case import (
    LiesAhead, Referral, ReferralIsOver, ReferralItemExists, ReferralPaperNotFound, parties,
    subject,
)
from domain.referral.intake import (
    AnswerBeforeLetter, IdentifyReferralComplainant, LetterAfterReceipt, PackNotInForce,
    ReceiveReferral, ReferralAlreadyRegistered, ReferralComplainantIdentified,
    ReferralComplainantKnown, ReferralReceived, ReferralRegistered, RegisterReferral,
)
from domain.referral.papers import (
    AddReferralDocument, MilestoneAlreadyRecorded, MilestoneNotInPack, MilestoneRecorded,
    RecordMilestone, ReferralDocumentAdded,
)
from domain.referral.distribution import (
    AlreadyDistributed, ComplaintAlreadyLinked, ComplaintLinked, ComplaintNotLinked,
    ConcludeHandling, DistributeReferral, DistributionUnclear, HandlingConcluded, HandlingResumed,
    HandlingWordIsOld, LinkComplaint, ReferralDistributed, ResumeHandling,
)
from domain.referral.control import (
    ActionControlled, ActionsOutstanding, ControlAction, CustomerInformed,
    CustomerInformedTooEarly, FinalControl, FinalControlPassed, InformCustomer,
    InformationNotProven, ReferralSentBack, SendingBackNeedsReason,
)
from domain.referral.replies import (
    ElementGiven, ExpectedDayMissing, PrepareReply, ReplyAlreadySent,
    ReplyBeforeCustomerInformation, ReplyBeforeFinalControl, ReplyElement, ReplyElementTwice,
    ReplyElementsMissing, ReplyIsOfEarlierRound, ReplyNotFound, ReplyPrepared, ReplySent,
    ReplyTypeNotInPack, SendReply, SummaryResolutionTooLate, in_order,
)
from domain.referral.ending import (
    CloseReferral, LastReplyNotSent, ReferralClosed, ReferralWithdrawn, WithdrawReferral,
)
from domain.referral.clocks import (
    AUTHORITY_REPLY, OWN_REPLY, ReferralClockCancelled, ReferralClockDueSet,
    ReferralClockExtended, ReferralClockReset, ReferralClocksPaused, ReferralClocksRederived,
    ReferralClocksResumed, ReferralClocksStarted, ReferralClocksStopped, ReferralDeadlineBreached,
    ReferralDeadlineForeseen, ReferralDeadlineWarned,
)
from domain.referral.moves import (
    CancelReferralClock, DeadlineIsTheAuthoritys, EndReferralPause, ExtendReferralClock,
    ForeseeReferralBreach, PauseReferralClocks, RecordReferralBreach, RederiveReferralClocks,
    ReferralClocksNotYours, ResetReferralClock, SetReferralDeadline, StopReferralClock,
    WarnOfReferralDeadline,
)
from domain.referral.escalation import (
    AcknowledgeReferralEscalation, ClimbReferralEscalation, EscalateReferral, Escalation,
    ReferralDoneByInPast, ReferralEscalated, ReferralEscalationAcknowledged,
    ReferralEscalationClimbed, ReferralEscalationEnded, ReferralEscalationIsOver,
    ReferralEscalationNotFound, ReferralEscalationUnclear, ReferralNotEscalatedYet,
    ReferralNotTold, ReferralRungNotNext,
)
from domain.referral.deciding import DECIDER, decide, evolve

__all__ = [
    "AUTHORITY_REPLY", "AcknowledgeReferralEscalation", "ActionControlled", "ActionsOutstanding",
    "AddReferralDocument", "AlreadyDistributed", "AnswerBeforeLetter", "CancelReferralClock",
    "ClimbReferralEscalation", "CloseReferral", "ComplaintAlreadyLinked", "ComplaintLinked",
    "ComplaintNotLinked", "ConcludeHandling", "ControlAction", "ControlOutcome", "ControlVerdict",
    "CustomerInformed", "CustomerInformedTooEarly", "DECIDER", "DONE", "DeadlineIsTheAuthoritys",
    "DistributeReferral", "DistributionUnclear", "ENDED", "ElementGiven", "EndReferralPause",
    "EscalateReferral", "Escalation", "ExpectedDayMissing", "ExtendReferralClock", "FinalControl",
    "FinalControlPassed", "ForeseeReferralBreach", "HandlingConcluded", "HandlingConclusion",
    "HandlingResumed", "HandlingWordIsOld", "IdentifyReferralComplainant", "InformCustomer",
    "InformationNotProven", "InformingChannel", "LastReplyNotSent", "LetterAfterReceipt",
    "LiesAhead", "LinkComplaint", "MilestoneAlreadyRecorded", "MilestoneNotInPack",
    "MilestoneRecorded", "OWN_REPLY", "PackNotInForce", "PauseReferralClocks", "PrepareReply",
    "ReceiveReferral", "RecordMilestone", "RecordReferralBreach", "RederiveReferralClocks",
    "Referral", "ReferralAlreadyRegistered", "ReferralClockCancelled", "ReferralClockDueSet",
    "ReferralClockExtended", "ReferralClockReset", "ReferralClocksNotYours",
    "ReferralClocksPaused", "ReferralClocksRederived", "ReferralClocksResumed",
    "ReferralClocksStarted", "ReferralClocksStopped", "ReferralClosed",
    "ReferralComplainantIdentified", "ReferralComplainantKnown", "ReferralDeadlineBreached",
    "ReferralDeadlineForeseen", "ReferralDeadlineWarned", "ReferralDistributed",
    "ReferralDocumentAdded", "ReferralDoneByInPast",
    "ReferralEscalated", "ReferralEscalationAcknowledged", "ReferralEscalationClimbed",
    "ReferralEscalationEnded", "ReferralEscalationIsOver", "ReferralEscalationNotFound",
    "ReferralEscalationUnclear", "ReferralIsOver", "ReferralItemExists", "ReferralMatter",
    "ReferralNotEscalatedYet", "ReferralNotTold", "ReferralPaper",
    "ReferralPaperNotFound", "ReferralReceived", "ReferralRegistered", "ReferralRoute",
    "ReferralRungNotNext", "ReferralSentBack", "ReferralStatus", "ReferralStep",
    "ReferralWithdrawn", "RegisterReferral", "ReplyAlreadySent", "ReplyBeforeCustomerInformation",
    "ReplyBeforeFinalControl", "ReplyElement", "ReplyElementTwice", "ReplyElementsMissing",
    "ReplyIsOfEarlierRound", "ReplyLocale", "ReplyNotFound", "ReplyPrepared", "ReplySent",
    "ReplyType", "ReplyTypeNotInPack", "ResetReferralClock", "ResumeHandling", "SendReply",
    "SendingBackNeedsReason", "SetReferralDeadline", "StopReferralClock",
    "SummaryResolutionTooLate", "WarnOfReferralDeadline",
    "WithdrawReferral", "decide", "evolve", "in_order", "parties", "subject",
]

"""The complaint: a case from its registration to its end, one file per phase of its life.

`words` holds the enumerations, `case` the state and how it follows events, the other files the
phases, each with its events, commands, refusals and rules.
"""

# The names are packed, or this list would be longer than what it lists.
# fmt: off
# ruff: noqa: I001, RUF022

from domain.complaint.words import (
    AnswerThrough, ArbitrationOutcome, AssignedTo, Awaited, CarriedMeaning, Channel, ClosingGround,
    ConfirmingParty, Correspondent, CrisisLevel, Direction, ENDED, FollowUpReason, Importance, Kind,
    LitigationOutcome, MileageUnit, Origin, Outcome, PaperKind, Priority, Risk, Status, Step,
    VrtKind, WaitingFor,
)
from domain.complaint.intake import (
    ComplainantAlreadyIdentified, ComplainantIdentified, ComplaintRegistered, DealerMissing,
    IdentifyComplainant, LinkVehicle, NarrativeMissing, NoProcedureServes, OccurredAfterReceipt,
    ProcedureNotYours, RegisterComplaint, VehicleAlreadyLinked, VehicleLinked,
)
from domain.complaint.judgement import (
    AlreadyAnswered, AlreadyJudged, AnswerGoesThroughDealer, AnswerGoesThroughSpecialist,
    AnswerInvalidComplaint, ComplaintJudgedInvalid, ComplaintJudgedValid, InvalidComplaintAnswered,
    InvalidNeedsReason, JudgeComplaint, NotJudgedInvalid,
)
from domain.complaint.sorting import (
    AlreadyAssigned, AlreadyClassified, AlreadyGraded, AssignComplaint, AssignmentUnclear,
    ClassifyComplaint, ComplaintAssigned, ComplaintClassified, ComplaintGraded, GradeComplaint,
)
from domain.complaint.inquiries import (
    AnswerInquiry, InquiryAlreadyAnswered, InquiryAnswered, InquiryNotFound, InquiryOfAnotherUnit,
    InquirySent, SendInquiry,
)
from domain.complaint.guidance import (
    GiveInstruction, InstructionFromBelow, InstructionGiven, NothingAwaited, ReminderSent,
    ReminderUnclear, SendReminder,
)
from domain.complaint.papers import (
    AddDocument, CorrespondenceRecorded, DocumentAdded,
    RecordCorrespondence,
)
from domain.complaint.vrt import (
    FormVrt, MakeVrtProposal, QualityVrtNotLedByTechnical, ReportVrtFailure, ReportVrtFinding,
    ResponsibilityNotDivided, SolutionMissing, VrtAlreadyReported, VrtFailed, VrtFindingReported,
    VrtFormed, VrtNotFound, VrtNotLedByYou, VrtOwesFinding, VrtOwesProposal, VrtProposalMade,
)
from domain.complaint.plan import (
    ApprovePlan, CarryOutPlan, CompleteWork, CostIsNegative, CostIsTooLarge, PlanAlreadyApproved,
    PlanAlreadyCarriedOut, PlanAlreadyRejected, PlanApproved, PlanAwaitsApproval, PlanCarriedOut,
    PlanNoLongerStands, PlanNotApproved, PlanNotFound, PlanRejected, PlanSubmitted, RejectPlan,
    SubmitPlan, WorkCompleted,
)
from domain.complaint.result import (
    AlreadyConfirmed, AnnounceResult, ConfirmResult, NotConfirmedNeedsReason,
    ResultAlreadyAnnounced, ResultAnnounced, ResultConfirmed, ResultNotAnnounced,
    ResultNotConfirmed, SentToAnotherUnit,
)
from domain.complaint.closure import (
    AcceptanceNotProven, AnswerNotGiven, BasisMissing, CalledBack, CloseComplaint, ComplaintClosed,
    ComplaintNotEnded, ComplaintReopened, EvidenceOfAnotherGround, ExecutionNotProven,
    FollowUpInPast, FollowUpNotAgreed, GroundContradictsResult, RecordCallback, ReopenComplaint,
    SatisfactionUnclear,
)
from domain.complaint.corrections import (
    ComplaintCorrected, CorrectComplaint, NoSuchVersion, NothingCorrected, VersionSaysNothingOfIt,
)
from domain.complaint.beyond import (
    ArbitrationEnded, ArbitrationHasEnded, ArbitrationIsOpen, ArbitrationNotFound,
    ArbitrationOpened, EndArbitration, EndLitigation, EndedBeforeOpened, LitigationEnded,
    LitigationHasEnded, LitigationIsOpen, LitigationNotFound, LitigationOpened, OpenArbitration,
    OpenLitigation,
)
from domain.complaint.crisis import (
    CrisisBulletinIssued, CrisisDeclared, CrisisEnded, CrisisIsOn, CrisisIsOver, CrisisNotFound,
    DeclareCrisis, EndCrisis, IssueCrisisBulletin,
)
from domain.complaint.carried_over import (
    CarryOverStep, StepCarriedOver, WaitingForNobody,
)
from domain.complaint.clocks import (
    CancelClock, ComplaintClockCancelled, ComplaintClockDueSet, ComplaintClockExtended,
    ComplaintClockReset, ComplaintClocksPaused, ComplaintClocksRederived, ComplaintClocksResumed,
    ComplaintClocksStarted, ComplaintClocksStopped, ComplaintDeadlineBreached,
    ComplaintDeadlineForeseen, ComplaintDeadlineWarned, DeadlinesAreWatched, DeadlinesNotYours,
    EndPause, ExtendClock, ForeseeBreach, MakePromise, PauseClocks, PromiseMade, RecordBreach,
    RederiveClocks, RederivedFor, ResetClock, SetDeadline, StopClock, WarnOfDeadline,
)
from domain.complaint.escalation import (
    AcknowledgeEscalation, ClimbEscalation, ComplaintEscalated, EscalateComplaint, Escalation,
    EscalationAcknowledged, EscalationCause, EscalationClimbed, EscalationEnd, EscalationEnded,
    EscalationIsOpen, EscalationIsOver, EscalationNotFound, EscalationNotYours, EscalationUnclear,
    NotTold,
)
from domain.complaint.grading import (
    Grade, Grading, ImportancePoints, RiskPoints, SubjectPoints, Threshold, grade,
)
from domain.complaint.case import (
    Complaint, ComplaintIsClosed, ComplaintIsInvalid, ComplaintOfAnotherCustomer, DayInFuture,
    Facts, InstantInFuture, InstantTooEarly, InstantWithoutZone, ItemExists, NotTheAssignedDealer,
    PaperNotFound, Sorting, UnitHasNoPart, Work, parties, subject,
)
from domain.complaint.ahead import next_steps
from domain.complaint.deciding import (
    DECIDER, decide, evolve,
)

__all__ = [
    "AcceptanceNotProven", "AcknowledgeEscalation", "AddDocument", "AlreadyAnswered",
    "AlreadyAssigned", "AlreadyClassified", "AlreadyConfirmed", "AlreadyGraded", "AlreadyJudged",
    "AnnounceResult", "AnswerGoesThroughDealer", "AnswerGoesThroughSpecialist", "AnswerInquiry",
    "AnswerInvalidComplaint", "AnswerNotGiven", "AnswerThrough", "ApprovePlan", "ArbitrationEnded",
    "ArbitrationHasEnded", "ArbitrationIsOpen", "ArbitrationNotFound", "ArbitrationOpened",
    "ArbitrationOutcome", "AssignComplaint", "AssignedTo", "AssignmentUnclear", "Awaited",
    "BasisMissing", "CalledBack", "CancelClock", "CarriedMeaning", "CarryOutPlan", "CarryOverStep",
    "Channel", "ClassifyComplaint", "ClimbEscalation", "CloseComplaint", "ClosingGround",
    "ComplainantAlreadyIdentified", "ComplainantIdentified", "Complaint", "ComplaintAssigned",
    "ComplaintClassified", "ComplaintClockCancelled", "ComplaintClockDueSet",
    "ComplaintClockExtended", "ComplaintClockReset", "ComplaintClocksPaused",
    "ComplaintClocksRederived", "ComplaintClocksResumed", "ComplaintClocksStarted",
    "ComplaintClocksStopped", "ComplaintClosed", "ComplaintCorrected", "ComplaintDeadlineBreached",
    "ComplaintDeadlineForeseen", "ComplaintDeadlineWarned", "ComplaintEscalated", "ComplaintGraded",
    "ComplaintIsClosed", "ComplaintIsInvalid", "ComplaintJudgedInvalid", "ComplaintJudgedValid",
    "ComplaintNotEnded", "ComplaintOfAnotherCustomer", "ComplaintRegistered", "ComplaintReopened",
    "CompleteWork", "ConfirmResult", "ConfirmingParty", "CorrectComplaint",
    "CorrespondenceRecorded", "Correspondent", "CostIsNegative", "CostIsTooLarge",
    "CrisisBulletinIssued", "CrisisDeclared", "CrisisEnded", "CrisisIsOn", "CrisisIsOver",
    "CrisisLevel", "CrisisNotFound", "DECIDER", "DayInFuture", "DeadlinesAreWatched",
    "DeadlinesNotYours", "DealerMissing", "DeclareCrisis", "Direction", "DocumentAdded",
    "ENDED", "EndArbitration", "EndCrisis", "EndLitigation", "EndPause",
    "EndedBeforeOpened", "EscalateComplaint", "Escalation", "EscalationAcknowledged",
    "EscalationCause", "EscalationClimbed", "EscalationEnd", "EscalationEnded", "EscalationIsOpen",
    "EscalationIsOver", "EscalationNotFound", "EscalationNotYours", "EscalationUnclear",
    "EvidenceOfAnotherGround", "ExecutionNotProven", "ExtendClock", "Facts", "FollowUpInPast",
    "FollowUpNotAgreed", "FollowUpReason", "ForeseeBreach", "FormVrt", "GiveInstruction", "Grade",
    "GradeComplaint", "Grading", "GroundContradictsResult", "IdentifyComplainant", "Importance",
    "ImportancePoints", "InquiryAlreadyAnswered", "InquiryAnswered", "InquiryNotFound",
    "InquiryOfAnotherUnit", "InquirySent", "InstantInFuture", "InstantTooEarly",
    "InstantWithoutZone", "InstructionFromBelow", "InstructionGiven", "InvalidComplaintAnswered",
    "InvalidNeedsReason", "IssueCrisisBulletin", "ItemExists", "JudgeComplaint", "Kind",
    "LinkVehicle", "LitigationEnded", "LitigationHasEnded", "LitigationIsOpen",
    "LitigationNotFound", "LitigationOpened", "LitigationOutcome", "MakePromise", "MakeVrtProposal",
    "MileageUnit", "NarrativeMissing", "NoProcedureServes", "NoSuchVersion",
    "NotConfirmedNeedsReason", "NotJudgedInvalid", "NotTheAssignedDealer", "NotTold",
    "NothingAwaited", "NothingCorrected", "OccurredAfterReceipt", "OpenArbitration",
    "OpenLitigation", "Origin", "Outcome", "PaperKind", "PaperNotFound", "PauseClocks",
    "PlanAlreadyApproved", "PlanAlreadyCarriedOut", "PlanAlreadyRejected", "PlanApproved",
    "PlanAwaitsApproval", "PlanCarriedOut", "PlanNoLongerStands", "PlanNotApproved", "PlanNotFound",
    "PlanRejected", "PlanSubmitted", "Priority", "ProcedureNotYours", "PromiseMade",
    "QualityVrtNotLedByTechnical", "RecordBreach", "RecordCallback",
    "RecordCorrespondence", "RederiveClocks", "RederivedFor", "RegisterComplaint", "RejectPlan",
    "ReminderSent", "ReminderUnclear", "ReopenComplaint", "ReportVrtFailure", "ReportVrtFinding",
    "ResetClock", "ResponsibilityNotDivided", "ResultAlreadyAnnounced", "ResultAnnounced",
    "ResultConfirmed", "ResultNotAnnounced", "ResultNotConfirmed", "Risk", "RiskPoints",
    "SatisfactionUnclear", "SendInquiry", "SendReminder", "SentToAnotherUnit", "SetDeadline",
    "SolutionMissing", "Sorting", "Status", "Step", "StepCarriedOver", "StopClock", "SubjectPoints",
    "SubmitPlan", "Threshold", "UnitHasNoPart", "VehicleAlreadyLinked",
    "VehicleLinked", "VersionSaysNothingOfIt", "VrtAlreadyReported", "VrtFailed",
    "VrtFindingReported", "VrtFormed", "VrtKind", "VrtNotFound", "VrtNotLedByYou", "VrtOwesFinding",
    "VrtOwesProposal", "VrtProposalMade", "WaitingFor", "WaitingForNobody", "WarnOfDeadline",
    "Work", "WorkCompleted", "decide", "evolve", "grade", "next_steps", "parties", "subject",
]

"""Demo cases that have ended, were taken up again, or go beyond the case."""

from datetime import timedelta

from demo.people import (
    ACCOUNTING,
    AFTER_SALES,
    CUSTOMERS,
    DEALER_EAST,
    DEALER_NORTH,
    DEALER_SOUTH,
    EXPERT,
    EXPERT_2,
    MANAGER,
    SECRETARIAT,
    SPECIAL,
    SPECIALIST,
    SYSTEM,
    TECHNICAL,
)
from demo.story import Stories, Story
from domain.complaint import (
    AnswerInquiry,
    ArbitrationOutcome,
    CarriedMeaning,
    CarryOverStep,
    Channel,
    CloseComplaint,
    ClosingGround,
    CorrectComplaint,
    Correspondent,
    CrisisLevel,
    DeclareCrisis,
    Direction,
    EndArbitration,
    EndLitigation,
    FollowUpReason,
    IdentifyComplainant,
    Importance,
    IssueCrisisBulletin,
    Kind,
    LinkVehicle,
    LitigationOutcome,
    OpenArbitration,
    OpenLitigation,
    Origin,
    Outcome,
    PaperKind,
    Priority,
    RecordCallback,
    RegisterComplaint,
    ReopenComplaint,
    ReportVrtFinding,
    SendInquiry,
    VrtKind,
    WaitingFor,
)


def tell(stories: Stories) -> Story:
    """Tell them all; return the one with the longest life, which is worth a look."""
    interesting = _closed_after_a_repair(stories)
    _closed_otherwise(stories)
    _reopened(stories)
    _before_others(stories)
    _in_public(stories)
    _corrected(stories)
    _carried_over(stories)
    return interesting


def _closed_after_a_repair(stories: Stories) -> Story:
    """The whole life of a case: intake, team, plan, result, confirmations, closure, call-back."""
    story = stories.about(1, days_ago=30).registered(
        Kind.QUALITY,
        "ترمز دستی در سراشیبی خودرو را نگه نمی‌دارد و یک بار خودرو حرکت کرد.",
        crash=True,
        region="north",
    )
    story.message("call", "لطفاً زودتر رسیدگی کنید، می‌ترسم سوار شوم.", channel=Channel.PHONE)
    story.document("photo", PaperKind.PHOTO, "عکس محل حادثه")
    story.valid().classified(Kind.QUALITY, "brakes").graded(Importance.HIGH)
    story.to_dealer(DEALER_NORTH).vrt(VrtKind.QUALITY, "کابل و لنت ترمز دستی بررسی شود.")
    story.by(
        TECHNICAL,
        ReportVrtFinding(
            stream=story.stream,
            n=1,
            defect_exists=True,
            manufacturer_percent=70,
            dealer_percent=30,
            finding="کابل ترمز دستی کوتاه است و در سرویس قبل دیده نشده.",
            solution="کابل با قطعه اصلاح‌شده تعویض شود.",
        ),
    )
    story.plan(DEALER_NORTH, "تعویض کابل ترمز دستی و تحویل خودروی جایگزین.", 145_000_000)
    story.instructed("خودروی جایگزین همین امروز تحویل شود.")
    story.approved().carried_out(DEALER_NORTH, "کابل تعویض و در سراشیبی آزمایش شد.", 139_500_000)
    story.result(Outcome.MET, "کابل ترمز دستی با هزینه شرکت تعویض شد.")
    story.confirmed_by_second().confirmed_by_customer("مشکل برطرف شد.")
    story.closed(ClosingGround.CARRIED_OUT, "repair order")
    return story.by(
        SPECIALIST,
        RecordCallback(
            stream=story.stream,
            callback_id=story.id("call-back"),
            reached=True,
            satisfaction=5,
            comment="از پیگیری تشکر کرد.",
        ),
    )


def _closed_otherwise(stories: Stories) -> None:
    withdrawn = stories.about(8, days_ago=25).registered(
        Kind.SERVICE, "The car came back from service with a warning light.", region="south"
    )
    withdrawn.valid().classified(Kind.SERVICE, "conduct").graded(Importance.LOW)
    withdrawn.to_dealer(DEALER_SOUTH)
    withdrawn.result(Outcome.EXPLAINED, "The light reminds of the fuel cap, which was open.")
    withdrawn.message("acceptance", "Oh. It was the fuel cap. Please forget it.")
    withdrawn.closed(ClosingGround.WITHDRAWN, "acceptance")
    follow_up = stories.about(6, days_ago=28).registered(
        Kind.QUALITY, "天窗偶尔无法关闭，配件缺货。", region="east"
    )
    follow_up.valid().classified(Kind.QUALITY, "body").graded().to_dealer(DEALER_EAST)
    follow_up.plan(DEALER_EAST, "到货后更换天窗电机。", 160_000_000).approved()
    follow_up.result(Outcome.PLANNED, "配件到货后优先更换。")
    follow_up.confirmed_by_second().confirmed_by_customer("可以等。")
    follow_up.by(
        EXPERT,
        CloseComplaint(
            stream=follow_up.stream,
            closure_id=follow_up.id("closure"),
            ground=ClosingGround.FOLLOW_UP,
            follow_up_on=(stories.now + timedelta(days=30)).date(),
            follow_up_reason=FollowUpReason.OBJECTIVE,
        ),
    )
    unfounded = stories.about(10, days_ago=40).registered(
        Kind.SALES, "We want the purchase price back after four years.", channel=Channel.LETTER
    )
    unfounded.valid().classified(Kind.SALES, "refund").graded().to_unit("sales")
    unfounded.by(
        EXPERT,
        SendInquiry(
            stream=unfounded.stream,
            inquiry_id=unfounded.id("inquiry 1"),
            unit="accounting",
            question="Is there any claim for a refund?",
        ),
    ).by(
        ACCOUNTING,
        AnswerInquiry(
            stream=unfounded.stream, n=1, answer="None: the contract was fulfilled in full."
        ),
    )
    unfounded.result(Outcome.DECLINED, "The contract was fulfilled; there is nothing to refund.")
    unfounded.confirmed_by_second()
    unfounded.by(
        EXPERT,
        CloseComplaint(
            stream=unfounded.stream,
            closure_id=unfounded.id("closure"),
            ground=ClosingGround.UNFOUNDED,
            basis="Terms of sale, article 12 (fictional)",
        ),
    )


def _reopened(stories: Stories) -> None:
    story = stories.about(4, days_ago=35).registered(
        Kind.PARTS, "برف‌پاک‌کن اشتباه تحویل شد.", region="north"
    )
    story.valid().classified(Kind.PARTS, "missing_part").graded(Importance.LOW)
    story.to_dealer(DEALER_NORTH).completed(DEALER_NORTH, "قطعه درست تحویل شد.")
    story.result(Outcome.MET, "قطعه درست تحویل شد.")
    story.instructed("تحویل قطعه تأیید شود.", "after_sales")
    story.confirmed_by_second(AFTER_SALES).confirmed_by_customer()
    story.document("receipt", PaperKind.INVOICE, "رسید تحویل قطعه")
    story.closed(ClosingGround.CARRIED_OUT, "receipt")
    story.by(
        EXPERT_2,
        ReopenComplaint(
            stream=story.stream,
            reopening_id=story.id("reopening"),
            reason="مشتری می‌گوید قطعه دوم هم اشتباه است.",
        ),
    )


def _before_others(stories: Stories) -> None:
    arbitrated = stories.about(7, days_ago=45).registered(
        Kind.QUALITY, "双方对变速箱责任有争议。", region="east"
    )
    arbitrated.valid().classified(Kind.QUALITY, "gearbox").graded(Importance.HIGH)
    arbitrated.to_dealer(DEALER_EAST).by(
        EXPERT,
        OpenArbitration(
            stream=arbitrated.stream,
            arbitration_id=arbitrated.id("arbitration"),
            body="示例汽车仲裁委员会",
            opened_on=(stories.now - timedelta(days=20)).date(),
            file_number="ARB-0007",
        ),
        at=stories.now - timedelta(days=20),
    )
    settled = stories.about(9, days_ago=60).registered(
        Kind.QUALITY, "The paint faded within a year.", channel=Channel.LETTER, region="south"
    )
    settled.valid().classified(Kind.QUALITY, "paint").graded().to_dealer(DEALER_SOUTH)
    settled.by(
        EXPERT,
        OpenArbitration(
            stream=settled.stream,
            arbitration_id=settled.id("arbitration"),
            body="Imaginary Board of Motorists",
            opened_on=(stories.now - timedelta(days=50)).date(),
        ),
        at=stories.now - timedelta(days=50),
    ).by(
        EXPERT,
        EndArbitration(
            stream=settled.stream,
            arbitration_id=settled.id("arbitration"),
            outcome=ArbitrationOutcome.SETTLED,
            ended_on=(stories.now - timedelta(days=30)).date(),
            ruling="The parties share the cost of a new coat.",
        ),
        at=stories.now - timedelta(days=30),
    )
    sued = stories.about(2, days_ago=90).registered(
        Kind.SALES, "مشتری برای خسارت تأخیر تحویل شکایت کرده است.", channel=Channel.LETTER
    )
    sued.valid().classified(Kind.SALES, "late_delivery").graded(Importance.HIGH).to_unit("sales")
    sued.by(
        MANAGER,
        OpenLitigation(
            stream=sued.stream,
            litigation_id=sued.id("litigation"),
            court="شعبه خیالی دادگاه",
            opened_on=(stories.now - timedelta(days=80)).date(),
            file_number="LAW-0002",
        ),
        at=stories.now - timedelta(days=80),
    ).by(
        MANAGER,
        EndLitigation(
            stream=sued.stream,
            litigation_id=sued.id("litigation"),
            outcome=LitigationOutcome.WITHDRAWN,
            ended_on=(stories.now - timedelta(days=10)).date(),
        ),
        at=stories.now - timedelta(days=10),
    )


def _in_public(stories: Stories) -> None:
    crisis = stories.about(5, days_ago=3).registered(
        Kind.QUALITY,
        "视频平台上流传刹车失灵的视频，播放量很高。",
        channel=Channel.WEBSITE,
        origin=Origin.MEDIA,
        media=True,
        injured_count=1,
        region="east",
    )
    crisis.valid().classified(Kind.QUALITY, "brakes").graded(Importance.HIGH)
    crisis.to_dealer(DEALER_EAST).by(
        MANAGER,
        DeclareCrisis(
            stream=crisis.stream,
            crisis_id=crisis.id("crisis"),
            level=CrisisLevel.NATIONAL,
            reason="A widely shared video says that the brakes fail.",
        ),
    )
    for n, bulletin in enumerate(
        ("We have asked the owner for the vehicle.", "The brakes are being examined."), 1
    ):
        crisis.by(
            MANAGER,
            IssueCrisisBulletin(
                stream=crisis.stream,
                bulletin_id=crisis.id(f"bulletin {n}"),
                crisis_id=crisis.id("crisis"),
                bulletin=bulletin,
            ),
        )
    special = stories.about(3, days_ago=5).registered(
        Kind.SALES,
        "نامه سازمان خیالی حمایت درباره تأخیر تحویل.",
        by=SECRETARIAT,
        channel=Channel.LETTER,
        origin=Origin.AUTHORITY,
    )
    special.message(
        "letter",
        "خواهشمند است تا ده روز پاسخ دهید.",
        correspondent=Correspondent.AUTHORITY,
        channel=Channel.LETTER,
        by=SECRETARIAT,
        letter_number="DEMO/1404/17",
    )
    special.valid().classified(Kind.SALES, "late_delivery").graded(Importance.HIGH)
    special.to_unit("sales").by(
        SPECIAL,
        SendInquiry(
            stream=special.stream,
            inquiry_id=special.id("inquiry 1"),
            unit="sales",
            question="تاریخ تحویل قرارداد و علت تأخیر چیست؟",
        ),
    ).message(
        "acknowledgement",
        "نامه دریافت و شکایت ثبت شد.",
        direction=Direction.OUT,
        correspondent=Correspondent.AUTHORITY,
        channel=Channel.LETTER,
        by=SPECIAL,
        letter_number="DEMO/OUT/4",
    )


def _corrected(stories: Stories) -> None:
    story = stories.about(None, days_ago=4).registered(
        Kind.SERVICE, "A caller says that her appointment was lost.", region="south"
    )
    ada = CUSTOMERS[7]
    story.by(SPECIALIST, IdentifyComplainant(stream=story.stream, customer_id=ada.id))
    story.by(SPECIALIST, LinkVehicle(stream=story.stream, vehicle_id=ada.vehicle_id))
    story.by(
        SPECIALIST,
        CorrectComplaint(
            stream=story.stream,
            correction_id=story.id("correction"),
            corrects_version=1,
            reason="The caller was misheard: two appointments were lost.",
            narrative="A caller says that two of her appointments were lost.",
        ),
    )
    story.valid()


def _carried_over(stories: Stories) -> None:
    story = stories.about(None, days_ago=120)
    story.by(
        SYSTEM,
        RegisterComplaint(
            stream=story.stream,
            kind=Kind.OTHER,
            channel=Channel.OTHER_SYSTEM,
            received_at=story.received_at,
            procedure="carried_over",
            source_ref="demo 17",
        ),
    )
    steps = (
        ("Queued", CarriedMeaning.ASSIGNED, None),
        ("Accepted", CarriedMeaning.IN_PROGRESS, None),
        ("Wait - Vendor", CarriedMeaning.WAITING, WaitingFor.VENDOR),
    )
    for n, (status, meaning, waiting_for) in enumerate(steps, 1):
        story.by(
            SYSTEM,
            CarryOverStep(
                stream=story.stream,
                step_id=story.id(f"row {n}"),
                source_row=f"demo 17#{n}",
                happened_at=story.received_at + timedelta(hours=n),
                source_status=status,
                meaning=meaning,
                unit="Imaginary desk",
                priority=Priority.NORMAL,
                waiting_for=waiting_for,
            ),
        )

"""Demo cases that are still open, from just registered to confirmed."""

from demo.people import (
    ACCOUNTING,
    AFTER_SALES,
    DEALER_EAST,
    DEALER_NORTH,
    DEALER_SOUTH,
    EXPERT_2,
    SALES,
    SPECIALIST,
    SUPERVISOR,
    TECHNICAL,
)
from demo.story import Stories, Story
from domain.complaint import (
    AnswerInquiry,
    AnswerInvalidComplaint,
    AnswerThrough,
    Awaited,
    Channel,
    ConfirmingParty,
    ConfirmResult,
    Direction,
    Importance,
    Kind,
    MakeVrtProposal,
    Origin,
    Outcome,
    PaperKind,
    RejectPlan,
    ReportVrtFailure,
    ReportVrtFinding,
    SendInquiry,
    SendReminder,
    VrtKind,
)
from domain.declare import Actor


def tell(stories: Stories) -> None:
    """Tell them all."""
    _at_intake(stories)
    _sorted(stories)
    _asked(stories)
    _with_a_team(stories)
    _with_a_plan(stories)
    _announced(stories)


def _at_intake(stories: Stories) -> None:
    ada = stories.about(1, days_ago=0)
    ada.registered(
        Kind.QUALITY,
        "صدای غیرعادی از جلوبندی هنگام عبور از سرعت‌گیر شنیده می‌شود.",
        by=ada.person.actor if ada.person else SPECIALIST,
        channel=Channel.PORTAL,
    )
    stories.about(None, days_ago=1).registered(
        Kind.QUALITY,
        "车主来电：车门在行驶中有异响，不愿留下姓名。",
        channel=Channel.WECHAT,
        vin_partial="DEM0ZZZ0022",
    )
    stories.about(2, days_ago=2).registered(
        Kind.SERVICE, "نوبت تعمیر سه بار جابه‌جا شده است.", channel=Channel.PHONE
    ).valid()
    stories.about(9, days_ago=3).registered(
        Kind.OTHER, "The radio does not play my favourite song.", channel=Channel.EMAIL
    ).invalid("What a station plays is no matter of ours.")
    answered = stories.about(8, days_ago=9).registered(
        Kind.OTHER, "The neighbour's car is nicer than mine.", channel=Channel.WEBSITE
    )
    answered.invalid("No defect and no service is complained about.").by(
        SPECIALIST,
        AnswerInvalidComplaint(
            stream=answered.stream,
            through=AnswerThrough.SERVICE_SPECIALIST,
            channel=Channel.EMAIL,
            answer="We are glad that you look after your car, and offer you a car wash.",
        ),
    )
    raised = stories.about(5, days_ago=11).registered(
        Kind.PARTS,
        "经销商反映：客户要求更换已过保的雨刷。",
        by=DEALER_EAST,
        channel=Channel.MESSAGE,
        origin=Origin.DEALER,
        dealer_id=DEALER_EAST.dealer_id,
        region="east",
    )
    raised.invalid("易损件不在保修范围内，属于咨询。").by(
        DEALER_EAST,
        AnswerInvalidComplaint(
            stream=raised.stream,
            through=AnswerThrough.DEALER,
            channel=Channel.PHONE,
            answer="已向客户说明雨刷属于易损件，并提供优惠价。",
        ),
    )


def _sorted(stories: Stories) -> None:
    stories.about(3, days_ago=4).registered(
        Kind.QUALITY, "رنگ سقف خودرو پوسته شده است.", channel=Channel.PORTAL
    ).valid().classified(Kind.QUALITY, "paint")
    stories.about(6, days_ago=1).registered(
        Kind.QUALITY,
        "发动机舱冒烟起火，已用灭火器扑灭，无人受伤。",
        fire=True,
        region="east",
    ).valid().classified(Kind.QUALITY, "engine").graded(Importance.HIGH)
    _to_dealer(
        stories.about(9, days_ago=5).registered(
            Kind.QUALITY, "The brake pedal feels soft after rain.", region="south"
        ),
        "brakes",
        DEALER_SOUTH,
    )
    stories.about(4, days_ago=6).registered(
        Kind.SALES, "خودرو دو ماه دیرتر از تاریخ قرارداد تحویل شد.", channel=Channel.LETTER
    ).valid().classified(Kind.SALES, "late_delivery").graded().to_unit("sales")


def _to_dealer(story: Story, subject: str, dealer: Actor) -> Story:
    return story.valid().classified(Kind.QUALITY, subject).graded().to_dealer(dealer)


def _asked(stories: Stories) -> None:
    waiting = stories.about(2, days_ago=8).registered(
        Kind.SALES, "مبلغ پیش‌پرداخت دو بار از حساب من برداشت شده است."
    )
    waiting.valid().classified(Kind.SALES, "refund").graded(Importance.HIGH).to_unit("sales")
    _inquire(waiting, "accounting", "آیا پیش‌پرداخت دو بار ثبت شده است؟")
    waiting.by(
        SUPERVISOR,
        SendReminder(
            stream=waiting.stream,
            reminder_id=waiting.id("reminder"),
            awaited=Awaited.INQUIRY_ANSWER,
            n=1,
            note="لطفاً تا فردا پاسخ دهید.",
        ),
    )
    answered = stories.about(7, days_ago=7).registered(
        Kind.SALES, "合同上的车辆颜色与交付车辆不符。", channel=Channel.WECHAT
    )
    answered.valid().classified(Kind.SALES, "contract").graded().to_unit("sales")
    _inquire(answered, "sales", "合同约定的颜色是什么？")
    answered.by(
        SALES,
        AnswerInquiry(stream=answered.stream, n=1, answer="合同约定为白色，交付时登记为银色。"),
    )
    _inquire(answered, "accounting", "车款是否已全部结清？")
    answered.by(
        ACCOUNTING, AnswerInquiry(stream=answered.stream, n=2, answer="已全部结清，无欠款。")
    )


def _inquire(story: Story, unit: str, question: str) -> Story:
    n = sum(isinstance(act.command, SendInquiry) for act in story.acts) + 1
    return story.by(
        SUPERVISOR,
        SendInquiry(
            stream=story.stream, inquiry_id=story.id(f"inquiry {n}"), unit=unit, question=question
        ),
    )


def _with_a_team(stories: Stories) -> None:
    _to_dealer(
        stories.about(1, days_ago=6).registered(
            Kind.QUALITY, "گیربکس در دنده دو ضربه می‌زند.", region="north"
        ),
        "gearbox",
        DEALER_NORTH,
    ).vrt(VrtKind.QUALITY, "علت ضربه گیربکس بررسی شود.")
    found = _to_dealer(
        stories.about(6, days_ago=12).registered(
            Kind.QUALITY, "转向时有异响并发抖。", region="east"
        ),
        "steering",
        DEALER_EAST,
    ).vrt(VrtKind.QUALITY, "检查转向系统。")
    found.by(
        TECHNICAL,
        ReportVrtFinding(
            stream=found.stream,
            n=1,
            defect_exists=True,
            manufacturer_percent=60,
            supplier_percent=40,
            finding="اتصال فرمان لقی دارد و از تأمین‌کننده ایراد دارد.",
            solution="اتصال فرمان تعویض و میزان شود.",
        ),
    )
    clean = _to_dealer(
        stories.about(8, days_ago=14).registered(
            Kind.QUALITY, "The engine is louder than in the brochure.", region="south"
        ),
        "engine",
        DEALER_SOUTH,
    ).vrt(VrtKind.QUALITY, "Measure the engine's noise.")
    clean.by(
        TECHNICAL,
        ReportVrtFinding(
            stream=clean.stream,
            n=1,
            defect_exists=False,
            finding="صدای موتور در محدوده مجاز است و ایرادی دیده نشد.",
        ),
    )
    proposed = stories.about(3, days_ago=10).registered(
        Kind.SERVICE, "همان ایراد برای بار سوم تعمیر شد و باز برگشت.", region="north"
    )
    proposed.valid().classified(Kind.SERVICE, "repeated_repair").graded().to_dealer(DEALER_NORTH)
    proposed.vrt(VrtKind.SERVICE, "پیشنهادی برای پایان تعمیر تکراری داده شود.", EXPERT_2)
    proposed.by(
        EXPERT_2,
        MakeVrtProposal(
            stream=proposed.stream,
            n=1,
            proposal="Bring the vehicle to the central workshop and lend the customer another.",
        ),
    )
    failed = stories.about(10, days_ago=16).registered(
        Kind.SERVICE, "Our van has waited for a workshop bay for three weeks.", region="south"
    )
    failed.valid().classified(Kind.SERVICE, "waiting_time").graded(Importance.HIGH)
    failed.to_dealer(DEALER_SOUTH).vrt(VrtKind.SERVICE, "Find a bay.", EXPERT_2)
    failed.by(
        EXPERT_2,
        ReportVrtFailure(
            stream=failed.stream, n=1, reason="No bay of the region is free before next month."
        ),
    ).instructed("Ask the neighbouring region for a bay today.", "after_sales")


def _with_a_plan(stories: Stories) -> None:
    _to_dealer(
        stories.about(4, days_ago=9).registered(
            Kind.QUALITY, "شیشه عقب بدون ضربه شکست.", region="north"
        ),
        "glass",
        DEALER_NORTH,
    ).plan(DEALER_NORTH, "تعویض شیشه عقب با هزینه گارانتی.", 85_000_000)
    _to_dealer(
        stories.about(5, days_ago=10).registered(
            Kind.QUALITY, "左前大灯进水。", channel=Channel.WECHAT, region="east"
        ),
        "lamps",
        DEALER_EAST,
    ).plan(DEALER_EAST, "更换左前大灯总成。", 120_000_000).approved()
    rejected = _to_dealer(
        stories.about(9, days_ago=13).registered(
            Kind.QUALITY, "The door latch opens by itself.", region="south"
        ),
        "body",
        DEALER_SOUTH,
    ).plan(DEALER_SOUTH, "Tie the door with a rope.", 10_000, "first plan")
    rejected.by(
        SUPERVISOR,
        RejectPlan(
            stream=rejected.stream,
            plan_id=rejected.id("first plan"),
            reason="A rope is no repair; replace the latch.",
        ),
    ).plan(DEALER_SOUTH, "Replace the latch and adjust the door.", 64_000_000)
    carried_out = _to_dealer(
        stories.about(7, days_ago=15).registered(Kind.QUALITY, "行驶中仪表盘黑屏。", region="east"),
        "electrical",
        DEALER_EAST,
    ).plan(DEALER_EAST, "更换仪表总成并升级软件。", 210_000_000)
    carried_out.approved().carried_out(DEALER_EAST, "已更换并试车两次，正常。", 198_000_000)


def _announced(stories: Stories) -> None:
    worked = stories.about(2, days_ago=17).registered(
        Kind.PARTS, "قطعه سفارش‌داده‌شده سه هفته است نرسیده.", region="north"
    )
    worked.valid().classified(Kind.PARTS, "missing_part").graded().to_dealer(DEALER_NORTH)
    worked.completed(DEALER_NORTH, "قطعه رسید و نصب شد.")
    announced = stories.about(10, days_ago=18).registered(
        Kind.SERVICE, "The invoice lists a service that was not done.", region="south"
    )
    announced.valid().classified(Kind.SERVICE, "conduct").graded().to_dealer(DEALER_SOUTH)
    announced.completed(DEALER_SOUTH, "The service was done and the invoice corrected.")
    announced.result(Outcome.MET, "The missing service was done free of charge.")
    confirmed = stories.about(3, days_ago=20).registered(
        Kind.SERVICE, "برخورد پذیرش نمایندگی مناسب نبود.", region="north"
    )
    confirmed.valid().classified(Kind.SERVICE, "conduct").graded().to_dealer(DEALER_NORTH)
    confirmed.completed(DEALER_NORTH, "از مشتری عذرخواهی و آموزش پذیرش تکرار شد.")
    confirmed.result(Outcome.MET, "عذرخواهی نمایندگی و یک سرویس رایگان.")
    confirmed.instructed("پس از تماس با نمایندگی تأیید کنید.", "after_sales")
    confirmed.confirmed_by_second(AFTER_SALES).confirmed_by_customer("راضی هستم، ممنون.")
    refused = _to_dealer(
        stories.about(5, days_ago=21).registered(
            Kind.QUALITY, "后备箱漏水，已修过一次。", region="east"
        ),
        "body",
        DEALER_EAST,
    ).plan(DEALER_EAST, "更换后备箱密封条。", 30_000_000)
    refused.approved().carried_out(DEALER_EAST, "已更换密封条。", 30_000_000)
    refused.result(Outcome.MET, "密封条已更换。").confirmed_by_second()
    refused.message("still wet", "昨天下雨，后备箱又进水了。", channel=Channel.WECHAT)
    refused.document("photo", PaperKind.PHOTO, "后备箱积水照片")
    refused.by(
        SPECIALIST,
        ConfirmResult(
            stream=refused.stream,
            confirmation_id=refused.id("not confirmed"),
            party=ConfirmingParty.CUSTOMER,
            confirmed=False,
            channel=Channel.WECHAT,
            comment="后备箱仍然漏水。",
        ),
    ).message(
        "apology", "很抱歉，我们会重新检查。", direction=Direction.OUT, channel=Channel.WECHAT
    )

"""Which roles open which route: what is expected of `api.doors`, by hand and in other words.

So a change there has to be meant. Whoever adds a route adds its line here.
"""

from collections.abc import Mapping

CENTRE = "specialist expert secretariat special_expert supervisor unit_head manager admin"
CARE = f"{CENTRE} leasing_officer loyalty_officer"
HANDLING = f"{CENTRE} unit technical dealer"
STAFF = f"{CARE} unit technical"
KEEPING = "specialist expert supervisor unit_head manager admin loyalty_officer"
CLUB = "loyalty_officer supervisor unit_head manager"
REPORTED_TO = "supervisor unit_head manager admin auditor"
ALL = f"{STAFF} customer dealer auditor"

EXPECTED: Mapping[str, str | None] = {
    # None: open without a token
    "health": None, "ready": None, "openapi": None, "read_texts": None, "metrics": None,
    "health_of_views": "auditor admin manager",
    "register_customer": f"{CARE} dealer", "identify_customer": f"{CARE} dealer",
    "withdraw_identifier": CARE, "correct_name": CARE,
    "choose_locale": f"{CARE} dealer customer", "add_contact": f"{CARE} dealer customer",
    "verify_contact": CARE, "prefer_contact": f"{CARE} dealer customer",
    "remove_contact": f"{CARE} dealer customer", "record_consent": f"{CARE} dealer customer",
    "merge_customers": CENTRE, "undo_merge_of_customers": CENTRE,
    "open_portal_account": CARE, "close_portal_account": CARE, "find_customer": CARE,
    "read_customer": f"{CARE} auditor customer", "read_customer_360": f"{CARE} auditor customer",
    **{
        f"read_customer_{section}": f"{CARE} auditor customer"
        for section in ("vehicles", "complaints", "orders", "leases", "loyalty", "notifications")
    },
    "register_vehicle": f"{CARE} dealer", "complete_vin": f"{CARE} dealer", "correct_vin": CARE,
    "correct_description": CARE, "record_plate": f"{CARE} dealer", "record_ownership": CARE,
    "end_ownership": CARE, "withdraw_ownership": CARE, "record_warranty": f"{CARE} technical",
    "void_warranty": f"{CARE} technical", "record_vehicle_document": CARE,
    "withdraw_vehicle_document": CARE, "record_insurance": f"{CARE} dealer",
    "record_inspection": f"{CARE} dealer technical", "record_visit": f"{CARE} dealer technical",
    "withdraw_visit": f"{CARE} dealer technical", "read_vehicle": ALL,
    "register_complaint": f"{HANDLING} customer", "judge_complaint": HANDLING,
    "answer_invalid_complaint": HANDLING, "identify_complainant": CENTRE,
    "link_vehicle": HANDLING, "classify_complaint": HANDLING, "grade_complaint": HANDLING,
    "assign_complaint": CENTRE, "send_inquiry": HANDLING, "answer_inquiry": HANDLING,
    "give_instruction": "supervisor unit_head manager admin", "send_reminder": HANDLING,
    "form_vrt": HANDLING, "report_vrt_finding": HANDLING, "make_vrt_proposal": HANDLING,
    "report_vrt_failure": HANDLING, "submit_plan": HANDLING, "approve_plan": HANDLING,
    "reject_plan": HANDLING, "carry_out_plan": HANDLING, "complete_work": HANDLING,
    "announce_result": HANDLING, "confirm_result": f"{HANDLING} customer",
    "close_complaint": HANDLING, "reopen_complaint": f"{HANDLING} customer",
    "record_callback": CENTRE, "add_document": f"{HANDLING} customer", "read_document": ALL,
    "record_correspondence": HANDLING, "correct_complaint": CENTRE, "open_arbitration": CENTRE,
    "end_arbitration": CENTRE, "open_litigation": CENTRE, "end_litigation": CENTRE,
    "declare_crisis": CENTRE, "issue_crisis_bulletin": CENTRE, "end_crisis": CENTRE,
    "set_deadline": CENTRE, "extend_clock": CENTRE, "stop_clock": CENTRE, "make_promise": CENTRE,
    "reset_clock": "supervisor unit_head manager admin",
    "cancel_clock": "supervisor unit_head manager admin",
    "pause_clocks": CENTRE, "end_pause": CENTRE, "escalate_complaint": f"{CENTRE} technical",
    "acknowledge_escalation": STAFF,
    "read_complaint": ALL, "list_complaints": ALL,
    "read_case": f"{STAFF} auditor", "read_case_events": f"{STAFF} auditor",
    "read_case_diff": f"{STAFF} auditor", "read_audit": "auditor admin manager",
    "read_customer_portal": "customer", "read_dealer_portal": "dealer",
    "read_leasing_portal": "leasing_officer supervisor unit_head manager admin auditor",
    "read_worklist": f"{STAFF} auditor dealer", "list_rules": ALL, "read_rules": ALL,
    "publish_rules": "manager admin",
    "apply_rules": "manager admin",
    "list_notifications": f"{STAFF} auditor dealer", "mark_seen": f"{STAFF} dealer",
    "stream_notifications": f"{STAFF} auditor dealer",
    "acknowledge_notification": f"{STAFF} dealer",
    "register_staff_member": "manager admin", "place_staff_member": "manager admin",
    "correct_staff_name": "manager admin", "deactivate_staff_member": "manager admin",
    "reactivate_staff_member": "manager admin", "add_staff_channel": f"{STAFF} dealer",
    "remove_staff_channel": f"{STAFF} dealer", "set_quiet_hours": f"{STAFF} dealer",
    "lift_quiet_hours": f"{STAFF} dealer", "read_staff_member": f"{STAFF} auditor dealer",
    "list_staff": "manager admin auditor",
    "report_deadlines": REPORTED_TO, "report_escalations": REPORTED_TO,
    "report_dealers": REPORTED_TO, "report_coverage": REPORTED_TO,
    "place_order": f"{CARE} customer dealer", "sign_order_contract": f"{CARE} dealer",
    "invite_to_pay": f"{CARE} dealer unit", "receive_order_payment": f"{CARE} dealer unit",
    "reverse_order_payment": f"{CARE} dealer unit", "refund_order": f"{CARE} dealer unit",
    "enter_draw": f"{CARE} customer dealer", "withdraw_draw_entry": f"{CARE} customer dealer",
    "release_draw_place": f"{CARE} customer dealer", "allocate_vehicle": f"{CARE} unit",
    "withdraw_allocation": f"{CARE} unit", "release_order": f"{CARE} dealer unit",
    "prepare_documents": f"{CARE} dealer unit", "plate_order": f"{CARE} dealer unit",
    "schedule_delivery": f"{CARE} dealer", "deliver_order": f"{CARE} dealer",
    "move_promise": CARE, "settle_compensation": CARE, "correct_order": CARE,
    "cancel_order": f"{CARE} customer dealer", "read_order": ALL, "list_orders": ALL,
    "read_order_compensation": ALL,
    "open_ledger": KEEPING, "change_household": KEEPING, "earn_points": KEEPING,
    "claw_back_points": KEEPING, "reverse_redemption": KEEPING,
    "hold_points": f"{KEEPING} customer", "release_hold": f"{KEEPING} customer",
    "redeem_points": f"{KEEPING} customer", "request_cash_out": f"{KEEPING} customer",
    "transfer_points": f"{KEEPING} customer", "carry_over_balance": CLUB, "adjust_points": CLUB,
    "hold_earning": CLUB, "clear_earning": CLUB, "grant_grade": CLUB, "approve_cash_out": CLUB,
    "reject_cash_out": CLUB, "pay_cash_out": CLUB, "read_ledger": f"{CARE} auditor customer",
    "list_ledgers": f"{CARE} auditor customer", "list_lots": f"{CARE} auditor customer",
    "receive_referral": CENTRE, "register_referral": CENTRE,
    "identify_referral_complainant": CENTRE, "record_milestone": CENTRE,
    "distribute_referral": CENTRE, "control_action": CENTRE, "final_control": CENTRE,
    "inform_customer": CENTRE, "prepare_reply": CENTRE, "send_reply": CENTRE,
    "close_referral": CENTRE, "withdraw_referral": CENTRE, "set_referral_deadline": CENTRE,
    "extend_referral_clock": CENTRE, "reset_referral_clock": CENTRE,
    "cancel_referral_clock": CENTRE, "stop_referral_clock": CENTRE,
    "pause_referral_clocks": CENTRE, "end_referral_pause": CENTRE, "escalate_referral": CENTRE,
    "acknowledge_referral_escalation": CENTRE, "add_referral_document": CENTRE,
    "read_referral_document": f"{CENTRE} auditor", "read_reply_letter": f"{CENTRE} auditor",
    "read_referral": f"{CENTRE} auditor", "list_referrals": f"{CENTRE} auditor",
}  # fmt: skip

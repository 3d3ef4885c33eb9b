"""The kinds of channels by which staff are reached, in words that records and policies share."""

from enum import StrEnum


class StaffChannelKind(StrEnum):
    """By which means a notice reaches a member of staff."""

    SMS = "sms"
    EMAIL = "email"
    WECOM = "wecom"
    DINGTALK = "dingtalk"
    FEISHU = "feishu"
    TELEGRAM = "telegram"
    TEAMS = "teams"
    WEBHOOK = "webhook"

"""What this room will not do, in sentences fit to be shown to an officer."""

from __future__ import annotations

from collections.abc import Sequence

NO_REASON = "答复必须写明原因"
REASON_TOO_LONG = "原因最多 {most} 字，现有 {have} 字，请缩短"
NO_NEXT_DAY = "答复必须写明下次时间：哪一天再看这件事"
NEXT_DAY_OVER = "下次时间 {day} 已经过去，请写今天或者以后的日期"
NEXT_DAY_TOO_FAR = "下次时间最迟为 {last}，期间办结的预警会自动撤销"
WITHDRAWN = "这件预警已经撤销（{why}），不需要再答复"
ORDERED = "这件预警已转整改，请在整改通知中答复"
ALREADY_ORDERED = "这件预警已转整改（{number}），不能重复下达"
SETTLING = "期限刚刚有变动，预警正在核对，请一分钟后再办"
MEANWHILE = "没有办成：{what}，您看到的是此前的情况。您写的内容还在，请看过最新情况再办"
BUSY = "正在被别人处理，请稍后再办"
CHANGED = "您看过以后又有变动，请看过最新情况再办"


class AlertRefused(Exception):
    """An act this room will not do; the message is fit to be shown to an officer."""


class OrdersFailed(Exception):
    """Some warnings that demand an order could not be ordered; the others are done."""

    def __init__(self, numbers: Sequence[str], why: str) -> None:
        super().__init__(f"{len(numbers)} 件预警没有下达整改：{why}。所属事项：{'、'.join(numbers[:20])}")
        self.numbers = numbers

"""The columns of the registers complaints are imported from, by channel. Pure names: what a head may be called."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Column:
    """A field of a complaint, and the heads under which registers have it, the usual one first."""

    field: str
    heads: tuple[str, ...]
    required: bool = False


_NUMBERS = {
    "12389": ("举报编号", "编号"),
    "12337": ("线索编号", "编号"),
    "12345": ("工单编号", "编号"),
    "110": ("接警单编号", "编号"),
    "letter": ("信件编号", "登记编号", "编号"),
    "visit": ("来访编号", "登记编号", "编号"),
    "online": ("登记编号", "编号"),
}
_DAYS = {
    "12389": ("举报日期", "收到日期"),
    "12337": ("交办日期", "收到日期"),
    "12345": ("派单日期", "收到日期"),
    "110": ("报警日期", "收到日期"),
    "letter": ("收信日期", "收到日期"),
    "visit": ("来访日期", "收到日期"),
    "online": ("提交日期", "收到日期"),
}
_SUBJECTS = {
    "12389": ("举报内容", "投诉内容", "内容"),
    "12337": ("线索内容", "投诉内容", "内容"),
    "12345": ("诉求内容", "投诉内容", "内容"),
}

# What every register may have besides.
_SHARED = (
    Column("accused_unit", ("被投诉单位", "被举报单位")),
    Column("accused_officer", ("被投诉民警警号", "被举报民警警号")),
    Column("about", ("所涉案件编号",)),
    Column("enterprise", ("涉企",)),
    Column("reply_asked_on", ("要求答复日",)),
    Column("unit", ("承办单位",)),
    Column("handlers", ("经办人警号",)),
    Column("name", ("投诉人", "举报人", "姓名")),
    Column("identity", ("证件号码", "身份证号")),
    Column("phone", ("联系电话", "电话")),
    Column("address", ("住址", "地址")),
)


def columns_of(channel: str) -> tuple[Column, ...]:
    """The columns of a register of that channel: number, day and subject it must have, the others it may."""
    return (
        Column("number", _NUMBERS[channel], required=True),
        Column("received_on", _DAYS[channel], required=True),
        Column("subject", _SUBJECTS.get(channel, ("投诉内容", "内容")), required=True),
        *_SHARED,
    )

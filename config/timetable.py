"""The whole timetable: what runs by itself, and at what hour (Asia/Shanghai).

`manage.py plan_timetable` writes each line as a row that an administrator may then move, rename or switch off; a row
that exists is never overwritten. A task finds what is owed in rows, so a run that was missed is made good by the next.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Entry:
    """One line of the timetable: its sentence, the task, and its hour as in a crontab.

    A message that a busy worker has not taken up after `stale_after` seconds is dropped, as the next run finds the
    same work.
    """

    sentence: str
    task: str
    minute: str = "*"
    hour: str = "*"
    stale_after: int | None = None


TIMETABLE = (
    Entry("每分钟扫描预警", task="alerts.sweep", stale_after=55),
    # Each minute too, as they look only for what is due: the climb rests outside working time of itself.
    Entry("每分钟上报无人答复的预警", task="alerts.climb", stale_after=55),
    Entry("每分钟下达超期整改", task="alerts.order", stale_after=55),
    Entry("每分钟补算时钟", task="cases.wind_pending", stale_after=55),
    Entry("每分钟汇总通知（上班时间每人每天一条，紧急的随时）", task="bulletins.compose_notices", stale_after=55),
    Entry("每分钟接续未完成的导入", task="cases.load_uploads", stale_after=55),
    Entry("每分钟接续未办完的移交", task="handovers.carry_out", stale_after=55),
    Entry("每分钟接续未完成的变更", task="cases.carry_changes", stale_after=55),
    Entry("每分钟更新指标数据", task="evaluation.fold", stale_after=55),
    Entry("每分钟发出排队信件", task="bulletins.send_letters", stale_after=55),
    Entry("每分钟归集对外推送", task="webhooks.gather", stale_after=55),
    Entry("每分钟发出对外推送", task="webhooks.deliver", stale_after=55),
    Entry("每分钟封存审计台账", task="audit.seal", stale_after=55),
    Entry("每天 03:20 核对指标数据", task="evaluation.check", minute="20", hour="3"),
    Entry("每小时按规则列入盯办", task="followup.enter_by_rules", minute="5", stale_after=3500),
    Entry("每十分钟巡查盯办", task="followup.watch", minute="*/10", stale_after=590),
    Entry("每小时巡查回访核查", task="returnvisits.watch", minute="35", stale_after=3500),
    Entry("每小时巡查案件评查", task="reviews.watch", minute="45", stale_after=3500),
    Entry("每天 04:10 比对涉案财物四超", task="property.watch", minute="10", hour="4"),
    Entry("每五分钟核对入区环节和空档", task="custody.watch", minute="*/5", stale_after=290),
    Entry("每天 04:25 核对快速办理案件", task="expedited.watch", minute="25", hour="4"),
    Entry("每分钟实施已批准的单位变动", task="units.carry_out", stale_after=55),
    Entry("每小时执行已批准的销毁清单", task="retention.carry_out", minute="50", stale_after=3500),
    Entry("每天 02:15 归集执法档案", task="archives.collect", minute="15", hour="2"),
    # The task itself decides what is owed: working days are not a crontab's business, and hours are each unit's own.
    Entry("每五分钟按计划编发通报", task="bulletins.issue_due", minute="*/5", stale_after=290),
)

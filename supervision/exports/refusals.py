"""What the room will not do, in words fit to be shown to an officer."""

NO_PURPOSE = "请写明导出后作什么用"
ASKED_ALREADY = "同样的导出已经申请过，正在等审批"
OWN_REQUEST = "自己的申请须由别人审批"
NOT_OVER_HIM = "只有申请人所在公安机关的法制民警、局领导可以审批"
NOT_WAITING = "这份申请已经审批或者撤回，请刷新后再看"
NO_REASON = "不同意的，请写明理由"
NOT_HIS_OWN = "只能撤回自己的申请"


class ExportRefused(Exception):
    """An act this room will not do; the message is fit to be shown to an officer."""

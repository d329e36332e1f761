"""What the room will not do, in words fit to be shown to an officer."""

UNKNOWN_KIND = "没有这一类留存规定"
NO_BUREAU = "只有法制民警、局领导可以提出或者批准销毁清单"
NOTHING_OVER = "“{kind}”现在没有超过留存期的"
OPEN_ALREADY = "“{kind}”已有一份清单正在等批准，请先办完那一份"
ONLY_AT_TOP = "“{kind}”是全站的，只能由最上级单位提出"
HELD_LOGS = "有事项正在冻结，冻结期间不清理日志"
OWN_LIST = "自己提出的清单须由另一人批准"
NOT_OVER_IT = "只有清单所属单位的法制民警、局领导可以批准"
NOT_WAITING = "这份清单已经批准、退回或者撤回，请刷新后再看"
NO_REASON = "退回清单，请写明理由"
NOT_HIS_OWN = "只能撤回自己提出的清单"
NO_HOLD_REASON = "请写明为什么冻结"
NO_LIFT_REASON = "请写明为什么解除"
HELD_ALREADY = "这件事项已经冻结"
LIFTED_ALREADY = "这次冻结已经解除，请刷新后再看"
OWN_HOLD = "自己作出的冻结须由另一人解除"


class RetentionRefused(Exception):
    """An act this room will not do; the message is fit to be shown to an officer."""

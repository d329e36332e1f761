"""What the room will not do, in words fit to be shown to an officer."""

NO_GROUND = "请写明依据的文号"
NOT_KEPT = "{unit}不在您管理的单位之内"
PAST = "生效日期 {on} 已过，请填今天或者以后；今天零时起已经算"
OPEN_ALREADY = "{unit}已有一项变动正在办理，请先办完或者撤回那一项"
OWN_CHANGE = "自己提出的单位变动须由另一人批准"
NOT_OVER_IT = "只有管理两个单位的安全管理员可以批准"
NOT_WAITING = "这项变动已经批准、退回或者撤回，请刷新后再看"
NO_REASON = "退回的，请写明理由"
NOT_HIS_OWN = "只能撤回自己提出的变动"
BEGUN = "这项变动已经实施，不能再撤回"


class UnitsRefused(Exception):
    """An act this room will not do; the message is fit to be shown to an officer."""

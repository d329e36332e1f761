"""What the room will not do, in words fit to be shown."""

from cases.services import CaseRefused

NAME_NEEDED = "请填写调用系统的名称"
NO_SCOPES = "请至少选择一项权限"
UNKNOWN_SCOPE = "没有“{scope}”这项权限"
UNIT_CLOSED = "{unit}已经撤并，不能再发令牌"
ENDS_BEFORE_IT_BEGINS = "有效期早于现在，请改为以后的日期"
LIVES_TOO_LONG = "令牌最长一年，请改早有效期，到期再换新的"
BAD_NETWORK = "“{word}”不是网段，请写成 10.1.2.0/24 或者单个地址"
NOT_KEPT = "{unit}不在您管理的单位之内，请由管理它的安全管理员办理"
REASON_NEEDED = "请写明吊销的原因"
ALREADY_REVOKED = "这个令牌已经吊销"

BAD_KEY = "请在 Idempotency-Key 头里给出幂等键：8 到 64 个字母、数字、横线；每一次新的送入用新的键"
OTHER_BODY = "这个幂等键已经用于另一份内容，请换一个新的键"
IN_FLIGHT = "同一个幂等键的调用还在处理，请稍后用同样的内容再问一次"
NO_MAPPING = "没有名为“{name}”的对应表，请管理员核对对应表目录"
UNITS_MISSING = "对应表“{name}”里的单位 {codes} 还没有建立，请管理员先建立"
NO_BATCH = "没有这一批，或者不是本令牌送入的"
WAY_OUT = "改正这一行以后，用新的幂等键再送；已经送入的行不会重复"


class ApiRefused(CaseRefused):
    """Something the room refuses; the message is a sentence for whoever asked."""

"""What the room will not do, in words fit to be shown."""

from cases.services import CaseRefused

NAME_NEEDED = "请填写调用系统的名称"
NO_SCOPES = "请至少选择一项权限"
UNKNOWN_SCOPE = "没有“{scope}”这项权限"
UNIT_CLOSED = "{unit}已经撤并，不能再发令牌"
ENDS_BEFORE_IT_BEGINS = "有效期早于现在，请改为以后的日期"
LIVES_TOO_LONG = "令牌最长一年，请改早有效期，到期再换新的"
BAD_NETWORK = "“{word}”不是网段，请写成 10.1.2.0/24 或者单个地址"
REASON_NEEDED = "请写明吊销的原因"
ALREADY_REVOKED = "这个令牌已经吊销"

NOT_ALLOWED_ADDRESS = (
    "“{address}”不在允许推送的地址里；请管理员把它的来源写进 WEBHOOK_ADDRESSES（如 https://主机:端口）"
)
NO_SECRET = "没有名为“{name}”的密钥；请先在环境变量 GATEWAY_SECRET_{name} 里设置"
NO_EVENTS = "请至少选择一种事件"
UNKNOWN_EVENT = "没有“{event}”这种事件"
NOT_FAILED = "这一条是“{state}”，只有放弃的才需要重新推送"
ALREADY_ENDED = "这条订阅已经停用"


class ApiRefused(CaseRefused):
    """Something the room refuses; the message is a sentence for whoever asked."""

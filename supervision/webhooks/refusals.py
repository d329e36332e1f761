"""What the room will not do, in words fit to be shown to an administrator."""

LEDGERS_BUSY = "台账正在大量写入，现在定不下从哪里开始推送；请过一分钟再保存"
NO_SECRET = "环境变量 WEBHOOK_SECRET_{name} 没有设置；请运维人员在服务器上设好并重启，再启用"
SWITCHED_OFF = "“{subscription}”已停用，先启用再发"
WAITS_ALREADY = "这次推送还在等待发送，不用再发"
BODY_GONE = "内容已经过了保存期（{days} 天），不能再发"
NOT_GIVEN_UP = "只有已放弃的推送可以不再推送，这次是“{state}”"


class WebhookRefused(Exception):
    """An act this room will not do; the message is fit to be shown to an administrator."""

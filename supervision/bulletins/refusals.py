"""What this room will not do, in sentences fit to be shown to an officer."""

FUTURE_MONTH = "{month}还没有开始，无从通报"
MONTH_NOT_OVER = "{month}还没有结束，现在只能看草稿，不能签发"
ALREADY_ISSUED = "{bulletin}已经签发，不能再改；以后的变动在下一期说明"
CHANGED_SINCE = "{bulletin}在您查看之后重新编制过，请看过新的草稿再签发"
NOT_FAILED = "只有发送失败的信件可以重新排队，这一封{state}"
OFFICER_OR_ADDRESS = "收件人要么选一名民警，要么填写姓名和邮箱，不能都填，也不能都不填"
WRONG_ADDRESS = "“{address}”不是邮箱地址"
WRONG_NAME = "收件人姓名不能有换行等控制字符"
RECIPIENT_TAKEN = "{recipient}已经是{unit}通报的收件人"
NOT_A_RECIPIENT = "{recipient}已经不再是收件人"

OFFICER_WITHOUT_ADDRESS = "民警{officer}没有登记邮箱，请登记后重新排队"
OFFICER_GONE = "民警{officer}的账号已停用，请更换收件人"
RECIPIENT_GONE = "{recipient}已不再是收件人，没有发送"

NOT_ITS_OWN_NOTICE = "这条通知不是发给您的"
MAIL_WITHOUT_ADDRESS = "您的账号没有登记邮箱，请先联系系统管理员登记，再选择发邮件"
CHANNEL_OFF = "渠道“{channel}”已停用，没有发送"
CHANNEL_WITHOUT_SECRET = "渠道“{channel}”的密钥没有设置：请在环境变量 {variable} 中给出"
OFFICER_WITHOUT_CHANNEL_ADDRESS = "民警{officer}没有登记在“{channel}”的手机号或账号，没有发送"
CHANNEL_NEEDS = "这种渠道必须填写：{fields}"
ALL_SETTLED = "发出之前，所列事项都已了结，不再发送"
READ_IN_INBOX = "本人已在系统内阅读，不再发送"
CARRIED = "同一收件人还有积压的通知，并入{day}的一封发送"
HANDED_ON = "民警{officer}{why}，尚未发出的内容改告现在负责的人"
GONE = "的账号已停用"
AWAY = "已外出"
FOREIGN_KEY = "{room}室给出的标识“{key}”不是以它的名字开头"


class BulletinRefused(Exception):
    """An act this room will not do; the message is fit to be shown to an officer."""

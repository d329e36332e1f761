"""What this room will not do, in words fit for an officer."""

LOCKED = "连续输错 {tries} 次，二次验证已锁定，请联系安全管理员"
WRONG_CODE = "验证码不对，或者已经用过；请等下一个六位数再试，还可以试 {left} 次"
NOT_ENROLLED = "该账号没有启用二次验证"
ENROLLED_ALREADY = "该账号已经启用二次验证；更换手机请联系安全管理员重置"
WRONG_FIRST_CODE = "验证码不对，没有启用；请核对手机时间，用当前显示的六位数再试"
OWN_RESET = "不能重置自己的二次验证，请由另一名安全管理员办理"
NOT_YOURS = "这一账号不在您管理的单位内"
REASON_NEEDED = "请写明重置的理由"
TOO_LONG = "{what}最多 {most} 个字，现有 {length} 个，请缩短"
SESSION_OVER = "这一登录已经结束"
UNKNOWN_KEY = "密钥“{key}”不在 FIELD_KEYS 中，二次验证不能进行；请把原来的密钥放回配置"
ALTERED = "二次验证的密钥不能解开，请由安全管理员重置"
UNKNOWN_OFFICER = "没有警号“{number}”"


class AccountRefused(Exception):
    """An act this room will not do; the message is fit to be shown to an officer."""


class WrongFirstCode(AccountRefused):
    """The code that should have ended an enrolment was wrong; the enrolment still stands open."""

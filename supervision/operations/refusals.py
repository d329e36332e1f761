"""What the room will not do, in words fit to be shown to an administrator."""

SWITCHED_OFF = "“{job}”已停用，请先在“定时任务”里启用"
ASKED_ALREADY = "“{job}”刚才已经排队，还没有开始；请等一会再看"
RUNNING_ALREADY = "“{job}”正在运行，请等它结束"
QUEUE_DOWN = "任务队列连不上，没有排队；请先恢复 Redis，再试一次"


class JobRefused(Exception):
    """An act this room will not do; the message is fit to be shown to an administrator."""

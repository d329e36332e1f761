"""What the room will not do, in words fit to be shown to an officer."""

NO_SUBJECT = "请写明是哪名民警或者哪个单位的档案"
NO_TEXT = "请写明内容"
TOO_LONG = "内容过长，最多 {most} 字，现有 {length} 字"
IN_THE_FUTURE = "发生时间 {when} 还没有到，请改正"
RESTRICTED = "仅经办人可见的事项不记入档案；查实以后下达整改，整改会自动记入"
TELLING_WORDS = "这些文字会让被记的人得知有人反映（{words}），请只写查明的问题"
OUT_OF_REACH = "“{whom}”不在您可以查阅的范围内"
OF_ONESELF = "不能记入或者更正自己的档案，请由别人办理"
ONLY_BY_COLLECTING = "“{kind}”由系统归集，不能手工记入；内容有误的，请更正"
NO_CORRECTION = "请写明哪里有误、实际情况是什么"
ALREADY_CORRECTED = "这条记录已经更正过；更正仍有误的，请更正那一条更正"
NOT_ONES_OWN = "只有本人可以对自己的记录、单位负责人可以对本单位的记录作出说明"
NO_REPLY = "请写明陈述、申辩的内容"
NO_REASON = "请写明为什么查阅，至少 {least} 个字；被查阅的人看得到"
TELLING_REASON = "查阅理由被查阅的人看得到，不能让他得知有人反映（{words}）；请改写，如“日常监督检查”"
OWN_ARCHIVE = "自己的档案请从“我的档案”打开，不用写理由"


class ArchiveRefused(Exception):
    """An act this room will not do; the message is fit to be shown to an officer."""

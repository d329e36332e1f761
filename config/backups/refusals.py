"""What backup and restore refuse, each sentence with the way out."""


class BackupRefused(Exception):
    """Nothing was written or changed."""


NOT_MIGRATED = (
    "数据库的结构与程序不一致（还有 {count} 项升级没有做）。请用与数据库相配的版本备份，或先运行 manage.py migrate"
)
BUSY = "{folder} 正有另一个备份在写，请等它写完"
INSIDE = "备份目录 {folder} 在数据目录里要备份的文件夹之内，请换一个目录"
THERE_ALREADY = "{folder} 已经有了，请一秒以后再试"
NOT_WRITABLE = "不能写入 {folder}：{why}。请检查目录的属主、权限和剩余空间"

NO_MANIFEST = "{folder} 里没有 manifest.json，不是一份完整的备份。请指向形如 dingban-20260102-030405 的文件夹"
BROKEN_MANIFEST = "{folder} 的 manifest.json 不完整或者被改动，不能据以恢复。请换一份备份"
OTHER_FORMAT = "这份备份的格式是 {found}，本程序只认 {known}。请用写出它的版本（{version}）恢复"
OTHER_KEYS = (
    "FIELD_KEYS 里没有备份时用的密钥 {keys}（或名字相同而密钥不同），加密的内容将打不开。"
    "请把备份时的 FIELD_KEYS（初次试用的在 DATA_DIR 的 field_keys 文件里）放回配置再恢复；以后可用 rotate_field_keys 轮换"
)
DAMAGED = "备份已损坏，什么也没有恢复：{what}。请换一份备份"
NEWER = "备份来自较新的版本（{version}），本程序没有它的升级：{names}。请先把程序升级到那个版本，再恢复"
OLDER = "备份来自较旧的版本（{version}），没有本程序的升级：{names}。请用备份时的版本恢复，再升级程序"
HALF_MIGRATED = "数据库不是空的，结构也与程序不一致。请新建一个空库，把 DATABASE_URL 指向它，再恢复；原来的库留着"
NOT_EMPTY = (
    "数据库不是空的：{tables}。恢复只写进空库（什么表也没有，或者刚运行过 migrate）。"
    "请新建一个空库，把 DATABASE_URL 指向它，再恢复；原来的库留着"
)
OTHER_FILES = "{folder} 里有备份以外的文件：{names}。请把 DATA_DIR 指向一个空目录，或先把这些文件移走"
UNREADABLE_ROW = "{table} 第 {number} 行读不出来，什么也没有恢复。请换一份备份"
NOT_TAKEN = "{table} 的行装不进这个数据库，什么也没有恢复：{why}"
NOT_THE_SAME = "装好以后与备份不一致，已全部撤回：{what}。请换一份备份"

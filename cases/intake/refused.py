"""What this part of the room will not take."""

from collections.abc import Sequence

from cases.services import CaseRefused

EMPTY_FILE = "文件是空的，没有可导入的内容"
ONLY_HEADS = "文件只有表头，没有数据行"
NOT_ACCEPTED = "不接受“{suffix}”文件。请另存为 .csv、.csv.gz、.xlsx、.xes 或者 .xes.gz"


class IntakeRefused(CaseRefused):
    """A file, a mapping or an undo that is refused as a whole; the message is fit to be shown to an officer."""


class MappingRefused(IntakeRefused):
    """A mapping that cannot be used; `problems` holds (field, what is wrong) in Chinese, all of them."""

    def __init__(self, name: str, problems: Sequence[tuple[str, str]]) -> None:
        super().__init__(
            f"对应表“{name}”有{len(problems)}处问题：" + "；".join(f"{at}：{text}" for at, text in problems)
        )
        self.name = name
        self.problems = tuple(problems)

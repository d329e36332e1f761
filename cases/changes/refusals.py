"""What a proposal may be refused for, field by field."""

from cases.services import CaseRefused


class InvalidProposal(CaseRefused):
    """A proposal that cannot be made; `problems` holds (field, what is wrong and how to put it right)."""

    def __init__(self, problems: list[tuple[str, str]]) -> None:
        super().__init__("；".join(f"{name}：{text}" if name else text for name, text in problems))
        self.problems = problems

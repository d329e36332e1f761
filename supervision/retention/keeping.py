"""The retention rules in force: the product's own file, or the bureau's (`RETENTION_FILE`)."""

from __future__ import annotations

from pathlib import Path

import yaml
from django.conf import settings

from supervision.retention.rules import InvalidRetention, RetentionRule, parse_rules


def rules_file() -> Path:
    return Path(settings.RETENTION_FILE or settings.ROOT / "seeds" / "retention.yaml")


def retention_rules() -> dict[str, RetentionRule]:
    """The rules by code. Refuses (InvalidRetention) a file that cannot be read or understood, naming what is wrong."""
    file = rules_file()
    try:
        document = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise InvalidRetention(f"读不懂 {file.name}，请检查路径和 YAML 格式") from error
    found = parse_rules(document, settings={"AUDIT_KEEP_DAYS": settings.AUDIT_KEEP_DAYS})
    return {rule.code: rule for rule in found}

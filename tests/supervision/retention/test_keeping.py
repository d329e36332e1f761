"""A bureau's own file of rules, and what stops the start."""

from pathlib import Path
from typing import Any

import pytest

from config.checks import retention_is_understood, wrong_settings
from supervision.retention.keeping import retention_rules
from supervision.retention.rules import InvalidRetention


def test_without_a_file_of_its_own_the_house_follows_the_products(settings: Any) -> None:
    settings.RETENTION_FILE = ""

    assert set(retention_rules()) == {"refused_rows", "answer_texts", "logs"}
    assert retention_is_understood(None) == []


@pytest.mark.parametrize("text", [None, "retention: [", "retention: []", "\udcff"])
def test_a_file_that_cannot_be_used_stops_the_start(settings: Any, tmp_path: Path, text: str | None) -> None:
    file = tmp_path / "own.yaml"
    if text is not None:
        file.write_bytes(text.encode("utf-8", "surrogateescape"))
    settings.RETENTION_FILE = str(file)

    with pytest.raises(InvalidRetention):
        retention_rules()
    assert "config.E060" in {message.id for message in wrong_settings()}

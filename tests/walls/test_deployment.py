"""What a bureau deploys passes Django's own inspection."""

from pathlib import Path

from tests.rigs.commands import manage, production


def test_nothing_is_left_to_say_about_a_deployment(tmp_path: Path) -> None:
    ended = manage("check", "--deploy", "--fail-level", "WARNING", environment=production(tmp_path))

    assert ended.returncode == 0, ended.stderr
    assert "no issues (0 silenced)" in ended.stdout + ended.stderr

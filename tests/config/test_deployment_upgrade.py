"""The upgrade, with every step it takes stood in for: in which order they come, and what is said and done where one fails."""

import subprocess
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from django.conf import settings

FOLDER: Path = settings.ROOT / "config" / "deployment"

# Each step writes down that it was taken, and fails where it is told to.
STEPS = """
HOME_DIR="$PLACE" ENVIRONMENT="$PLACE/environment" STATE_DIR=/state BACKUP_DIR=/backups COMMAND=dingban SHIPPED=/shipped
SYSTEMCTL=systemctl_ SERVICES=(web worker beat)
say() { printf '%s\\n' "$*"; }
fail() { printf '%s\\n' "$*" >&2; exit 1; }
as_root() { :; }
step() { printf '%s\\n' "$1" >>"$PLACE/taken"; [[ " $FAILS " != *" $1 "* ]]; }
make_release() { RELEASE="$PLACE/new"; step release; }
manage() {
    case "$1" in
        migrate) [[ "$MIGRATES" == no ]] ;;
        shell) step "asked-of-${RELEASE##*/}" || return 1; echo zeroth; [[ "$AHEAD" != yes || "$RELEASE" == */old ]] || echo first ;;
        backup) step "backup-by-${RELEASE##*/}" || return 1; printf '{"folder": "/backups/%s", "rows": 1}\\n' "$RANDOM" ;;
        *) step "$1" ;;
    esac
}
prepare() { step prepare; }
put_units() { step units; }
switch_to() { step switch; }
start_services() { step start; }
stop_services() { step stop; }
fill() { step fill; }
systemctl_() { step "$1"; }
wait_until_healthy() { step wait; }
"""


@dataclass
class Ended:
    code: int
    out: str
    err: str
    taken: list[str] = field(default_factory=list)


class House:
    """A house with an old release, which the upgrade of the product is run against."""

    def __init__(self, place: Path) -> None:
        self.place = place
        (place / "old").mkdir()
        (place / "current").symlink_to(place / "old")
        (place / "environment").write_text("SECRET_KEY=x\nDATABASE_URL=postgresql://a:b@127.0.0.1:5432/dingban\n")
        (place / "upgrade").write_bytes((FOLDER / "upgrade").read_bytes())
        (place / "steps.sh").write_text(STEPS)

    def upgrade(self, *, fails: str = "", migrates: bool = True, ahead: bool = False) -> Ended:
        """`ahead`: the database knows a migration that the old program does not."""
        (self.place / "taken").write_text("")
        said = {"PLACE": str(self.place), "FAILS": fails, "MIGRATES": "yes" if migrates else "no",
                "AHEAD": "yes" if ahead else "no", "PATH": "/usr/bin:/bin"}  # fmt: skip
        ended = subprocess.run(["bash", str(self.place / "upgrade")], env=said, capture_output=True, text=True)
        taken = [step for step in (self.place / "taken").read_text().split() if "asked-of" not in step]
        return Ended(ended.returncode, ended.stdout, ended.stderr, taken)


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


def backup_named(text: str) -> str:
    return text.partition("/backups/")[2].split()[0].rstrip("，。")


def test_without_a_migration_nothing_is_stopped_and_the_old_program_backs_up(house: House) -> None:
    ended = house.upgrade(migrates=False)

    assert (ended.code, ended.err) == (0, "")
    assert ended.taken == "release check backup-by-old prepare units switch fill restart wait".split()


def test_with_a_migration_the_backup_follows_the_stop(house: House) -> None:
    ended = house.upgrade()

    assert (ended.code, ended.err) == (0, "")
    assert ended.taken == "release check stop backup-by-old prepare units switch fill restart wait".split()
    assert not (house.place / "upgrading").exists()


@pytest.mark.parametrize("step", ["release", "check"])
def test_what_fails_before_anything_was_touched_says_so(house: House, step: str) -> None:
    ended = house.upgrade(fails=step)

    assert ended.code == 1 and "升级没有开始" in ended.err and ended.taken[-1] == step


@pytest.mark.parametrize("step", ["prepare", "units", "switch"])
def test_without_a_migration_a_failure_never_says_that_the_services_stand_still(house: House, step: str) -> None:
    ended = house.upgrade(fails=step, migrates=False)

    assert ended.code == 1 and "还在运行" in ended.err and "restore" not in ended.err and "停着" not in ended.err


@pytest.mark.parametrize("step", ["stop", "backup-by-old"])
def test_a_failure_before_the_migration_starts_the_old_program_again_and_is_told_once(house: House, step: str) -> None:
    ended = house.upgrade(fails=step)

    assert ended.code == 1 and ended.taken[-2:] == [step, "start"]
    assert ended.err.count("升级没有做成") == 1 and "数据没有动" in ended.err


def test_a_failure_while_migrating_leaves_all_standing_and_says_the_way_back(house: House) -> None:
    ended = house.upgrade(fails="prepare")

    assert ended.code == 1 and ended.taken[-1] == "prepare" and "start" not in ended.taken
    assert f"dingban restore /backups/{backup_named(ended.out)}\n" in ended.err
    assert f"ln -sfn {house.place / 'old'} {house.place / 'current'}" in ended.err


def test_run_again_it_goes_on_migrating_with_the_backup_it_has(house: House) -> None:
    first = house.upgrade(fails="prepare")

    second = house.upgrade(fails="prepare", ahead=True)
    third = house.upgrade(ahead=True, migrates=False)

    # The old program knows the half of it no more: it neither backs up nor starts.
    assert second.taken == "release check stop prepare".split()
    assert backup_named(second.err.partition("restore")[2]) == backup_named(first.out)
    assert (third.code, third.taken) == (0, "release check stop prepare units switch fill restart wait".split())
    assert not (house.place / "upgrading").exists()


def test_where_nothing_was_migrated_yet_or_all_was_taken_back_it_begins_from_the_beginning(house: House) -> None:
    first = house.upgrade(fails="prepare")

    again = house.upgrade(fails="prepare")

    assert again.taken == "release check stop backup-by-old prepare".split()
    assert backup_named(again.out) != backup_named(first.out)
    assert backup_named(again.err.partition("restore")[2]) == backup_named(again.out)


def test_of_several_machines_only_the_first_backs_up(house: House) -> None:
    ended = house.upgrade(ahead=True, migrates=False)

    assert (ended.code, ended.taken) == (0, "release check stop prepare units switch fill restart wait".split())
    assert "别的机器先升级了" in ended.out


def test_a_backup_of_another_database_is_not_named(house: House) -> None:
    house.upgrade(fails="prepare")
    environment = house.place / "environment"
    environment.write_text(environment.read_text().replace("/dingban", "/again"))

    ended = house.upgrade(fails="prepare", ahead=True)

    assert "restore 先升级的那台机器上的备份" in ended.err


@pytest.mark.parametrize("program", ["old", "new"])
def test_where_it_cannot_be_told_what_the_database_knows_nothing_is_touched(house: House, program: str) -> None:
    ended = house.upgrade(fails=f"asked-of-{program}")

    assert ended.code == 1 and ended.taken == ["release", "check"]
    assert ended.err.count("升级没有开始") == 1


def test_a_failure_after_the_change_says_where_to_look(house: House) -> None:
    ended = house.upgrade(fails="wait")

    assert ended.code == 1 and "journalctl -u dingban-web" in ended.err and "restore" not in ended.err


@pytest.mark.parametrize(
    ("answer", "code", "taken"),
    [
        ("echo True", 0, "migrate plan_roles shell load_followup load_indicators plan_timetable collectstatic"),
        (
            "echo False", 0,
            "migrate plan_roles shell load_catalogue load_followup load_indicators plan_timetable collectstatic",
        ),
        ("false", 1, "migrate plan_roles shell"),
    ],
)  # fmt: skip
def test_whether_there_is_law_already_is_asked_and_a_question_without_an_answer_stops(
    tmp_path: Path, answer: str, code: int, taken: str
) -> None:
    program = f"""
set -Eeuo pipefail
. {FOLDER}/steps.sh
manage() {{ echo "$1" >>{tmp_path}/taken; [[ "$1" != shell ]] || {answer}; }}
prepare
"""

    ended = subprocess.run(["bash", "-c", program], env={"PATH": "/usr/bin:/bin"}, capture_output=True)

    assert (ended.returncode, (tmp_path / "taken").read_text().split()) == (code, taken.split())

"""Who works in the demonstration bureau. All names, numbers and places are made up."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from cases.models import Officer, Role, Unit, UnitKind, UnitLevel
from cases.services import add_officer, add_unit, assign_post

COUNTY = "HC"
IN_OFFICE_SINCE = date(2025, 1, 1)


@dataclass(frozen=True, slots=True)
class Place:
    """A unit of the demonstration bureau."""

    code: str
    name: str
    short_name: str
    level: UnitLevel
    kind: UnitKind
    parent: str = ""


@dataclass(frozen=True, slots=True)
class Person:
    """An officer of it. With `look` there is an account, and `look` says what is worth seeing with it."""

    number: str
    name: str
    home: str
    role: Role
    look: str = ""


PLACES = (
    Place("YC", "云川市公安局", "市局", UnitLevel.CITY, UnitKind.BUREAU),
    Place(COUNTY, "和川县公安局", "县局", UnitLevel.COUNTY, UnitKind.BUREAU, "YC"),
    Place("HC00", "和川县公安局法制大队", "法制大队", UnitLevel.STATION, UnitKind.LEGAL, COUNTY),
    Place("HC01", "和川县公安局刑事侦查大队", "刑侦大队", UnitLevel.STATION, UnitKind.SQUAD, COUNTY),
    Place("HC02", "和川县公安局治安管理大队", "治安大队", UnitLevel.STATION, UnitKind.SQUAD, COUNTY),
    Place("HC03", "和川县公安局经济犯罪侦查大队", "经侦大队", UnitLevel.STATION, UnitKind.BRANCH, COUNTY),
    Place("HC11", "城关派出所", "城关所", UnitLevel.STATION, UnitKind.STATION, COUNTY),
    Place("HC12", "城东派出所", "城东所", UnitLevel.STATION, UnitKind.STATION, COUNTY),
    Place("HC13", "河口镇派出所", "河口所", UnitLevel.STATION, UnitKind.STATION, COUNTY),
    Place("HC14", "青石镇派出所", "青石所", UnitLevel.STATION, UnitKind.STATION, COUNTY),
)

PEOPLE = (
    Person("010101", "周正", "YC", Role.LEGAL_OFFICER, "下属各县局的全部普通事项"),
    Person("020101", "何建国", COUNTY, Role.LEADER, "全局形势，以及由自己包案的信访事项"),
    Person("020102", "孟晓东", COUNTY, Role.INSPECTOR, "全局的事项和预警，只看不录"),
    Person("020103", "唐伟", COUNTY, Role.SYSTEM_ADMIN, "单位、民警、定时任务、收件人；看不到任何案件"),
    Person("020104", "罗静", COUNTY, Role.SECURITY_ADMIN, "任职和权限组；看不到任何案件"),
    Person("020105", "钟敏", COUNTY, Role.AUDITOR, "操作日志和登录记录；看不到任何案件"),
    Person(
        "020001",
        "沈雨",
        "HC00",
        Role.LEGAL_OFFICER,
        "全局预警、导入、上月通报草稿（签发后到信件目录看信），以及自己经办的信访事项",
    ),
    Person("020002", "高明", "HC00", Role.LEGAL_OFFICER),
    Person("020003", "韩雪", "HC00", Role.UNIT_HEAD),
    Person("021001", "马志强", "HC01", Role.UNIT_HEAD),
    Person("021002", "杨帆", "HC01", Role.CASE_OFFICER),
    Person("021003", "吴昊", "HC01", Role.CASE_OFFICER),
    Person("022001", "曹阳", "HC02", Role.UNIT_HEAD),
    Person("022002", "蒋文", "HC02", Role.CASE_OFFICER),
    Person("023001", "邓丽华", "HC03", Role.BRANCH_OFFICER, "全局的案件，只看不录"),
    Person("023002", "许可", "HC03", Role.CASE_OFFICER),
    Person("031001", "赵国平", "HC11", Role.UNIT_HEAD, "本所全部案件和预警；看不到别的所"),
    Person("031002", "陈晓峰", "HC11", Role.CASE_OFFICER, "自己手上的案件，临期的、超期的都有；看不到同事的"),
    Person("031003", "刘洋", "HC11", Role.CASE_OFFICER),
    Person("032001", "孙立", "HC12", Role.UNIT_HEAD),
    Person("032002", "王芳", "HC12", Role.CASE_OFFICER),
    Person("032003", "张磊", "HC12", Role.CASE_OFFICER),
    Person("033001", "黄大勇", "HC13", Role.UNIT_HEAD),
    Person("033002", "徐敏", "HC13", Role.CASE_OFFICER),
    Person("033003", "宋佳", "HC13", Role.CASE_OFFICER),
    Person("034001", "冯卫东", "HC14", Role.UNIT_HEAD),
    Person("034002", "郑洁", "HC14", Role.CASE_OFFICER),
    Person("034003", "程实", "HC14", Role.CASE_OFFICER, "新来的，手上没有案件，别人的一件也看不到"),
)

LEGAL_OFFICER = "020001"
LEADER = "020101"
# Has no matters of his own and must see nobody else's.
NEWCOMER = "034003"


@dataclass(frozen=True, slots=True)
class Staff:
    """The bureau as rows: units by code, officers by police number."""

    units: dict[str, Unit]
    officers: dict[str, Officer]

    @property
    def county(self) -> Unit:
        return self.units[COUNTY]


def is_there() -> bool:
    """Whether the demonstration bureau has been loaded."""
    return Unit.objects.filter(code=COUNTY, name="和川县公安局").exists()


def make_staff(
    password_of: Callable[[Person], str],
    *,
    places: Sequence[Place] = PLACES,
    people: Sequence[Person] = PEOPLE,
    since: date = IN_OFFICE_SINCE,
) -> Staff:
    """Add units, officers and posts, all since a day. Whoever has nothing to look at gets no password and cannot sign in."""
    units: dict[str, Unit] = {}
    for place in places:
        units[place.code] = add_unit(
            code=place.code,
            name=place.name,
            short_name=place.short_name,
            level=place.level,
            kind=place.kind,
            parent=units[place.parent] if place.parent else None,
            valid_from=since,
        )
    officers: dict[str, Officer] = {}
    for person in people:
        officers[person.number] = add_officer(
            police_number=person.number,
            name=person.name,
            unit=units[person.home],
            password=password_of(person) if person.look else None,
            email=f"{person.number}@bureau.example",
        )
        assign_post(officer=officers[person.number], unit=units[person.home], role=person.role, from_on=since)
    return Staff(units, officers)


def case_officers(unit: str) -> list[str]:
    """The police numbers of those of a unit who handle cases."""
    return [
        person.number
        for person in PEOPLE
        if person.home == unit and person.role == Role.CASE_OFFICER and person.number != NEWCOMER
    ]

"""The prefecture of the report demonstration: the city bureau of the small one with seven counties. All of it made up.

The county of the small demonstration is one of them, with the same people, so that whoever knows them finds them again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from random import Random

from cases.demo.people import COUNTY, NEWCOMER, PEOPLE, PLACES, Person, Place
from cases.models import Role, UnitKind, UnitLevel

SEED = 2024
CITY = "YC"
# Everybody had his post before the year began.
IN_OFFICE_SINCE = date(2023, 7, 1)

# By county: its letters, name, and the places of its stations.
COUNTIES = (
    ("YD", "云东区", "东门 南关 北街 新桥 临江 车站 文昌 湖滨 开发区 大学城"),
    ("XL", "溪陵区", "中山路 溪口 陵园 双塔 白石 长乐 梅园 港口 城西"),
    ("QW", "青梧县", "青梧 柳林 石桥 茶亭 大塘 凤岭 水口 三合"),
    ("LJ", "澜江县", "澜江 古渡 沙洲 罗村 桃源 马坪 竹溪"),
    ("BY", "北屿县", "北屿 盐田 海堤 渔港 高埔 南寮"),
    ("PS", "屏水市", "屏水 东坡 西园 八里 红旗 永安 林场 温泉"),
)
# Stations that the small demonstration's county has besides.
MORE_STATIONS = "桥头 杨柳 太平"
OFFICERS_A_STATION = 4

_SURNAMES = "张王李刘陈杨赵黄周吴徐孙朱马胡郭林何高梁郑罗宋谢唐韩曹许邓萧冯曾程蔡彭潘袁于董余苏叶吕魏蒋田杜丁沈姜范江傅钟卢汪戴崔任陆廖姚方金"
_GIVEN = "伟 芳 娜 敏 静 强 磊 军 洋 勇 艳 杰 涛 明 超 霞 平 刚 辉 鹏 华 鑫 波 斌 宇 浩 凯 健 俊 帆 雪 倩 婷 颖 欣 志远 建平 晓东 文博 国栋 海燕 丽娟 子涵 立新 永康 春生"


@dataclass(frozen=True, slots=True)
class Prefecture:
    """Who works where: all places and people, and by county or unit those who act in the report."""

    places: tuple[Place, ...]
    people: tuple[Person, ...]
    # By county: the stations, and the squad for public order.
    stations: dict[str, tuple[str, ...]]
    squads: dict[str, str]
    criminal: dict[str, str]
    # By county: leader, legal officers, inspector.
    leaders: dict[str, str]
    legal: dict[str, tuple[str, str]]
    inspectors: dict[str, str]
    # By unit: its head, and those who handle cases.
    heads: dict[str, str]
    officers: dict[str, tuple[str, ...]]
    county_of: dict[str, str]

    @property
    def counties(self) -> tuple[str, ...]:
        return tuple(self.stations)


def lay_out() -> Prefecture:
    """The prefecture, the same each time: names are drawn with a seed."""
    dice = Random(SEED)
    places, people = list(PLACES), list(PEOPLE)
    people += [
        Person("010001", _name(dice), CITY, Role.LEADER, "全市形势，各县局的通报和指标"),
        Person("010002", _name(dice), CITY, Role.INSPECTOR, "全市的事项和预警，只看不录"),
        Person("010102", _name(dice), CITY, Role.LEGAL_OFFICER),
    ]
    _grow(dice, places, people)
    for order, (code, name, towns) in enumerate(COUNTIES, 11):
        _county(dice, places, people, code, name, towns.split(), order)
    return _who_is_who(places, people)


def _grow(dice: Random, places: list[Place], people: list[Person]) -> None:
    """More stations and officers for the county of the small demonstration."""
    for turn, town in enumerate(MORE_STATIONS.split(), 5):
        _station(dice, places, people, COUNTY, f"{COUNTY}{10 + turn}", town, f"03{turn}0")
    for turn in range(1, 5):
        for serial in (4, 5):
            people.append(Person(f"03{turn}00{serial}", _name(dice), f"{COUNTY}1{turn}", Role.CASE_OFFICER))


def _county(
    dice: Random,
    places: list[Place],
    people: list[Person],
    code: str,
    name: str,
    towns: Sequence[str],
    order: int,
) -> None:
    bureau = f"{name}公安局" if name.endswith(("县", "市")) else f"云川市公安局{name[:-1]}分局"
    places.append(Place(code, bureau, f"{name[:-1]}局", UnitLevel.COUNTY, UnitKind.BUREAU, CITY))
    for end, what, short, kind in (
        ("00", "法制大队", "法制大队", UnitKind.LEGAL),
        ("01", "刑事侦查大队", "刑侦大队", UnitKind.SQUAD),
        ("02", "治安管理大队", "治安大队", UnitKind.SQUAD),
    ):
        places.append(Place(code + end, f"{bureau}{what}", f"{name[:-1]}{short}", UnitLevel.STATION, kind, code))
    people.append(Person(f"{order}0001", _name(dice), code, Role.LEADER))
    people.append(Person(f"{order}0002", _name(dice), code, Role.INSPECTOR))
    look = f"{name}全部普通事项、导入和整改核验" if order == 11 else ""
    people.append(Person(f"{order}0011", _name(dice), f"{code}00", Role.LEGAL_OFFICER, look))
    people.append(Person(f"{order}0012", _name(dice), f"{code}00", Role.LEGAL_OFFICER))
    for squad in ("01", "02"):
        people.append(Person(f"{order}{squad}91", _name(dice), code + squad, Role.UNIT_HEAD))
        people += [Person(f"{order}{squad}9{one}", _name(dice), code + squad, Role.CASE_OFFICER) for one in range(2, 6)]
    for turn, town in enumerate(towns, 11):
        _station(dice, places, people, code, f"{code}{turn}", town, f"{order}{turn}")


def _station(
    dice: Random, places: list[Place], people: list[Person], county: str, code: str, town: str, numbers: str
) -> None:
    name = town if town.endswith(("区", "城", "路")) else f"{town}镇" if len(town) > 1 else town
    places.append(Place(code, f"{name}派出所", f"{town}所", UnitLevel.STATION, UnitKind.STATION, county))
    people.append(Person(f"{numbers}01", _name(dice), code, Role.UNIT_HEAD))
    people += [
        Person(f"{numbers}{one:02d}", _name(dice), code, Role.CASE_OFFICER) for one in range(2, 2 + OFFICERS_A_STATION)
    ]


def _name(dice: Random) -> str:
    return dice.choice(_SURNAMES) + dice.choice(_GIVEN.split())


def _who_is_who(places: Sequence[Place], people: Sequence[Person]) -> Prefecture:
    parents = {place.code: place.parent for place in places}
    counties = [place.code for place in places if place.level == UnitLevel.COUNTY]
    of_role: dict[tuple[str, Role], list[str]] = defaultdict(list)
    for person in people:
        if person.number != NEWCOMER:
            of_role[person.home, person.role].append(person.number)
    stations: dict[str, list[str]] = defaultdict(list)
    for place in places:
        if place.kind == UnitKind.STATION:
            stations[place.parent].append(place.code)
    first = {county: of_role[f"{county}00", Role.LEGAL_OFFICER] for county in counties}
    return Prefecture(
        places=tuple(places),
        people=tuple(people),
        stations={county: tuple(stations[county]) for county in counties},
        squads={county: f"{county}02" for county in counties},
        criminal={county: f"{county}01" for county in counties},
        leaders={county: of_role[county, Role.LEADER][0] for county in counties},
        legal={county: (first[county][0], first[county][1]) for county in counties},
        inspectors={county: of_role[county, Role.INSPECTOR][0] for county in counties},
        heads={home: found[0] for (home, role), found in of_role.items() if role == Role.UNIT_HEAD},
        officers={home: tuple(found) for (home, role), found in of_role.items() if role == Role.CASE_OFFICER},
        county_of={code: parents[code] if len(code) > 2 else code for code in parents},
    )

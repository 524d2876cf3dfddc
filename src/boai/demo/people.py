"""Invented people for real villages: names, families, valid but unused-looking numbers. One seed, one county."""

from __future__ import annotations

import random
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from boai.demo.cast import PLAYERS
from boai.kernel.text.identity import check_character

SURNAMES = "常牛景姚南白苟史崔邵孙蒲温权冉何段魏许郭贾党薛柴邢阎宋卢董蒋韩田"
GIVEN_M = (
    "建国",
    "志强",
    "德福",
    "有才",
    "永平",
    "长顺",
    "万林",
    "生金",
    "进喜",
    "海军",
    "小龙",
    "旭东",
    "文博",
    "浩然",
)
GIVEN_F = ("秀英", "玉琴", "桂香", "兰芳", "彩霞", "淑珍", "凤莲", "晓梅", "雪琴", "小燕", "雨桐", "思源", "梅", "娟")
STAFF = frozenset(player.name for player in PLAYERS)  # nobody in need is named like somebody in office
PLACES = ("一社", "二社", "三社", "四社", "上湾", "下庄", "阳坡", "阴坡")


@dataclass
class Person:
    """One member of an invented household."""

    name: str
    relation: str
    male: bool
    born: date
    number: str


@dataclass
class Family:
    """An invented household in a real village."""

    key: str
    village_code: str
    village: str
    township: str
    address: str
    phone: str
    account: str
    income_yuan: int
    categories: list[str]
    members: list[Person] = field(default_factory=list)

    @property
    def head(self) -> Person:
        """The head of the household."""
        return self.members[0]


def families(
    villages: list[tuple[str, str, str]], *, each: int, today: date, seed: int = 20261124, first: int = 1
) -> list[Family]:
    """`each` households in every village of [(code, village, township)], numbered from `first`; the same every time."""
    rng = random.Random(seed)  # noqa: S311 - invents a demo, keeps no secret
    return [
        _family(rng, code, village, township, number, today)
        for code, village, township in villages
        for number in range(first, first + each)
    ]


def _family(rng: random.Random, code: str, village: str, township: str, number: int, today: date) -> Family:
    surname = rng.choice(SURNAMES)
    family = Family(
        key=f"{code}{number:04d}", village_code=code, village=village, township=township,
        address=f"{rng.choice(PLACES)}{rng.randrange(1, 60)}号", phone=f"1390000{rng.randrange(10_000):04d}",
        account="622848" + "".join(str(rng.randrange(10)) for _ in range(13)), income_yuan=rng.randrange(4, 48) * 1000,
        categories=rng.choice([["低保"], ["监测户"], ["残疾"], ["大病"], ["空巢老人"], ["低保", "残疾"], [], [], []]),
    )  # fmt: skip
    head_age = rng.randrange(34, 78)
    male = rng.random() < 0.6
    family.members.append(_person(rng, surname, "户主", male, head_age, today))
    if rng.random() < 0.7:
        family.members.append(_person(rng, rng.choice(SURNAMES), "配偶", not male, head_age - 2, today))
    for _ in range(rng.choice((0, 1, 1, 2))):
        boy = rng.random() < 0.5
        child = max(1, head_age - rng.randrange(22, 34))
        family.members.append(_person(rng, surname, "子" if boy else "女", boy, child, today))
    return family


def _person(rng: random.Random, surname: str, relation: str, male: bool, age: int, today: date) -> Person:
    born = today - timedelta(days=age * 365 + rng.randrange(1, 360))
    given = [name for name in (GIVEN_M if male else GIVEN_F) if surname + name not in STAFF]
    name = surname + rng.choice(given)
    # 621121 + birth date + sequence: of the right form, invented like the person.
    first = f"621121{born:%Y%m%d}{rng.randrange(0, 500) * 2 + male:03d}"
    return Person(name, relation, male, born, first + check_character(first))


_SOUNDS = dict(
    zip(
        "建志德有永长万生进海小旭文浩秀玉桂兰彩淑凤晓雪雨思梅娟",
        "健治得友勇常完升近孩晓叙闻皓绣育贵岚采叔奉小血宇丝眉绢",
        strict=True,
    )
)


def alike(homes: list[Family], *, count: int) -> list[Family]:
    """Households as another clerk heard them: the name by its sound, no identity number, another household number."""
    made = []
    for number, home in enumerate(homes[:count], 1):
        head = home.head
        heard = Person(
            head.name[0] + "".join(_SOUNDS.get(c, c) for c in head.name[1:]), "户主", head.male, head.born, ""
        )
        made.append(replace(home, key=f"补{number:03d}", phone="", account="", members=[heard]))
    return made

"""Who plays in the demo county: branches and people, all invented; places are real."""

from __future__ import annotations

from dataclasses import dataclass

PASSWORD = "boai-demo-2026"  # noqa: S105 - the demo only; nobody outside it has a password that we chose
COUNTY = "621121000000"


@dataclass(frozen=True)
class Place:
    """A branch or organisation of the demo."""

    key: str
    name: str
    region_code: str
    kind: str = "society"
    parent: str = ""
    phone: str = ""
    address: str = ""


@dataclass(frozen=True)
class Player:
    """A person of the demo: user name, full name, and the posts (role, place key)."""

    username: str
    name: str
    posts: tuple[tuple[str, str], ...]
    note: str


PLACES = (
    Place("nation", "中国红十字会总会（演示）", "000000000000"),
    Place("province", "甘肃省红十字会（演示）", "620000000000", parent="nation"),
    Place("city", "定西市红十字会（演示）", "621100000000", parent="province"),
    Place(
        "county",
        "通渭县红十字会（演示）",
        COUNTY,
        parent="city",
        phone="0932-0000000",
        address="通渭县平襄镇（演示地址）",
    ),
    Place("school", "通渭县演示中学红十字会", COUNTY, kind="school", parent="county"),
)

PLAYERS = (
    Player("jingban", "常晓梅", (("officer", "county"),), "救助经办：导入名册、受理、组织评议、拟公示"),
    Player("hecha", "牛建军", (("verifier", "county"),), "核查员：入户核查"),
    Player("hecha2", "景兰芳", (("verifier", "county"),), "核查员：第二位入户人"),
    Player("huizhang", "姚志远", (("secretary", "county"),), "会长：大额批复、审签公示"),
    Player("fuhuizhang", "南秀英", (("deputy", "county"),), "常务副会长：批复、处理异议"),
    Player("kuaiji", "白凤莲", (("accountant", "county"),), "会计：制单、对账"),
    Player("chuna", "苟德福", (("cashier", "county"),), "出纳：复核付款"),
    Player("jianshi", "史明亮", (("supervisor", "county"),), "监事：审签公示、看日志"),
    Player("lianluo", "段文博", (("cadre", "county"),), "村级联络员：代群众申请"),
    Player("guanli", "崔海波", (("admin", "county"),), "管理员：人员与规则"),
    Player("shenji", "邵静", (("auditor", "city"),), "审计：只看不改"),
    *(
        Player(
            f"pingyi{i}", name, (("reviewer", "county"),), "评议员" if i > 1 else "评议员（共七位：pingyi1 … pingyi7）"
        )
        for i, name in enumerate(("孙玉琴", "蒲有才", "温淑珍", "权永福", "冉桂香", "何长顺", "段彩霞"), 1)
    ),
)


def sign_ins() -> list[tuple[str, str, str]]:
    """User name, password, who it is: printed at the start and on the demo's sign-in page."""
    return [
        (p.username, PASSWORD, f"{p.name}  {p.note}")
        for p in PLAYERS
        if not p.username[-1].isdigit() or p.username in ("hecha2", "pingyi1")
    ]

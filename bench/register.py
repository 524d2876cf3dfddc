"""The register at the scale of a province: one million rows in one file, and how the work grows from 10,000 on.

Invented people in the real villages of four counties, one row in eight with a fault, three in a hundred standing twice
(as they were, without a number, with a name that sounds the same, or in another household). XLSX, 100,000 rows a sheet.
Plain Splink compares the same rows in the same run. Then: searching, pages, and the same file again.
"""

from __future__ import annotations

import math
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from bench._watch import Watch
from bench.intake import GIVEN, HEADINGS, SURNAMES, Memory
from boai.kernel.text.identity import check_character

SIZES = (10_000, 100_000, 1_000_000)
SHEET = 100_000
COUNTIES = ("621121", "520624", "430121", "522622")
RELATIONS = ("配偶", "子", "女", "父亲", "母亲", "孙子", "孙女")
MORE_GIVEN = (
    GIVEN + "华文辉鹏飞波斌宇浩凯俊帆帅旭宁龙林海峰福贵德顺根生长有才金水大山"
    "慧巧美淑惠珠翠雅芝玉萍红娥玲芬彩春菊凤洁梅琳素云莲真"
)  # fmt: skip
MORE_SURNAMES = (
    SURNAMES + "梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖"
    "邹熊金陆郝孔白崔康毛邱秦江史"
)  # fmt: skip
ALIKE = dict(zip("张伟静志芳霞玉梅军红", "章威净治方侠育煤君虹", strict=True))
FACTS = ("name", "number", "born", "sex", "phone", "account", "village")


def run() -> dict[str, Any]:
    """Seconds and peak memory at three sizes; medians in milliseconds over a register of a million."""
    from boai.kernel.clock import now
    from boai.kernel.scope import EVERYWHERE, scoped
    from boai.regions.services import divisions_load_subset
    from boai.rulebook.services import defaults_load

    figures: dict[str, Any] = {}
    with scoped(EVERYWHERE), tempfile.TemporaryDirectory() as folder:
        divisions_load_subset(counties=list(COUNTIES))
        defaults_load(at=now())
        for size in SIZES:
            figures |= {f"{key}_{size}": value for key, value in _one(Path(folder), size).items()}
        figures |= _pages()
    for key in ("read_check_s", "duplicates_s"):
        figures[f"{key}_exponent"] = _exponent([figures[f"{key}_{size}"] for size in SIZES])
    largest = SIZES[-1]
    figures["duplicates_over_plain"] = round(
        figures[f"duplicates_s_{largest}"] / figures[f"plain_splink_s_{largest}"], 2
    )
    bars: dict[str, Any] = {
        f"read_check_s_{largest}": ["<=", 150], f"duplicates_s_{largest}": ["<=", 150],
        "duplicates_over_plain": ["<=", 1.5], f"commit_s_{largest}": ["<=", 120], f"peak_mb_{largest}": ["<=", 6144],
        "read_check_s_exponent": ["<=", 1.1], "duplicates_s_exponent": ["<=", 1.1], f"again_s_{largest}": ["<=", 2],
        "search_name_ms": ["<=", 50], "search_initials_ms": ["<=", 50], "search_number_ms": ["<=", 50],
        "search_phone_ms": ["<=", 50], "search_phone_tail_ms": ["<=", 50], "household_ms": ["<=", 60],
    }  # fmt: skip
    return {"figures": figures, "bars": bars}


def _exponent(seconds: list[float]) -> float:
    """How the seconds grow with the rows (1: in proportion), from the middle size to the largest."""
    return round(math.log(seconds[-1] / seconds[-2]) / math.log(SIZES[-1] / SIZES[-2]), 3)


def _one(folder: Path, size: int) -> dict[str, Any]:
    from boai.kernel.clock import now
    from boai.people.actor import Actor
    from boai.registry import services
    from boai.registry.models import LinkageModel

    LinkageModel.objects.all().delete()  # a branch's first file: the weights are learnt in it
    path, actor = folder / f"{size}.xlsx", Actor.system()
    plain = write(path, size)
    memory, watch = Memory(), Watch()
    figures: dict[str, Any] = {"file_mb": round(path.stat().st_size / 2**20)}
    with memory, watch, path.open("rb") as upload:
        start = time.perf_counter()
        intake, _new = services.intake_upload(
            upload=upload, file_name=path.name, region_code="0" * 12, actor=actor, at=now(), queue=False
        )
        intake = services.intake_check(intake_id=intake.id, actor=actor, at=now())
        checked = time.perf_counter() - start
        assert intake.counts["people"] == size, intake.counts
        figures |= {"read_check_s": round(checked - watch.seconds, 1), "duplicates_s": round(watch.seconds, 1)}
        figures |= {"pairs_same": _pairs(intake, "same"), "pairs_asked": _pairs(intake, "asked")}
        if size == SIZES[-1]:
            start = time.perf_counter()
            services.intake_commit(intake_id=intake.id, actor=actor, at=now(), queue=False)
            intake = services.intake_commit_run(intake_id=intake.id, actor=actor, at=now())
            figures["commit_s"] = round(time.perf_counter() - start, 1)
            figures["entered_people"] = intake.counts["entered"]["people"]
    figures["peak_mb"] = round(memory.peak / 2**20)
    if size != SIZES[-1]:
        services.intake_cancel(intake_id=intake.id, actor=actor, at=now())
    start = time.perf_counter()
    with path.open("rb") as upload:
        _intake, new = services.intake_upload(
            upload=upload, file_name="again.xlsx", region_code="0" * 12, actor=actor, at=now(), queue=False
        )
    assert not new
    figures["again_s"] = round(time.perf_counter() - start, 2)
    figures["plain_splink_s"] = round(_plain(plain), 1)
    path.unlink()
    return figures


def _pairs(intake: Any, state: str) -> int:
    return int(intake.pairs.filter(state=state).count())


def _plain(columns: dict[str, list[Any]]) -> float:
    """Seconds of plain Splink on the same rows."""
    import duckdb
    import pyarrow

    from bench.duplicates import plain_pairs

    connection = duckdb.connect()
    connection.register("rows", pyarrow.table(columns))
    connection.execute("CREATE TABLE people AS SELECT * FROM rows")
    start = time.perf_counter()
    plain_pairs(connection)
    return time.perf_counter() - start


def write(path: Path, size: int) -> dict[str, list[Any]]:
    """Write the register; the same people as columns for plain Splink, numbers in the clear."""
    import xlsxwriter

    from boai.regions.models import Division

    codes = {c[:6] for c in COUNTIES}
    names = dict(Division.objects.filter(level__in=(3, 4)).values_list("code", "name"))
    villages = [
        (names[code[:6] + "000000"], names[code[:9] + "000"], name)
        for code, name in Division.objects.filter(level=5).order_by("code").values_list("code", "name")
        if code[:6] in codes
    ]
    columns: dict[str, list[Any]] = {"id": [], **{key: [] for key in FACTS}}
    book = xlsxwriter.Workbook(str(path), {"constant_memory": True, "strings_to_numbers": False})
    dated, sheet, at = book.add_format({"num_format": "yyyy-mm-dd"}), None, 0
    for number, cells in enumerate(_rows(size, villages)):
        if number % SHEET == 0:
            sheet, at = book.add_worksheet(f"第{number // SHEET + 1}册"), 1
            sheet.write_row(0, 0, HEADINGS)
        assert sheet is not None
        for place, cell in enumerate(cells):
            if isinstance(cell, date):
                sheet.write_datetime(at, place, cell, dated)
            elif isinstance(cell, str):
                sheet.write_string(at, place, cell)
            elif cell is not None:
                sheet.write_number(at, place, cell)
        at += 1
        columns["id"].append(number)
        born = cells[5].isoformat() if isinstance(cells[5], date) else None
        for key, value in zip(FACTS, (cells[1], cells[4], born, cells[3], cells[6], cells[13], cells[9]), strict=True):
            columns[key].append(str(value) if value else None)
    book.close()
    return columns


def _rows(size: int, villages: list[tuple[str, str, str]]) -> Iterator[list[Any]]:
    """Households of one to six; three rows in a hundred again."""
    rng, made, number = random.Random(size), 0, 0
    while made < size:
        county, township, village = rng.choice(villages)
        number += 1
        household, surname = f"62{number:011d}", rng.choice(MORE_SURNAMES)
        for member in range(rng.choices([1, 2, 3, 4, 5, 6], [20, 24, 22, 18, 11, 5])[0]):
            cells = _person(rng, member, household, surname, (county, township, village))
            for row in (cells, _again(rng, cells, villages)) if rng.random() < 0.03 else (cells,):
                if made < size:
                    made += 1
                    yield row


def _person(rng: random.Random, member: int, household: str, surname: str, place: tuple[str, str, str]) -> list[Any]:
    born, male = date(1936, 1, 1) + timedelta(days=rng.randrange(32_000)), rng.random() < 0.5
    first17 = f"{rng.choice(COUNTIES)}{born:%Y%m%d}{rng.randrange(500) * 2 + male:03d}"
    head = member == 0
    own = surname if head or rng.random() < 0.7 else rng.choice(MORE_SURNAMES)
    cells: list[Any] = [
        household, own + "".join(rng.sample(MORE_GIVEN, rng.choice([1, 2, 2]))),
        "户主" if head else rng.choice(RELATIONS),
        "男" if male else "女", first17 + check_character(first17), born,
        f"139{rng.randrange(10**8):08d}" if head else None, *place, f"{rng.randrange(1, 12)}组{rng.randrange(1, 90)}号",
        rng.choice((None, None, "低保", "残疾;低保", "留守儿童", "大病")), rng.randrange(3000, 60000) if head else None,
        f"{rng.randrange(10**18):019d}" if head else None, None,
    ]  # fmt: skip
    if rng.random() < 0.125:
        spoiled: list[tuple[int, Any]] = [(1, ""), (4, str(cells[4])[:17]), (5, "1956-13-40"), (6, "1390000000")]
        column, value = rng.choice([*spoiled, (9, "不存在村"), (11, "贫困大户"), (12, -5)])
        cells[column] = value
    return cells


def _again(rng: random.Random, cells: list[Any], villages: list[tuple[str, str, str]]) -> list[Any]:
    again, how = list(cells), rng.choice(("same", "sound", "no_number", "moved"))
    if how == "sound":
        again[1] = "".join(ALIKE.get(c, c) for c in again[1])
    elif how == "no_number":
        again[4] = None
    elif how == "moved":
        again[0], again[2] = f"63{rng.randrange(10**11):011d}", "户主"
        again[7:10] = rng.choice(villages)
    return again


def _pages() -> dict[str, Any]:
    """The register's pages over a million people, through all of the middleware."""
    from django.db import connection, connections
    from django.test.utils import CaptureQueriesContext

    from bench.intake import signed_in_officer
    from boai.kernel.scope import EVERYWHERE, set_scope
    from boai.registry.models import Resident

    someone = Resident.objects.filter(relation="head", number_tail__gt="").order_by("id")[5000]
    number, phone = someone.number, Resident.objects.filter(phone_tail__gt="").order_by("id")[5000].phone
    people = _filled(Resident.objects.count())
    with connections["owner"].cursor() as cursor:
        for table in ("household", "resident", "categoryentry"):
            cursor.execute(f"VACUUM ANALYZE registry_{table}")  # what autovacuum does within a minute
    client = signed_in_officer("0" * 12, "中国红十字会总会")
    addresses = {
        "search_name": f"/register/?q={someone.name}", "search_initials": f"/register/?q={someone.initials}",
        "search_number": f"/register/?q={number}", "search_phone": f"/register/?q={phone}",
        "search_phone_tail": f"/register/?q={phone[-4:]}",
        "household": f"/register/households/{someone.household_id}/", "list": "/register/",
    }  # fmt: skip
    figures: dict[str, Any] = {"people_in_register": people}
    for name, address in addresses.items():
        figures[f"{name}_ms"] = _median(partial(client.get, address))
        with CaptureQueriesContext(connection) as captured:
            client.get(address)
        figures[f"{name}_queries"] = len(captured)
    set_scope(EVERYWHERE)
    return figures


def _filled(people: int) -> int:
    """Households that had faults stayed outside: copies under other codes and numbers bring the register to a million.
    How many people are in it then."""
    from django.db import connection, transaction

    from boai.registry.models import Household, Resident

    def copied(table: str, changed: dict[str, str], where: str) -> str:
        model = {"household": Household, "resident": Resident}[table]
        columns = [f.column for f in model._meta.concrete_fields]
        values = ", ".join(changed.get(column, f'"{column}"') for column in columns)
        listed = ", ".join(f'"{column}"' for column in columns)
        return f"INSERT INTO registry_{table} ({listed}) SELECT {values} FROM registry_{table} WHERE {where}"

    other = "md5('copy' || {}::text)::uuid"
    chosen = "abs(hashtext({}::text)::bigint) % 100 < 33"
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            copied("household", {"id": other.format("id"), "code": "substr(md5(id::text), 1, 10)"}, chosen.format("id"))
        )
        changed = {
            "id": other.format("id"), "household_id": other.format("household_id"),
            "number_blind": "sha256(number_blind)", "phone_blind": "sha256(phone_blind)",
            "account_blind": "sha256(account_blind)",
        }  # fmt: skip
        cursor.execute(copied("resident", changed, chosen.format("household_id")))
        return people + cursor.rowcount


def _median(ask: Callable[[], Any]) -> float:
    times = []
    for _ in range(40):
        start = time.perf_counter()
        assert ask().status_code == 200
        times.append((time.perf_counter() - start) * 1000)
    return round(statistics.median(times[5:]), 1)

"""A register of 100,000 rows: from the upload to the findings page, and into the register.

The file is written first, outside the clock: invented people in the real villages of 通渭县, one row in eight with a
fault. Peak memory is the proportional set size of this process, the reading process and PostgreSQL together.
"""

from __future__ import annotations

import os
import random
import tempfile
import threading
import time
from datetime import date, timedelta
from pathlib import Path
from typing import Any

ROWS = 100_000
COUNTY = "621121000000"
_WORDS = (
    "户编号 姓名 与户主关系 性别 身份证号 出生日期 联系电话 县 乡镇 村 详细住址 困难类别 家庭年收入(元) 银行账号 备注"
)
HEADINGS = _WORDS.split(" ")
RELATIONS = ["配偶", "子", "女", "父亲", "孙子"]
CATEGORIES = (None, None, "低保", "残疾;低保", "留守儿童", "大病")
SURNAMES, GIVEN = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗", "伟强芳娜敏静军洋勇艳杰涛明超秀兰霞平刚桂英建国志远福"


def run() -> dict[str, Any]:
    """Write the file, take it in, look at the findings, commit, undo."""
    from boai.kernel.clock import now
    from boai.kernel.scope import EVERYWHERE, Scope, scoped
    from boai.people.actor import Actor
    from boai.regions.codes import span
    from boai.regions.services import divisions_load_subset
    from boai.registry import services
    from boai.rulebook.services import defaults_load

    actor = Actor.system()
    with tempfile.TemporaryDirectory() as folder, scoped(Scope(*span(COUNTY), user="system")):
        divisions_load_subset(counties=[COUNTY])
        with scoped(EVERYWHERE):
            defaults_load(at=now())
        path = Path(folder) / "register.xlsx"
        _write(path)
        memory = Memory()
        start = time.perf_counter()
        with memory, path.open("rb") as upload:
            intake, _new = services.intake_upload(
                upload=upload, file_name=path.name, region_code=COUNTY, actor=actor, at=now(), queue=False
            )
            intake = services.intake_check(intake_id=intake.id, actor=actor, at=now())
            page = _findings_page(intake.id)
        checked = time.perf_counter() - start
        counts = intake.counts
        start = time.perf_counter()
        services.intake_commit(intake_id=intake.id, actor=actor, at=now(), queue=False)
        intake = services.intake_commit_run(intake_id=intake.id, actor=actor, at=now())
        committed = time.perf_counter() - start
        entered = intake.counts["entered"]
        start = time.perf_counter()
        services.intake_workbook_make(intake_id=intake.id, actor=actor, at=now())
        workbook = time.perf_counter() - start
        again = _same_people_again(path, actor)
        start = time.perf_counter()
        services.intake_undo(intake_id=intake.id, actor=actor, at=now(), queue=False)
        intake = services.intake_undo_run(intake_id=intake.id, actor=actor, at=now())
        undone = time.perf_counter() - start
        size = path.stat().st_size
    assert (counts["people"], intake.state) == (ROWS, "checked")
    assert page
    return {
        "figures": {
            "rows": ROWS,
            "file_mb": round(size / 2**20, 1),
            "findings": sum(counts["rules"].values()),
            "upload_to_findings_s": round(checked, 2),
            "peak_mb": round(memory.peak / 2**20),
            "peak_without_database_mb": round(memory.peak_own / 2**20),
            "commit_s": round(committed, 2),
            "entered_people": entered["people"],
            "entered_households": entered["households"],
            "same_people_again_s": round(again, 2),
            "workbook_s": round(workbook, 2),
            "undo_s": round(undone, 2),
        },
        "bars": {
            "upload_to_findings_s": ["<=", 30],
            "peak_mb": ["<=", 1024],
            "commit_s": ["<=", 15],
            "findings": [">=", ROWS // 10],
            "entered_people": [">=", ROWS // 2],
        },
    }


def _same_people_again(path: Path, actor: Any) -> float:
    """Another file with the same people, held against a register that has them all."""
    from boai.kernel.clock import now
    from boai.registry import services

    start = time.perf_counter()
    with path.open("ab") as file:
        file.write(b"\0")  # behind the archive: other bytes, the same sheet
    with path.open("rb") as upload:
        intake, new = services.intake_upload(
            upload=upload, file_name="again.xlsx", region_code=COUNTY, actor=actor, at=now(), queue=False
        )
    intake = services.intake_check(intake_id=intake.id, actor=actor, at=now())
    assert new
    assert intake.counts["rules"]["household.known"] > ROWS // 10, intake.counts
    return time.perf_counter() - start


def _findings_page(intake_id: Any) -> bytes:
    """The page as an officer's browser gets it."""
    from boai.kernel.scope import current_scope, set_scope

    client = signed_in_officer(COUNTY, "通渭县红十字会")
    scope = current_scope()
    answer = client.get(f"/register/intakes/{intake_id}/findings/")
    set_scope(scope)  # the request has closed its own
    assert answer.status_code == 200, answer.status_code
    return bytes(answer.content)


def signed_in_officer(region_code: str, name: str) -> Any:
    """A browser in which an officer of a branch has signed in."""
    from datetime import UTC, datetime

    from django.test import Client

    from boai.people.models import Branch, Post, User

    user = User.objects.create(
        username="bench", name="测量员", date_joined=datetime(2026, 1, 1, tzinfo=UTC), password="!"
    )
    branch, _made = Branch.objects.get_or_create(region_code=region_code, name=name, kind="society")
    Post.objects.create(user=user, branch=branch, role="officer", starts_on=date(2026, 1, 1))
    client = Client(headers={"host": "localhost"})
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def _write(path: Path) -> None:
    """The register: households of one to six, every eighth row spoiled."""
    import xlsxwriter

    from boai.regions.models import Division

    rng = random.Random(7)
    townships = dict(Division.objects.filter(level=4, code__startswith=COUNTY[:6]).values_list("code", "name"))
    villages = list(Division.objects.filter(level=5, code__startswith=COUNTY[:6]).values_list("code", "name"))
    book = xlsxwriter.Workbook(str(path), {"constant_memory": True})
    sheet, dated = book.add_worksheet("花名册"), book.add_format({"num_format": "yyyy-mm-dd"})
    sheet.write_row(0, 0, HEADINGS)
    row = number = 0
    while row < ROWS:
        code, village = rng.choice(villages)
        number += 1
        surname = rng.choice(SURNAMES)
        for member in range(min(rng.choices([1, 2, 3, 4, 5, 6], [20, 24, 22, 18, 11, 5])[0], ROWS - row)):
            row += 1
            cells = _person(rng, member, row, f"{code}{number:05d}", surname)
            cells[7:10] = ["通渭县", townships[code[:9] + "000"], village]
            if row % 8 == 0:
                _spoil(cells, rng)
            for column, cell in enumerate(cells):
                if isinstance(cell, date):
                    sheet.write_datetime(row, column, cell, dated)
                elif isinstance(cell, str):
                    sheet.write_string(row, column, cell)
                elif cell is not None:
                    sheet.write_number(row, column, cell)
    book.close()


def _person(rng: random.Random, member: int, row: int, household: str, surname: str) -> list[Any]:
    from boai.kernel.text.identity import check_character

    born, male = date(1940, 1, 1) + timedelta(days=rng.randrange(30_000)), rng.random() < 0.5
    first17 = f"{rng.choice(('621121', '621122', '620102'))}{born:%Y%m%d}{row % 500 * 2 + male:03d}"
    head = member == 0
    return [
        household,
        surname + "".join(rng.sample(GIVEN, 2)),
        "户主" if head else rng.choice(RELATIONS),
        "男" if male else "女",
        first17 + check_character(first17),
        born,
        f"139{rng.randrange(10**8):08d}" if head else None,
        None,
        None,
        None,
        f"{rng.randrange(1, 12)}组{rng.randrange(1, 90)}号",
        rng.choice(CATEGORIES),
        rng.randrange(3000, 60000) if head else None,
        f"{rng.randrange(10**18):019d}" if head else None,
        None,
    ]


def _spoil(cells: list[Any], rng: random.Random) -> None:
    born = cells[5]
    spoiled: list[tuple[int, Any]] = [
        (1, ""),
        (3, "女" if cells[3] == "男" else "男"),
        (4, str(cells[4])[:17]),
        (4, 5.20624e17),
        (5, "1956-13-40"),
        (5, f"{born.year}.{born.month}.{born.day}"),
        (6, "1390000000"),
        (9, "不存在村"),
        (11, "贫困大户"),
        (12, -5),
        (12, "1.2万"),
    ]
    column, value = rng.choice(spoiled)
    cells[column] = value


class Memory:
    """Watches how much memory our processes and PostgreSQL's share, ten times a second."""

    def __init__(self) -> None:
        self.peak = self.peak_own = 0
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    def _watch(self) -> None:
        data = Path(os.environ["BOAI_CLUSTER"].split("|")[0])
        postmaster = int((data / "postmaster.pid").read_text().split()[0])
        while not self._done.wait(0.1):
            own = sum(_share(pid) for pid in _family(os.getpid(), without=postmaster))
            everything = own + sum(_share(pid) for pid in _family(postmaster))
            self.peak, self.peak_own = max(self.peak, everything), max(self.peak_own, own)


def _family(pid: int, without: int = 0) -> list[int]:
    """A process and everything that it started."""
    found, todo = [], [pid]
    while todo:
        one = todo.pop()
        found.append(one)
        try:
            children = Path(f"/proc/{one}/task/{one}/children").read_text().split()
        except OSError:
            continue
        todo += [int(child) for child in children if int(child) != without]
    return found


def _share(pid: int) -> int:
    """Proportional set size in bytes: shared pages are counted once among all who share them."""
    try:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    except OSError:
        return 0
    return 0

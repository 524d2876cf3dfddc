"""A file of corrections for 130,000 people: key and telephone, address, yearly income of everybody in a county.

The register is filled first by one statement, outside the clock. `check` is from the upload to the dry run, `apply` the
one transaction that changes everybody, `undo` the way back.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import Any

PEOPLE = 130_000
SIZE = 3  # people in a household
COUNTY = "621121000000"
_HOUSEHOLDS = (
    "id uuid, region_code text, code text, office_number text, address text, note bytea, created_at timestamptz, "
    "changed_at timestamptz, version int4"
)
_PEOPLE = (
    "id uuid, household_id uuid, region_code text, name text, pinyin text, initials text, relation text, sex text, "
    "born_on date, born_precision text, number_kind text, number bytea, number_blind bytea, number_tail text, "
    "phone bytea, phone_blind bytea, phone_tail text, account bytea, account_tail text, bank text, note bytea, "
    "end_reason text, created_at timestamptz, changed_at timestamptz, version int4"
)


def run() -> dict[str, Any]:
    """Fill the register, correct everybody, take it back."""
    from boai.kernel.clock import now
    from boai.kernel.scope import Scope, scoped
    from boai.people.actor import Actor
    from boai.regions.codes import span
    from boai.regions.services import divisions_load_subset
    from boai.registry import services

    actor, seconds = Actor.system(), {}
    with tempfile.TemporaryDirectory() as folder, scoped(Scope(*span(COUNTY), user="system")):
        divisions_load_subset(counties=[COUNTY])
        _fill()
        path = Path(folder) / "corrections.csv"
        _write(path)
        start = time.perf_counter()
        with path.open("rb") as upload:
            intake, _new = services.intake_upload(
                upload=upload, file_name=path.name, region_code=COUNTY, actor=actor, at=now(), queue=False, kind="patch"
            )
        intake = services.intake_check(intake_id=intake.id, actor=actor, at=now())
        seconds["check"] = time.perf_counter() - start
        counts = intake.counts
        start = time.perf_counter()
        services.intake_commit(intake_id=intake.id, actor=actor, at=now(), queue=False)
        intake = services.intake_commit_run(intake_id=intake.id, actor=actor, at=now())
        seconds["apply"] = time.perf_counter() - start
        entered = intake.counts["entered"]
        start = time.perf_counter()
        services.intake_undo(intake_id=intake.id, actor=actor, at=now(), queue=False)
        intake = services.intake_undo_run(intake_id=intake.id, actor=actor, at=now())
        seconds["undo"] = time.perf_counter() - start
    assert (counts["changing"], entered["people"], intake.state) == (PEOPLE, PEOPLE, "checked"), (counts, entered)
    return {
        "figures": {
            "people": PEOPLE,
            "check_s": round(seconds["check"], 2),
            "patch_130000_s": round(seconds["apply"], 2),
            "undo_s": round(seconds["undo"], 2),
        },
        "bars": {"patch_130000_s": ["<=", 20]},
    }


def _number(place: int) -> str:
    from boai.kernel.text.identity import check_character

    first17 = f"621121{1940 + place // 12_000:04d}{1 + place // 1000 % 12:02d}15{place % 1000:03d}"
    return first17 + check_character(first17)


def _fill() -> None:
    """Households and people as an intake leaves them, sealed and with their blind indexes."""
    from datetime import date

    from django.db import transaction

    from boai.kernel.clock import now
    from boai.kernel.ids import new_id
    from boai.regions.models import Division
    from boai.registry.models.people import NUMBER, PHONE, household_code
    from boai.registry.services.staging import copy_in, fingerprint, sealed

    villages = list(Division.objects.filter(level=5, code__startswith=COUNTY[:6]).values_list("code", flat=True))
    at, homes, people = now(), [], []
    for place in range(PEOPLE):
        if place % SIZE == 0:
            home, village = new_id(), villages[place // SIZE % len(villages)]
            homes.append((home, village, household_code(), f"{place:09d}", "3组", b"", at, at, 1))
        number, phone = _number(place), f"139{place:08d}"
        people.append(
            (new_id(), home, village, f"王{chr(0x4E00 + place % 5000)}", "wang", "w", "head" if place % SIZE == 0 else
             "son", "m" if int(number[16]) % 2 else "f", date(int(number[6:10]), int(number[10:12]), 15), "day",
             "resident", sealed(number, NUMBER), fingerprint(number, NUMBER), number[-4:], sealed(phone, PHONE),
             fingerprint(phone, PHONE), phone[-4:], b"", "", "", b"", "", at, at, 1)
        )  # fmt: skip
    with transaction.atomic():
        copy_in(table=("registry_household", _HOUSEHOLDS), rows=homes)
        copy_in(table=("registry_resident", _PEOPLE), rows=people)


def _write(path: Path) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.write("身份证号,联系电话,详细住址,家庭年收入(元)\n")
        for place in range(PEOPLE):
            home = place // SIZE
            file.write(f"{_number(place)},138{place:08d},{home % 9 + 4}组{home}号,{5000 + home}\n")

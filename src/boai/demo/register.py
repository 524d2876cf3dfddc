"""The register of the demo comes in as it does in life: as a spreadsheet, through the intake."""

from __future__ import annotations

import io
from datetime import datetime

from boai.demo.people import Family
from boai.kernel.clock import local_date
from boai.kernel.sheets import Workbook
from boai.people.actor import Actor
from boai.registry.models import Intake
from boai.registry.services import (
    intake_check,
    intake_commit,
    intake_commit_run,
    intake_upload,
    intake_workbook_make,
)

HEADINGS = (
    "户编号", "姓名", "与户主关系", "性别", "身份证号码", "出生日期", "联系电话", "县(区)", "乡镇(街道)", "村(社区)",
    "详细住址", "困难类别", "家庭年收入(元)", "银行账号", "备注",
)  # fmt: skip


def register_bring(families: list[Family], *, actor: Actor, at: datetime) -> Intake:
    """Upload the register of `families`, have it checked, and enter it."""
    intake = register_check(families, name="通渭县困难群众花名册（演示）.xlsx", actor=actor, at=at)
    intake_commit(intake_id=intake.id, actor=actor, at=at, queue=False)
    return intake_commit_run(intake_id=intake.id, actor=actor, at=at)


def register_check(families: list[Family], *, name: str, actor: Actor, at: datetime, spoil: bool = False) -> Intake:
    """Upload and check only; with `spoil`, the faults that offices make are in it, for the findings page to show."""
    upload = io.BytesIO()
    with Workbook(upload) as book:
        sheet = book.sheet("花名册")
        sheet.row([f"通渭县困难群众家庭花名册（{local_date(at).year}年）"])
        sheet.row(list(HEADINGS))
        number = 0
        for family in families:
            for person in family.members:
                number += 1
                cells = _row(family, person_index=family.members.index(person))
                sheet.row(_spoiled(cells, number) if spoil else cells)
    upload.seek(0)
    intake, _new = intake_upload(
        upload=upload, file_name=name, region_code=actor.region_code, actor=actor, at=at, queue=False
    )
    intake = intake_check(intake_id=intake.id, actor=actor, at=at)
    intake_workbook_make(intake_id=intake.id, actor=actor, at=at)
    return intake


def _row(family: Family, *, person_index: int) -> list[str]:
    person = family.members[person_index]
    head = person_index == 0
    return [
        family.key, person.name, person.relation, "男" if person.male else "女", person.number,
        person.born.isoformat(), family.phone if head else "", "通渭县", family.township, family.village,
        family.address, "、".join(family.categories) if head else "", str(family.income_yuan) if head else "",
        family.account if head else "", "",
    ]  # fmt: skip


def _spoiled(cells: list[str], number: int) -> list[str]:
    """Every few rows one fault, each of another kind."""
    bad = list(cells)
    match number % 11:
        case 1:
            bad[4] = bad[4][:17]
        case 3:
            bad[9] = "不存在村"
        case 5:
            bad[5] = "1990-13-40"
        case 7:
            bad[4] = "6.21121E+17"
        case 9:
            bad[6] = "1390000"
        case 10:
            bad[11] = "贫困大户"
        case _:
            pass
    return bad

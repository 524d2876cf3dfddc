"""What people in the stories do: one service call or one sitting each, at the moment the stage has reached."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image, ImageDraw

from boai.demo.stage import Stage
from boai.governance import services as governance
from boai.governance.enums import Choice, PhotoKind
from boai.governance.models import Meeting, Notice
from boai.governance.rules.majority import ReviewRules
from boai.governance.rules.subjects import Member
from boai.journeys import services as journeys
from boai.kernel.clock import age_on, local_date
from boai.people.actor import Actor
from boai.registry.models import Resident
from boai.relief.enums import ApplicantKind, Cause, Channel, Dwelling, Effect, PaymentState, Severity, VisitMethod
from boai.relief.models import BankAccount, Case, Payment
from boai.relief.services import acceptance, aftercare, application, batches, decision, statements, verification
from boai.relief.services.application import Applied
from boai.relief.services.core import rules_for
from boai.relief.services.verification import Sheet

YUAN = 100
REVIEWERS = range(1, 8)
PAPERS = {
    "hardship": ("form", "id_card", "household_book", "income", "account"),
    "illness": ("form", "id_card", "household_book", "diagnosis", "bills", "insurance", "income", "account"),
    "temporary": ("form", "id_card", "household_book", "accident", "account"),
}
# programme, cause, story, asked for in yuan
CAUSES = (
    ("hardship", Cause.HARDSHIP, "家里缺劳力，老人常年吃药，冬天取暖有困难。", 1500),
    ("illness", Cause.ILLNESS, "今年做了手术，报销之后自己还要负担一大笔。", 5000),
    ("temporary", Cause.ACCIDENT, "骑三轮车摔伤，半年不能干活。", 2000),
)
FINDINGS = (
    (Dwelling.POOR, Severity.SEVERE,
     "入户查看：住房两间，家中一名劳力，用药和票据属实。", "走访邻居三户，反映与申请一致。"),
    (Dwelling.SAFE, Severity.SEVERE,
     "入户查看：安全住房，主要劳力卧床，票据原件齐全。", "走访村干部和邻居两户，情况属实。"),
    (Dwelling.POOR, Severity.MARKED,
     "入户查看：土木房三间，屋顶漏雨，收入靠务农。", "走访邻居三户，均称该户确有困难。"),
)  # fmt: skip


def cases_now(cases: Sequence[Case]) -> list[Case]:
    """The same cases as the database has them now, in the same order."""
    found = Case.objects.select_related("programme").in_bulk([case.pk for case in cases])
    return [found[case.pk] for case in cases]


def case_submit(stage: Stage, *, kind: str = "", portal: bool = False, papers: Sequence[str] = ()) -> Case:
    """The next household asks for help, by the village's contact or itself on the portal; all papers, unless named."""
    number, family = stage.next_home()
    programme, cause, story, yuan = next((c for c in CAUSES if c[0] == kind), CAUSES[number % len(CAUSES)])
    ill = programme == "illness"
    head = Resident.objects.get(
        household__region_code=family.village_code, name=family.head.name, born_on=family.head.born
    )
    data = Applied(
        programme_id=stage.programmes[programme].id, region_code=family.village_code, applicant_kind=ApplicantKind.SELF,
        beneficiary_name=family.head.name, cause=cause, story=story, requested_fen=yuan * YUAN, phone=family.phone,
        id_number=family.head.number, born_on=family.head.born, address=family.address, account=family.account,
        bank="演示银行通渭支行", cost_total_fen=yuan * 5 * YUAN, cost_insurance_fen=yuan * 2 * YUAN,
        diagnosis="术后康复" if ill else "", hospital="县人民医院" if ill else "",
        household_id=None if portal else head.household_id, resident_id=None if portal else head.id,
        consent_keep=True, consent_sensitive=True, consent_publish=True, consent_compare=True,
    )  # fmt: skip
    case = application.case_submit(
        data=data, channel=Channel.PORTAL if portal else Channel.FOUND if number % 4 == 0 else Channel.DESK,
        actor=Actor.public() if portal else stage["lianluo"], at=stage.clock,
        papers=papers or PAPERS[programme],
    )  # fmt: skip
    stage.whose[case.id] = family
    return case


def case_accept(stage: Stage, case: Case) -> Case:
    """The officer takes the application up."""
    return acceptance.case_accept(
        case_id=case.id, received=(), exception="情况属实，先行受理。", actor=stage["jingban"], at=stage.clock
    )


def case_accept_urgent(stage: Stage, case: Case, *, why: str) -> Case:
    """The officer takes it up as an emergency: the money first, the papers later."""
    return acceptance.case_accept(
        case_id=case.id, received=(), exception="情况紧急，先救助后补手续。", actor=stage["jingban"], at=stage.clock,
        urgent_reason=why,
    )  # fmt: skip


def case_verify(stage: Stage, case: Case, *, unfit: str = "") -> Case:
    """Two people visit and propose what the score advises; with `unfit`, why the household does not qualify."""
    rules = rules_for(case, at=stage.clock)
    sheet = _sheet(stage, case, unfit=unfit, proposed_fen=None)
    advised = None if unfit else verification.advise(sheet, kind=case.programme.kind, rules=rules).amount_fen
    return verification.case_verify(
        case_id=case.id, sheet=_sheet(stage, case, unfit=unfit, proposed_fen=advised), photos=[house_photo()],
        actor=stage["hecha"], at=stage.clock,
    )  # fmt: skip


def _sheet(stage: Stage, case: Case, *, unfit: str, proposed_fen: int | None) -> Sheet:
    family, on = stage.whose[case.id], local_date(stage.clock)
    dwelling, severity, findings, neighbours = FINDINGS[len(family.members) % len(FINDINGS)]
    monthly_yuan = family.income_yuan // 12 // len(family.members)
    return Sheet(
        visited_on=on, method=VisitMethod.HOME, second_id=stage["hecha2"].user_id, second_name="", second_office="",
        members=len(family.members), dependants=sum(not 16 <= age_on(p.born, on) < 60 for p in family.members),
        income_fen=monthly_yuan * YUAN, cost_total_fen=case.requested_fen * 5, cost_own_fen=case.requested_fen * 3,
        disability_grade=0, dwelling=dwelling, severity=severity, prior_help_fen=0, findings=findings,
        neighbours=neighbours, fit=not unfit, proposed_fen=proposed_fen, override_reason=unfit,
    )  # fmt: skip


def meeting_convene(stage: Stage, *, starts_at: datetime) -> Meeting:
    """The officer calls the seven members of the panel together."""
    officer, chair, recorder = stage["jingban"], stage["jianshi"].user_id, stage["fuhuizhang"].user_id
    reviewers = [stage[f"pingyi{i}"] for i in REVIEWERS]
    assert officer.branch_id is not None
    assert chair is not None
    assert recorder is not None
    return governance.meeting_convene(
        actor=officer, branch_id=officer.branch_id, region_code=officer.region_code,
        title=f"{local_date(starts_at):%Y年%-m月%-d日}救助评议会", place="县红十字会会议室", starts_at=starts_at,
        members=[Member(a.name, a.user_id) for a in reviewers if a.user_id is not None], rules=ReviewRules(),
        chair_id=chair, recorder_id=recorder, at=stage.clock,
    )  # fmt: skip


def meeting_open(stage: Stage, meeting: Meeting, cases: Sequence[Case]) -> None:
    """Everybody signs in, the chair opens, the cases go on the agenda."""
    for member in meeting.members.all():
        governance.member_sign_in(
            meeting_id=meeting.id, member_id=member.id, actor=stage["jingban"], at=stage.clock
        )  # fmt: skip
    governance.meeting_open(meeting_id=meeting.id, actor=stage["jianshi"], at=stage.clock)
    journeys.agenda_add(
        case_ids=[c.id for c in cases], meeting_id=meeting.id, actor=stage["jingban"], at=stage.clock
    )  # fmt: skip


def ballot_open(stage: Stage, case: Case) -> UUID:
    """The chair opens the ballot on a case; the review's id."""
    case.refresh_from_db()
    assert case.review_id is not None
    governance.ballot_open(review_id=case.review_id, actor=stage["jianshi"], at=stage.clock)
    return case.review_id


def ballot_hold(stage: Stage, case: Case, *, against: int) -> None:
    """Seven vote, `against` of them no; the chair counts and declares."""
    review, chair = ballot_open(stage, case), stage["jianshi"]
    for i in REVIEWERS:
        choice = Choice.NO if i > len(REVIEWERS) - against else Choice.YES
        governance.ballot_cast(review_id=review, actor=stage[f"pingyi{i}"], choice=choice)
    governance.ballot_close(review_id=review, actor=chair, at=stage.clock)
    why = "" if against * 2 < len(REVIEWERS) else "多数评议员认为家庭收入高于申报，困难程度不足。"
    journeys.review_declare(review_id=review, reason=why, actor=chair, at=stage.clock)


def meeting_sign(stage: Stage, meeting: Meeting) -> None:
    """The scan of the signed minutes is kept."""
    governance.meeting_sign(
        meeting_id=meeting.id, actor=stage["jingban"], upload=minutes_scan(), pages=1,
        signers=[stage["jianshi"].name, stage["fuhuizhang"].name], at=stage.clock,
    )  # fmt: skip


def notice_submit(stage: Stage, cases: Sequence[Case]) -> Notice:
    """The officer drafts a notice and hands it in."""
    officer = stage["jingban"]
    notice = journeys.notice_draft(case_ids=[c.id for c in cases], actor=officer, at=stage.clock)
    governance.notice_submit(notice_id=notice.id, actor=officer, at=stage.clock)
    return notice


def notice_publish(stage: Stage, notice: Notice) -> Notice:
    """A second person approves it, it goes up, and the board in the village is photographed."""
    chair = stage["jianshi"]
    notice.refresh_from_db()
    governance.notice_approve(notice_id=notice.id, actor=chair, rendered_hash=notice.rendered_hash, at=stage.clock)
    notice = journeys.notice_publish(notice_id=notice.id, actor=chair, at=stage.clock)
    governance.board_photo_add(
        notice_id=notice.id, actor=stage["jingban"], kind=PhotoKind.POSTED, place="村委会公示栏",
        on=local_date(stage.clock), upload=board_photo(), at=stage.clock,
    )  # fmt: skip
    return notice


def objection_file(stage: Stage, notice: Notice, case: Case, *, text: str) -> UUID:
    """Somebody who does not give a name objects on the portal; the objection's id."""
    objection, _receipt = governance.objection_file(
        notice_id=notice.id, channel="web", text=text, actor=Actor.public(), at=stage.clock, subject_id=case.id,
        name="", contact="",
    )  # fmt: skip
    return objection.id


def case_approve(stage: Stage, case: Case) -> None:
    """The secretary approves what was proposed."""
    decision.case_approve(
        case_id=case.id, amount_fen=case.proposed_fen or 0, note="同意", actor=stage["huizhang"], at=stage.clock
    )


def batch_prepare(stage: Stage, cases: Sequence[Case]) -> UUID:
    """The accountant makes a batch of what is queued for these cases; its id."""
    ids = Payment.objects.filter(case__in=cases, state=PaymentState.QUEUED).values_list("id", flat=True)
    account = BankAccount.objects.get(branch=stage.programmes["hardship"].branch)
    return batches.batch_prepare(
        payment_ids=list(ids), bank_account_id=account.id, actor=stage["kuaiji"], at=stage.clock
    ).id  # fmt: skip


def batch_release(stage: Stage, batch: UUID) -> None:
    """The cashier hands the batch to the bank."""
    batches.batch_release(batch_id=batch, actor=stage["chuna"], at=stage.clock)


def statement_import(stage: Stage, cases: Sequence[Case], *, failed: Case | None) -> None:
    """The bank's answer comes back as a file; all paid, but for `failed`."""
    rows = ["付款参考号,收款人姓名,收款账号,金额(元),处理结果,失败原因"]
    for payment in Payment.objects.filter(case__in=cases, state=PaymentState.SENT).order_by("id"):
        bad = failed is not None and payment.case_id == failed.id
        result, why = ("交易失败", "收款账号户名不符") if bad else ("交易成功", "")
        rows.append(
            f"{payment.reference},{payment.payee_name},{payment.account},{payment.amount_fen / 100:.2f},{result},{why}"
        )
    with TemporaryDirectory() as folder:
        path = Path(folder) / "回盘.csv"
        path.write_text("\n".join(rows), encoding="gb18030")
        name = f"回盘{local_date(stage.clock):%Y%m%d}.csv"
        statements.statement_import(path=path, name=name, actor=stage["kuaiji"], at=stage.clock)


def case_visit(stage: Stage, case: Case, *, satisfaction: int) -> None:
    """The officer asks at the door whether the money came and what it changed."""
    answer = aftercare.Answer(
        visited_on=local_date(stage.clock), method=VisitMethod.HOME, received_fen=aftercare.paid_fen(case),
        satisfaction=satisfaction, effect=Effect.EASED, words="钱收到了，买了药和煤，谢谢大家。",
    )  # fmt: skip
    aftercare.case_visit(case_id=case.id, answer=answer, actor=stage["jingban"], at=stage.clock)


# --- drawn pictures: the demo shows no real place and no real person -------------------------------------------------


def board_photo() -> SimpleUploadedFile:
    """A notice board."""
    return SimpleUploadedFile("公示栏.jpg", _drawing("board"), content_type="image/jpeg")


def house_photo() -> SimpleUploadedFile:
    """A farmhouse."""
    return SimpleUploadedFile("住房.jpg", _drawing("house"), content_type="image/jpeg")


def minutes_scan() -> SimpleUploadedFile:
    """A sheet of signed minutes."""
    return SimpleUploadedFile("会议记录.jpg", _drawing("sheet"), content_type="image/jpeg")


@cache
def _drawing(what: str) -> bytes:
    picture = Image.new("RGB", (640, 480), (214, 204, 186))
    draw = ImageDraw.Draw(picture)
    if what == "house":
        draw.rectangle((0, 0, 640, 300), fill=(190, 208, 222))
        draw.rectangle((150, 210, 490, 400), fill=(205, 170, 125), outline=(110, 80, 50), width=6)
        draw.polygon(((120, 215), (320, 110), (520, 215)), fill=(120, 70, 55))
        draw.rectangle((285, 290, 355, 400), fill=(95, 65, 45))
    else:
        draw.rectangle(
            (90, 40, 550, 440), fill=(250, 248, 240), outline=(120, 90, 60), width=10 if what == "board" else 1
        )
        for row in range(9):
            draw.line((130, 90 + row * 32, 510, 90 + row * 32), fill=(120, 120, 120), width=4)
    if what == "sheet":
        draw.line((330, 405, 400, 385, 420, 410, 500, 390), fill=(40, 50, 120), width=4)
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=80)
    return buffer.getvalue()

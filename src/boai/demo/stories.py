"""Stories in every state: each group of cases goes a little less far than the one before it."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image, ImageDraw

from boai.demo.people import Family
from boai.governance import services as governance
from boai.governance.enums import Choice, PhotoKind
from boai.governance.models import Meeting, Notice
from boai.governance.rules.majority import ReviewRules
from boai.governance.rules.subjects import Member
from boai.journeys import services as journeys
from boai.kernel.clock import local_date
from boai.people.actor import Actor
from boai.registry.models import Resident
from boai.relief.enums import ApplicantKind, Cause, Channel, Dwelling, Effect, PaymentState, Severity, VisitMethod
from boai.relief.models import BankAccount, Case, Payment, Programme
from boai.relief.services import acceptance, aftercare, application, batches, decision, funds, statements, verification
from boai.relief.services.application import Applied
from boai.relief.services.core import rules_for
from boai.relief.services.verification import Sheet

YUAN = 100
PAPERS = (
    "form",
    "id_card",
    "household_book",
    "income",
    "account",
    "diagnosis",
    "bills",
    "insurance",
    "school",
    "disaster",
)
CAUSES = (
    ("hardship", Cause.HARDSHIP, "家里缺劳力，老人常年吃药，冬天取暖有困难。", 1500),
    ("illness", Cause.ILLNESS, "今年做了手术，报销之后自己还要负担一大笔。", 5000),
    ("temporary", Cause.ACCIDENT, "骑三轮车摔伤，半年不能干活。", 2000),
)
NAMES = {"hardship": "困难家庭救助", "illness": "大病救助", "temporary": "临时救助"}
BUDGETS = {"hardship": 120_000, "illness": 200_000, "temporary": 60_000}
STEPS = 9


@dataclass
class Stage:
    """The cast, the households in order of appearance, and today."""

    actors: dict[str, Actor]
    homes: Sequence[Family]
    now: datetime

    def __post_init__(self) -> None:
        self.next_home = count()
        self.programmes: dict[str, Programme] = {}

    def __getitem__(self, username: str) -> Actor:
        return self.actors[username]

    def ago(self, days: int, *, hours: int = 0) -> datetime:
        """So many days before today, in office hours."""
        return self.now - timedelta(days=days, hours=-hours)


def play(stage: Stage, *, progress: Callable[[int, int], None]) -> None:
    """All stories. The order is that of the calendar as far as the log is concerned: oldest first."""
    acts: list[Callable[[Stage], None]] = [
        _money, _archived, _failed_payment, _in_the_bank, _approving, _on_notice, _before_the_panel, _at_the_desk,
        _side_roads,
    ]  # fmt: skip
    assert len(acts) == STEPS
    for number, act in enumerate(acts, 1):
        act(stage)
        progress(number, STEPS)


# --- the acts --------------------------------------------------------------------------------------------------------


def _money(stage: Stage) -> None:
    at, accountant = stage.ago(68), stage["kuaiji"]
    bank = funds.bank_account_open(name="基本户（演示银行）", last4="8888", actor=accountant, at=at)
    fund = funds.fund_open(name="人道救助金", restriction="用于困难群众救助", actor=accountant, at=at)
    for source, yuan in (("上级拨款", 300_000), ("博爱一日捐", 128_650)):
        funds.fund_receive(
            fund_id=fund.id, bank_account_id=bank.id, amount_fen=yuan * YUAN, occurred_on=local_date(at), source=source,
            actor=accountant, at=at,
        )  # fmt: skip
    for kind, name in NAMES.items():
        programme = funds.programme_create(
            name=name, kind=kind, fund_id=fund.id, starts_on=date(2026, 1, 1), ends_on=None, actor=accountant, at=at
        )
        funds.budget_allot(programme_id=programme.id, amount_fen=BUDGETS[kind] * YUAN, actor=accountant, at=at)
        stage.programmes[kind] = programme


def _archived(stage: Stage) -> None:
    cases = _cleared(stage, number=4, days_ago=60)
    _approve(stage, cases, at=stage.ago(40))
    _pay(stage, cases, at=stage.ago(38), answers={})
    for i, case in enumerate(cases[:3]):
        _return_visit(stage, case, at=stage.ago(20 - i), satisfaction=5 - i % 2)
        aftercare.case_archive(case_id=case.id, note="", actor=stage["jingban"], at=stage.ago(15))


def _failed_payment(stage: Stage) -> None:
    cases = _cleared(stage, number=2, days_ago=45)
    _approve(stage, cases, at=stage.ago(24))
    _pay(stage, cases, at=stage.ago(22), answers={cases[1].id: ("交易失败", "收款账号户名不符")})


def _in_the_bank(stage: Stage) -> None:
    cases = _cleared(stage, number=3, days_ago=32)
    _approve(stage, cases, at=stage.ago(4))
    batch = _batch(stage, cases[:2], at=stage.ago(3))
    batches.batch_release(batch_id=batch, actor=stage["chuna"], at=stage.ago(2))


def _approving(stage: Stage) -> None:
    _cleared(stage, number=3, days_ago=26)


def _on_notice(stage: Stage) -> None:
    cases = _reviewed(stage, number=4, days_ago=16)
    notice = _publish(stage, cases, at=stage.ago(3))
    governance.objection_file(
        notice_id=notice.id, channel="web", text="他家去年盖了新房，还买了车，请再核实一下收入情况。",
        actor=Actor.public(), at=stage.ago(1), subject_id=cases[-1].id, name="", contact="",
    )  # fmt: skip
    quiet = _reviewed(stage, number=2, days_ago=14)
    draft = journeys.notice_draft(case_ids=[c.id for c in quiet], actor=stage["jingban"], at=stage.ago(1))
    governance.notice_submit(notice_id=draft.id, actor=stage["jingban"], at=stage.ago(1))


def _before_the_panel(stage: Stage) -> None:
    cases = [_verified(stage, days_ago=10) for _ in range(3)]
    meeting = _meeting(stage, at=stage.ago(0))
    journeys.agenda_add(
        case_ids=[c.id for c in cases[:2]], meeting_id=meeting.id, actor=stage["jingban"], at=stage.ago(0)
    )
    cases[0].refresh_from_db()
    assert cases[0].review_id is not None
    governance.ballot_open(review_id=cases[0].review_id, actor=stage["jianshi"], at=stage.ago(0))


def _at_the_desk(stage: Stage) -> None:
    for days in (6, 6, 4):
        _accepted(stage, days_ago=days)
    for days in (9, 2, 1, 0):
        _submitted(stage, days_ago=days, portal=days < 2)


def _side_roads(stage: Stage) -> None:
    returned = _submitted(stage, days_ago=5, papers=("form", "id_card"))
    acceptance.case_return(
        case_id=returned.id, missing=["household_book", "income"], note="请补户口簿首页和收入证明，其余材料已齐。",
        actor=stage["jingban"], at=stage.ago(4),
    )  # fmt: skip
    withdrawn = _submitted(stage, days_ago=12)
    acceptance.case_withdraw(
        case_id=withdrawn.id, note="申请人来电，已另获资助，不再申请。", actor=stage["jingban"], at=stage.ago(11)
    )
    declined = _submitted(stage, days_ago=13)
    acceptance.case_decline(
        case_id=declined.id,
        note="事由为交通违章罚款，不属于人道救助范围；已电话告知并书面说明。",
        actor=stage["jingban"],
        at=stage.ago(12),
    )
    urgent = _submitted(stage, days_ago=6, kind="temporary", papers=("form",))
    acceptance.case_accept(
        case_id=urgent.id, received=(), exception="情况紧急，先救助后补手续。", actor=stage["jingban"], at=stage.ago(6),
        urgent_reason="夜间失火，房屋烧毁，当晚无处可住。",
    )  # fmt: skip
    decision.case_approve_urgent(
        case_id=urgent.id, amount_fen=1000 * YUAN, note="先行发放生活安置费。", actor=stage["huizhang"], at=stage.ago(6)
    )
    urgent.refresh_from_db()
    _pay(stage, [urgent], at=stage.ago(5), answers={})


# --- one step each ---------------------------------------------------------------------------------------------------


def _submitted(
    stage: Stage, *, days_ago: int, kind: str = "", portal: bool = False, papers: Sequence[str] = PAPERS
) -> Case:
    number = next(stage.next_home)
    family = stage.homes[(number * 7) % len(stage.homes)]
    chosen = next((c for c in CAUSES if c[0] == kind), CAUSES[number % len(CAUSES)])
    programme = stage.programmes[chosen[0]]
    head = Resident.objects.get(
        household__region_code=family.village_code, name=family.head.name, born_on=family.head.born
    )
    data = Applied(
        programme_id=programme.id, region_code=family.village_code, applicant_kind=ApplicantKind.SELF,
        beneficiary_name=family.head.name, cause=chosen[1], story=chosen[2], requested_fen=chosen[3] * YUAN,
        phone=family.phone, id_number=family.head.number, born_on=family.head.born, address=family.address,
        account=family.account, bank="演示银行通渭支行", cost_total_fen=chosen[3] * 5 * YUAN,
        cost_insurance_fen=chosen[3] * 2 * YUAN, diagnosis="术后康复" if chosen[0] == "illness" else "",
        hospital="县人民医院" if chosen[0] == "illness" else "", household_id=None if portal else head.household_id,
        resident_id=None if portal else head.id, consent_keep=True, consent_sensitive=True, consent_publish=True,
        consent_compare=True,
    )  # fmt: skip
    return application.case_submit(
        data=data, channel=Channel.PORTAL if portal else Channel.FOUND if number % 4 == 0 else Channel.DESK,
        actor=Actor.public() if portal else stage["lianluo"], at=stage.ago(days_ago), papers=papers,
    )  # fmt: skip


def _accepted(stage: Stage, *, days_ago: int) -> Case:
    case = _submitted(stage, days_ago=days_ago)
    return acceptance.case_accept(
        case_id=case.id, received=(), exception="情况属实，先行受理。", actor=stage["jingban"],
        at=stage.ago(days_ago, hours=3),
    )  # fmt: skip


def _verified(stage: Stage, *, days_ago: int) -> Case:
    case = _accepted(stage, days_ago=days_ago)
    at = stage.ago(days_ago - 2)
    sheet = _sheet(stage, case, at=at, proposed_fen=None)
    advised = verification.advise(sheet, kind=case.programme.kind, rules=rules_for(case, at=at)).amount_fen
    return verification.case_verify(
        case_id=case.id, sheet=_sheet(stage, case, at=at, proposed_fen=advised), actor=stage["hecha"], at=at
    )


def _sheet(stage: Stage, case: Case, *, at: datetime, proposed_fen: int | None) -> Sheet:
    ill = case.cause == Cause.ILLNESS
    return Sheet(
        visited_on=local_date(at), method=VisitMethod.HOME, second_id=stage["hecha2"].user_id, second_name="",
        second_office="", members=4, dependants=2, income_fen=380 * YUAN,
        cost_total_fen=(25_000 if ill else 6_000) * YUAN,
        cost_own_fen=(15_000 if ill else 4_000) * YUAN, disability_grade=0, dwelling=Dwelling.POOR,
        severity=Severity.SEVERE, prior_help_fen=0, findings="入户查看：住房两间，家中一名劳力，用药和票据属实。",
        neighbours="走访邻居三户，反映与申请一致。", fit=True, proposed_fen=proposed_fen,
    )  # fmt: skip


def _meeting(stage: Stage, *, at: datetime) -> Meeting:
    reviewers = [stage[f"pingyi{i}"] for i in range(1, 8)]
    members = [Member(a.name, a.user_id) for a in reviewers if a.user_id is not None]
    officer, chair = stage["jingban"], stage["jianshi"]
    assert officer.branch_id is not None
    assert chair.user_id is not None
    assert stage["fuhuizhang"].user_id is not None
    meeting = governance.meeting_convene(
        actor=officer, branch_id=officer.branch_id, region_code=officer.region_code,
        title=f"{local_date(at):%Y年%-m月}救助评议会", place="县红十字会会议室", starts_at=at, members=members,
        rules=ReviewRules(), chair_id=chair.user_id, recorder_id=stage["fuhuizhang"].user_id, at=at,
    )  # fmt: skip
    for member in meeting.members.all():
        governance.member_sign_in(meeting_id=meeting.id, member_id=member.id, actor=officer, at=at)
    return governance.meeting_open(meeting_id=meeting.id, actor=chair, at=at)


def _reviewed(stage: Stage, *, number: int, days_ago: int) -> list[Case]:
    cases = [_verified(stage, days_ago=days_ago) for _ in range(number)]
    at = stage.ago(days_ago - 4)
    meeting = _meeting(stage, at=at)
    journeys.agenda_add(case_ids=[c.id for c in cases], meeting_id=meeting.id, actor=stage["jingban"], at=at)
    for case in cases:
        case.refresh_from_db()
        assert case.review_id is not None
        governance.ballot_open(review_id=case.review_id, actor=stage["jianshi"], at=at)
        for i in range(1, 8):
            choice = Choice.NO if i == 7 else Choice.YES
            governance.ballot_cast(review_id=case.review_id, actor=stage[f"pingyi{i}"], choice=choice)
        governance.ballot_close(review_id=case.review_id, actor=stage["jianshi"], at=at)
        journeys.review_declare(review_id=case.review_id, reason="", actor=stage["jianshi"], at=at)
        case.refresh_from_db()
    governance.meeting_close(meeting_id=meeting.id, actor=stage["jianshi"], at=at)
    return cases


def _publish(stage: Stage, cases: Sequence[Case], *, at: datetime) -> Notice:
    officer, chair = stage["jingban"], stage["jianshi"]
    notice = journeys.notice_draft(case_ids=[c.id for c in cases], actor=officer, at=at)
    governance.notice_submit(notice_id=notice.id, actor=officer, at=at)
    notice.refresh_from_db()
    governance.notice_approve(notice_id=notice.id, actor=chair, rendered_hash=notice.rendered_hash, at=at)
    notice = journeys.notice_publish(notice_id=notice.id, actor=chair, at=at)
    governance.board_photo_add(
        notice_id=notice.id, actor=officer, kind=PhotoKind.POSTED, place="村委会公示栏", on=local_date(at),
        upload=_board_photo(), at=at,
    )  # fmt: skip
    return notice


def _cleared(stage: Stage, *, number: int, days_ago: int) -> list[Case]:
    cases = _reviewed(stage, number=number, days_ago=days_ago)
    notice = _publish(stage, cases, at=stage.ago(days_ago - 5))
    assert notice.ends_at is not None
    journeys.notices_follow(at=notice.ends_at + timedelta(hours=9))
    for case in cases:
        case.refresh_from_db()
    return cases


def _approve(stage: Stage, cases: Sequence[Case], *, at: datetime) -> None:
    for case in cases:
        decision.case_approve(
            case_id=case.id, amount_fen=case.proposed_fen or 0, note="同意", actor=stage["huizhang"], at=at
        )
        case.refresh_from_db()


def _batch(stage: Stage, cases: Sequence[Case], *, at: datetime) -> UUID:
    ids = Payment.objects.filter(case__in=cases, state=PaymentState.QUEUED).values_list("id", flat=True)
    bank = stage.programmes["hardship"].branch.pk
    account = BankAccount.objects.get(branch_id=bank)
    return batches.batch_prepare(payment_ids=list(ids), bank_account_id=account.id, actor=stage["kuaiji"], at=at).id


def _pay(stage: Stage, cases: Sequence[Case], *, at: datetime, answers: dict[UUID, tuple[str, str]]) -> None:
    batch = _batch(stage, cases, at=at)
    batches.batch_release(batch_id=batch, actor=stage["chuna"], at=at + timedelta(hours=2))
    rows = ["付款参考号,收款人姓名,收款账号,金额(元),处理结果,失败原因"]
    for payment in Payment.objects.filter(case__in=cases).order_by("id"):
        result, why = answers.get(payment.case_id, ("交易成功", ""))
        rows.append(
            f"{payment.reference},{payment.payee_name},{payment.account},{payment.amount_fen / 100:.2f},{result},{why}"
        )
    with TemporaryDirectory() as folder:
        path = Path(folder) / "回盘.csv"
        path.write_text("\n".join(rows), encoding="gb18030")
        name = f"回盘{local_date(at):%Y%m%d}-{next(stage.next_home)}.csv"
        statements.statement_import(path=path, name=name, actor=stage["kuaiji"], at=at + timedelta(days=1))
    for case in cases:
        case.refresh_from_db()


def _return_visit(stage: Stage, case: Case, *, at: datetime, satisfaction: int) -> None:
    answer = aftercare.Answer(
        visited_on=local_date(at), method=VisitMethod.HOME, received_fen=aftercare.paid_fen(case),
        satisfaction=satisfaction, effect=Effect.EASED, words="钱收到了，买了药和煤，谢谢大家。",
    )  # fmt: skip
    aftercare.case_visit(case_id=case.id, answer=answer, actor=stage["jingban"], at=at)


def _board_photo() -> SimpleUploadedFile:
    """A drawn notice board: the demo shows no real place and no real person."""
    picture = Image.new("RGB", (640, 480), (214, 204, 186))
    draw = ImageDraw.Draw(picture)
    draw.rectangle((90, 60, 550, 400), fill=(250, 248, 240), outline=(120, 90, 60), width=10)
    for row in range(8):
        draw.line((130, 120 + row * 32, 510, 120 + row * 32), fill=(120, 120, 120), width=4)
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=80)
    return SimpleUploadedFile("公示栏.jpg", buffer.getvalue(), content_type="image/jpeg")

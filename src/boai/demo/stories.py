"""Stories in every state: each group of cases goes a little less far than the one before it.

A story is a generator: it yields the moment of its next step (`boai.demo.stage`). Days count back from today.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta

from boai.demo import deeds
from boai.demo.deeds import YUAN
from boai.demo.stage import BEGINNING, Stage, Steps, first_of_year, perform
from boai.demo.visits import visits_play
from boai.governance import services as governance
from boai.governance.enums import ObjectionOutcome
from boai.governance.models import Notice
from boai.journeys import services as journeys
from boai.kernel.clock import local_date, start_of_day
from boai.relief.models import Case
from boai.relief.services import acceptance, aftercare, decision, funds

NAMES = {"hardship": "困难家庭救助", "illness": "大病救助", "temporary": "临时救助"}
BUDGETS = {"hardship": 120_000, "illness": 200_000, "temporary": 60_000}


def play(stage: Stage, *, progress: Callable[[int, int], None]) -> None:
    """All stories, side by side."""
    stories = [
        _money, _calendar, _archived, _failed_payment, _not_passed, _in_the_bank, _approving, _on_notice,
        _draft_notice, _before_the_panel, _at_the_desk, _returned, _withdrawn, _declined, _fire, _false_alarm, _tonight,
        visits_play,
    ]  # fmt: skip
    perform(stage, (story(stage) for story in stories), progress=progress)


# --- the ground ------------------------------------------------------------------------------------------------------


def _money(stage: Stage) -> Steps[None]:
    """The funds and programmes of the year."""
    yield stage.at(69)
    accountant, at = stage["kuaiji"], stage.clock
    bank = funds.bank_account_open(name="基本户（演示银行）", last4="8888", actor=accountant, at=at)
    fund = funds.fund_open(name="人道救助金", restriction="用于困难群众救助", actor=accountant, at=at)
    for source, yuan in (("上级拨款", 300_000), ("博爱一日捐", 128_650)):
        funds.fund_receive(
            fund_id=fund.id, bank_account_id=bank.id, amount_fen=yuan * YUAN, occurred_on=local_date(at), source=source,
            actor=accountant, at=at,
        )  # fmt: skip
    for kind, name in NAMES.items():
        programme = funds.programme_create(
            name=name, kind=kind, fund_id=fund.id, starts_on=first_of_year(local_date(stage.now)), ends_on=None,
            actor=accountant, at=at,
        )  # fmt: skip
        funds.budget_allot(programme_id=programme.id, amount_fen=BUDGETS[kind] * YUAN, actor=accountant, at=at)
        stage.programmes[kind] = programme


def _calendar(stage: Stage) -> Steps[None]:
    """What the worker does by itself: notices that have run out move their cases and come down."""
    for days_ago in range(BEGINNING, -1, -1):
        day = local_date(stage.now) - timedelta(days=days_ago)
        yield max(stage.clock, start_of_day(day) + timedelta(minutes=3))
        journeys.notices_follow(at=stage.clock)
        governance.notice_withdraw_due(at=stage.clock)


# --- how far each group goes -----------------------------------------------------------------------------------------


def _archived(stage: Stage) -> Steps[None]:
    """Through to the archive; one visited but not archived yet, one whose visit is late."""
    cases = yield from _cleared(stage, number=5, days_ago=62)
    yield from _approved(stage, cases, days_ago=40)
    yield from _paid(stage, cases, days_ago=38)
    for i, case in enumerate(cases[:4]):
        yield stage.at(20 - i, minutes=i * 25)
        deeds.case_visit(stage, case, satisfaction=5 - i % 2)
    for i, case in enumerate(cases[:3]):
        yield stage.at(15, minutes=i * 4)
        aftercare.case_archive(case_id=case.id, note="", actor=stage["jingban"], at=stage.clock)


def _failed_payment(stage: Stage) -> Steps[None]:
    """An objection that is looked into and not upheld; then one of two payments comes back."""
    cases = yield from _reviewed(stage, number=2, days_ago=47)
    notice = yield from _published(stage, cases, days_ago=41)
    yield stage.at(39, minutes=190)
    objection = deeds.objection_file(
        stage, notice, cases[0], text="听说他家儿子在外地打工，每个月都寄钱回来，应该再核实收入。"
    )
    deputy = stage["fuhuizhang"]
    assert deputy.user_id is not None
    yield stage.at(38)
    governance.objection_acknowledge(objection_id=objection, actor=deputy, at=stage.clock)
    governance.objection_assign(objection_id=objection, handler_id=deputy.user_id, actor=deputy, at=stage.clock)
    yield stage.at(36, minutes=70)
    journeys.objection_decide(
        objection_id=objection, outcome=ObjectionOutcome.DISMISSED, actor=deputy, at=stage.clock,
        reasons="已向务工单位和村委会核实：其子今年失业在家，没有寄款，申报收入属实，异议不成立。",
    )  # fmt: skip
    yield from _ended(stage, notice)
    yield from _approved(stage, cases, days_ago=24)
    yield from _paid(stage, cases, days_ago=22, failed=1)


def _not_passed(stage: Stage) -> Steps[None]:
    """The panel votes no, and who decides says why in writing."""
    (case,) = yield from _reviewed(stage, number=1, days_ago=40, against=5)
    yield stage.at(33)
    decision.case_refuse(
        case_id=case.id, actor=stage["huizhang"], at=stage.clock,
        note="评议未通过：家庭收入高于申报数，困难程度不符合救助条件。可在收到通知后申请复核。",
    )  # fmt: skip


def _in_the_bank(stage: Stage) -> Steps[None]:
    """Approved; two are with the bank, one waits for the next batch."""
    cases = yield from _cleared(stage, number=3, days_ago=34)
    yield from _approved(stage, cases, days_ago=5)
    yield stage.at(4)
    batch = deeds.batch_prepare(stage, cases[:2])
    yield stage.at(3, minutes=40)
    deeds.batch_release(stage, batch)


def _approving(stage: Stage) -> Steps[None]:
    """The notice has run out; the approval is due."""
    yield from _cleared(stage, number=3, days_ago=27)


def _on_notice(stage: Stage) -> Steps[None]:
    """On the board now, with an objection open."""
    cases = yield from _reviewed(stage, number=4, days_ago=16)
    notice = yield from _published(stage, cases, days_ago=3)
    yield stage.at(1, minutes=130)
    deeds.objection_file(stage, notice, cases[-1], text="他家去年盖了新房，还买了车，请再核实一下收入情况。")


def _draft_notice(stage: Stage) -> Steps[None]:
    """A notice waits for a second person's approval; the minutes of that panel are not signed yet."""
    cases = yield from _reviewed(stage, number=2, days_ago=14, signed=False)
    yield stage.at(1)
    deeds.notice_submit(stage, cases)


def _before_the_panel(stage: Stage) -> Steps[None]:
    """The panel sits today and votes on the first of two; a third is not on the agenda yet."""
    cases = yield from _verified(stage, number=3, days_ago=10)
    yield stage.at(4)
    meeting = deeds.meeting_convene(stage, starts_at=stage.office(0))
    yield stage.at(0)
    deeds.meeting_open(stage, meeting, cases[:2])
    deeds.ballot_open(stage, cases[0])


def _at_the_desk(stage: Stage) -> Steps[None]:
    """Not accepted yet, one of them late; accepted and to be visited."""
    yield stage.at(9)
    deeds.case_submit(stage)
    for days_ago in (6, 5, 4):
        yield stage.at(days_ago, minutes=17)
        case = deeds.case_submit(stage)
        yield stage.at(days_ago, minutes=52)
        deeds.case_accept(stage, case)
    yield stage.at(2, minutes=33)
    deeds.case_submit(stage)
    for days_ago in (1, 0):
        yield stage.at(days_ago, minutes=8)
        deeds.case_submit(stage, portal=True)


# --- side roads ------------------------------------------------------------------------------------------------------


def _returned(stage: Stage) -> Steps[None]:
    yield stage.at(5)
    case = deeds.case_submit(stage, papers=("form", "id_card"))
    yield stage.at(4, minutes=12)
    acceptance.case_return(
        case_id=case.id, missing=["household_book", "income"], note="请补户口簿首页和收入证明，其余材料已齐。",
        actor=stage["jingban"], at=stage.clock,
    )  # fmt: skip


def _withdrawn(stage: Stage) -> Steps[None]:
    yield stage.at(12)
    case = deeds.case_submit(stage)
    yield stage.at(11, minutes=95)
    acceptance.case_withdraw(
        case_id=case.id, note="申请人来电，已另获资助，不再申请。", actor=stage["jingban"], at=stage.clock
    )


def _declined(stage: Stage) -> Steps[None]:
    yield stage.at(13)
    case = deeds.case_submit(stage)
    yield stage.at(12, minutes=140)
    acceptance.case_decline(
        case_id=case.id, note="事由为交通违章罚款，不属于人道救助范围；已电话告知并书面说明。",
        actor=stage["jingban"], at=stage.clock,
    )  # fmt: skip


def _fire(stage: Stage) -> Steps[None]:
    """An emergency: paid first, the papers follow."""
    yield from _paid_ahead(stage, days_ago=6, why="夜间失火，房屋烧毁，当晚无处可住。")


def _false_alarm(stage: Stage) -> Steps[None]:
    """Paid first; the visit finds that the conditions were not met, and the money is asked back."""
    case = yield from _paid_ahead(stage, days_ago=18, why="暴雨冲毁院墙，一家人无处安置。")
    yield stage.at(11, minutes=200)
    (case,) = deeds.cases_now([case])
    deeds.case_verify(stage, case, unfit="损毁的是闲置旧院，家庭另有安全住房，不符合紧急救助条件。")


def _tonight(stage: Stage) -> Steps[None]:
    """An emergency that waits for the approval now."""
    yield stage.at(0)
    case = deeds.case_submit(stage, kind="temporary", papers=("form",))
    deeds.case_accept_urgent(stage, case, why="老人煤气中毒送医，家中拿不出住院押金。")


def _paid_ahead(stage: Stage, *, days_ago: int, why: str) -> Steps[Case]:
    yield stage.at(days_ago)
    case = deeds.case_submit(stage, kind="temporary", papers=("form",))
    yield stage.at(days_ago, minutes=20)
    deeds.case_accept_urgent(stage, case, why=why)
    yield stage.at(days_ago, minutes=45)
    decision.case_approve_urgent(
        case_id=case.id, amount_fen=1000 * YUAN, note="先行发放生活安置费。", actor=stage["huizhang"], at=stage.clock
    )
    yield from _paid(stage, [case], days_ago=days_ago - 1)
    return case


# --- the way of a group ----------------------------------------------------------------------------------------------


def _verified(stage: Stage, *, number: int, days_ago: int) -> Steps[list[Case]]:
    """Applied, accepted the same day, visited two days later."""
    cases = []
    for i in range(number):
        yield stage.at(days_ago, minutes=i * 13)
        cases.append(deeds.case_submit(stage))
    for i in range(number):
        yield stage.at(days_ago, minutes=90 + i * 6)
        deeds.case_accept(stage, cases[i])
    for i in range(number):
        yield stage.at(days_ago - 2, minutes=i * 55)
        cases[i] = deeds.case_verify(stage, cases[i])
    return cases


def _reviewed(
    stage: Stage, *, number: int, days_ago: int, against: int = 1, signed: bool = True
) -> Steps[list[Case]]:  # fmt: skip
    """Through the panel, four days after the application."""
    cases = yield from _verified(stage, number=number, days_ago=days_ago)
    yield stage.at(days_ago - 2, minutes=300)
    meeting = deeds.meeting_convene(stage, starts_at=stage.at(days_ago - 4))
    yield stage.at(days_ago - 4)
    deeds.meeting_open(stage, meeting, cases)
    for i, case in enumerate(cases):
        yield stage.at(days_ago - 4, minutes=10 + i * 12)
        deeds.ballot_hold(stage, case, against=against)
    yield stage.at(days_ago - 4, minutes=80)
    governance.meeting_close(meeting_id=meeting.id, actor=stage["jianshi"], at=stage.clock)
    if signed:
        yield stage.at(days_ago - 4, minutes=100)
        deeds.meeting_sign(stage, meeting)
    return deeds.cases_now(cases)


def _published(stage: Stage, cases: Sequence[Case], *, days_ago: int) -> Steps[Notice]:
    yield stage.at(days_ago)
    notice = deeds.notice_submit(stage, cases)
    yield stage.at(days_ago, minutes=45)
    return deeds.notice_publish(stage, notice)


def _ended(stage: Stage, notice: Notice) -> Steps[None]:
    """Wait until the notice has run out and the office opens again."""
    assert notice.ends_at is not None
    yield max(stage.clock, stage.morning_after(notice.ends_at))


def _cleared(stage: Stage, *, number: int, days_ago: int) -> Steps[list[Case]]:
    """Reviewed, on the board for its days, nobody objected."""
    cases = yield from _reviewed(stage, number=number, days_ago=days_ago)
    notice = yield from _published(stage, cases, days_ago=days_ago - 5)
    yield from _ended(stage, notice)
    return deeds.cases_now(cases)


def _approved(stage: Stage, cases: list[Case], *, days_ago: int) -> Steps[None]:
    for i, case in enumerate(deeds.cases_now(cases)):
        yield stage.at(days_ago, minutes=i * 5)
        deeds.case_approve(stage, case)


def _paid(stage: Stage, cases: Sequence[Case], *, days_ago: int, failed: int | None = None) -> Steps[None]:
    """A batch, released two hours later, and the bank's answer on the next day."""
    yield stage.at(days_ago)
    batch = deeds.batch_prepare(stage, cases)
    yield stage.at(days_ago, minutes=120)
    deeds.batch_release(stage, batch)
    yield stage.at(days_ago - 1)
    deeds.statement_import(stage, cases, failed=None if failed is None else cases[failed])

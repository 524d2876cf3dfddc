"""A county whose cases go all the way: panel, notice, board photo, bank."""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from boai.governance import services as governance
from boai.governance.enums import Choice, PhotoKind
from boai.governance.models import Meeting, Notice
from boai.governance.rules.majority import ReviewRules
from boai.governance.rules.subjects import Member
from boai.journeys import services as journeys
from boai.kernel.clock import local_date
from boai.people.actor import Actor
from boai.relief.enums import PaymentState
from boai.relief.models import Batch, Case, Payment, Statement
from boai.relief.services import batches, decision, statements
from boai.relief.tests.factories import County

PANEL = 7


@dataclass
class FullCounty(County):
    """`County` with the steps that need governance."""

    def members(self) -> list[Member]:
        """Seven reviewers."""
        return [Member(a.name, a.user_id) for a in self.panel()]

    def panel(self) -> list[Actor]:
        """The reviewers as actors."""
        return [getattr(self, f"reviewer{n}") for n in range(1, PANEL + 1)]

    def meeting(self) -> Meeting:
        """A meeting in session with everybody signed in."""
        chair, recorder = self.supervisor, self.deputy
        meeting = governance.meeting_convene(
            actor=self.officer, branch_id=self.branch.id, region_code=self.branch.region_code, title="第四季度评议会",
            place="县红十字会", starts_at=self.at, members=self.members(), rules=ReviewRules(), chair_id=known(chair.user_id),
            recorder_id=known(recorder.user_id), at=self.at,
        )  # fmt: skip
        for member in meeting.members.all():
            governance.member_sign_in(meeting_id=meeting.id, member_id=member.id, actor=self.officer, at=self.at)
        return governance.meeting_open(meeting_id=meeting.id, actor=chair, at=self.at)

    def reviewed(self, case: Case, *, yes: int = PANEL) -> Case:
        """The panel has voted and the chair has declared."""
        meeting = self.meeting()
        journeys.agenda_add(case_ids=[case.id], meeting_id=meeting.id, actor=self.officer, at=self.at)
        case.refresh_from_db()
        governance.ballot_open(review_id=known(case.review_id), actor=self.supervisor, at=self.at)
        for number, member in enumerate(self.panel()):
            choice = Choice.YES if number < yes else Choice.NO
            governance.ballot_cast(review_id=known(case.review_id), actor=member, choice=choice)
        governance.ballot_close(review_id=known(case.review_id), actor=self.supervisor, at=self.at)
        journeys.review_declare(review_id=known(case.review_id), reason="", actor=self.supervisor, at=self.at)
        case.refresh_from_db()
        return case

    def noticed(self, case: Case, *, photo: bool = True) -> Case:
        """The notice is up."""
        notice = journeys.notice_draft(case_ids=[case.id], actor=self.officer, at=self.at)
        governance.notice_submit(notice_id=notice.id, actor=self.officer, at=self.at)
        notice.refresh_from_db()
        governance.notice_approve(
            notice_id=notice.id, actor=self.supervisor, rendered_hash=notice.rendered_hash, at=self.at
        )
        journeys.notice_publish(notice_id=notice.id, actor=self.supervisor, at=self.at)
        if photo:
            self.board_photo(notice.id)
        case.refresh_from_db()
        return case

    def board_photo(self, notice_id: UUID) -> None:
        """The photo of the board."""
        governance.board_photo_add(
            notice_id=notice_id, actor=self.officer, kind=PhotoKind.POSTED, place="村委会", on=local_date(self.at),
            upload=picture(), at=self.at,
        )  # fmt: skip

    def after_notice(self, case: Case) -> datetime:
        """The morning after the last day."""
        notice = Notice.objects.get(id=known(case.notice_id))
        assert notice.ends_at is not None
        return notice.ends_at + timedelta(hours=9)

    def cleared(self, **changes: Any) -> Case:
        """A case whose notice has run out."""
        case = self.noticed(self.reviewed(self.verified(**changes)))
        self.at = self.after_notice(case)
        assert journeys.notices_follow(at=self.at) >= 1
        case.refresh_from_db()
        return case

    def approved(self, **changes: Any) -> Case:
        """An approved case, its payment queued."""
        case = self.cleared(**changes)
        return decision.case_approve(
            case_id=case.id, amount_fen=case.advised_fen or 0, actor=self.secretary, at=self.at
        )

    def batch(self, *cases: Case) -> Batch:
        """A released batch."""
        ids = Payment.objects.filter(case__in=cases, state=PaymentState.QUEUED).values_list("id", flat=True)
        batch = batches.batch_prepare(
            payment_ids=list(ids), bank_account_id=self.bank().id, actor=self.accountant, at=self.at
        )
        return batches.batch_release(batch_id=batch.id, actor=self.cashier, at=self.at)

    def statement(self, path: Path, rows: list[str], name: str = "回盘.csv") -> Statement:
        """The bank's answer as CSV."""
        head = "付款参考号,收款人姓名,收款账号,金额(元),处理结果,失败原因"
        path.write_text("\n".join([head, *rows]), encoding="gb18030")
        return statements.statement_import(path=path, name=name, actor=self.accountant, at=self.at)

    def paid(self, tmp_path: Path, **changes: Any) -> Case:
        """A case whose money has arrived."""
        case = self.approved(**changes)
        self.batch(case)
        payment = Payment.objects.get(case=case)
        self.statement(tmp_path / "a.csv", [answer(payment)])
        case.refresh_from_db()
        return case


def known(key: UUID | None) -> UUID:
    """A key that is there."""
    assert key is not None
    return key


def answer(payment: Payment, *, fen: int | None = None, result: str = "交易成功", why: str = "") -> str:
    """One line of the bank."""
    amount = (payment.amount_fen if fen is None else fen) / 100
    return f"{payment.reference},{payment.payee_name},{payment.account},{amount:.2f},{result},{why}"


def picture() -> SimpleUploadedFile:
    """A small photo."""
    buffer = io.BytesIO()
    Image.new("RGB", (64, 48), "green").save(buffer, "JPEG")
    return SimpleUploadedFile("公示栏.jpg", buffer.getvalue(), content_type="image/jpeg")

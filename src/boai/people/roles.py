"""Roles as one table that a branch secretary could read: who may do what, and who must prove it twice.

A post joins a role to a branch for a time; rights follow from the posts held today. Duties that must not meet in one
pair of hands on one case (creator ≠ verifier ≠ approver ≠ cashier) are kept by policies and database constraints,
not by this table: a small county may well give one person two posts.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Duty(StrEnum):
    """One thing that a role may do. Names follow the verbs of the field."""

    REGISTER_READ = "register.read"  # 查看户籍台账
    REGISTER_WRITE = "register.write"  # 维护台账、导入名册
    SENSITIVE_READ = "sensitive.read"  # 查看敏感信息(留痕)
    CASE_READ = "case.read"
    CASE_CREATE = "case.create"  # 代为申请
    CASE_ACCEPT = "case.accept"  # 受理
    CASE_VERIFY = "case.verify"  # 核查
    REVIEW_HOLD = "review.hold"  # 组织评议
    REVIEW_VOTE = "review.vote"  # 参加评议
    NOTICE_DRAFT = "notice.draft"  # 拟公示
    NOTICE_PUBLISH = "notice.publish"  # 审签公示
    OBJECTION_HANDLE = "objection.handle"  # 处理异议
    CASE_APPROVE = "case.approve"  # 批复
    CASE_APPROVE_HIGH = "case.approve.high"  # 大额批复
    PAY_PREPARE = "pay.prepare"  # 制单
    PAY_RELEASE = "pay.release"  # 复核付款
    FUND_BOOK = "fund.book"  # 记账
    CASE_VISIT = "case.visit"  # 回访
    VISIT_PLAN = "visit.plan"  # 安排走访、处理走访冲突
    VISIT_MAKE = "visit.make"  # 走访、用手机带走当天名单
    RULES_WRITE = "rules.write"  # 维护规则
    PEOPLE_WRITE = "people.write"  # 管理人员与任职
    AUDIT_READ = "audit.read"  # 查阅日志


@dataclass(frozen=True)
class Role:
    """A row of the table: code, name in the office, duties, whether sign-in needs a second factor."""

    code: str
    name: str | Promise
    duties: frozenset[Duty]
    second_factor: bool = False

    def __str__(self) -> str:
        return str(self.name)


def _role(code: str, name: str | Promise, *duties: Duty, second_factor: bool = False) -> Role:
    return Role(code, name, frozenset(duties), second_factor)


_READ = (Duty.REGISTER_READ, Duty.CASE_READ)

ROLES: dict[str, Role] = {
    role.code: role
    for role in (
        _role("secretary", _("Branch secretary"), *_READ, Duty.CASE_APPROVE, Duty.CASE_APPROVE_HIGH,
              Duty.NOTICE_PUBLISH, Duty.OBJECTION_HANDLE, Duty.RULES_WRITE, Duty.VISIT_MAKE, second_factor=True),
        _role("deputy", _("Deputy secretary"), *_READ, Duty.CASE_APPROVE, Duty.NOTICE_PUBLISH, Duty.OBJECTION_HANDLE,
              Duty.VISIT_PLAN, Duty.VISIT_MAKE, second_factor=True),
        _role("officer", _("Relief officer"), *_READ, Duty.REGISTER_WRITE, Duty.SENSITIVE_READ, Duty.CASE_CREATE,
              Duty.CASE_ACCEPT, Duty.REVIEW_HOLD, Duty.NOTICE_DRAFT, Duty.CASE_VISIT,
              Duty.VISIT_PLAN, Duty.VISIT_MAKE),
        _role("verifier", _("Verifier"), *_READ, Duty.SENSITIVE_READ, Duty.CASE_VERIFY, Duty.CASE_VISIT,
              Duty.VISIT_MAKE),
        _role("reviewer", _("Review panel member"), Duty.REVIEW_VOTE),
        _role("supervisor", _("Supervisor"), *_READ, Duty.NOTICE_PUBLISH, Duty.OBJECTION_HANDLE, Duty.AUDIT_READ),
        _role("accountant", _("Accountant"), Duty.CASE_READ, Duty.PAY_PREPARE, Duty.FUND_BOOK),
        _role("cashier", _("Cashier"), Duty.CASE_READ, Duty.PAY_RELEASE, second_factor=True),
        _role("cadre", _("Village cadre"), *_READ, Duty.CASE_CREATE, Duty.VISIT_MAKE),
        _role("auditor", _("Auditor"), *_READ, Duty.AUDIT_READ),
        _role("admin", _("Administrator"), Duty.PEOPLE_WRITE, Duty.RULES_WRITE, Duty.AUDIT_READ, second_factor=True),
    )
}  # fmt: skip


def role_choices() -> list[tuple[str, str | Promise]]:
    """For a select field."""
    return [(role.code, role.name) for role in ROLES.values()]

"""Programmes, cases, evidence and payments."""

from boai.relief.models.case import Application, Case, Door, SavedFilter, Step
from boai.relief.models.evidence import Paper, Photo, ReturnVisit, Snapshot, Visit
from boai.relief.models.payment import Batch, Payment, Receipt, Statement, StatementLine
from boai.relief.models.programme import BankAccount, Fund, Programme

__all__ = [
    "Application",
    "BankAccount",
    "Batch",
    "Case",
    "Door",
    "Fund",
    "Paper",
    "Payment",
    "Photo",
    "Programme",
    "Receipt",
    "ReturnVisit",
    "SavedFilter",
    "Snapshot",
    "Statement",
    "StatementLine",
    "Step",
    "Visit",
]

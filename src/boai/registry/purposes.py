"""What personal data are used for, who may say yes, and the texts by which people decide.

The texts are law as much as language (PIPL Art.17, 23, 25, 29 to 31): when a sentence changes, its date in VERSIONS
changes with it; every consent keeps the date of the text it was given to.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _

from boai.rulebook.values import Text

GUARDED_AGE: Final = 14  # PIPL Art.31: below it, a parent or guardian consents


class Purpose(models.TextChoices):
    """What personal data are used for. The legal basis of each is the rulebook's (`privacy.…`)."""

    RELIEF = "relief", _("Finding out who needs help, and helping")
    CONTACT = "contact", _("Calling and writing to the person")
    SENSITIVE = "sensitive", _("Using sensitive facts")
    PUBLISH = "publish", _("The name in public notices")
    SHARE = "share", _("Passing on to partners and donors")
    PHOTO = "photo", _("Photos and stories")
    STATISTICS = "statistics", _("Statistics without names")
    ACCOUNTING = "accounting", _("Vouchers and audits")
    EMERGENCY = "emergency", _("Response to an emergency")


class Basis(models.TextChoices):
    """Why the law allows a use (PIPL Art.13)."""

    CONSENT = "consent", _("The person's consent")
    REQUEST = "request", _("What the person has asked for")
    DUTY = "duty", _("A duty set by law")
    EMERGENCY = "emergency", _("An emergency that endangers life, health or property")


ASKABLE: Final = frozenset({Basis.CONSENT.value, Basis.REQUEST.value})
"""Bases under which a person's no ends the use. Under the others the law decides."""


class Answer(models.TextChoices):
    """What holds for a person and a purpose."""

    GIVEN = "given", _("Agreed")
    REFUSED = "refused", _("Did not agree")
    WITHDRAWN = "withdrawn", _("Consent withdrawn")
    SUSPENDED = "suspended", _("Objected; stopped until it is decided")
    LIFTED = "lifted", _("Objection not upheld; as before")


class Giver(models.TextChoices):
    """Who said it."""

    PERSON = "person", _("The person")
    GUARDIAN = "guardian", _("A parent or guardian")
    PROXY = "proxy", _("Somebody with a written authority")


class Way(models.TextChoices):
    """How it was said."""

    PAPER = "paper", _("Signed on paper, with a photo of it")
    SCREEN = "screen", _("On the screen, after reading")
    PHONE = "phone", _("By telephone, with a witness")


class KeepRule(models.TextChoices):
    """What has its time; each has a rule of the rulebook (RULE_KEYS)."""

    INTAKES = "intakes", _("Register files that were entered")
    UNUSED = "unused", _("Register files that nobody entered")
    EXPORTS = "exports", _("Lists taken out of the register")
    LOOKS = "looks", _("Record of looks")
    REQUESTS = "requests", _("Words of people's requests")
    HOUSEHOLDS = "households", _("Households put before a person")
    EMERGENCY = "emergency", _("People registered for a response")


RULE_KEYS: Final[dict[str, str]] = {
    KeepRule.INTAKES: "keep.intakes",
    KeepRule.UNUSED: "files.unused_days",
    KeepRule.EXPORTS: "keep.exports",
    KeepRule.LOOKS: "keep.looks",
    KeepRule.REQUESTS: "keep.requests",
    KeepRule.HOUSEHOLDS: "keep.households",
    KeepRule.EMERGENCY: "keep.emergency",
}
IN_YEARS: Final = frozenset({KeepRule.LOOKS, KeepRule.REQUESTS, KeepRule.HOUSEHOLDS})


class ProposalState(models.TextChoices):
    """What became of a household that was put before a person."""

    PROPOSED = "proposed", _("Waits for a word")
    CONFIRMED = "confirmed", _("Deleted")
    KEPT = "kept", _("Stays, with a reason")


@dataclass(frozen=True)
class About:
    """A purpose as it is told to people: which data, for how long, and the text of the question."""

    data: Text
    keep_rule: str  # the rulebook's key that says how long; "" for as long as the household is in the register
    ask: Text = ""


ABOUT: Final[dict[str, About]] = {
    Purpose.RELIEF: About(
        _("Name, sex, birth, identity number, address, household, income, categories, help received."),
        "keep.households",
    ),
    Purpose.CONTACT: About(
        _("Telephone number and address."),
        "keep.households",
        _("May we call you or send you messages about help, visits and activities? You can say no at any time; "
          "what concerns an application of your own you are still told."),
    ),
    Purpose.SENSITIVE: About(
        _("Health, disability, mental health, justice, bank account."),
        "keep.households",
        _("May we use facts about your health, disability or similar to judge what help you need? Few may look, each "
          "look is recorded, nothing of it is published. Without them some programmes cannot be checked."),
    ),
    Purpose.PUBLISH: About(
        _("Masked name, village, programme and amount, while a notice hangs."),
        "notice.withdraw_after_days",
        _("May your masked name stand in the public notice of help for you? If not, only a case code stands there. The "
          "notice comes down after its time. Neighbours may recognise you."),
    ),
    Purpose.SHARE: About(
        _("Name, village, telephone's last four digits and open categories, on a list for one receiver."),
        "keep.exports",
        _("May we pass your name and what you need on to the partner or donor that is named to you, so that they can "
          "help? They may use it for that alone. If not, you are left off their lists."),
    ),
    Purpose.PHOTO: About(
        _("Pictures in which you can be recognised, and what you tell."),
        "keep.households",
        _("May we take pictures of you or tell your story in our work's reports? Help does not depend on it."),
    ),
    Purpose.STATISTICS: About(_("Counts by place, age and category; groups under five are not shown."), ""),
    Purpose.ACCOUNTING: About(
        _("Name, amount, account and signature on vouchers, receipts and payment lists."), "files.accounting_years"
    ),
    Purpose.EMERGENCY: About(
        _("Where people are, who is missing or hurt, what they need, while a response lasts."), "keep.emergency"
    ),
}  # fmt: skip

VERSIONS: Final[dict[str, date]] = {purpose: date(2026, 1, 1) for purpose, about in ABOUT.items() if about.ask}
"""The date of each text. Purposes that nobody is asked about have none."""


def asked() -> list[tuple[str, str]]:
    """The purposes that a person is asked about, to choose from."""
    return [(one.value, str(one.label)) for one in Purpose if one in VERSIONS]

"""The texts by which people decide: how help works, what is stored and published, what they consent to.

They are law as much as language: PIPL Art.17 (notice), 23, 25, 29 (separate consents), 30 (effect on the person), 31
(minors), 44–49 (rights). When a sentence changes, VERSION changes with it; the log keeps which version was agreed to.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from boai.relief.enums import ApplicantKind

VERSION: Final = "2026-11-24"


@dataclass(frozen=True)
class WayStep:
    """One step of the way of help, with the rule behind it in one sentence."""

    label: str
    text: str
    basis: str = ""


def way_of_help() -> list[WayStep]:
    """From the application to the return visit, as told to residents."""
    relief = _("Interim Measures for Social Assistance, Art. 11")
    disaster = _("Regulations on Natural Disaster Relief, Art. 20")
    return [
        WayStep(
            _("Application"),
            _("You, your guardian or somebody you ask. Here, by telephone or at the office. It costs nothing."),
            relief,
        ),
        WayStep(
            _("Acceptance"),
            _("If papers are missing, we tell you all of them at once."),
            _("Charity Law, Art. 81: you are told the standards and the steps"),
        ),
        WayStep(
            _("Verification"),
            _("Two of our staff come to your home, ask neighbours and check the papers."),
            relief,
        ),
        WayStep(
            _("Review"),
            _("A panel of residents votes in secret. Relatives leave the room and do not vote."),
            disaster,
        ),
        WayStep(
            _("Public notice"),
            _("The proposal hangs in the village and stands here, masked. Whoever disagrees can object."),
            disaster,
        ),
        WayStep(
            _("Decision"),
            _("Somebody decides who had no hand in the steps before. A refusal is given in writing, with reasons."),
            relief,
        ),
        WayStep(
            _("Payment"),
            _("By bank transfer to you or the guardian, never to others. You get a receipt that can be verified."),
            _("Red Cross Society Law, Art. 22–23: accounts are audited and published"),
        ),
        WayStep(pgettext("way of help", "Return visit"), _("After some time we come or call: has it helped?")),
    ]


@dataclass(frozen=True)
class Section:
    """A heading and its sentences."""

    title: str
    points: list[str] = field(default_factory=list)


def privacy(branch: str) -> list[Section]:
    """The notice on personal information, whole."""
    return [
        Section(
            _("Who handles it"),
            [
                _("{branch} handles your information and answers for it.").format(branch=branch),
                _("It is stored on servers in China. It is not sold and not used for advertising."),
            ],
        ),
        Section(_("What is stored, and what for"), stored()),
        Section(_("Who sees it"), seen_by()),
        Section(_("What is published, where and how long"), published()),
        Section(
            _("How long it is kept"),
            [
                _("An application that you do not send is deleted after 24 hours."),
                _("The file of a case is kept as long as the rules on files and accounts demand, then destroyed."),
            ],
        ),
        Section(
            _("Your rights"),
            [
                _("You may look at your information, have a copy, have it corrected, and take a consent back."),
                _("You may have it deleted where the law does not order us to keep it."),
                _("Taking a consent back does not undo what was done before. Ask at the office or by telephone."),
                _("If you think that we handle it wrongly, you may complain to the branch above us or sue in court."),
            ],
        ),
    ]


def stored() -> list[str]:
    """What is stored and for which purpose."""
    return [
        _("Name, identity number, telephone, village and address: to know who asks and to reach you."),
        _("What has happened, costs, photos of papers: to see which help fits."),
        _("Later, if help is granted, a bank account: to pay. We do not ask for it now."),
        _("Identity number, telephone, address and your story are encrypted."),
    ]


def seen_by() -> list[str]:
    """Who may look."""
    return [
        _("The staff who accept, verify, decide and pay. Every look at a sensitive fact is recorded."),
        _("The review panel sees the facts it needs for its vote, not your identity number or telephone."),
        _("Nobody else, unless you agree below or a law demands it."),
    ]


def published() -> list[str]:
    """What the public gets to see."""
    return [
        _("On the village board: name, group, programme and proposed amount, for the days of the notice."),
        _("On this website: surname and stars (like 李**), village, programme and proposed amount."),
        _("Never: identity number, telephone, address, bank account, photos, illness or other reasons in detail."),
        _("For children and some others only the case code is shown."),
        _("Some days after its end the notice is taken down by itself; nothing but its number and dates is left."),
    ]


@dataclass(frozen=True)
class Consent:
    """One purpose, its plain explanation, and what happens without it."""

    name: str
    title: str
    points: list[str]


def consents(branch: str, kind: str) -> list[Consent]:
    """The separate consents of an application, in the order in which they are asked."""
    found = [
        Consent("keep", _("Storing and using"), [*stored(), *seen_by()]),
        Consent(
            "sensitive",
            _("Sensitive information"),
            [
                _("Illness, money and identity number are sensitive: in wrong hands they can do you harm."),
                _("We need them because the rules make the help depend on them. We store them encrypted."),
                _("For a child under 14 all information counts as sensitive."),
            ],
        ),
        Consent(
            "publish",
            _("Public notice"),
            [*published(), _("You may say no. Then only your case code stands in the notice.")],
        ),
        Consent(
            "compare",
            _("Comparing with other offices"),
            [
                _("{branch} may ask the county's offices of civil affairs and medical insurance to confirm it.").format(
                    branch=branch
                ),
                _("They learn name and identity number, for this one question."),
                _("You may say no; then please bring the papers yourself."),
            ],
        ),
    ]
    if kind == ApplicantKind.GUARDIAN:
        found.append(Consent("authorised", _("Guardian"), [_("A guardian decides for a child (PIPL Art. 31).")]))
    elif kind == ApplicantKind.PROXY:
        found.append(
            Consent("authorised", _("Asked to apply"), [_("Please read this page to the person in need, or show it.")])
        )
    return found

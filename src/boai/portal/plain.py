"""States and steps of a case in the words in which one would tell them to the applicant."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from boai.governance.enums import ObjectionState
from boai.relief.enums import Action, State

Text = str | Promise


@dataclass(frozen=True)
class Standing:
    """Where a case stands: the heading, what is going on, who has it now; the tone of the badge."""

    title: Text
    text: Text
    who: Text
    tone: str = "wait"


_VERIFIERS = _("Verification staff")
_DECIDER = _("The head of the branch")
_NOBODY: Text = ""

STANDINGS: Final[dict[str, Standing]] = {
    State.APPLIED: Standing(
        _("Arrived, not yet accepted"),
        _("We read your application. If papers are missing, you will be told all of them at once."),
        _("Reception staff"),
    ),
    State.RETURNED: Standing(
        _("We need papers from you"),
        _("Please send photos of the papers named below, or bring them to the office. Then it goes on."),
        _("You"),
    ),
    State.VERIFYING: Standing(
        _("Being verified"),
        _("Two of our staff will come to see you. They show their cards and take no money."),
        _VERIFIERS,
    ),
    State.REVIEWING: Standing(
        _("Waiting for the panel"),
        _("A panel of residents will talk about it and vote in secret."),
        _("The review panel"),
    ),
    State.NOTICING: Standing(
        _("The notice is being prepared"),
        _("Before the decision the proposal is published, masked."),
        _("Reception staff"),
    ),
    State.PUBLISHING: Standing(
        _("On public notice"),
        _("Until the days are over anybody may object. Objections are looked into first."),
        _("Everybody"),
    ),
    State.APPROVING: Standing(
        _("Waiting for the decision"),
        _("Somebody decides who had no hand in the steps before."),
        _DECIDER,
    ),
    State.URGENT: Standing(
        _("Urgent: waiting for the decision"), _("Money first, papers later. It is decided at once."), _DECIDER
    ),
    State.PAYING: Standing(
        _("Approved, being paid"),
        _("The money is on its way to the account you gave us."),
        _("Accountant and cashier"),
    ),
    State.COMPLETING: Standing(
        _("Paid; papers to follow"),
        _("The money was paid at once because it was urgent. We now complete the papers with you."),
        _VERIFIERS,
    ),
    State.RECLAIMING: Standing(
        _("The money has to be given back"),
        _("The check afterwards found that the conditions were not met. Please call us."),
        _("You"),
    ),
    State.VISITING: Standing(
        _("Paid; we will come or call"), _("We want to know whether it has helped."), _("Visiting staff"), "ok"
    ),
    State.CLOSING: Standing(_("Finished"), _("All steps are done; the file is being put away."), _NOBODY, "ok"),
    State.ARCHIVED: Standing(_("Finished"), _("All steps are done and the file is put away."), _NOBODY, "ok"),
    State.REFUSED: Standing(
        _("Not approved"),
        _("The reason stands below. If you disagree, call us or the branch above; if things change, apply again."),
        _NOBODY,
        "stop",
    ),
    State.WITHDRAWN: Standing(
        _("Withdrawn"), _("The application is no longer handled. You may apply again at any time."), _NOBODY, "info"
    ),
}  # fmt: skip

STEPS: Final[dict[str, Text]] = {
    Action.SUBMIT: _("Application arrived"),
    Action.ACCEPT: _("Accepted"),
    Action.ACCEPT_URGENT: _("Accepted as urgent"),
    Action.RETURN: _("Papers asked for"),
    Action.DECLINE: _("Not accepted"),
    Action.SUPPLY: _("Papers arrived"),
    Action.LAPSE: _("Closed because the papers never came"),
    Action.VERIFY: _("Verification finished"),
    Action.PASS: _("Panel: agreed"),
    Action.NOT_PASS: _("Panel: not agreed; it goes to the decision"),
    Action.ADJOURN: _("Panel: put off to the next meeting"),
    Action.PUBLISH: _("Notice published"),
    Action.CLEAR: _("Notice over, no objection stands"),
    Action.RECHECK: _("Sent back: to be verified again"),
    Action.REREVIEW: _("Sent back: to the panel again"),
    Action.REDRAFT: _("The notice is prepared anew"),
    Action.VOID: _("An objection was upheld"),
    Action.APPROVE: _("Approved"),
    Action.APPROVE_URGENT: _("Approved at once"),
    Action.TO_ORDINARY: _("Not urgent; the ordinary steps follow"),
    Action.REFUSE: _("Not approved, with reasons"),
    Action.RECALL: _("The approval is looked at again"),
    Action.PAY: _("Paid"),
    Action.PAY_URGENT: _("Paid at once"),
    Action.FIND_UNFIT: _("Check afterwards: conditions not met"),
    Action.RECLAIM: _("Money given back"),
    Action.VISIT: _("Return visit made"),
    Action.WITHDRAW: _("Withdrawn"),
    Action.REOPEN: _("Opened again"),
}
"""Steps that an applicant is told of; the office's own steps (filing away, waiving) are left out."""


OBJECTIONS: Final[dict[str, Standing]] = {
    ObjectionState.FILED: Standing(_("Arrived"), _("We will confirm it within a few days."), _("The branch")),
    ObjectionState.ACKNOWLEDGED: Standing(
        _("Arrived and confirmed"), _("Somebody who had no part in the matter will look into it."), _("The branch")
    ),
    ObjectionState.ASSIGNED: Standing(
        _("Being looked into"), _("Until it is settled, nothing is paid to the person concerned."), _("The handler")
    ),
    ObjectionState.DECIDED: Standing(
        _("Answered"),
        _("The answer and its reasons stand below. You may turn to the branch above once."),
        _NOBODY,
        "ok",
    ),
    ObjectionState.APPEALED: Standing(
        _("With the branch above"),
        _("It looks at the matter again. Until then nothing is paid."),
        _("The branch above"),
    ),
    ObjectionState.CLOSED: Standing(_("Answered by the branch above"), _("This answer is final."), _NOBODY, "ok"),
}

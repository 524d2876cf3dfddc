"""What relief gave, for the register's page of a household and for the finding at the entry of a case."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from uuid import UUID

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from boai.kernel.clock import local_date, start_of_day
from boai.kernel.crypto import blind
from boai.kernel.money import format_fen
from boai.kernel.rekeying import is_settled
from boai.registry.help import Help, Whose, help_of
from boai.registry.models.people import NUMBER
from boai.registry.queries.help import whose, whose_person
from boai.relief import rules as rulebook
from boai.relief.enums import GRANTED
from boai.relief.models import Application, Case, Payment
from boai.relief.rules import Rules

SOURCE = "relief"


def relief_help(asked: Whose, since: date | None) -> Iterator[Help]:
    """What was paid, and what is granted but not paid yet. Two queries."""
    found = Case.objects.filter(granted_to(asked), state__in=GRANTED)
    cases = {c.id: c for c in found.select_related("programme")}
    paid: dict[UUID, list[Payment]] = defaultdict(list)
    for payment in Payment.objects.filter(case_id__in=cases, paid_fen__gt=0).defer("account").order_by("paid_on"):
        paid[payment.case_id].append(payment)
    for case in cases.values():
        for payment in paid[case.id]:
            if payment.paid_on is not None and (since is None or payment.paid_on >= since):
                yield _help(case, payment.paid_on, payment.paid_fen, payment.get_state_display(), done=True)
        if not paid[case.id] and case.decided_at and (since is None or case.decided_at >= start_of_day(since)):
            yield _help(case, local_date(case.decided_at), case.approved_fen, case.get_state_display(), done=False)


def granted_to(asked: Whose) -> Q:
    """Cases of these households and people; of households where they lived before, what was decided while they did."""
    same = Q(household_id__in=asked.households) | Q(person_blind__in=asked.blinds) | Q(resident_id__in=asked.residents)
    for stay in asked.stays:
        begun, over = start_of_day(stay.first), start_of_day(stay.until)
        same |= Q(household_id=stay.household, decided_at__gte=begun, decided_at__lt=over)
    return same


def whose_case(
    *, household_id: UUID | None, resident_id: UUID | None, person_blinds: Iterable[bytes]
) -> Whose:  # fmt: skip
    """Whose help counts when a case is judged: of the household, and of the person wherever they lived.

    `person_blinds`: the person's fingerprints under every key of the ring."""
    asked = whose(household_id=household_id) if household_id else Whose()
    if resident_id:
        asked |= whose_person(resident_id=resident_id)
    return asked | Whose(blinds=frozenset(person_blinds))


def people_anew(*, lo: str, hi: str, first: date, last: date) -> dict[bytes, bytes]:
    """{fingerprint: the one under the present key} of the people paid in a division from `first` to `last` whose cases
    still bear one of an older key. Whoever counts people asks: while keys are being changed, one person may have two.
    Nothing, and one query at most, when no key is being changed.
    """
    if is_settled():
        return {}
    paid = Payment.objects.filter(region_code__range=(lo, hi), paid_on__range=(first, last), paid_fen__gt=0)
    rows = Application.objects.filter(case_id__in=paid.values("case_id"), case__person_blind__isnull=False)
    anew = {}
    for mark, number in rows.values_list("case__person_blind", "id_number"):
        if number and mark is not None and bytes(mark) != (now := blind(number, NUMBER)):
            anew[bytes(mark)] = now
    return anew


def _help(case: Case, on: date, fen: int | None, state: str, *, done: bool) -> Help:
    return Help(source=SOURCE, on=on, programme=case.programme.name, state=state, done=done, fen=fen,
                reference=case.code, url=reverse("relief:case", args=[case.id]))  # fmt: skip


def help_lately(*, asked: Whose, rules: Rules, on: date) -> list[Help]:
    """What the household or person (`whose_case`) received from any programme within the waiting time between grants
    (`relief.cooling_days`). Nothing where the rule says that there is no waiting time."""
    days = rulebook.cooling_days(rules)
    if not days:
        return []
    return help_of(asked, since=on - timedelta(days=days))


def help_sentence(one: Help) -> str:
    """ "2026-11-01 医疗救助 ¥3,000.00（个案 K7…）"."""
    parts = [one.on.isoformat(), one.programme, format_fen(one.fen) if one.fen is not None else "", one.goods]
    text = " ".join(part for part in parts if part)
    return text + (_(" (case {code})").format(code=one.reference) if one.reference else "")

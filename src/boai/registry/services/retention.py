"""Data that have had their time go every night: rule by rule, county by county, in batches that stand by themselves.

A batch destroys and counts in one transaction. Whoever is killed leaves an unfinished run with true counts; the next
start carries that run on.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Exists, Model, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from boai.audit.services import record
from boai.files.services import file_erase
from boai.kernel.clock import local_date, start_of_day
from boai.kernel.errors import BadInput, NotFound, UnableTo
from boai.kernel.policy import require
from boai.people.actor import Actor
from boai.regions.codes import COUNTRY
from boai.registry import policies
from boai.registry.enums import REQUEST_OPEN, ExportState, FlagState, IntakeState
from boai.registry.models import (
    DataRequest,
    Emergency,
    Finding,
    Household,
    Intake,
    IntakeFile,
    LookFlag,
    PatchRow,
    RegisterExport,
    RetentionProposal,
    RetentionRun,
    SensitiveLook,
    StagedRow,
)
from boai.registry.purposes import IN_YEARS, RULE_KEYS, KeepRule, ProposalState
from boai.registry.queries.keeping import households_idle
from boai.registry.services.copies import intake_destroy, rows_destroy, workbooks_left_behind
from boai.registry.services.emergencies import emergencies_destroy
from boai.registry.services.erasing import household_erase
from boai.registry.services.exports import export_forget
from boai.registry.services.looks import looks_forget
from boai.rulebook.queries import Rule, rule

log = logging.getLogger(__name__)
BATCH = 200
_FEW = 5  # files a batch: each is destroyed with everything that was read from it
SHORTEST = 4

Batch = Callable[[str, str, date, datetime, Rule], int]


def retention_run(*, at: datetime) -> RetentionRun:
    """Destroy everything whose time is over, and carry an unfinished night on. Call it under the widest scope.

    What fails in one county under one rule stops nothing else; the run stays unfinished and is carried on.
    """
    run, whole = _run_begin(at), True
    for name in _BATCHES:
        for county in list(_counties(name)):
            whole = _county(run, name, county, at) and whole
    return _run_finish(run, at) if whole else run


def _county(run: RetentionRun, name: str, county: str, at: datetime) -> bool:
    """Everything of one sort in one county; whether that went well."""
    try:
        known = rule(RULE_KEYS[name], region_code=county, on=local_date(at))
        while _batch(run, name, county, known, at):
            pass
    except Exception:
        log.exception("retention: %s in %s failed; carried on with the next start", name, county)
        return False
    return True


@transaction.atomic
def proposal_decide(*, proposal_id: UUID, action: str, reason: str, actor: Actor, at: datetime) -> RetentionProposal:
    """Delete a household that was put before a person ("confirm"), or keep it with a reason ("keep").

    Raises NotFound, NotAllowed, BadInput (kept without a reason), UnableTo (decided already; work under way).
    """
    found = RetentionProposal.objects.select_for_update().filter(id=proposal_id).first()
    if found is None:
        raise NotFound
    require(policies.may_decide_proposal, actor, found)
    if found.state != ProposalState.PROPOSED:
        raise UnableTo(_("Somebody has decided about this household already."))
    if action not in ("confirm", "keep"):
        raise BadInput(_("Choose whether the household is deleted or stays."))
    if action == "keep" and len(reason.strip()) < SHORTEST:
        raise BadInput(fields={"reason": [_("Say why the household stays.")]})
    found.state = ProposalState.CONFIRMED if action == "confirm" else ProposalState.KEPT
    found.reason, found.decided_by_id, found.decided_at = reason.strip(), actor.user_id, at
    found.save(update_fields=["state", "reason", "decided_by", "decided_at"])
    if found.state == ProposalState.CONFIRMED:
        household_erase(household_id=found.household_id, actor=actor, at=at)
    record("registry.retention.decided", found, actor=actor, at=at, outcome=str(ProposalState(found.state).label))
    return found


@transaction.atomic
def _run_begin(at: datetime) -> RetentionRun:
    run = RetentionRun.objects.select_for_update().filter(finished_at__isnull=True).first()
    return run or RetentionRun.objects.create(region_code=COUNTRY, started_at=at)


@transaction.atomic
def _run_finish(run: RetentionRun, at: datetime) -> RetentionRun:
    run = RetentionRun.objects.select_for_update().get(id=run.id)
    if run.finished_at is None:
        run.finished_at = at
        run.save(update_fields=["finished_at"])
        counts: dict[str, int] = {}
        for one in run.counts.all():
            counts[one.rule] = counts.get(one.rule, 0) + one.count
        record("registry.retention.finished", run, actor=Actor.system(), at=at, counts=counts,
               total=sum(counts.values()))  # fmt: skip
    return run


@transaction.atomic
def _batch(run: RetentionRun, name: str, county: str, known: Rule, at: datetime) -> int:
    """One batch and its count, or nothing of both. Two workers take turns by the run's row."""
    RetentionRun.objects.select_for_update().get(id=run.id)
    done = _BATCHES[name](*_span(county), _until(name, known, local_date(at)), at, known)
    if done:
        with connection.cursor() as cursor:
            cursor.execute(
                """INSERT INTO registry_retentioncount (run_id, region_code, rule, rule_version, count, at)
                   VALUES (%s, %s, %s, %s, %s, %s)
                   ON CONFLICT (run_id, region_code, rule)
                   DO UPDATE SET count = registry_retentioncount.count + excluded.count, at = excluded.at""",
                [run.id, county, name, known.version_id, done, at],
            )
    return done


def _until(name: str, known: Rule, today: date) -> date:
    """The last day whose data go."""
    if name in IN_YEARS:
        return _years_before(today, known.value)
    return today - timedelta(days=known.value)


def _years_before(day: date, years: int) -> date:
    leap = (day.month, day.day) == (2, 29)
    return day.replace(year=day.year - years, day=28 if leap else day.day)


def _span(county: str) -> tuple[str, str]:
    """Everything of a county; of a higher office only what is its own."""
    if county[4:6] == "00":
        return county, county
    return county, county[:6] + "999999"


_TABLES: dict[str, type[Model]] = {
    KeepRule.INTAKES: Intake,
    KeepRule.UNUSED: Intake,
    KeepRule.EXPORTS: RegisterExport,
    KeepRule.LOOKS: SensitiveLook,
    KeepRule.REQUESTS: DataRequest,
    KeepRule.HOUSEHOLDS: Household,
    KeepRule.EMERGENCY: Emergency,
}


def _counties(name: str) -> Iterator[str]:
    """The counties (and higher offices) that hold anything of a sort."""
    table = _TABLES[name]._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT DISTINCT left(region_code, 6) FROM "{table}" ORDER BY 1')  # noqa: S608 - a name of ours
        yield from (county + "000000" for (county,) in cursor.fetchall())


def _moment(until: date) -> datetime:
    return start_of_day(until + timedelta(days=1))


def _intakes(lo: str, hi: str, until: date, at: datetime, known: Rule) -> int:
    rows = Intake.objects.filter(state=IntakeState.COMMITTED, committed_at__lt=_moment(until))
    return _files(rows.filter(region_code__range=(lo, hi)), at)


def _unused(lo: str, hi: str, until: date, at: datetime, known: Rule) -> int:
    resting = (IntakeState.CHECKED, IntakeState.FAILED, IntakeState.CANCELLED)
    rows = Intake.objects.filter(state__in=resting, uploaded_at__lt=_moment(until))
    never = Q(checked_at__isnull=True) | Q(checked_at__lt=_moment(until))
    left = workbooks_left_behind().filter(region_code__range=(lo, hi), created_at__lt=_moment(until))
    for stored in left.order_by("id")[:BATCH]:
        file_erase(file_id=stored.id, actor=Actor.system(), at=at, reason=_("Its time is over"))
    return _files(rows.filter(never, region_code__range=(lo, hi)), at)


def _files(rows: QuerySet[Intake], at: datetime) -> int:
    read = [Exists(model._default_manager.filter(intake_id=OuterRef("pk"))) for model in (StagedRow, PatchRow, Finding)]
    original = IntakeFile.objects.filter(intake_id=OuterRef("pk"), stored__erased_at__isnull=True)
    holds = Q(Exists(original)) | Q(read[0]) | Q(read[1]) | Q(read[2])  # a deletion destroys the file alone
    found = list(
        rows.filter(holds)
        .select_for_update(of=("self",), skip_locked=True).order_by("id")[:_FEW]
    )  # fmt: skip
    for intake in found:
        rows_destroy(intake=intake)
        intake_destroy(intake=intake, actor=Actor.system(), at=at, reason=_("Its time is over"))
    return len(found)


def _exports(lo: str, hi: str, until: date, at: datetime, known: Rule) -> int:
    ready = RegisterExport.objects.filter(state=ExportState.READY, region_code__range=(lo, hi))
    old = list(ready.filter(ready_at__lt=at - timedelta(days=known.value)).order_by("id")[:BATCH])
    return sum(export_forget(export_id=one.id, at=at) for one in old)


def _looks(lo: str, hi: str, until: date, at: datetime, known: Rule) -> int:
    """A question about a look goes with it; one that nobody has answered yet keeps it."""
    waiting = LookFlag.objects.filter(state=FlagState.OPEN).values("look_id")
    old = SensitiveLook.objects.filter(region_code__range=(lo, hi), at__lt=_moment(until)).exclude(id__in=waiting)
    ids = list(old.order_by("id").values_list("id", flat=True)[: BATCH * 10])
    return looks_forget(look_ids=ids, before=_moment(until)) if ids else 0


def _requests(lo: str, hi: str, until: date, at: datetime, known: Rule) -> int:
    closed = DataRequest.objects.filter(region_code__range=(lo, hi), emptied_at__isnull=True)
    closed = closed.exclude(state__in=REQUEST_OPEN)
    over = Q(finished_at__lt=_moment(until)) | Q(finished_at__isnull=True, decided_at__lt=_moment(until))
    ids = list(closed.filter(over).order_by("id").values_list("id", flat=True)[:BATCH])
    return DataRequest.objects.filter(id__in=ids).update(words="", asked_by="", answer="", emptied_at=at)


def _households(lo: str, hi: str, until: date, at: datetime, known: Rule) -> int:
    """Nothing is destroyed: they are put before a person."""
    idle = households_idle(lo=lo, hi=hi, until=until, most=BATCH)
    RetentionProposal.objects.bulk_create(
        [
            RetentionProposal(region_code=place, household_id=key, rule_version=known.version_id, proposed_at=at)
            for key, place in idle
        ]
    )
    return len(idle)


def _emergencies(lo: str, hi: str, until: date, at: datetime, known: Rule) -> int:
    return emergencies_destroy(lo=lo, hi=hi, until=until, most=BATCH // 10, at=at)


_BATCHES: dict[str, Batch] = {
    KeepRule.EXPORTS: _exports,
    KeepRule.EMERGENCY: _emergencies,
    KeepRule.UNUSED: _unused,
    KeepRule.INTAKES: _intakes,
    KeepRule.LOOKS: _looks,
    KeepRule.REQUESTS: _requests,
    KeepRule.HOUSEHOLDS: _households,
}

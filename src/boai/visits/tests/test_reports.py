"""What comes from the phones: once, by whoever may, and never over something that is there."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, ProgrammingError, connection, transaction
from PIL import Image

from boai.audit.models import AuditEntry
from boai.files.errors import FileRefused
from boai.files.models import StoredFile
from boai.kernel.errors import BadInput, NotAllowed, NotFound, StalePage, UnableTo
from boai.people.actor import Actor
from boai.people.models import Branch
from boai.visits import services
from boai.visits.enums import Clash, Outcome, Standing, State
from boai.visits.models import Report, ReportPhoto, Tie, Visit
from boai.visits.tests.factories import DAY, Team, plan, planned, said, team

pytestmark = pytest.mark.django_db
Make = Callable[..., Actor]


@pytest.fixture
def people(actor_for: Make) -> Team:
    return team(actor_for)


def receive(visit: Visit, actor: Actor, at: datetime, **changes: Any) -> services.Sent:
    return services.report_receive(visit_id=visit.id, said=said(visit, at, **changes), actor=actor, at=at)


def picture(colour: str = "red", **save: Any) -> SimpleUploadedFile:
    out = io.BytesIO()
    Image.new("RGB", (40, 30), colour).save(out, "JPEG", **save)
    return SimpleUploadedFile("a.jpg", out.getvalue(), content_type="image/jpeg")


def test_a_report_moves_the_visit_and_is_sealed(people: Team, at: datetime) -> None:
    visit = planned(people, at)
    sent = receive(visit, people.one, at)
    visit.refresh_from_db()
    assert (visit.state, visit.version, sent.report.standing) == (State.DONE, 2, Standing.ACCEPTED)
    with connection.cursor() as cursor:
        cursor.execute("SELECT notes, answers FROM visits_report")
        assert all("屋顶".encode() not in bytes(cell) for cell in cursor.fetchone() or ())
    entry = AuditEntry.objects.get(type="visits.visit.reported")
    assert "屋顶".encode() not in bytes(entry.payload or b"")


def test_nobody_home_with_a_reason(people: Team, at: datetime) -> None:
    visit = planned(people, at)
    receive(visit, people.one, at, outcome=Outcome.NOT_MET, missed="away", notes="", house="", needs=(), entry="")
    visit.refresh_from_db()
    assert visit.state == State.NOT_MET


def test_the_same_record_twice_is_one_and_another_under_its_number_is_refused(people: Team, at: datetime) -> None:
    visit = planned(people, at)
    record = said(visit, at)
    first = services.report_receive(visit_id=visit.id, said=record, actor=people.one, at=at)
    again = services.report_receive(visit_id=visit.id, said=record, actor=people.one, at=at + timedelta(hours=1))
    assert (first.again, again.again, first.report.id) == (False, True, again.report.id)
    for other, actor in ((replace(record, notes="别的内容"), people.one), (record, people.two)):
        with pytest.raises(UnableTo):
            services.report_receive(visit_id=visit.id, said=other, actor=actor, at=at)
    assert Report.objects.count() == 1
    assert AuditEntry.objects.filter(type="visits.visit.reported").count() == 1


def test_only_visitors_report_and_strangers_change_nothing(people: Team, actor_for: Make, at: datetime) -> None:
    visit = planned(people, at)
    elsewhere = actor_for("verifier", Branch.objects.create(name="别县", kind="society", region_code="520624000000"))
    for actor, failure in ((people.planner, NotAllowed), (actor_for("verifier"), NotAllowed), (elsewhere, NotFound)):
        with pytest.raises(failure):
            receive(visit, actor, at)
    visit.refresh_from_db()
    assert (visit.state, visit.version, Report.objects.count()) == (State.PLANNED, 1, 0)


@pytest.mark.parametrize(
    "changes",
    [
        {"first_there": False, "second_there": False},
        {"outcome": Outcome.NOT_MET},
        {"notes": " ", "house": "", "needs": (), "entry": ""},
        {"based_on": 7},
        {"based_on": 0},
    ],
)
def test_garbage_is_refused(people: Team, at: datetime, changes: Any) -> None:
    visit = planned(people, at)
    with pytest.raises(BadInput):
        receive(visit, people.one, at, **changes)
    assert not Report.objects.exists()


def test_a_changed_plan_makes_a_conflict_even_for_who_was_taken_off(
    people: Team, actor_for: Make, at: datetime
) -> None:
    visit = planned(people, at)
    services.route_take(day=DAY, actor=people.two, at=at)
    other = actor_for("verifier", name="新人")
    services.visit_change(
        visit_id=visit.id, version=1, plan=plan(people, second_id=other.user_id), actor=people.planner, at=at
    )
    sent = receive(visit, people.two, at)
    assert sent.report.there == [people.one.user_id, people.two.user_id], "who went, not who is planned now"
    visit.refresh_from_db()
    assert (sent.report.clash, visit.state, visit.version) == (Clash.CHANGED, State.PLANNED, 2)
    with pytest.raises(NotAllowed):
        receive(visit, actor_for("verifier"), at)


def test_a_cancelled_visit_keeps_its_report_and_a_planner_may_let_it_count(people: Team, at: datetime) -> None:
    visit = planned(people, at)
    services.visit_cancel(visit_id=visit.id, version=1, reason="改期", actor=people.planner, at=at)
    report = receive(visit, people.one, at).report
    assert report.clash == Clash.CANCELLED
    services.visit_settle(
        visit_id=visit.id, version=2, seen=[report.id], kept=[report.id], reason="确已走访", actor=people.planner, at=at
    )
    visit.refresh_from_db()
    report.refresh_from_db()
    assert (visit.state, report.standing) == (State.DONE, Standing.ACCEPTED)


def test_found_related_at_the_door(people: Team, at: datetime) -> None:
    visit = planned(people, at)
    report = receive(visit, people.one, at, related=True).report
    assert (report.clash, Tie.objects.get().user_id) == (Clash.RELATED, people.one.user_id)


def test_who_has_declared_to_be_related_does_not_simply_count_elsewhere(people: Team, at: datetime) -> None:
    visit = planned(people, at)
    later = planned(people, at, visit.household, day=DAY + timedelta(days=1))
    services.tie_declare(visit_id=visit.id, actor=people.two, at=at)
    assert receive(later, people.one, at).report.clash == Clash.RELATED
    later.refresh_from_db()
    assert later.state == State.PLANNED


@pytest.fixture
def dispute(people: Team, at: datetime) -> tuple[Visit, Report, Report]:
    visit = planned(people, at)
    first = receive(visit, people.one, at).report
    second = receive(
        visit, people.two, at, outcome=Outcome.NOT_MET, missed="away", notes="没人", house="", needs=(), entry=""
    ).report
    visit.refresh_from_db()
    return visit, first, second


def settle(visit: Visit, actor: Actor, at: datetime, *reports: Report, **changes: Any) -> Visit:
    values: dict[str, Any] = {
        "version": visit.version, "seen": list(Report.objects.values_list("id", flat=True)),
        "kept": [r.id for r in reports], "reason": "电话问过本人",
    }  # fmt: skip
    return services.visit_settle(visit_id=visit.id, actor=actor, at=at, **(values | changes))


def test_the_other_report_may_win_and_both_stay(
    people: Team, at: datetime, dispute: tuple[Visit, Report, Report]
) -> None:
    visit, first, second = dispute
    assert (visit.state, second.clash) == (State.DONE, Clash.RECORDED)
    settle(visit, people.planner, at, second)
    visit.refresh_from_db()
    assert visit.state == State.NOT_MET
    standings = dict(Report.objects.values_list("id", "standing"))
    assert standings == {first.id: Standing.SET_ASIDE, second.id: Standing.ACCEPTED}
    assert {r.notes for r in Report.objects.all()} == {"老人精神好，屋顶漏雨。", "没人"}


def test_both_as_a_joint_report(people: Team, at: datetime, dispute: tuple[Visit, Report, Report]) -> None:
    visit, first, second = dispute
    settle(visit, people.planner, at, first, second)
    visit.refresh_from_db()
    assert visit.state == State.DONE
    assert set(Report.objects.values_list("standing", flat=True)) == {Standing.JOINT}
    assert AuditEntry.objects.filter(type="visits.visit.settled").count() == 1


def test_who_may_not_settle_and_what_is_refused(
    people: Team, actor_for: Make, at: datetime, dispute: tuple[Visit, Report, Report]
) -> None:
    visit, first, second = dispute
    author = replace(people.one, duties=people.planner.duties)
    refusals: list[tuple[Actor, dict[str, Any], type[Exception]]] = [
        (author, {}, NotAllowed),
        (actor_for("auditor"), {}, NotAllowed),
        (people.planner, {"reason": ""}, BadInput),
        (people.planner, {"kept": [uuid4()]}, BadInput),
        (people.planner, {"kept": []}, UnableTo),
        (people.planner, {"version": 1}, StalePage),
        (people.planner, {"seen": [first.id]}, StalePage),
    ]
    for actor, changes, failure in refusals:
        with pytest.raises(failure):
            settle(visit, actor, at, first, **changes)
    assert set(Report.objects.values_list("standing", flat=True)) == {Standing.ACCEPTED, Standing.CONFLICT}
    assert not Report.objects.filter(settled_at__isnull=False).exists()
    with pytest.raises(IntegrityError), transaction.atomic():
        Report.objects.filter(id=second.id).update(
            standing=Standing.SET_ASIDE, settled_by_id=second.by_id, settled_at=at, settled_reason="自己判"
        )


def test_the_database_lets_nobody_rewrite_or_delete_a_report(
    people: Team, at: datetime, dispute: tuple[Visit, Report, Report]
) -> None:
    for statement in ("UPDATE visits_report SET notes = ''", "DELETE FROM visits_report", "DELETE FROM visits_visit"):
        with pytest.raises(ProgrammingError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


# --- photos ---


def add(report: Report, actor: Actor, at: datetime, **changes: Any) -> ReportPhoto:
    values: dict[str, Any] = {"report_client_id": report.client_id, "client_id": uuid4(), "upload": picture()}
    return services.photo_add(actor=actor, at=at, **(values | changes))


def test_a_photo_comes_once_without_its_exif(people: Team, at: datetime) -> None:
    report = receive(planned(people, at), people.one, at).report
    key = uuid4()
    exif = Image.Exif()
    exif[0x0110] = "PhoneModel"
    first = add(report, people.one, at, client_id=key, upload=picture(exif=exif))
    again = add(report, people.one, at, client_id=key, upload=picture("blue"))
    assert first.id == again.id
    assert StoredFile.objects.count() == 1


def test_photos_of_others_too_many_and_no_photos(people: Team, at: datetime) -> None:
    report = receive(planned(people, at), people.one, at).report
    with pytest.raises(NotAllowed):
        add(report, people.two, at)
    with pytest.raises(NotFound):
        add(report, people.one, at, report_client_id=uuid4())
    with pytest.raises(FileRefused):
        add(report, people.one, at, upload=SimpleUploadedFile("a.jpg", b"not a photo at all"))
    assert not ReportPhoto.objects.exists()
    for n in range(6):
        add(report, people.one, at, upload=picture(("red", "blue", "green", "black", "white", "grey")[n]))
    with pytest.raises(UnableTo):
        add(report, people.one, at)
    assert ReportPhoto.objects.count() == 6

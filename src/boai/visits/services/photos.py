"""Photos of a report, each sent alone."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from boai.audit.services import record
from boai.files.enums import PHOTOS
from boai.files.services import Upload, file_store
from boai.kernel.clock import local_date
from boai.kernel.errors import NotFound, UnableTo
from boai.kernel.policy import require
from boai.people.actor import Actor
from boai.rulebook.queries import rule
from boai.visits import policies
from boai.visits.models import Report, ReportPhoto

PURPOSE = "visit-photo"


@transaction.atomic
def photo_add(*, report_client_id: UUID, client_id: UUID, upload: Upload, actor: Actor, at: datetime) -> ReportPhoto:
    """Add a photo to a report that has arrived; the same photo again changes nothing.

    Raises NotFound (the report has not arrived), NotAllowed, UnableTo (enough photos), FileRefused.
    """
    reach = Report.objects.filter(region_code__range=(actor.scope.lo, actor.scope.hi), client_id=report_client_id)
    report = reach.select_for_update(of=("self",)).first()
    if report is None:
        raise NotFound(_("The record that this photo belongs to has not arrived yet."))
    require(policies.may_add_photo, actor, report)
    before = ReportPhoto.objects.filter(client_id=client_id).first()
    if before is not None:
        if before.report_id != report.id:
            raise UnableTo(_("Another photo was already sent under the same number."))
        return before
    most = rule("visits.phone", region_code=report.region_code, on=local_date(at)).value["photos"]
    if report.photos.count() >= most:
        raise UnableTo(_("At most %(n)s photos belong to one visit.") % {"n": most})
    stored = file_store(
        upload=upload, purpose=PURPOSE, region_code=report.region_code, actor=actor, at=at, allow=PHOTOS, field="photo"
    )
    photo = ReportPhoto.objects.create(
        region_code=report.region_code, report=report, client_id=client_id, file=stored, received_at=at
    )
    record("visits.photo.added", report, actor=actor, at=at, photo=str(photo.id), sha256=stored.sha256)
    return photo

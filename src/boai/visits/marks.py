"""What the log says of visits."""

from django.utils.translation import gettext_lazy as _

SENTENCES = {
    "visits.visit.planned": _("Planned a visit for %(day)s (%(purpose)s)"),
    "visits.visit.changed": _("Changed the plan of a visit (%(fields)s)"),
    "visits.visit.cancelled": _("Called a visit off: %(reason)s"),
    "visits.visit.taken": _("Took a visit along on a phone"),
    "visits.visit.reported": _("Reported on a visit (%(outcome)s)"),
    "visits.visit.contradicted": _("Reported on a visit, in conflict with what stood there (%(clash)s)"),
    "visits.visit.settled": _("Settled what contradicted itself about a visit: %(reason)s"),
    "visits.photo.added": _("Added a photo to the report of a visit"),
    "visits.route.ordered": _("Put the visits of %(day)s into another order"),
    "visits.tie.declared": _("Declared to be related to a household"),
}

"""Planning visits, making them, settling what contradicts itself."""

from boai.visits.services.changing import tie_declare, visit_cancel, visit_change
from boai.visits.services.phone import route_take
from boai.visits.services.photos import photo_add
from boai.visits.services.planning import Plan, visit_again, visits_plan
from boai.visits.services.reporting import Record, Sent, report_receive
from boai.visits.services.routes import stop_move
from boai.visits.services.settling import visit_settle

__all__ = [
    "Plan",
    "Record",
    "Sent",
    "photo_add",
    "report_receive",
    "route_take",
    "stop_move",
    "tie_declare",
    "visit_again",
    "visit_cancel",
    "visit_change",
    "visit_settle",
    "visits_plan",
]

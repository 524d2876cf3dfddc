"""What visits look like, within the connection's scope."""

from boai.visits.queries.kin import Kin, kin_of
from boai.visits.queries.pages import ReportView, VisitPage, visit_page
from boai.visits.queries.people import Visitor, visitors_on
from boai.visits.queries.routes import Route, Stop, days_of, route_of
from boai.visits.queries.visits import (
    FILTERS,
    VisitList,
    VisitRow,
    conflicts_open,
    trip_get,
    village_homes,
    visit_get,
    visit_list,
)

__all__ = [
    "FILTERS",
    "Kin",
    "ReportView",
    "Route",
    "Stop",
    "VisitList",
    "VisitPage",
    "VisitRow",
    "Visitor",
    "conflicts_open",
    "days_of",
    "kin_of",
    "route_of",
    "trip_get",
    "village_homes",
    "visit_get",
    "visit_list",
    "visit_page",
    "visitors_on",
]

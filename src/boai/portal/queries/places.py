"""What the open door shows of branches: whose page this is, which others there are."""

from __future__ import annotations

from dataclasses import dataclass

from boai.audit.queries import latest_checkpoint
from boai.kernel.errors import NotFound
from boai.kernel.scope import Scope
from boai.people.models import Branch
from boai.people.queries import branch_of_region
from boai.regions import codes


@dataclass(frozen=True)
class Place:
    """The branch whose pages are shown, and the division that it serves."""

    code: str
    branch: str
    phone: str
    address: str
    open_hours: str

    @property
    def span(self) -> tuple[str, str]:
        """The range of divisions below it."""
        return codes.span(self.code)

    @property
    def scope(self) -> Scope:
        """What row security has to open for figures and programmes of this branch."""
        lo, hi = self.span
        return Scope(lo, hi)


def place_at(code: str) -> Place | None:
    """The branch nearest above a division; None for what is no code, and where there is no branch."""
    if not codes.is_code(code) or code == codes.COUNTRY:
        return None
    try:
        return _place(branch_of_region(code))
    except NotFound:
        return None


def places() -> list[Place]:
    """All branches that have a page of their own: counties where there are any, otherwise whatever there is."""
    branches = list(Branch.objects.filter(kind="society").order_by("region_code"))
    counties = [branch for branch in branches if codes.level(branch.region_code) == codes.COUNTY]
    return [_place(branch) for branch in counties or branches]


def _place(branch: Branch) -> Place:
    return Place(branch.region_code, branch.name, branch.phone, branch.address, branch.open_hours)


@dataclass(frozen=True)
class Head:
    """The signed state of the log, for the foot of every page."""

    size: int
    root: str
    at: str


def head() -> Head | None:
    """The newest signed state; None before the first. One query."""
    found = latest_checkpoint()
    if found is None:
        return None
    return Head(found.size, bytes(found.root).hex(), f"{found.issued_at:%Y-%m-%d}")

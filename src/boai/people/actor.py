"""Who acts: a person in one post, the system itself, or somebody from the public."""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import UUID

from boai.kernel.scope import EVERYWHERE, NOWHERE, Scope
from boai.people.roles import ROLES, Duty
from boai.regions.codes import span

SYSTEM_ROLE = "system"
PUBLIC_ROLE = "public"


@dataclass(frozen=True)
class Actor:
    """The person who acts and the post in which they act now.

    `region_code` is the branch's division: the actor reaches that subtree and nothing else. `network` is the address
    a public request came from; it is used to limit rates and never stored.
    """

    user_id: UUID | None
    name: str
    role: str
    region_code: str = ""
    post_id: UUID | None = None
    branch_id: UUID | None = None
    branch_name: str = ""
    duties: frozenset[Duty] = field(default_factory=frozenset)
    network: str = ""

    @classmethod
    def in_post(cls, *, user_id: UUID, name: str, role: str, post_id: UUID, branch_id: UUID, branch_name: str,
                region_code: str) -> Actor:  # fmt: skip
        """An actor with the duties of `role` within the branch's division."""
        return cls(user_id, name, role, region_code, post_id, branch_id, branch_name, ROLES[role].duties)

    @classmethod
    def system(cls) -> Actor:
        """The machine itself: jobs that nobody started by hand."""
        return cls(None, "系统", SYSTEM_ROLE)

    @classmethod
    def public(cls, *, network: str = "") -> Actor:
        """Somebody without an account."""
        return cls(None, "公众", PUBLIC_ROLE, network=network)

    @property
    def scope(self) -> Scope:
        """What row-level security lets this actor see."""
        if self.role == SYSTEM_ROLE:
            return EVERYWHERE
        if not self.region_code:
            return Scope(user=str(self.user_id)) if self.user_id else NOWHERE
        lo, hi = span(self.region_code)
        return Scope(lo, hi, str(self.user_id or ""))

    def has(self, duty: Duty) -> bool:
        """Does the present post carry this duty?"""
        return duty in self.duties

    def reaches(self, region_code: str) -> bool:
        """Does the division lie within the actor's own?"""
        lo, hi = (self.scope.lo, self.scope.hi)
        return bool(lo) and lo <= region_code <= hi

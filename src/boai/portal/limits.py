"""How often the open door may be knocked at. One table, so that somebody can read it and change it.

A village may share one address on the internet (carrier-grade NAT, an office's line), so limits per network are wide;
those on a single code or phone are narrow.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from boai.kernel.rate import rate_hit
from boai.people.actor import Actor

MINUTE, HOUR, DAY = 60, 3600, 86400


@dataclass(frozen=True)
class Limit:
    """At most `times` in a window of `seconds`."""

    times: int
    seconds: int


PER_NETWORK: Final[dict[str, Limit]] = {
    "apply-start": Limit(60, HOUR),
    "apply-photo": Limit(400, HOUR),  # photos, not requests
    "apply-send": Limit(40, HOUR),
    "follow": Limit(60, 10 * MINUTE),
    "withdraw": Limit(60, 10 * MINUTE),
    "object": Limit(20, HOUR),
    "object-status": Limit(60, 10 * MINUTE),
    "verify": Limit(120, 10 * MINUTE),
    "notices": Limit(240, 10 * MINUTE),
}

PER_CODE: Final[dict[str, tuple[Limit, ...]]] = {
    # Case codes stand on public notices and a tail has ten thousand values: at 30 tries a day, guessing one takes
    # half a year on average, and every try is seen in these counters.
    "follow": (Limit(10, HOUR), Limit(30, DAY)),
    "object-status": (Limit(30, HOUR),),
    "withdraw": (Limit(10, DAY),),
    # A village cadre applies for many with one phone; whoever sends messages to a stranger's phone is stopped.
    "apply-send": (Limit(20, DAY),),
}


def knock(what: str, *, actor: Actor, at: datetime, code: str = "", times: int = 1) -> None:
    """Count knocks of this network, and one at this code (or telephone). Raises TooMany.

    Codes that exist and codes that do not are counted alike.
    """
    limit = PER_NETWORK[what]
    for _one in range(times):
        rate_hit(what=f"portal-{what}", who=network(actor.network), limit=limit.times, seconds=limit.seconds, at=at)
    if code:
        for narrow in PER_CODE[what]:
            rate_hit(
                what=f"portal-{what}-{narrow.seconds}", who=code, limit=narrow.times, seconds=narrow.seconds, at=at
            )


def network(address: str) -> str:
    """What counts as one network: an IPv4 address, the /64 of an IPv6 one (a single subscriber has all of it)."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv6Address):
        mapped = found.ipv4_mapped
        return str(mapped) if mapped else str(ipaddress.ip_network((found, 64), strict=False))
    return str(found)

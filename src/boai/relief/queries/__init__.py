"""What relief knows. Everything is seen through the connection's scope; the doors work with a code alone."""

from boai.relief.queries.doors import (
    Followed,
    VerifiedReceipt,
    case_by_code,
    case_door,
    case_follow,
    code_blind,
    code_clean,
    receipt_verify,
)
from boai.relief.queries.given import people_anew
from boai.relief.queries.programmes import programmes_in_reach, programmes_of, programmes_open

__all__ = [
    "Followed",
    "VerifiedReceipt",
    "case_by_code",
    "case_door",
    "case_follow",
    "code_blind",
    "code_clean",
    "people_anew",
    "programmes_in_reach",
    "programmes_of",
    "programmes_open",
    "receipt_verify",
]

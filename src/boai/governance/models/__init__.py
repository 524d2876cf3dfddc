"""Tables of governance, one file per story."""

from boai.governance.models.ballots import Ballot, BallotBox, Poll, RollEntry, TallySheet
from boai.governance.models.meetings import Meeting, MeetingMember, Recusal, Review
from boai.governance.models.notices import BoardPhoto, Notice, NoticeEntry, NoticeExtension, PublicNotice
from boai.governance.models.objections import Objection, ObjectionIdentity

__all__ = [
    "Ballot", "BallotBox", "BoardPhoto", "Meeting", "MeetingMember", "Notice", "NoticeEntry", "NoticeExtension",
    "Objection", "ObjectionIdentity", "Poll", "PublicNotice", "Recusal", "Review", "RollEntry", "TallySheet",
]  # fmt: skip

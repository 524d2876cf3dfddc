"""The rules that Boai asks for: one table in code, with what each means and what holds until somebody decides.

A key that is not in this table does not exist. Values are set per division and date by people (models.RuleVersion);
the defaults here hold for the whole country until then, with their source and how sure we are of them.
"""

from __future__ import annotations

from boai.rulebook.keys.base import Default, Group, RuleKey
from boai.rulebook.keys.keeping import KEEPING
from boai.rulebook.keys.other import OTHER
from boai.rulebook.keys.privacy import PRIVACY
from boai.rulebook.keys.protection import PROTECTION
from boai.rulebook.keys.publishing import PUBLISHING
from boai.rulebook.keys.register import REGISTER
from boai.rulebook.keys.relief import RELIEF
from boai.rulebook.keys.reviewing import REVIEWING
from boai.rulebook.keys.visiting import VISITING

KEYS: dict[str, RuleKey] = {
    key.name: key
    for key in (*RELIEF, *REVIEWING, *PUBLISHING, *REGISTER, *PROTECTION, *PRIVACY, *KEEPING, *VISITING, *OTHER)
}

__all__ = ["KEYS", "Default", "Group", "RuleKey"]

"""A decision is a row in a table: (state, action) → state. Nothing else moves a state."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TypeAlias

from django.utils.translation import gettext as _

from boai.kernel.errors import UnableTo

TransitionTable: TypeAlias = Mapping[tuple[str, str], str]


def transition(table: TransitionTable, state: str, action: str) -> str:
    """The state after `action`, or UnableTo when the table has no such row."""
    try:
        return table[(str(state), str(action))]
    except KeyError:
        raise UnableTo(
            _("This step is not possible in the present state. Reload the page to see where it stands.")
        ) from None


def actions_from(table: TransitionTable, state: str) -> Iterator[str]:
    """The actions that the table allows from `state`, in table order."""
    return (action for (from_state, action) in table if from_state == str(state))

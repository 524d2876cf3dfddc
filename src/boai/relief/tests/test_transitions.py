"""The whole grid of states and actions."""

from __future__ import annotations

import pytest

from boai.kernel.errors import UnableTo
from boai.kernel.transition import transition
from boai.relief.enums import ENDED, REASON_NEEDED, TRANSITIONS, WAITS_FOR, Action, State
from boai.relief.policies import GATES
from boai.relief.services.core import DONE

GRID = """
applied     accept>verifying accept_urgent>urgent return>returned decline>refused withdraw>withdrawn
returned    supply>applied lapse>withdrawn withdraw>withdrawn
verifying   verify>reviewing find_unfit>approving return>returned void>approving withdraw>withdrawn
reviewing   pass>noticing not_pass>approving adjourn>reviewing recheck>verifying void>approving withdraw>withdrawn
noticing    publish>publishing recheck>verifying rereview>reviewing void>approving withdraw>withdrawn
publishing  publish>publishing redraft>noticing clear>approving recheck>verifying rereview>reviewing void>approving withdraw>withdrawn
approving   approve>paying refuse>refused recheck>verifying rereview>reviewing void>approving withdraw>withdrawn
approving   publish>publishing redraft>noticing
urgent      approve_urgent>paying to_ordinary>verifying refuse>refused withdraw>withdrawn
paying      pay>visiting pay_urgent>completing recall>approving withdraw>withdrawn
completing  verify>visiting find_unfit>reclaiming
reclaiming  reclaim>closing forgive>closing
visiting    visit>closing void>reclaiming
closing     archive>archived void>reclaiming
archived    reopen>visiting void>reclaiming
refused     reopen>applied
withdrawn   reopen>applied
"""

ALLOWED = {
    (line.split()[0], pair.split(">")[0]): pair.split(">")[1]
    for line in GRID.strip().splitlines()
    for pair in line.split()[1:]
}


@pytest.mark.parametrize("action", Action.values)
@pytest.mark.parametrize("state", ["", *State.values])
def test_every_cell_of_the_grid(state: str, action: str) -> None:
    wanted = "applied" if (state, action) == ("", "submit") else ALLOWED.get((state, action))
    if wanted is None:
        with pytest.raises(UnableTo):
            transition(TRANSITIONS, state, action)
    else:
        assert transition(TRANSITIONS, state, action) == wanted


def test_every_state_can_be_reached_and_left() -> None:
    assert set(TRANSITIONS.values()) == set(State.values)
    assert {state for state, _action in TRANSITIONS} - {""} == set(State.values)


def test_every_action_has_its_gate_and_its_word() -> None:
    assert set(GATES) == set(Action.values) == set(DONE)
    assert len(set(DONE.values())) == len(DONE)


def test_in_every_open_state_somebody_is_waited_for() -> None:
    """Except where the applicant or the public has to act."""
    assert set(State.values) - set(WAITS_FOR) - set(ENDED) == {State.RETURNED, State.PUBLISHING}


def test_a_case_never_ends_against_the_applicant_without_a_reason() -> None:
    against = {a for (_s, a), to in TRANSITIONS.items() if to in (State.REFUSED, State.WITHDRAWN)}
    assert against <= REASON_NEEDED

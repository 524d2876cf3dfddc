from typing import Any


def test_boot(actor_for: Any) -> None:
    actor = actor_for("officer")
    assert actor.reaches("621121001001")

def test_boot(actor_for):
    actor = actor_for("officer")
    assert actor.reaches("621121001001")

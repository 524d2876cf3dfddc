"""The weights of the comparison: the versions of a division, and whether new ones are being learnt."""

from __future__ import annotations

from dataclasses import dataclass

from boai.people.actor import Actor
from boai.registry.models import LearningRun, LinkageModel

VERSIONS = 50


@dataclass(frozen=True)
class Version:
    """One version, and whether it is the one by which people are compared now."""

    model: LinkageModel
    in_force: bool


def model_held(*, region_code: str) -> LinkageModel | None:
    """The weights that are in force for a division: those taken into force last."""
    held = LinkageModel.objects.filter(region_code=region_code, held_at__isnull=False)
    return held.order_by("-held_at", "-id").first()


def versions(*, actor: Actor) -> list[Version]:
    """The versions of the actor's division, the newest first; those of files outside the register are left out."""
    held = model_held(region_code=actor.region_code)
    rows = LinkageModel.objects.filter(region_code=actor.region_code, held_at__isnull=False).defer("weights")
    rows = rows.select_related("learnt_by", "held_by", "intake").order_by("-learnt_at", "-id")[:VERSIONS]
    return [Version(one, held is not None and one.id == held.id) for one in rows]


def learning_last(*, actor: Actor) -> LearningRun | None:
    """The last time that somebody of the actor's division asked to learn anew."""
    return LearningRun.objects.filter(region_code=actor.region_code).order_by("-asked_at", "-id").first()

"""The one table that the kernel keeps by itself: when the master key was changed, and how far that has come."""

from __future__ import annotations

from django.db import models

from boai.kernel.ids import new_id


class KeyRotation(models.Model):
    """Sealing everything anew under the present key. Holds ids of keys and counters, no key and no personal fact.

    `places` is {table: {"after": last key, "done": rows}}: where a run that was cut short goes on.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    header = models.CharField(max_length=12)  # hex of what a sealed text begins with when it is done
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    places = models.JSONField(default=dict)

    def __str__(self) -> str:
        return self.header

    @property
    def region_code(self) -> str:
        """A key belongs to the whole installation."""
        return "000000000000"

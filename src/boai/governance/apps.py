"""Django application: governance."""

from django.apps import AppConfig


class GovernanceConfig(AppConfig):
    """The app `governance`."""

    name = "boai.governance"
    label = "governance"

    def ready(self) -> None:
        """Tell the log what our entries mean, and messages what we write."""
        from boai.governance import letters, marks

        marks.tell()
        letters.announce()

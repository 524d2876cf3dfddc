"""Django application for the kernel: carries the database roles and the state of a change of keys."""

from django.apps import AppConfig


class KernelConfig(AppConfig):
    """The ground floor: database roles, template tags, changes of the master key."""

    name = "boai.kernel"
    label = "kernel"
    verbose_name = "Kernel"

    def ready(self) -> None:
        """Make `__prefix` known to every model."""
        from boai.kernel import lookups  # noqa: F401 - importing registers; models load before this

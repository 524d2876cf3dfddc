"""Django application for the kernel: carries the database roles and nothing else."""

from django.apps import AppConfig


class KernelConfig(AppConfig):
    """The ground floor: database roles, template tags; no tables of its own."""

    name = "boai.kernel"
    label = "kernel"
    verbose_name = "Kernel"

    def ready(self) -> None:
        """Make `__prefix` known to every model."""
        from boai.kernel import lookups  # noqa: F401 - importing registers; models load before this

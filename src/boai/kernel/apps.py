"""Django application for the kernel: carries the database roles and nothing else."""

from django.apps import AppConfig


class KernelConfig(AppConfig):
    """The ground floor: database roles, template tags; no tables of its own."""

    name = "boai.kernel"
    label = "kernel"
    verbose_name = "Kernel"

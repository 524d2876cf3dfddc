"""Django application: demo."""

from django.apps import AppConfig


class DemoConfig(AppConfig):
    """The app `demo`."""

    name = "boai.demo"
    label = "demo"

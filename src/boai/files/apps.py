"""Django application: files."""

from django.apps import AppConfig


class FilesConfig(AppConfig):
    """The app `files`."""

    name = "boai.files"
    label = "files"

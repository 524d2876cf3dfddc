"""Django application: files."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class FilesConfig(AppConfig):
    """Uploads: checked, sealed, kept, served, erased."""

    name = "boai.files"
    label = "files"

    def ready(self) -> None:
        from boai.audit import types  # needs the app registry
        from boai.files.rekeying import files_reseal
        from boai.kernel.rekeying import followers_register

        types.register(
            {
                "files.file.stored": _("Stored the file %(name)s"),
                "files.file.erased": _("Erased a file (%(reason)s)"),
            }
        )
        followers_register("files", files_reseal)

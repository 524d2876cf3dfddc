"""An upload handler that keeps a two-gigabyte file off our disk without losing the form that it came with."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import TemporaryUploadedFile, UploadedFile
from django.core.files.uploadhandler import TemporaryFileUploadHandler


class SizeGuard(TemporaryFileUploadHandler):
    """Write uploads to temporary files, but no more than settings.BOAI_MAX_UPLOAD bytes for one request.

    A form that takes several large files says how many full ones it takes (`files`).

    What comes beyond is read and dropped, so that the browser hears our answer instead of a broken connection; the file
    keeps its true size, and `file_store` refuses it with a sentence while the rest of the form is intact.
    """

    def __init__(self, *args: Any, files: int = 1, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.taken, self.most = 0, files * settings.BOAI_MAX_UPLOAD

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Keep a piece while there is room."""
        self.taken += len(raw_data)
        if self.taken <= self.most:
            self.file.write(raw_data)

    def file_complete(self, file_size: int) -> UploadedFile | None:
        """The file with the size that was sent; one that lost bytes claims more than may be taken."""
        file: TemporaryUploadedFile = self.file
        file.seek(0)
        file.size = file_size if self.taken <= self.most else max(file_size, settings.BOAI_MAX_UPLOAD + 1)
        return file

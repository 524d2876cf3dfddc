"""What a stored file can be: kinds that callers allow, and the media types behind them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """A family of files that a page may ask for."""

    IMAGE = "image"
    PDF = "pdf"
    SHEET = "sheet"


@dataclass(frozen=True)
class Media:
    """One type of file that we keep: its media type, its family, the extension its name gets, others it may have."""

    type: str
    kind: Kind
    suffix: str
    aliases: tuple[str, ...] = ()


JPEG = Media("image/jpeg", Kind.IMAGE, ".jpg", (".jpeg",))
PNG = Media("image/png", Kind.IMAGE, ".png")
WEBP = Media("image/webp", Kind.IMAGE, ".webp")
PDF = Media("application/pdf", Kind.PDF, ".pdf")
XLSX = Media("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", Kind.SHEET, ".xlsx")
XLSB = Media("application/vnd.ms-excel.sheet.binary.macroenabled.12", Kind.SHEET, ".xlsb")
XLS = Media("application/vnd.ms-excel", Kind.SHEET, ".xls", (".et",))
ODS = Media("application/vnd.oasis.opendocument.spreadsheet", Kind.SHEET, ".ods")
CSV = Media("text/csv", Kind.SHEET, ".csv", (".txt", ".tsv"))

MEDIA: dict[str, Media] = {media.type: media for media in (JPEG, PNG, WEBP, PDF, XLSX, XLSB, XLS, ODS, CSV)}

PHOTOS = frozenset({Kind.IMAGE})
PAPERS = frozenset({Kind.IMAGE, Kind.PDF})
SHEETS = frozenset({Kind.SHEET})

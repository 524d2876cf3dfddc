"""What a file really is: by its content, never by its name or by what the browser says."""

from __future__ import annotations

import codecs
import re
import zipfile
from typing import BinaryIO

from django.utils.translation import gettext as _

from boai.files import enums
from boai.files.enums import Media
from boai.files.errors import FileRefused

HEAD = 4096
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
MOST_PARTS = 10_000
LARGEST_UNPACKED = 2 * 1024**3
"""Bytes that the parts of a workbook may claim; a million rows with twenty columns stay below it."""

_HEIF_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1", b"heif", b"avif", b"avis"}
_OTHER_PICTURES = (b"GIF8", b"BM", b"II*\x00", b"MM\x00*", b"8BPS")
_WEB_PAGE = (b"<html", b"<!doctype html", b"<table", b"<meta", b"<?xml", b"mime-version:")
_ODS = b"application/vnd.oasis.opendocument.spreadsheet"
# Whatever zipfile raises over bytes that are no whole archive.
_DAMAGED = (zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, EOFError, OSError, ValueError)
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")
_SEPARATOR = re.compile(r"[,;\t|]")
_PIECE = 1024 * 1024


def sniff(file: BinaryIO) -> Media:
    """The type of a file (read from its start, left anywhere). Raises FileRefused with a sentence that says what it
    is instead and what to do."""
    file.seek(0)
    head = file.read(HEAD)
    if not head:
        raise FileRefused(_("This file is empty (0 bytes). Choose it again, or ask for it to be sent again."))
    if picture := _picture(head):
        return picture
    if head.lstrip(codecs.BOM_UTF8 + b"\r\n\t ").startswith(b"%PDF-"):
        return enums.PDF
    if head.startswith(b"PK\x03\x04"):
        return _archive(file)
    if head.startswith(OLE):
        return _ole(file)
    return _text(file, head)


def _picture(head: bytes) -> Media | None:
    if head.startswith(b"\xff\xd8\xff"):
        return enums.JPEG
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return enums.PNG
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return enums.WEBP
    if head[4:8] == b"ftyp" and head[8:12] in _HEIF_BRANDS:
        raise FileRefused(
            _("This photo is in HEIC format, which not every computer can open. On an iPhone choose Settings, Camera, "
              "Formats, Most Compatible and take it again, or send a screenshot of it.")
        )  # fmt: skip
    if head.startswith(_OTHER_PICTURES) and not head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise FileRefused(_("Pictures of this kind can't be taken. Save it as JPEG or PNG, or take a photo of it."))
    return None


def _archive(file: BinaryIO) -> Media:
    """XLSX, XLSB and ODS are archives; so are many other things."""
    damaged = _("This file is damaged and can't be opened. Save it once more as .xlsx and send it again.")
    file.seek(0)
    try:
        with zipfile.ZipFile(file) as archive:
            parts = archive.infolist()
            if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > LARGEST_UNPACKED:
                raise FileRefused(_("This file unpacks to an unreasonable size and was not taken."))
            names = {part.filename for part in parts}
            if "xl/workbook.xml" in names and "xl/vbaProject.bin" in names:
                raise FileRefused(_("This workbook contains macros. Save it as .xlsx without macros and send that."))
            if "xl/workbook.xml" in names:
                return enums.XLSX
            if "xl/workbook.bin" in names:
                return enums.XLSB
            if "mimetype" in names and archive.getinfo("mimetype").file_size < 200:
                with archive.open("mimetype") as part:
                    if part.read(200).strip() == _ODS:
                        return enums.ODS
    except _DAMAGED as error:
        raise FileRefused(damaged) from error
    except RuntimeError as error:  # zipfile's word for a locked part
        raise FileRefused(_locked()) from error
    if any(name.startswith(("word/", "ppt/")) for name in names):
        raise FileRefused(_("This is a Word or PowerPoint document. Export it as PDF and send that."))
    raise FileRefused(_("This is an archive. Unpack it and send the files one by one."))


def _ole(file: BinaryIO) -> Media:
    """Old Office files keep a directory of 128-byte entries whose names are UTF-16; 128 divides every offset."""
    wanted = {"Workbook": enums.XLS, "Book": enums.XLS, "EncryptedPackage": None, "WordDocument": None}
    pattern = re.compile(b"|".join(re.escape(name.encode("utf-16-le")) + rb"\x00\x00" for name in wanted))
    found: set[str] = set()
    file.seek(0)
    while piece := file.read(_PIECE):
        found |= {
            hit.group()[:-2].decode("utf-16-le") for hit in pattern.finditer(piece) if hit.start() % 128 == 0
        }  # fmt: skip
    if "EncryptedPackage" in found:
        raise FileRefused(_locked())
    if found & {"Workbook", "Book"}:
        return enums.XLS
    raise FileRefused(_("This is a Word or PowerPoint document. Export it as PDF and send that."))


def _text(file: BinaryIO, head: bytes) -> Media:
    start = head.lstrip(codecs.BOM_UTF8 + b"\r\n\t ").lower()
    if start.startswith(_WEB_PAGE):
        raise FileRefused(
            _("This is a web page that was saved as a spreadsheet. Open it in WPS or Excel, save it as .xlsx and send "
              "that.")
        )  # fmt: skip
    if not _reads_as_table(file, head):
        raise FileRefused(
            _("What this file is could not be recognised. Send a photo (JPEG or PNG), a PDF or a spreadsheet (.xlsx).")
        )
    return enums.CSV


def _reads_as_table(file: BinaryIO, head: bytes) -> bool:
    """Text in one of the encodings that offices use, without control characters, with something that separates."""
    utf16 = head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    for encoding in ["utf-16"] if utf16 else ["utf-8", "gb18030"]:
        decoder, separated = codecs.getincrementaldecoder(encoding)("strict"), False
        file.seek(0)
        try:
            while piece := file.read(_PIECE):
                text = decoder.decode(piece)
                if _CONTROL.search(text):
                    return False
                separated = separated or _SEPARATOR.search(text) is not None
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            continue
        return separated
    return False


def _locked() -> str:
    return _("This file is protected by a password. Remove the password, save it and send it again.")

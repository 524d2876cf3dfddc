"""What sort of file is it really? By content, never by the name. Runs inside the reading process."""

from __future__ import annotations

import codecs
import io
import zipfile
from pathlib import Path
from typing import BinaryIO

from boai.registry.intake import limits

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_PICTURES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"BM", b"II*\x00", b"MM\x00*", b"RIFF")
_SPREADSHEET_PARTS = ("xl/workbook.xml", "xl/workbook.bin")
_ODS = b"application/vnd.oasis.opendocument.spreadsheet"


class BadFile(Exception):
    """The file can't be read; `code` says why (see `rules.FILE_SENTENCES`), `file` which one of several."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code, self.file = code, ""


def kind_of(path: Path | str) -> str:
    """A "book" (XLSX, XLSB, XLS, ODS) or "csv" (any text). Raises BadFile with a code for everything else."""
    with open(path, "rb") as file:
        head = file.read(4096)
        if not head.strip():
            raise BadFile("empty")
        if head.startswith(b"PK\x03\x04"):
            check_archive(file)
            return "book"
        if head.startswith(OLE):
            _check_ole(file)
            return "book"
        _refuse_others(head)
    return "csv"


def _refuse_others(head: bytes) -> None:
    if head.startswith(b"%PDF"):
        raise BadFile("pdf")
    if head.startswith(_PICTURES) and not head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise BadFile("picture")
    if head.startswith((b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b")):
        raise BadFile("archive")
    start = head.lstrip(codecs.BOM_UTF8 + b" \r\n\t")[:200].lower()
    if start.startswith((b"<html", b"<!doctype html", b"<table", b"<meta", b"<?xml", b"mime-version:")):
        raise BadFile("web_page")
    if start.startswith(b"{\\rtf"):
        raise BadFile("word")
    if b"\x00" in head and not head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise BadFile("not_a_sheet")


def check_archive(file: BinaryIO) -> None:
    """Refuse archives that are no workbook, that unpack without measure, that define entities or are locked."""
    try:
        with zipfile.ZipFile(file) as archive:
            parts = archive.infolist()
            _check_parts(parts)
            names = {part.filename for part in parts}
            _check_is_sheet(archive, names)
            for part in parts:
                if part.filename.endswith((".xml", ".rels")) or "." not in part.filename:
                    _check_no_entities(archive, part)
    except (zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, EOFError, OSError, ValueError) as error:
        raise BadFile("damaged") from error
    except RuntimeError as error:  # zipfile's word for a locked part
        raise BadFile("password") from error
    finally:
        file.seek(0)


def _check_parts(parts: list[zipfile.ZipInfo]) -> None:
    if len(parts) > limits.MOST_PARTS:
        raise BadFile("bomb")
    if any(part.flag_bits & 1 for part in parts):
        raise BadFile("password")
    if sum(part.file_size for part in parts) > limits.LARGEST_UNPACKED:
        raise BadFile("bomb")
    for part in parts:
        if part.file_size > limits.SUSPICIOUS_PART and part.file_size > limits.LARGEST_RATIO * part.compress_size:
            raise BadFile("bomb")


def _check_is_sheet(archive: zipfile.ZipFile, names: set[str]) -> None:
    if names & set(_SPREADSHEET_PARTS):
        return
    if "mimetype" in names:
        with archive.open("mimetype") as part:
            if part.read(200).startswith(_ODS):
                return
    raise BadFile("word" if "word/document.xml" in names else "archive")


def _check_no_entities(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
    """No XML part of a workbook defines a document type; those that do mean harm (billion laughs, local files)."""
    with archive.open(part) as opened:
        start = opened.read(4096)
    if b"<!DOCTYPE" in start or b"<!ENTITY" in start or "<!DOCTYPE".encode("utf-16-le") in start:
        raise BadFile("entities")


def _check_ole(file: BinaryIO) -> None:
    """Old binary files: a locked XLSX and a Word document wear the same coat as XLS."""
    file.seek(0)
    with io.BytesIO() as seen:
        seen.write(file.read(8 * limits.MIB))
        content = seen.getvalue()
    if "EncryptedPackage".encode("utf-16-le") in content:
        raise BadFile("password")
    if "WordDocument".encode("utf-16-le") in content:
        raise BadFile("word")


def encoding_of(path: Path | str) -> str:
    """UTF-8 or UTF-16 by their mark, UTF-8 if every byte fits, else GB18030. Raises BadFile("encoding")."""
    with open(path, "rb") as file:
        head = file.read(4)
        if head.startswith(codecs.BOM_UTF8):
            return "utf-8-sig"
        if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            return "utf-16"
        for name in ("utf-8", "gb18030"):
            file.seek(0)
            if _decodes(file, name):
                return name
    raise BadFile("encoding")


def _decodes(file: BinaryIO, name: str) -> bool:
    decoder = codecs.getincrementaldecoder(name)("strict")
    try:
        while chunk := file.read(limits.MIB):
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True

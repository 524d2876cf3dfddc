"""Files of every sort, made in memory."""

from __future__ import annotations

import io
import zipfile
from typing import Any

from PIL import Image
from PIL.TiffImagePlugin import IFDRational


def photo(
    format: str = "JPEG", size: tuple[int, int] = (640, 480), mode: str = "RGB", exif: bool = False, **options: Any
) -> bytes:
    """A picture whose left half is red; with `exif`, one that a phone took sideways in a known place."""
    image = Image.new(mode, size, 0)
    half = Image.new("RGB", (size[0] // 2, size[1]), (200, 30, 30)).convert(mode)
    image.paste(half, (0, 0))
    if exif:
        data = Image.Exif()
        data[0x0112] = 6  # turn clockwise by 90°
        data[0x010F] = "SECRETPHONE"
        gps = data.get_ifd(0x8825)
        gps[1], gps[2] = "N", (IFDRational(35), IFDRational(12), IFDRational(3))
        options["exif"] = data
    out = io.BytesIO()
    image.save(out, format, **options)
    return out.getvalue()


def pdf(pages: int = 1) -> bytes:
    """A small whole PDF."""
    out = io.BytesIO()
    Image.new("L", (60, 80), 255).save(
        out, "PDF", save_all=True, append_images=[Image.new("L", (60, 80))] * (pages - 1)
    )
    return out.getvalue()


def archive(**parts: bytes) -> bytes:
    """A ZIP; `__` in a part's name stands for a slash, `_dot_` for a dot."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in parts.items():
            file.writestr(name.replace("__", "/").replace("_dot_", "."), content)
    return out.getvalue()


def xlsx() -> bytes:
    """A workbook that XlsxWriter made."""
    import xlsxwriter

    out = io.BytesIO()
    book = xlsxwriter.Workbook(out)
    book.add_worksheet().write(0, 0, "户主姓名")
    book.close()
    return out.getvalue()


def ods() -> bytes:
    """The skeleton of an OpenDocument spreadsheet."""
    return archive(mimetype=b"application/vnd.oasis.opendocument.spreadsheet", content_dot_xml=b"<office/>")


def ole(stream: str) -> bytes:
    """An old Office file whose directory names one stream."""
    entry = (stream.encode("utf-16-le") + b"\x00\x00").ljust(128, b"\x00")
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 504 + entry + b"\x00" * 384


class Named(io.BytesIO):
    """A stream that has a name, as an open file has."""

    def __init__(self, content: bytes, name: str = "扫描件.jpg") -> None:
        super().__init__(content)
        self.name = name

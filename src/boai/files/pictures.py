"""Photos are drawn anew: turned upright, at most 2560 pixels long, without EXIF (place, device, time) or anything else
that was hidden in the file. What comes out is a picture and nothing but a picture."""

from __future__ import annotations

import io
import struct
import threading
import zlib
from dataclasses import dataclass
from typing import BinaryIO

from django.utils.translation import gettext as _
from PIL import Image

from boai.files.enums import JPEG, PNG, Media
from boai.files.errors import FileRefused

LONGEST_EDGE = 2560
"""Pixels; enough to read a printed A4 page."""
MOST_PIXELS = 40_000_000
"""A4 at 600 dpi has 35 million. Decoding takes 4 bytes for each, twice over when there is transparency."""
MOST_PIXELS_WEBP = 20_000_000
"""The WebP decoder keeps two canvases of its own."""
MOST_PIXELS_BASELINE = 210_000_000
"""A baseline JPEG is shrunk while it is decoded, so that the 200-megapixel cameras of phones cost little memory."""
QUALITY = 85

# What Pillow's decoders raise on bytes that are not the picture they claim to be.
_UNREADABLE = (
    OSError,
    SyntaxError,
    ValueError,
    TypeError,
    LookupError,
    EOFError,
    OverflowError,
    struct.error,
    zlib.error,
)
_TOO_LARGE = (Image.DecompressionBombError, Image.DecompressionBombWarning)
_ORIENTATION = 0x0112
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_one_at_a_time = threading.Lock()  # decoded pictures are large; one per process bounds the memory
Image.MAX_IMAGE_PIXELS = MOST_PIXELS_BASELINE


@dataclass(frozen=True)
class Picture:
    """A picture drawn anew."""

    content: bytes
    width: int
    height: int


def picture_redraw(file: BinaryIO, media: Media) -> Picture:
    """Draw a JPEG, PNG or WebP anew in the same format. Raises FileRefused when it is none, damaged, or would fill the
    memory (a decompression bomb)."""
    file.seek(0)
    with _one_at_a_time:
        try:
            with Image.open(file, formats=[_format(media)]) as image:
                _check_size(image)
                drawn = _draw(image, media)
        except _TOO_LARGE as error:
            raise FileRefused(_too_large()) from error
        except FileRefused:
            raise
        except _UNREADABLE as error:
            raise FileRefused(_("This is not a photo, or it is damaged. Take it again or send another one.")) from error
        return _encoded(drawn, media)


def _format(media: Media) -> str:
    return {JPEG: "JPEG", PNG: "PNG"}.get(media, "WEBP")


def _check_size(image: Image.Image) -> None:
    """From the header, before a single pixel is decoded."""
    most = MOST_PIXELS_WEBP if image.format == "WEBP" else MOST_PIXELS
    if image.format in ("JPEG", "MPO") and not image.info.get("progressive"):
        most = MOST_PIXELS_BASELINE
    if image.width * image.height > most:
        raise FileRefused(_too_large())


def _draw(image: Image.Image, media: Media) -> Image.Image:
    orientation = _orientation(image)
    if media == JPEG:
        shrink = min(1.0, LONGEST_EDGE / max(image.size))
        least = (max(1, int(image.width * shrink)), max(1, int(image.height * shrink)))
        image.draft("RGB", least)  # never smaller than this
    image.load()
    drawn = _plain_mode(image, media)
    drawn.thumbnail((LONGEST_EDGE, LONGEST_EDGE), Image.Resampling.LANCZOS)
    if orientation in _UPRIGHT:
        drawn = drawn.transpose(_UPRIGHT[orientation])
    drawn.info = {}  # comments, profiles and whatever Pillow would write back by itself
    return drawn


def _orientation(image: Image.Image) -> int:
    try:
        return int(image.getexif().get(_ORIENTATION, 1))
    except _UNREADABLE:
        return 1  # the picture may be sound although its EXIF is not


def _plain_mode(image: Image.Image, media: Media) -> Image.Image:
    if image.mode.startswith("I"):  # 16-bit grey, from scanners
        return image.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    if media != JPEG and (image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info):
        mode = "RGBA"
    else:
        mode = "L" if image.mode in ("1", "L") else "RGB"
    return image if image.mode == mode else image.convert(mode)


def _encoded(drawn: Image.Image, media: Media) -> Picture:
    out = io.BytesIO()
    if media == PNG:
        drawn.save(out, "PNG")
    elif media == JPEG:
        drawn.save(out, "JPEG", quality=QUALITY, optimize=True)
    else:
        drawn.save(out, "WEBP", quality=QUALITY)
    return Picture(out.getvalue(), drawn.width, drawn.height)


def _too_large() -> str:
    return _("This picture has too many pixels and was not taken. Send a smaller one (at most 20 megapixels).")

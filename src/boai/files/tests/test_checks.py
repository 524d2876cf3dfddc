"""Files are what their content says; pictures come out upright and without secrets; names come out harmless."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from boai.files import enums
from boai.files.documents import pdf_check
from boai.files.enums import JPEG, MEDIA, PNG, WEBP, Media
from boai.files.errors import FileRefused
from boai.files.names import LONGEST, clean_name
from boai.files.pictures import LONGEST_EDGE, MOST_PIXELS, picture_redraw
from boai.files.sniffing import sniff
from boai.files.tests import factories as make

HEIC = b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic" + b"\x00" * 64
CSV = "户主姓名,身份证号\n张三,1\n"


@pytest.mark.parametrize(
    ("content", "media"),
    [
        (make.photo("JPEG"), JPEG),
        (make.photo("PNG"), PNG),
        (make.photo("WEBP"), WEBP),
        (make.pdf(), enums.PDF),
        (b"\xef\xbb\xbf\r\n" + make.pdf(), enums.PDF),
        (make.xlsx(), enums.XLSX),
        (make.archive(xl__workbook_dot_bin=b"x"), enums.XLSB),
        (make.ods(), enums.ODS),
        (make.ole("Workbook"), enums.XLS),
        (make.ole("Book"), enums.XLS),
        (CSV.encode(), enums.CSV),
        (CSV.encode("gb18030"), enums.CSV),
        (CSV.encode("utf-16"), enums.CSV),
        (CSV.replace(",", "\t").encode("utf-8-sig"), enums.CSV),
    ],
)
def test_recognised_by_content(content: bytes, media: Media) -> None:
    assert sniff(io.BytesIO(content)) == media


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "空文件"),
        (HEIC, "HEIC 格式"),
        (make.photo("GIF"), "这种格式的图片"),
        (make.photo("BMP"), "这种格式的图片"),
        (make.photo("TIFF"), "这种格式的图片"),
        (make.archive(word__document_dot_xml=b"x"), "Word 或 PPT"),
        (make.ole("WordDocument"), "Word 或 PPT"),
        (make.ole("EncryptedPackage"), "密码"),
        (make.archive(a=b"x"), "压缩包"),
        (make.xlsx()[:-30], "已损坏"),
        (make.archive(xl__workbook_dot_xml=b"x", xl__vbaProject_dot_bin=b"x"), "宏"),
        (b"<html><table><tr><td>1,2</td></tr></table></html>", "网页"),
        (b"MZ\x90\x00" + bytes(range(256)), "无法识别"),
        (b"\x7fELF,;", "无法识别"),
        (b"no table at all", "无法识别"),
        (b"a,b\n\x00", "无法识别"),
        (b"\x00" * 5000, "无法识别"),
        (CSV.encode() + b"\xff", "无法识别"),
    ],
)
def test_refused_with_a_sentence(content: bytes, sentence: str) -> None:
    with pytest.raises(FileRefused, match=sentence) as refused:
        sniff(io.BytesIO(content))
    assert refused.value.fields == {"file": [str(refused.value)]}


def test_an_archive_that_unpacks_without_measure() -> None:
    content = bytearray(make.archive(xl__workbook_dot_xml=b"x"))
    entry = content.index(b"PK\x01\x02")
    struct.pack_into("<I", content, entry + 24, 0xFFFFFFF0)  # the size that the directory claims
    with pytest.raises(FileRefused, match="不合常理"):
        sniff(io.BytesIO(bytes(content)))


@given(st.binary(max_size=4000))
@settings(max_examples=150)
def test_any_bytes_are_recognised_or_refused(content: bytes) -> None:
    with suppress(FileRefused):
        assert sniff(io.BytesIO(content)).type in MEDIA


# --- pictures --------------------------------------------------------------------------------------


def _hidden(format: str) -> bytes:
    """A photo with EXIF, comment, profile, text and an archive behind its end."""
    options: dict[str, Any] = {"icc_profile": b"SECRETPROFILE" * 20}
    if format == "JPEG":
        options["comment"] = b"SECRETCOMMENT"
    return make.photo(format, exif=True, **options) + b"PK\x03\x04SECRETTAIL"


@pytest.mark.parametrize("media", [JPEG, PNG, WEBP])
def test_upright_and_without_secrets(media: Media) -> None:
    format = media.type.removeprefix("image/").upper()
    before = _hidden(format)
    assert b"SECRETPHONE" in before
    drawn = picture_redraw(io.BytesIO(before), media)
    assert b"SECRET" not in drawn.content
    after = Image.open(io.BytesIO(drawn.content))
    assert after.format == format
    assert dict(after.getexif()) == {}
    assert "icc_profile" not in after.info
    assert "comment" not in after.info
    # It was taken sideways: 640 by 480 with the red half on the left becomes 480 by 640 with red on top.
    assert (drawn.width, drawn.height) == after.size == (480, 640)
    red = after.convert("RGB").getpixel((240, 100))
    black = after.convert("RGB").getpixel((240, 540))
    assert isinstance(red, tuple)
    assert isinstance(black, tuple)
    assert red[0] > 150 > 60 > black[0]


@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_orientation_ends_upright(orientation: int) -> None:
    from PIL import ImageOps

    exif = Image.Exif()
    exif[0x0112] = orientation
    source = Image.linear_gradient("L").resize((64, 32)).rotate(30)
    out = io.BytesIO()
    source.save(out, "PNG", exif=exif)
    drawn = Image.open(io.BytesIO(picture_redraw(io.BytesIO(out.getvalue()), PNG).content))
    expected = ImageOps.exif_transpose(Image.open(out))
    assert drawn.tobytes() == expected.tobytes()


@pytest.mark.parametrize(
    ("size", "expected"),
    [((4000, 3000), (2560, 1920)), ((900, 5120), (450, 2560)), ((6000, 1), (2560, 1)), ((1, 6000), (1, 2560))],
)
def test_the_long_edge_is_capped(size: tuple[int, int], expected: tuple[int, int]) -> None:
    drawn = picture_redraw(io.BytesIO(make.photo(size=size)), JPEG)
    assert (drawn.width, drawn.height) == expected
    assert max(expected) == LONGEST_EDGE


@pytest.mark.parametrize(
    ("format", "mode", "kept"),
    [
        ("JPEG", "CMYK", "RGB"),
        ("JPEG", "L", "L"),
        ("PNG", "P", "RGB"),
        ("PNG", "RGBA", "RGBA"),
        ("PNG", "LA", "RGBA"),
        ("PNG", "1", "L"),
        ("WEBP", "RGBA", "RGBA"),
    ],
)
def test_every_mode(format: str, mode: str, kept: str) -> None:
    media = next(m for m in (JPEG, PNG, WEBP) if m.type.endswith(format.lower()))
    drawn = Image.open(io.BytesIO(picture_redraw(io.BytesIO(make.photo(format, mode=mode)), media).content))
    assert drawn.mode == kept


def test_sixteen_bits_of_grey_stay_grey() -> None:
    out = io.BytesIO()
    Image.new("I;16", (8, 8), 0x8000).save(out, "PNG")
    drawn = Image.open(io.BytesIO(picture_redraw(out, PNG).content))
    assert drawn.getpixel((4, 4)) == 128


def _bomb() -> bytes:
    """A PNG of 400 bytes that claims a gigapixel."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", 32_000, 32_000, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(b"\x00" * 9000))
        + chunk(b"IEND", b"")
    )


def _large(pixels: int) -> bytes:
    out = io.BytesIO()
    Image.new("1", (pixels // 8000 + 1, 8000)).save(out, "PNG")
    return out.getvalue()


@pytest.mark.parametrize("content", [_bomb, lambda: _large(MOST_PIXELS)])
def test_a_picture_that_would_fill_the_memory(content: Callable[[], bytes]) -> None:
    with pytest.raises(FileRefused, match="像素过多"):
        picture_redraw(io.BytesIO(content()), PNG)


def test_a_progressive_jpeg_has_the_smaller_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    from boai.files import pictures

    monkeypatch.setattr(pictures, "MOST_PIXELS", 640 * 480 - 1)
    assert picture_redraw(io.BytesIO(make.photo()), JPEG).width == 640
    with pytest.raises(FileRefused, match="像素过多"):
        picture_redraw(io.BytesIO(make.photo(progressive=True)), JPEG)


@pytest.mark.parametrize("media", [JPEG, PNG, WEBP])
def test_a_cut_picture_and_one_that_is_none(media: Media) -> None:
    whole = make.photo(media.type.removeprefix("image/").upper(), size=(300, 300))
    for content in (whole[: len(whole) // 2], whole[:16], whole[:16] + b"not a picture" * 50):
        with pytest.raises(FileRefused, match="不是照片"):
            picture_redraw(io.BytesIO(content), media)


@given(st.data())
@settings(max_examples=120, deadline=None)
def test_damaged_pictures_never_raise_anything_else(data: st.DataObject) -> None:
    media = data.draw(st.sampled_from([JPEG, PNG, WEBP]))
    content = bytearray(make.photo(media.type.removeprefix("image/").upper(), size=(40, 30), exif=True))
    for _ in range(data.draw(st.integers(1, 12))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    with suppress(FileRefused):
        assert picture_redraw(io.BytesIO(bytes(content)), media).content


# --- PDF and names ---------------------------------------------------------------------------------


def test_a_pdf_must_have_its_end() -> None:
    whole = make.pdf(3)
    pdf_check(io.BytesIO(whole), len(whole))
    pdf_check(io.BytesIO(whole + b"\n" * 50), len(whole) + 50)
    for cut in (whole[:-8], whole[: len(whole) // 2], b"%PDF-1.7 nothing"):
        with pytest.raises(FileRefused, match="不完整"):
            pdf_check(io.BytesIO(cut), len(cut))
    beyond = b"%PDF-1.4\nstartxref\n99999\n%%EOF\n"
    with pytest.raises(FileRefused, match="不完整"):
        pdf_check(io.BytesIO(beyond), len(beyond))


@pytest.mark.parametrize(
    ("given_", "media", "kept"),
    [
        ("身份证 正面.JPG", JPEG, "身份证 正面.jpg"),
        ("照片.jpeg", JPEG, "照片.jpeg"),
        ("../../etc/passwd", PNG, "passwd.png"),
        ("C:\\桌面\\证明.png", PNG, "证明.png"),
        ("report\u202egpj.exe", JPEG, "reportgpj.jpg"),
        ("a\x00b\r\n.pdf", enums.PDF, "ab.pdf"),
        ('<script>"x".html', enums.PDF, "_script__x_.pdf"),
        ("", PNG, "file.png"),
        (".jpg", JPEG, "file.jpg"),
        ("…", enums.CSV, "….csv"),
        ("名册.xlsx", enums.XLSX, "名册.xlsx"),
        ("名册.xls", enums.XLSX, "名册.xlsx"),
        ("低保2.1版", enums.XLS, "低保2.1版.xls"),
    ],
)
def test_names(given_: str, media: Media, kept: str) -> None:
    assert clean_name(given_, media) == kept


@given(st.text(max_size=300), st.sampled_from(list(MEDIA.values())))
def test_any_name_comes_out_harmless(given_: str, media: Media) -> None:
    name = clean_name(given_, media)
    assert 0 < len(name) <= LONGEST
    assert name.endswith((media.suffix, *media.aliases))
    assert not set(name) & set('\\/:*?"<>|\r\n\x00\u202e')
    assert clean_name(name, media) == name

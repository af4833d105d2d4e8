"""Converting the images of sources: the result, and what is refused."""

import io
import struct
import zlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from hashlib import blake2b
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw, PngImagePlugin

from service.articles.text.images import EncodedImage, ImageError, convert

RED, BLUE, WHITE = (220, 30, 30), (30, 30, 220), (255, 255, 255)


def two_halves(width: int = 1200, height: int = 800, mode: str = "RGB") -> Image.Image:
    """Red on the left, blue on the right."""
    image = Image.new("RGB", (width, height), RED)
    ImageDraw.Draw(image).rectangle((width // 2, 0, width, height), fill=BLUE)
    return image.convert(mode)


def written(image: Image.Image, kind: str, **options: Any) -> bytes:
    body = io.BytesIO()
    image.save(body, kind, **options)
    return body.getvalue()


def read(variant: EncodedImage) -> Image.Image:
    image = Image.open(io.BytesIO(variant.body))
    image.load()
    return image


def colour(variant: EncodedImage, x: float, y: float) -> tuple[int, ...]:
    """The colour at a place, both in parts of the sides."""
    image = read(variant)
    found = image.getpixel((int(x * (image.width - 1)), int(y * (image.height - 1))))
    assert isinstance(found, tuple)
    return found


def near(found: tuple[int, ...], wanted: tuple[int, ...]) -> bool:
    return len(found) == len(wanted) and all(abs(a - b) < 25 for a, b in zip(found, wanted, strict=True))


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP"])
def test_an_image_becomes_webp_in_two_widths_narrowest_first(kind: str) -> None:
    variants = convert(written(two_halves(), kind))
    assert [(one.width, one.height) for one in variants] == [(480, 320), (960, 640)]
    for one in variants:
        image = read(one)
        assert (image.format, image.size, image.mode) == ("WEBP", (one.width, one.height), "RGB")
        assert near(colour(one, 0.1, 0.5), RED)
        assert near(colour(one, 0.9, 0.5), BLUE)


@pytest.mark.parametrize(
    ("size", "widths"),
    [
        ((300, 200), [(300, 200)]),
        ((480, 300), [(480, 300)]),
        ((600, 400), [(480, 320), (600, 400)]),
        ((960, 500), [(480, 250), (960, 500)]),
        ((80, 80), [(80, 80)]),
        ((4000, 801), [(480, 96), (960, 192)]),
        ((500, 2500), [(480, 2400), (500, 2500)]),
    ],
)
def test_no_image_is_enlarged(size: tuple[int, int], widths: list[tuple[int, int]]) -> None:
    assert [(one.width, one.height) for one in convert(written(two_halves(*size), "PNG"))] == widths


def test_an_image_is_named_by_a_hash_of_its_bytes_and_comes_out_the_same_twice() -> None:
    body = written(two_halves(), "JPEG")
    first, second = convert(body), convert(body)
    assert first == second
    assert [one.hash for one in first] == [blake2b(one.body, digest_size=16).hexdigest() for one in first]
    assert len({one.hash for one in first}) == 2


@pytest.mark.parametrize(
    ("orientation", "upright"),
    [
        (1, (0.1, 0.5)),
        (2, (0.9, 0.5)),
        (3, (0.9, 0.5)),
        (4, (0.1, 0.5)),
        (5, (0.5, 0.1)),
        (6, (0.5, 0.1)),
        (7, (0.5, 0.9)),
        (8, (0.5, 0.9)),
    ],
)
@pytest.mark.parametrize("size", [(600, 400), (3900, 1300)])
def test_an_image_stands_as_the_camera_was_held(
    orientation: int, upright: tuple[float, float], size: tuple[int, int]
) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    widest = convert(written(two_halves(*size), "JPEG", exif=exif))[-1]
    assert (widest.width > widest.height) == (orientation < 5)
    assert near(colour(widest, *upright), RED)


@pytest.mark.parametrize("orientation", [0, 9, 65535])
def test_an_orientation_that_does_not_exist_turns_nothing(orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    assert near(colour(convert(written(two_halves(), "JPEG", exif=exif))[0], 0.1, 0.5), RED)


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_damaged_exif_does_not_cost_the_image() -> None:
    body = written(two_halves(), "JPEG", exif=b"Exif\0\0II*\0\xff\xff\xff\xff")
    assert near(colour(convert(body)[0], 0.1, 0.5), RED)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_nothing_but_the_image_goes_out(kind: str) -> None:
    exif = Image.Exif()
    exif[0x010E] = "SECRET-exif"
    exif.get_ifd(0x8825)[2] = (16.0, 48.0, 0.0)
    options: dict[str, Any] = {"exif": exif, "icc_profile": b"SECRET-icc" * 20}
    if kind == "PNG":
        options["pnginfo"] = PngImagePlugin.PngInfo()
        options["pnginfo"].add_text("Comment", "SECRET-text")
    if kind == "JPEG":
        options["comment"] = b"SECRET-comment"
    for one in convert(written(two_halves(), kind, **options)):
        assert b"SECRET" not in one.body
        assert not {"EXIF", "ICCP", "XMP "} & set(_chunks(one.body))


def _chunks(webp: bytes) -> list[str]:
    names, at = [], 12
    while at < len(webp):
        names.append(webp[at : at + 4].decode("latin-1"))
        length = struct.unpack("<I", webp[at + 4 : at + 8])[0]
        at += 8 + length + length % 2
    return names


def _see_through(mode: str) -> Image.Image:
    image = two_halves(400, 300).convert("RGBA")
    image.paste((0, 0, 0, 0), (0, 0, 200, 300))
    return image.convert(mode)


@pytest.mark.parametrize(
    "body",
    [
        written(_see_through("RGBA"), "PNG"),
        written(_see_through("RGBA"), "WEBP", lossless=True),
        written(_see_through("LA"), "PNG"),
        written(_see_through("RGBA"), "GIF"),
        written(
            _see_through("PA").convert("P"),
            "PNG",
            transparency=_see_through("PA").convert("P").getpixel((0, 0)),
        ),
        written(two_halves(400, 300), "PNG", transparency=RED),
        written(Image.new("RGBA", (4400, 2200), (0, 0, 0, 0)), "PNG"),
        written(two_halves(4400, 2200), "PNG", transparency=RED),
    ],
    ids=["rgba", "webp", "grey", "gif", "palette", "colour", "large rgba", "large colour"],
)
def test_what_is_transparent_lies_on_white(body: bytes) -> None:
    assert near(colour(convert(body)[0], 0.1, 0.5), WHITE)


@pytest.mark.parametrize("mode", ["1", "L", "P", "CMYK", "I;16"])
def test_every_kind_of_colour_is_read(mode: str) -> None:
    if mode == "I;16":
        row = struct.pack("<300H", *[32768] * 150, *[65535] * 150)
        image = Image.frombytes("I;16", (300, 200), row * 200)
        left, right, body = (128, 128, 128), WHITE, written(image, "PNG")
    else:
        image = Image.new("RGB", (300, 200), (0, 0, 0))
        image.paste(WHITE, (150, 0, 300, 200))
        body = written(image.convert(mode), "JPEG" if mode == "CMYK" else "PNG")
        left, right = (0, 0, 0), WHITE
    variant = convert(body)[0]
    assert near(colour(variant, 0.1, 0.5), left)
    assert near(colour(variant, 0.9, 0.5), right)


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG"])
def test_of_a_moving_image_the_first_frame_is_shown(kind: str) -> None:
    frames = [Image.new("RGB", (200, 100), shade) for shade in (RED, BLUE, WHITE)]
    body = written(frames[0], kind, save_all=True, append_images=frames[1:], duration=40)
    [variant] = convert(body)
    assert near(colour(variant, 0.5, 0.5), RED)
    assert "ANIM" not in _chunks(variant.body)


def test_a_large_photograph_is_accepted() -> None:
    assert [one.width for one in convert(written(two_halves(7000, 5000), "JPEG"))] == [480, 960]


@pytest.mark.parametrize(
    "size", [(1, 1), (79, 300), (300, 79), (16, 16), (2000, 399), (399, 2000), (88, 31), (728, 90)]
)
def test_icons_trackers_buttons_and_banners_are_refused(size: tuple[int, int]) -> None:
    with pytest.raises(ImageError):
        convert(written(two_halves(*size), "PNG"))


SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="400" height="300"><script>alert(1)</script></svg>'


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\0" * 500,
        b"<!DOCTYPE html><html><body>404</body></html>",
        SVG,
        b'<?xml version="1.0"?>' + SVG,
        b"%PDF-1.7",
        b"GIF89a",
        b"\x89PNG\r\n\x1a\n",
        b"\xff\xd8\xff",
        b"RIFF\0\0\0\0WEBP",
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 400 300\n",
        *(
            written(two_halves(), kind)
            for kind in ("BMP", "TIFF", "ICO", "PPM", "JPEG2000", "TGA", "PDF", "EPS")
        ),
    ],
)
def test_what_is_none_of_the_four_formats_is_refused_with_a_sentence(body: bytes) -> None:
    with pytest.raises(ImageError) as refused:
        convert(body)
    assert str(refused.value).startswith("The picture")
    assert str(refused.value).endswith(".")


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP"])
@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_an_image_that_breaks_off_is_refused(kind: str, share: float) -> None:
    body = written(Image.effect_noise((400, 300), 60).convert("RGB"), kind)
    with pytest.raises(ImageError):
        convert(body[: int(len(body) * share)])


def _png(width: int, height: int, *chunks: tuple[bytes, bytes]) -> bytes:
    """A PNG of one bit a pixel, black, with these chunks before its data."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    data = zlib.compress(bytes(min((width // 8 + 2) * height, 20_000_000)), 9)
    parts = [(b"IHDR", header), *chunks, (b"IDAT", data), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*part) for part in parts)


def _gif(width: int, height: int, frame: tuple[int, int]) -> bytes:
    head = b"GIF89a" + struct.pack("<HHBBB", width, height, 0x80, 0, 0) + b"\0\0\0\xff\xff\xff"
    return head + b"," + struct.pack("<HHHHB", 0, 0, *frame, 0) + b"\x02\x02\x4c\x01\0;"


def _webp(width: int, height: int) -> bytes:
    size = struct.pack("<I", width - 1)[:3] + struct.pack("<I", height - 1)[:3]
    frame = written(two_halves(100, 100), "WEBP")[12:]
    frame = bytes(6) + struct.pack("<I", 99)[:3] * 2 + bytes(4) + frame
    chunks = (
        b"VP8X" + struct.pack("<I", 10) + b"\x02\0\0\0" + size + b"ANIM" + struct.pack("<I", 6) + bytes(6)
    )
    chunks += b"ANMF" + struct.pack("<I", len(frame)) + frame + bytes(len(frame) % 2)
    return b"RIFF" + struct.pack("<I", len(chunks) + 4) + b"WEBP" + chunks


BOMBS: dict[str, Callable[[], bytes]] = {
    "png": lambda: _png(10_000, 10_000),
    "png just beyond": lambda: _png(5_000, 4_001),
    "png of 30,000 by 30,000": lambda: _png(30_000, 30_000),
    "png whose header lies": lambda: _png(2**31 - 1, 2**31 - 1),
    "png with a text bomb": lambda: _png(
        400, 300, (b"zTXt", b"Comment\0\0" + zlib.compress(bytes(50_000_000)))
    ),
    "gif": lambda: _gif(65_535, 65_535, (65_535, 65_535)),
    "gif whose frame is larger than itself": lambda: _gif(100, 100, (65_000, 65_000)),
    "webp": lambda: _webp(16_000, 16_000),
    "webp whose header lies": lambda: _webp(2**24, 2**7),
    "jpeg": lambda: written(Image.new("L", (9_000, 9_000)), "JPEG"),
}


@pytest.mark.parametrize("bomb", BOMBS.values(), ids=BOMBS)
def test_a_bomb_is_refused(bomb: Callable[[], bytes]) -> None:
    with pytest.raises(ImageError):
        convert(bomb())


def test_a_bomb_is_refused_before_it_is_unpacked() -> None:
    body = _png(10_000, 10_000)
    before = _kilobytes("VmRSS")
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # the peak is counted anew
    with pytest.raises(ImageError, match="too large"):
        convert(body)
    assert _kilobytes("VmHWM") - before < 5_000  # unpacked it would be 100,000


def _kilobytes(name: str) -> int:
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(name))


SCRIPT = b"<script>alert(document.domain)</script>"


@pytest.mark.parametrize(
    "body",
    [
        written(two_halves(), "PNG") + SCRIPT,
        written(two_halves(), "JPEG", comment=b"*/=1;" + SCRIPT),
        written(two_halves(), "GIF", comment=SCRIPT),
        written(two_halves(), "GIF") + SCRIPT + b"PK\x03\x04",
        written(two_halves(), "WEBP") + SCRIPT,
    ],
)
def test_what_is_hidden_beside_an_image_does_not_go_out(body: bytes) -> None:
    assert SCRIPT in body
    assert all(b"script" not in one.body for one in convert(body))


def test_markup_before_an_image_makes_it_none() -> None:
    with pytest.raises(ImageError):
        convert(SCRIPT + written(two_halves(), "PNG"))


_SMALL = {
    kind: written(Image.effect_noise((96, 96), 60).convert("RGB"), kind)
    for kind in ("PNG", "JPEG", "GIF", "WEBP")
}


@settings(deadline=None, max_examples=80)
@given(
    kind=st.sampled_from(sorted(_SMALL)),
    changes=st.lists(st.tuples(st.floats(0, 0.999), st.integers(0, 255)), min_size=1, max_size=12),
)
def test_a_spoilt_image_is_refused_or_shown_and_nothing_else_happens(
    kind: str, changes: list[tuple[float, int]]
) -> None:
    body = bytearray(_SMALL[kind])
    for place, value in changes:
        body[int(place**3 * len(body))] = value  # more of them near the beginning, where the structure is
    try:
        variants = convert(bytes(body))
    except ImageError:
        return
    assert all(read(one).size == (one.width, one.height) for one in variants)


def test_sources_side_by_side_get_each_its_own_image() -> None:
    shades = [(40 * n, 255 - 40 * n, 128) for n in range(6)]
    bodies = [written(Image.new("RGB", (500, 400), shade), "PNG") for shade in shades]
    with ThreadPoolExecutor(6) as pool:
        results = list(pool.map(convert, bodies))
    assert all(near(colour(one[0], 0.5, 0.5), shade) for one, shade in zip(results, shades, strict=True))


def with_parts(image: bytes, at: int, part: bytes, times: int) -> bytes:
    return image[:at] + part * times + image[at:]


def progressive() -> tuple[bytes, bytes]:
    """A progressive JPEG, and its last scan."""
    image = written(two_halves(), "JPEG", progressive=True)
    return image, image[image.rindex(b"\xff\xda") : -2]


def profile() -> bytes:
    data = b"iCCP" + b"a\0\0" + zlib.compress(b"x" * 1_000_000)
    return struct.pack(">I", len(data) - 4) + data + struct.pack(">I", zlib.crc32(data))


EXIF = b"\xff\xe1\x00\x0cExif\0\0abcd"


@pytest.mark.parametrize(
    "endless",
    [
        with_parts(progressive()[0], len(progressive()[0]) - 2, progressive()[1], 400),
        with_parts(written(two_halves(), "JPEG"), 2, EXIF, 100_000),
        with_parts(written(two_halves(), "JPEG"), 2, b"\xff\xfe\x00\x03a", 100_000),
        with_parts(written(two_halves(), "PNG"), 33, profile(), 2_000),
    ],
    ids=["scans", "EXIF", "comments", "profiles of colours"],
)
def test_an_image_of_endless_parts_is_refused_before_it_is_read(endless: bytes) -> None:
    with pytest.raises(ImageError, match="too many parts"):
        convert(endless)


def test_what_follows_an_image_does_not_count() -> None:
    film = bytes(range(256)) * 4_000 + b"\xff\xda" * 1_000  # telephones write one behind a picture
    assert convert(written(two_halves(), "JPEG") + film)
    assert convert(with_parts(written(two_halves(), "JPEG"), 2, EXIF, 3))
    assert convert(progressive()[0])

"""Convert the images of sources to WebP in two widths, upright, on white, without metadata.

The only module that lets Pillow read anything. The bytes are not trusted: only four formats are read, the
size is checked before anything is unpacked, and the output is a new encoding of the pixels.
"""

import io
import warnings
from dataclasses import dataclass
from hashlib import blake2b

from PIL import Image

WIDTHS = (480, 960)  # pixels; images are never enlarged
_FORMATS = ("JPEG", "PNG", "GIF", "WEBP")
_JPEG_FORMATS = {"JPEG", "MPO"}  # phones write several JPEGs into one file; the first is the image
_MIN_SIDE = 80  # pixels; smaller images are icons, buttons or trackers
_MAX_JPEG_PIXELS = 40_000_000  # a JPEG can be decoded at an eighth of its size
_MAX_PIXELS = 20_000_000  # of other formats, which take 4 bytes a pixel more than once
_MAX_RATIO = 5  # of the sides; beyond are rules, banners and infographics
_QUALITY = 75
_EFFORT = 4  # of 6
_HASH_BYTES = 16
_ORIENTATION_TAG = 0x0112
_TRANSPOSITIONS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}

_JPEG_SIGNATURE, _PNG_SIGNATURE = b"\xff\xd8", b"\x89PNG"
_SCAN, _END_OF_IMAGE, _APP1 = b"\xff\xda", b"\xff\xd9", b"\xff\xe1"
_MAX_SCANS = 50  # encoders write ten; each repaints all pixels, and a hundred bytes make one
_MAX_APP1 = 500  # Pillow appends each to those before it; by chance the marker occurs once in 64 kB
_MAX_SEGMENTS = 5_000  # before the first scan
_ICC_CHUNK = b"iCCP"
_MAX_ICC_CHUNKS = 10  # each is unpacked, up to a megabyte

# Pillow only warns of a decompression bomb: here the warning is an error. Damaged EXIF is not logged.
warnings.filterwarnings("error", category=Image.DecompressionBombWarning)
warnings.filterwarnings("ignore", category=UserWarning, module=r"PIL\.")


class ImageError(ValueError):
    """These bytes are no image that can be shown; the message is a sentence."""


@dataclass(frozen=True, slots=True)
class EncodedImage:
    """One width of an image: WebP, named by the hash of its bytes."""

    hash: str
    width: int
    height: int
    body: bytes


def convert(body: bytes) -> tuple[EncodedImage, ...]:
    """Return the image in our widths, narrowest first; one narrower than a width keeps its own.

    Raises:
        ImageError: for what is no PNG, JPEG, GIF or WebP, is damaged, too small, too large or too long.
    """
    if _has_too_many_parts(body):
        raise ImageError("The picture is made of too many parts.")
    try:
        with Image.open(io.BytesIO(body), formats=_FORMATS) as opened:
            _check_size(opened)
            image = _on_white(_load(opened))
            turn = _TRANSPOSITIONS.get(_orientation(opened))
            image = image if turn is None else image.transpose(turn)
    except ImageError:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise ImageError("The picture is too large, as bombs are.") from error
    except Exception as error:  # Pillow's decoders raise a dozen kinds of errors on hostile bytes
        reason = str(error).rstrip(". ") or type(error).__name__
        raise ImageError(f"The picture cannot be read: {reason}.") from error
    widths = sorted({min(width, image.width) for width in WIDTHS})
    return tuple(_encode(image, width) for width in widths)


def _has_too_many_parts(body: bytes) -> bool:
    """Return whether a JPEG or PNG has so many costly parts that it was made to exhaust its reader."""
    if body.startswith(_PNG_SIGNATURE):
        return body.count(_ICC_CHUNK) > _MAX_ICC_CHUNKS
    if not body.startswith(_JPEG_SIGNATURE):
        return False
    if body.count(_APP1) > _MAX_APP1:
        return True
    start = _first_scan(body)
    end = body.find(_END_OF_IMAGE, start)
    return start < 0 or body.count(_SCAN, start, end if end >= 0 else len(body)) > _MAX_SCANS


def _first_scan(body: bytes) -> int:
    """Return where the image data begins, behind thumbnails and metadata; -1 for too many segments.

    Where the segments are out of order it is the position of the first wrong one.
    """
    position = len(_JPEG_SIGNATURE)
    for _ in range(_MAX_SEGMENTS):
        marker = body[position : position + 2]
        if len(marker) < len(_SCAN) or marker[0] != _SCAN[0] or marker == _SCAN:
            return position
        if marker[1] == _SCAN[0]:  # a fill byte
            position += 1
            continue
        position += 2 + int.from_bytes(body[position + 2 : position + 4])
    return -1


def _check_size(image: Image.Image) -> None:
    """Refuse by the header, before anything is unpacked."""
    short, long = sorted(image.size)
    size = f"{image.width} x {image.height} pixels"
    if short < _MIN_SIDE:
        raise ImageError(f"The picture is too small to be one: {size}.")
    if short * long > (_MAX_JPEG_PIXELS if image.format in _JPEG_FORMATS else _MAX_PIXELS):
        raise ImageError(f"The picture is too large: {size}.")
    if long > short * _MAX_RATIO:
        raise ImageError(f"The picture is too long for its other side: {size}.")


def _load(image: Image.Image) -> Image.Image:
    """Decode the first frame, reduced by whole steps while it stays twice our largest width."""
    enough = 2 * WIDTHS[-1]
    image.draft(None, (enough, enough))  # makes a JPEG decode at that size
    image.load()
    steps = min(image.size) // enough
    can_be_averaged = image.mode in {"RGB", "RGBA", "L"} and "transparency" not in image.info
    return image.reduce(steps) if steps > 1 and can_be_averaged else image


def _orientation(image: Image.Image) -> int:
    """Return EXIF's orientation; 1 (upright) where EXIF is damaged or missing."""
    try:
        return int(image.getexif().get(_ORIENTATION_TAG, 1))
    except Exception:  # noqa: BLE001 - Pillow's EXIF reader fails in as many ways as its decoders
        return 1


def _on_white(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I"):  # 16 bits of grey, which Pillow would clip instead of scale
        return image.point(lambda value: value / 256).convert("L").convert("RGB")
    if not image.has_transparency_data:
        return image.convert("RGB")
    layer = image.convert("RGBA")
    white = Image.new("RGB", image.size, "white")
    white.paste(layer, mask=layer)
    return white


def _encode(image: Image.Image, width: int) -> EncodedImage:
    height = max(1, round(image.height * width / image.width))
    resized = image.resize((width, height), Image.Resampling.LANCZOS, reducing_gap=3.0)
    output = io.BytesIO()
    resized.save(output, "WEBP", quality=_QUALITY, method=_EFFORT)
    body = output.getvalue()
    return EncodedImage(blake2b(body, digest_size=_HASH_BYTES).hexdigest(), width, height, body)

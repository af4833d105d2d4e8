"""From the bytes of somebody's picture to ours: WebP in two widths, upright, on white, without metadata.

The only file that has Pillow read anything. What comes in is not trusted: only four formats are read at all,
sizes are judged before anything is unpacked, and what goes out was painted anew.
"""

import io
import warnings
from dataclasses import dataclass
from hashlib import blake2b

from PIL import Image

from service.articles.text.picture_parts import is_endless

WIDTHS = (480, 960)  # pixels; never enlarged
_FORMATS = ("JPEG", "PNG", "GIF", "WEBP")
_JPEGS = {"JPEG", "MPO"}  # telephones write several JPEGs into one file; the first is the picture
_SMALLEST_SIDE = 80  # pixels: what is smaller is an icon, a button or a tracker
_MOST_PIXELS = 40_000_000  # of a JPEG, which can be unpacked at an eighth of its size
_MOST_PIXELS_UNPACKED = 20_000_000  # of the others, at 4 bytes each and more than once
_LONGEST_RATIO = 5  # of the sides: beyond are rules, banners and mile-long posters
_QUALITY = 75
_EFFORT = 4  # of 6
_HASH_BYTES = 16
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

# Pillow warns of a bomb and goes on: here the warning ends the attempt. That somebody's EXIF is damaged, it
# need not tell the log.
warnings.filterwarnings("error", category=Image.DecompressionBombWarning)
warnings.filterwarnings("ignore", category=UserWarning, module=r"PIL\.")


class ImageError(ValueError):
    """These bytes are no picture that can be shown; the message is a sentence."""


@dataclass(frozen=True, slots=True)
class Made:
    """One width of a picture: WebP, under the hash of its own bytes."""

    hash: str
    width: int
    height: int
    body: bytes


def made(body: bytes) -> tuple[Made, ...]:
    """The picture in our widths, narrowest first; one that is narrower than a width is kept as wide as it is.

    Raises:
        PictureError: for what is no PNG, JPEG, GIF or WebP, is damaged, too small, too large or too long.
    """
    if is_endless(body):
        raise ImageError("The picture is made of too many parts.")
    try:
        with Image.open(io.BytesIO(body), formats=_FORMATS) as image:
            _judge_size(image)
            picture = _upright(_on_white(_loaded(image)), _orientation(image))
    except ImageError:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise ImageError("The picture is too large, as bombs are.") from error
    except Exception as error:  # Pillow's readers fail in a dozen ways on hostile bytes
        reason = str(error).rstrip(". ") or type(error).__name__
        raise ImageError(f"The picture cannot be read: {reason}.") from error
    widths = sorted({min(width, picture.width) for width in WIDTHS})
    return tuple(_variant(picture, width) for width in widths)


def _judge_size(image: Image.Image) -> None:
    """By the header, before anything is unpacked."""
    narrow, long = sorted(image.size)
    size = f"{image.width} x {image.height} pixels"
    if narrow < _SMALLEST_SIDE:
        raise ImageError(f"The picture is too small to be one: {size}.")
    if narrow * long > (_MOST_PIXELS if image.format in _JPEGS else _MOST_PIXELS_UNPACKED):
        raise ImageError(f"The picture is too large: {size}.")
    if long > narrow * _LONGEST_RATIO:
        raise ImageError(f"The picture is too long for its other side: {size}.")


def _loaded(image: Image.Image) -> Image.Image:
    """The first frame, made smaller at once by whole steps as long as that is enough."""
    enough = 2 * WIDTHS[-1]
    image.draft(None, (enough, enough))  # a JPEG is unpacked so
    image.load()
    steps = min(image.size) // enough
    can_be_mixed = image.mode in {"RGB", "RGBA", "L"} and "transparency" not in image.info
    return image.reduce(steps) if steps > 1 and can_be_mixed else image


def _orientation(image: Image.Image) -> int:
    """What EXIF says of how the camera was held; damaged EXIF says nothing."""
    try:
        return int(image.getexif().get(_ORIENTATION, 1))
    except Exception:  # noqa: BLE001 - as many ways to fail as Pillow's readers have, and none matters here
        return 1


def _upright(picture: Image.Image, orientation: int) -> Image.Image:
    turn = _UPRIGHT.get(orientation)
    return picture if turn is None else picture.transpose(turn)


def _on_white(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I"):  # 16 bits of grey, which Pillow would cut off instead of scaling
        return image.point(lambda value: value / 256).convert("L").convert("RGB")
    if not image.has_transparency_data:
        return image.convert("RGB")
    layer = image.convert("RGBA")
    white = Image.new("RGB", image.size, "white")
    white.paste(layer, mask=layer)
    return white


def _variant(picture: Image.Image, width: int) -> Made:
    height = max(1, round(picture.height * width / picture.width))
    sized = picture.resize((width, height), Image.Resampling.LANCZOS, reducing_gap=3.0)
    written = io.BytesIO()
    sized.save(written, "WEBP", quality=_QUALITY, method=_EFFORT)
    body = written.getvalue()
    return Made(blake2b(body, digest_size=_HASH_BYTES).hexdigest(), width, height, body)

"""What Pillow does, in the process that `preparing` watches: decoding, cleaning, scaling and encoding.

What comes out shows the same and says nothing else: it is encoded anew from the pixels, turned upright, in the colours
of sRGB. The same picture always gives the same bytes."""

from __future__ import annotations

import io
import math
from base64 import b64encode
from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from twitter_manager.content import MediaLimits
from twitter_manager.domain import Json
from twitter_manager.errors import SourceError
from twitter_manager.media.limits import MOST_JPEG_PIXELS, MOST_PIXELS, MOST_STORED, STORED

if TYPE_CHECKING:
    from PIL.Image import Image as Picture

_FORMATS = ("JPEG", "PNG", "GIF", "WEBP")
_QUALITIES = (90, 85, 80, 75, 70)
_SMALLEST_SIDE = 16
_AS_JPEG = "Save it as JPEG or PNG, and give that."


def clean(context: object, name: str, content: bytes, limits: MediaLimits = STORED, least: int = 1) -> Json:
    """The picture as it is kept, as JSON. `least`: the fewest pixels of its shorter side.

    Raises SourceError, which names the file."""
    picture = _opened(name, content)
    if min(picture.size) < least:
        size = f"{picture.width} × {picture.height} pixels"
        raise SourceError(f"{name} has only {size}; at least {least} a side are taken.", "Give a larger one.")
    try:
        frames = getattr(picture, "n_frames", 1) if picture.format == "GIF" and limits.max_gif_bytes else 1
        if frames * picture.width * picture.height > MOST_PIXELS and frames > 1:
            raise SourceError(f"{name}: the animation has too many frames ({frames}).", "Shorten it.")
        if frames > 1:
            return _animation(picture)
        if picture.format in ("JPEG", "MPO"):
            picture.draft(None, (limits.max_side, limits.max_side))
        lossless = picture.format in ("PNG", "GIF")
        picture.load()
    except (OSError, SyntaxError, ValueError, EOFError) as error:
        raise SourceError(f"{name} is damaged or cut off ({error}).", _AS_JPEG) from None
    return _encoded(name, _upright(picture), limits, lossless=lossless)


def scale(context: object, name: str, content: bytes, limits: MediaLimits) -> Json:
    """A kept picture within these limits, as JSON; of an animation its first frame. Raises SourceError."""
    picture = _opened(name, content)
    picture.load()
    return _encoded(name, _in_srgb(picture), limits, lossless=False)


def _opened(name: str, content: bytes) -> Picture:
    from PIL import Image, UnidentifiedImageError

    Image.MAX_IMAGE_PIXELS = None  # this process asks for itself, by the kind of picture
    try:
        picture = Image.open(io.BytesIO(content), formats=_FORMATS)
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError):
        raise SourceError(f"{name} {_what_it_is(content)}.", _AS_JPEG) from None
    most = MOST_JPEG_PIXELS if picture.format in ("JPEG", "MPO") else MOST_PIXELS
    if picture.width * picture.height > most:
        size = f"{picture.width:,} × {picture.height:,} pixels"
        raise SourceError(f"{name} has {size}; at most {most // 1_000_000} million are taken.", "Make it smaller.")
    return picture


def _what_it_is(content: bytes) -> str:
    """What a file is that no decoder takes, worded to follow its name."""
    if content[4:8] == b"ftyp":
        kind = "a HEIC photo, as phones take them" if content[8:12] in _HEIC else "an AVIF picture or a video"
        return f"is {kind}, which the platforms do not take"
    if content.startswith(b"%PDF"):
        return "is a PDF, not a picture"
    if content[:4] in (b"\xff\xd8\xff\xe0", b"\xff\xd8\xff\xe1", b"\x89PNG", b"GIF8", b"RIFF"):
        return "is damaged or cut off"
    return "is not a picture of a kind that is taken (JPEG, PNG, GIF, WebP)"


_HEIC = (b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1")


def _upright(picture: Picture) -> Picture:
    from PIL import ImageOps

    with suppress(OSError, SyntaxError, ValueError, KeyError, TypeError, OverflowError):  # EXIF that no camera wrote
        picture = ImageOps.exif_transpose(picture)
    return _in_srgb(picture)


def _in_srgb(picture: Picture) -> Picture:
    """In RGB, or RGBA where something of it is transparent; without anything that is not a pixel."""
    profile = picture.info.get("icc_profile")
    if picture.mode.startswith("I") or picture.mode == "F":
        picture = picture.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    if picture.mode in ("P", "PA", "LA", "La", "RGBa") or "transparency" in picture.info:
        picture = picture.convert("RGBA")
    alpha = picture.getchannel("A") if picture.mode == "RGBA" else None
    opaque = picture.convert("RGB") if alpha else picture
    opaque = _by_profile(opaque, profile) if profile else opaque.convert("RGB")
    if alpha and alpha.getextrema() != (255, 255):
        opaque.putalpha(alpha)
    opaque.info = {}
    return opaque


def _by_profile(picture: Picture, profile: bytes) -> Picture:
    """Its colours in sRGB; a profile that is broken or fits another kind of picture is passed over."""
    from PIL import ImageCms

    srgb = ImageCms.createProfile("sRGB")
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        return ImageCms.profileToProfile(picture, source, srgb, outputMode="RGB") or picture.convert("RGB")
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return picture.convert("RGB")


def _animation(picture: Picture) -> Json:
    from PIL import ImageSequence

    duration, frames = [], []
    for frame in ImageSequence.Iterator(picture):
        duration.append(min(max(int(frame.info.get("duration", 100)), 20), 60_000))
        frames.append(_in_srgb(frame.copy()))
    loop = {"loop": picture.info["loop"]} if "loop" in picture.info else {}
    first, *others = frames
    content = _saved(first, "GIF", save_all=True, append_images=others, duration=duration, disposal=2, **loop)
    if len(content) > MOST_STORED:
        raise SourceError(f"the animation has {len(content) // 2**20} MB when it is cleaned.", "Make it smaller.")
    return _as_json(first, content, "image/gif")


def _encoded(name: str, picture: Picture, limits: MediaLimits, *, lossless: bool) -> Json:
    for smaller in _sizes(picture, limits):
        for content, mime in _encodings(smaller, lossless):
            if len(content) <= limits.max_bytes:
                return _as_json(smaller, content, mime)
    raise SourceError(f"{name} can't be made small enough.", "Give another picture.")


def _sizes(picture: Picture, limits: MediaLimits) -> Iterator[Picture]:
    """The picture with no more pixels than the limits say, then ever smaller."""
    from PIL import Image

    fitting = math.sqrt(limits.max_pixels / (picture.width * picture.height))
    side = min(limits.max_side, int(max(picture.size) * min(fitting, 1.0)))
    while side >= min(_SMALLEST_SIDE, max(picture.size)):
        factor = side / max(picture.size)
        size = (max(1, int(picture.width * factor)), max(1, int(picture.height * factor)))
        yield picture if size == picture.size else picture.resize(size, Image.Resampling.LANCZOS)
        side = side * 4 // 5


def _encodings(picture: Picture, lossless: bool) -> Iterator[tuple[bytes, str]]:
    """The best one first."""
    if lossless or picture.mode == "RGBA":
        yield _saved(picture, "PNG", optimize=True), "image/png"
    if picture.mode == "RGB":
        for quality in _QUALITIES:
            yield _saved(picture, "JPEG", quality=quality, optimize=True), "image/jpeg"


def _saved(picture: Picture, kind: str, **options: Any) -> bytes:
    file = io.BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()


def _as_json(picture: Picture, content: bytes, mime: str) -> Json:
    encoded = b64encode(content).decode()
    return {"content": encoded, "mime": mime, "width": picture.width, "height": picture.height}

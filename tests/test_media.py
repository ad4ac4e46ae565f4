"""Pictures from a person's file to what a platform takes: cleaned, bounded, and the same bytes each time."""

from __future__ import annotations

import hashlib
import os
import re
import struct
import zlib
from pathlib import Path

import pytest
from PIL import Image, ImageCms, PngImagePlugin

from tests.bounds import soon
from tests.pictures import animation, noise, opened, photo, saved
from twitter_manager.content import Media, MediaLimits
from twitter_manager.errors import MediaError
from twitter_manager.media import MediaStore, prepared, preparing, rendition

SECRET = "Anna's garden 52.5163N"
LIMITS = MediaLimits(count=4, max_bytes=150_000, max_side=1000, max_alt=100)


def _exif(orientation: int = 1) -> Image.Exif:
    exif = Image.Exif()
    exif[0x0112], exif[0x010E] = orientation, SECRET
    exif.get_ifd(0x8825).update({1: "N", 2: (52.0, 30.0, 58.7), 29: SECRET})
    return exif


def _described() -> PngImagePlugin.PngInfo:
    info = PngImagePlugin.PngInfo()
    info.add_text("Comment", SECRET)
    info.add_itxt("XML:com.adobe.xmp", f"<x:xmpmeta>{SECRET}</x:xmpmeta>")
    return info


@pytest.mark.parametrize(
    "content",
    [
        photo(exif=_exif(), comment=SECRET.encode(), xmp=f"<x:xmpmeta>{SECRET}</x:xmpmeta>".encode()),
        photo() + SECRET.encode(),
        saved(noise(30, 20), "PNG", pnginfo=_described(), exif=_exif()) + SECRET.encode(),
        saved(noise(30, 20), "WEBP", exif=_exif(), xmp=SECRET.encode()),
        animation(comment=SECRET.encode()),
        saved(noise(30, 20), "GIF", comment=SECRET.encode()),
    ],
    ids=["JPEG", "behind a JPEG", "PNG", "WebP", "animated GIF", "GIF"],
)
def test_nothing_but_what_is_seen_is_left(content: bytes) -> None:
    """No place, name, comment or maker: neither in the bytes, nor as a reader of metadata finds it."""
    assert SECRET.encode() in content
    media, cleaned = prepared(content)
    assert SECRET.encode() not in cleaned and b"Exif" not in cleaned and b"xmp" not in cleaned.lower()
    picture = opened(cleaned)
    assert not picture.getexif() and not {"comment", "exif", "xmp", "icc_profile", "Comment"} & picture.info.keys()
    assert (media.digest, media.size) == (hashlib.sha256(cleaned).hexdigest(), len(cleaned))
    assert (media.width, media.height) == picture.size


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_picture_is_turned_as_the_camera_was_held(orientation: int) -> None:
    """Red is where a viewer that knows EXIF shows it."""
    content = photo(exif=_exif(orientation))
    media, cleaned = prepared(content)
    assert (media.width, media.height) == ((120, 80) if orientation < 5 else (80, 120))
    at = {1: (5, 5), 2: (115, 5), 3: (115, 75), 4: (5, 75), 5: (5, 5), 6: (75, 5), 7: (75, 115), 8: (5, 115)}
    red, _, blue = opened(cleaned).convert("RGB").getpixel(at[orientation])  # type: ignore[misc]
    assert red > 150 > blue


@pytest.mark.parametrize(
    ("picture", "kind", "mode"),
    [
        (Image.new("CMYK", (9, 9), (0, 255, 255, 0)), "JPEG", "RGB"),
        (Image.new("RGB", (9, 9), (255, 0, 0)).convert("P"), "PNG", "RGB"),
        (Image.new("RGBA", (9, 9), (255, 0, 0, 90)), "PNG", "RGBA"),
        (Image.new("RGBA", (9, 9), (255, 0, 0, 255)), "PNG", "RGB"),
        (Image.new("RGBA", (9, 9), (255, 0, 0, 90)), "WEBP", "RGBA"),
        (Image.new("LA", (9, 9), (128, 90)), "PNG", "RGBA"),
        (Image.new("1", (9, 9), 1), "PNG", "RGB"),
        (Image.new("I;16", (9, 9), 0x8000), "PNG", "RGB"),
    ],
    ids=["CMYK", "palette", "alpha", "opaque alpha", "alpha in WebP", "grey with alpha", "1 bit", "16 bits"],
)
def test_every_kind_of_colour_is_kept_as_it_looks(picture: Image.Image, kind: str, mode: str) -> None:
    """In RGB, or RGBA where something is transparent."""
    before = picture.convert("RGBA").getpixel((4, 4)) if picture.mode != "I;16" else (128, 128, 128, 255)
    _, cleaned = prepared(saved(picture, kind, **({"lossless": True} if kind == "WEBP" else {})))
    after = opened(cleaned)
    assert after.mode == mode
    assert after.convert("RGBA").getpixel((4, 4)) == pytest.approx(before, abs=8)


def test_a_profile_is_applied_and_a_broken_one_passed_over() -> None:
    """The colours stay what they were; the profile itself goes, for it names devices."""
    swapped = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    red, blue = swapped.index(b"rXYZ"), swapped.index(b"bXYZ")
    swapped[red : red + 4], swapped[blue : blue + 4] = b"bXYZ", b"rXYZ"  # its red is what sRGB calls blue
    applied = opened(prepared(photo(icc_profile=bytes(swapped)))[1])
    assert applied.getpixel((5, 5))[2] > 150 > applied.getpixel((5, 5))[0]  # type: ignore[index]
    assert prepared(photo(icc_profile=b"nonsense"))[1] == prepared(photo())[1]


def test_an_animation_stays_one_and_is_its_first_frame_where_none_is_taken() -> None:
    """With its times; a platform's limit for animations is its own."""
    media, cleaned = prepared(animation())
    after = opened(cleaned)
    assert (media.mime, getattr(after, "n_frames", 1), after.info["duration"], after.info["loop"]) == (
        "image/gif", 5, 50, 0,
    )  # fmt: skip
    assert not preparing.fits(media, LIMITS)
    content, mime, *_ = rendition(cleaned, LIMITS)
    assert (mime, opened(content).convert("RGB").getpixel((4, 4))) == ("image/jpeg", (0, 0, 0))


@pytest.mark.parametrize("picture", [noise(3000, 1000), noise(1200, 900).convert("RGBA"), noise(30, 20)])
def test_a_rendition_is_within_the_limits_in_the_same_proportions_and_the_same_each_time(picture: Image.Image) -> None:
    """Whether there is something to see through or not."""
    picture = picture.copy()
    if picture.mode == "RGBA":
        picture.putalpha(90)
    media, content = prepared(saved(picture, "PNG"))
    smaller, mime, width, height = rendition(content, LIMITS)
    assert len(smaller) <= LIMITS.max_bytes and max(width, height) <= LIMITS.max_side
    assert width / height == pytest.approx(media.width / media.height, rel=0.02)
    assert mime == ("image/png" if picture.mode == "RGBA" else "image/jpeg")
    assert rendition(content, LIMITS)[0] == smaller


def _png_of(width: int, height: int) -> bytes:
    """A PNG that claims a size and compresses to nothing."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


HEIC = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b"%PDF-1.7\n%\xe2\xe3", "is a PDF, not a picture"),
        (HEIC, "is a HEIC photo.*JPEG"),
        (b"\0\0\0\x18ftypavif\0\0\0\0", "is an AVIF picture"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "is not a picture of a kind that is taken"),
        (photo()[:-400], "is damaged or cut off"),
        (saved(noise(90, 90), "PNG")[:-4000], "is damaged or cut off"),
        (photo()[:30], "is damaged or cut off"),
        (_png_of(60_000, 60_000), "60,000 × 60,000 pixels; at most 60 million"),
        (_png_of(2**31 - 1, 2**31 - 1), "pixels|damaged|picture"),
    ],
    ids=["empty", "PDF", "HEIC", "AVIF", "SVG", "cut JPEG", "cut PNG", "cut header", "bomb", "largest"],
)
def test_what_is_no_picture_is_named_with_what_to_do(tmp_path: Path, content: bytes, message: str) -> None:
    """One line, which begins with the file."""
    path = tmp_path / "holiday.jpg"
    path.write_bytes(content)
    with pytest.raises(MediaError, match=message) as told:
        prepared(path)
    assert told.value.message.startswith(str(path)) and told.value.remedy
    assert "\n" not in str(told.value)


@soon
def test_what_is_no_file_of_a_bounded_size_is_not_read(tmp_path: Path) -> None:
    """A device without end, a pipe that nobody fills, a folder, 100 MB, nothing: each is named."""
    (tmp_path / "zero.jpg").symlink_to("/dev/zero")
    os.mkfifo(tmp_path / "pipe.jpg")
    (tmp_path / "folder.jpg").mkdir()
    with (tmp_path / "huge.jpg").open("wb") as huge:
        huge.truncate(100_000_000)
    told = {
        "zero": "is not a regular file", "pipe": "is not a regular file", "folder": "can't be read (Is a directory)",
        "huge": "is larger than 51200 kB", "nothing": "does not exist",
    }  # fmt: skip
    for name, message in told.items():
        with pytest.raises(MediaError, match=re.escape(f"{name}.jpg {message}")):
            prepared(tmp_path / f"{name}.jpg")


def test_a_picture_that_computes_without_end_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    """A JPEG may say the same scan ten thousand times over: each costs a pass over all pixels, inside the decoder."""
    monkeypatch.setattr(preparing, "SECONDS", 1.5)
    content = photo(6000, 6000, progressive=True)
    scan = content[[match.start() for match in re.finditer(rb"\xff\xda", content)][-1] : -2]
    with pytest.raises(MediaError, match=r"slow.jpg: was not read within 2 seconds"):
        prepared(content[:-2] + scan * (2_000_000 // len(scan)) + content[-2:], name="slow.jpg")


def test_an_animation_of_too_many_pixels_is_refused() -> None:
    """Frames are cheap to write, and each is decoded."""
    frames = [Image.new("P", (4000, 4000), number) for number in range(5)]
    content = saved(frames[0], "GIF", save_all=True, append_images=frames[1:])
    assert len(content) < 1_000_000
    with pytest.raises(MediaError, match="too many frames"):
        prepared(content)


def test_a_stored_picture_is_private_and_known_by_its_content(tmp_path: Path) -> None:
    """Changed, lost or swapped for a link, it is not used."""
    store = MediaStore(tmp_path / "media")
    media, content = prepared(photo(), "A flag.")
    store.save(media, content)
    path = tmp_path / "media" / f"{media.digest}.jpg"
    assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    assert store.read(media) == content
    assert store.fitted(media, LIMITS) == (media, content)
    assert store.fitted(media, MediaLimits(count=1, max_bytes=9000, max_side=60, max_alt=0))[0].width == 60
    path.write_bytes(content + b" ")
    with pytest.raises(MediaError, match="was changed"):
        store.read(media)
    path.unlink()
    with pytest.raises(MediaError, match="is gone"):
        store.read(media)
    path.symlink_to(tmp_path / "elsewhere.jpg")
    (tmp_path / "elsewhere.jpg").write_bytes(content)
    with pytest.raises(MediaError):
        store.read(media)


def test_a_record_is_complete(tmp_path: Path) -> None:
    """What a post keeps of its picture."""
    (tmp_path / "a.jpg").write_bytes(photo())
    media, content = prepared(tmp_path / "a.jpg", "A flag.")
    digest = hashlib.sha256(content).hexdigest()
    assert media == Media(digest, "image/jpeg", len(content), 120, 80, "A flag.")

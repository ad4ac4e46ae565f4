"""Pictures made for the tests, as cameras and programs write them."""

from __future__ import annotations

import io
from typing import Any

from PIL import Image


def saved(picture: Image.Image, kind: str, **options: Any) -> bytes:
    file = io.BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()


def photo(width: int = 120, height: int = 80, **options: Any) -> bytes:
    """Red on the left, blue on the right, with the metadata that `options` give."""
    picture = Image.new("RGB", (width, height), (200, 30, 30))
    picture.paste((30, 30, 200), (width // 2, 0, width, height))
    return saved(picture, "JPEG", quality=95, **options)


def noise(width: int, height: int) -> Image.Image:
    """What compresses badly."""
    return Image.effect_noise((width, height), 80).convert("RGB")


def animation(frames: int = 5, **options: Any) -> bytes:
    pictures = [Image.new("RGB", (40, 30), (number * 40, 0, 0)) for number in range(frames)]
    return saved(pictures[0], "GIF", save_all=True, append_images=pictures[1:], duration=50, loop=0, **options)


def opened(content: bytes) -> Image.Image:
    picture = Image.open(io.BytesIO(content))
    picture.load()
    return picture

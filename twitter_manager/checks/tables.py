"""Word lists and expressions, which stand in files beside the modules that look for them."""

from __future__ import annotations

import functools
from typing import Any


@functools.cache
def table(name: str) -> dict[str, Any]:
    """What stands in the file `name`.toml."""
    import tomllib
    from importlib import resources

    return tomllib.loads(resources.files(__package__).joinpath(f"{name}.toml").read_text("utf-8"))


@functools.cache
def either(name: str, list_: str, key: str) -> str:
    """One expression for a list's lines under `key`; one that finds nothing where there is no such list."""
    return f"(?:{'|'.join(table(name)[list_].get(key, '(?!)').strip().splitlines())})"

"""What the checker of accessibility finds on a page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.home import ROOT

if TYPE_CHECKING:
    from playwright.sync_api import Page

AXE = ROOT / "tests" / "standins" / "axe" / "node_modules" / "axe-core" / "axe.min.js"
_RUN = "options => axe.run({resultTypes: ['violations'], ...options}).then(found => found.violations)"
_COLOURS = {"runOnly": ["color-contrast", "link-in-text-block"]}


def broken(page: Page) -> list[tuple[str, list[str]]]:
    """The rules that are broken, with where: all of them in the light, and those of colours in the dark too, for the
    dark changes nothing else (`test_the_dark_changes_colours_alone`). Skips where there is no axe."""
    if not AXE.exists():
        pytest.skip("no axe-core; make test-tools brings it")
    page.emulate_media(color_scheme="light")
    page.evaluate(AXE.read_text() + ";0")
    found: list[Any] = page.evaluate(_RUN, {})
    page.emulate_media(color_scheme="dark")
    found += page.evaluate(_RUN, _COLOURS)
    page.emulate_media(color_scheme="light")
    return [(each["id"], [node["html"][:200] for node in each["nodes"]]) for each in found]

"""What a writing model answers is read as posts, whatever stands around the JSON that was asked for."""

from __future__ import annotations

import pytest

from twitter_manager.writing.answers import posts


@pytest.mark.parametrize(
    ("raw", "found"),
    [
        ('{"posts": ["The kiln cools."]}', [("The kiln cools.",)]),
        ('{"posts": ["The kiln cools."]}\n\nHope this helps!', [("The kiln cools.",)]),
        ('```json\n{"posts": ["The kiln cools."]}\n```\nA note.', [("The kiln cools.",)]),
        ('Here you are:\n{\n  "post": "The kiln cools."\n}', [("The kiln cools.",)]),
        ("The kiln cools.", [("The kiln cools.",)]),
        ('Store {"theme": "dark"} in one file.', [('Store {"theme": "dark"} in one file.',)]),
        ('{"posts": ["The kiln co', []),
        ("```\nThe kiln cools.\n```", []),
    ],
)
def test_posts_are_found_in_an_answer(raw: str, found: list[tuple[str, ...]]) -> None:
    """JSON among other words, plain text where there is none, and nothing of what is broken."""
    assert posts(raw, 1) == found

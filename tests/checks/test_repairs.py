"""Repair: wrappers come off, words stay as they are, and a second time changes nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.bounds import soon
from twitter_manager.checks import CheckContext, check_draft, repair, repairs

POST = "Rebase before you merge."


@pytest.mark.parametrize(
    "text",
    [
        POST,
        f"  {POST}\n\n",
        f'"{POST}"',
        f"“{POST}”",
        f'Post: "{POST}"',
        f"**Tweet 1:** {POST}",
        f"Final post: {POST}",
        f"Assistant: Post: {POST}",
        f"```\n{POST}\n```",
        f'```text\n"{POST}"\n```',
        f"{POST}<|im_end|>",
        f"{POST}<|im_end|>\n<|im_start|>user\nThanks!",
        f"<|im_start|>assistant\n{POST}</s>",
        "Rebase  before you   merge. ",
        f"Let me think. Short.</think>\n{POST}",
        f"<think>Short.</think>{POST}",
        "**Rebase** before you *merge*.",
        f"Here's a post: {POST}",
        f"Sure! Here is your post for today:\n\n{POST}",
        f'{{"post": "{POST}"}}',
        f'{{"posts": ["{POST}"]}}',
        f'```json\n{{"text": "{POST}"}}\n```',
        "Re\u200bbase before you merge.",
        f"「{POST}」",
        f"„{POST}“",
        f"1. {POST}",
        f"{POST} (24 characters)",
    ],
)
def test_mended(text: str) -> None:
    """What is wrapped around a post comes off, in any nesting, and the rest passes the rules."""
    assert repair(text) == POST
    assert check_draft((repair(text),), CheckContext(written_by_model=True)) == ()


@pytest.mark.parametrize(
    "text",
    [
        "Rebase before you",
        '{"post": "Rebase.", "why": "It is short."}',
        "[insert link]",
        "Response: 200 means OK.",
        '"Rebase" and "merge"',
        "Use `a  b` as it is.",
        "f(**kwargs) and 2 * 3 * 4 and **kw",
        "A family: \U0001f468\u200d\U0001f469\u200d\U0001f467",
        "می\u200cروم",
        "1. Rebase.\n2. Merge.",
        "Two ways:\n\n- rebase\n  - first",
        "<|im_end|>",
        '""',
        "Post:",
        "Read a ```fence``` here.",
        "",
    ],
)
def test_left_alone(text: str) -> None:
    """What needs judgement, and what has nothing else in it, stays for the rules."""
    assert repair(text) == text


WRAPPERS = [
    '"',
    "'",
    "“",
    "”",
    "«",
    "»",
    "`",
    "```\n",
    "\n```",
    "Post: ",
    "Tweet 2: ",
    "**Post:** ",
    "<|im_end|>",
    "</s>",
]
BITS = st.sampled_from(
    [*WRAPPERS, "<|im_start|>assistant\n", " ", "  ", "\n\n\n", "a", "Rebase.", "\u00a0", "\r\n", "12"]
)


@given(st.lists(BITS | st.text(max_size=5)).map("".join))
def test_idempotent_and_harmless(text: str) -> None:
    """Twice is once; nothing is added or reordered; a text with something in it never becomes empty."""
    mended = repair(text)
    assert repair(mended) == mended
    assert len(mended) <= len(text)
    letters = iter(text)
    assert all(c in letters for c in mended)
    assert bool(mended.strip()) == bool(text.strip())


@soon
@pytest.mark.parametrize("unit", [" ", "\n", "1. ", "(", "**a ", "&amp;", "“"])
def test_a_hostile_answer_keeps_no_run_waiting(unit: str) -> None:
    """Neither a run of blanks nor a thousand list numbers keep it at work; what is no post is left alone."""
    repair((unit * repairs.LONGEST)[: repairs.LONGEST])
    long = unit * 300_000
    assert repair(long) == long

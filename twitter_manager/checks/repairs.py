"""Mends a model's text where that is safe: takes off what is wrapped around the post and never was part of it.

Words are never changed, added or reordered. What needs judgement (a sentence cut off, JSON, a stage direction) is left
to the rules in `artefacts.py`, which run afterwards. Repairing twice changes nothing more.
"""

from __future__ import annotations

import re

from twitter_manager import invisible
from twitter_manager.checks.artefacts import ROLE_LABEL, is_wrapped

_END_OF_TURN = r"<\|(?:im_end|endoftext|eot_id|end|return)\|>|</s>|<end_of_turn>|<eos>"
_START_OF_TURN = (
    r"(?:<s>|<bos>|<\|begin_of_text\|>|<\|im_start\|>(?:assistant)?|<start_of_turn>(?:model)?|<\|assistant\|>)"
)


def repair(text: str) -> str:
    """`text` without wrapping quotes, role label, code fence, chat tokens, needless white space, what nobody sees."""
    before = None
    while text != before:
        before = text
        for step in (invisible.remove, _turn, _fence, _label, _quotes, _white_space):
            text = step(text)
    return text


def _turn(text: str) -> str:
    """The model's own turn: what comes after its end is another speaker's."""
    start = re.match(rf"\s*(?:{_START_OF_TURN}\s*)+", text, re.IGNORECASE)
    own = text[start.end() :] if start else text
    end = re.search(_END_OF_TURN, own, re.IGNORECASE)
    own = own[: end.start()] if end else own
    return own if own.strip() else text


def _fence(text: str) -> str:
    found = re.fullmatch(r"\s*```[\w-]*[ \t]*\n(.*?)\n?[ \t]*```\s*", text, re.DOTALL)
    return found[1] if found and "```" not in found[1] and found[1].strip() else text


def _label(text: str) -> str:
    label = re.match(rf"\s*(?:{ROLE_LABEL}\s*)+", text, re.IGNORECASE)
    return text[label.end() :] if label and text[label.end() :].strip() else text


def _quotes(text: str) -> str:
    stripped = text.strip()
    return stripped[1:-1] if is_wrapped(stripped) and stripped[1:-1].strip() else text


def _white_space(text: str) -> str:
    lines = [line.rstrip() for line in text.strip().replace("\r\n", "\n").split("\n")]
    joined = re.sub(r"\n{3,}", "\n\n", "\n".join(lines))
    if "`" in joined:
        return joined
    return re.sub(r"(?<=\S) {2,}(?=\S)", " ", joined)

"""fidelity = "strict": a model may post the material's own sentences and nothing else."""

from __future__ import annotations

import pytest

from twitter_manager.checks import CheckContext, Policy, check_draft

MATERIAL = ("Harbour 3.4", "The hall opens at 9. Dogs are not allowed!\nBring a friend.")


def found(text: str, fidelity: str = "strict") -> bool:
    context = CheckContext(material=MATERIAL, policy=Policy(fidelity=fidelity), written_by_model=True)
    return "strict" in {one.rule for one in check_draft((text,), context)}


@pytest.mark.parametrize(
    "text", ["Dogs are not allowed.", "The hall opens at 9.\n\nBring a friend. #dogs", "Harbour 3.4"]
)
def test_own_words(text: str) -> None:
    """Whole sentences pass, in any order and with any end mark."""
    assert not found(text)


@pytest.mark.parametrize("text", ["Dogs are allowed.", "The hall opens.", "Hello! Bring a friend."])
def test_other_words(text: str) -> None:
    """Anything else is refused, and only where it was asked for."""
    assert found(text)
    assert not found(text, "")

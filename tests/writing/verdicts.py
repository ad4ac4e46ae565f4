"""Answers of a judge in the form that is asked for, for scripts of the stand-in."""

from __future__ import annotations

import json
from typing import Any


def claim(text: str, quote: str, verdict: str = "supported") -> dict[str, str]:
    return {"claim": text, "quote": quote, "verdict": verdict}


def verdict(*claims: dict[str, str], misleading: str = "", harmful: str = "", alone: bool = True) -> str:
    """`misleading`, `harmful`: the reason, which makes it so."""
    answer: dict[str, Any] = {"claims": list(claims), "misleading": bool(misleading), "misleading_why": misleading}
    answer |= {"harmful": bool(harmful), "harmful_why": harmful, "self_contained": alone}
    return json.dumps(answer, ensure_ascii=False)

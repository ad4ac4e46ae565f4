"""What each platform gets of a draft, exactly, and the hashes by which a person's approval holds for it."""

from __future__ import annotations

import hashlib
import json

from twitter_manager.content import exact_hash
from twitter_manager.domain import Draft, Json
from twitter_manager.platforms import SPECS


def contents(draft: Draft) -> dict[str, list[Json]]:
    """By platform, each part as it goes there: its text, and what goes along with it (`Part.attached`)."""
    return {
        name: [{"text": part.text, **part.attached} for part in SPECS[name].parts_of(draft)] for name in draft.platforms
    }


def hashes(draft: Draft) -> dict[str, str]:
    """By platform, the SHA-256 (hex) of `contents`."""
    return {name: _hash(content) for name, content in contents(draft).items()}


def content_hash(draft: Draft) -> str:
    """The SHA-256 (hex) of all that an approval holds for: what each platform gets, and what it is made from."""
    return _hash([hashes(draft), exact_hash(draft.parts, draft.links)])


def _hash(content: object) -> str:
    return hashlib.sha256(json.dumps(content, ensure_ascii=False, sort_keys=True).encode()).hexdigest()

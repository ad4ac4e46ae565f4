"""One-time codes: what a person types to say which draft they mean, and that the notice reached them. Only hashes of
them are kept, in `store/answer_codes.py`.

A code stands for one draft with one content. It is made of 33 letters and digits, eight of them, at least one of them a
digit so that no word of a sentence is taken for one: 40.2 bits.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""Without I, L and O, which look like 1 and 0."""
LENGTH = 8
_READ_AS = str.maketrans("ILO", "110")


def new() -> str:
    """A code that nobody can guess, as a person reads it: K7QF-2M9A."""
    while not re.search("[0-9]", code := "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))):
        pass
    return f"{code[:4]}-{code[4:]}"


def normalised(typed: str) -> str:
    """The code that somebody typed, without its hyphen and with what looks alike put right; "" where it is none."""
    code = re.sub(r"[\s-]", "", typed).upper().translate(_READ_AS)
    is_one = len(code) == LENGTH and set(code) <= set(ALPHABET) and re.search("[0-9]", code)
    return code if is_one else ""


def hashed(code: str, installation: str) -> str:
    """What is kept of a code. Slow on purpose (about 0.05 s and 16 MiB): so short a code could be found again from a
    plain hash. `installation`: its UUID, the salt."""
    content, salt = normalised(code).encode(), f"answer-code {installation}".encode()
    return hashlib.scrypt(content, salt=salt, n=2**14, r=8, p=1, dklen=32).hex()


def same(one: str, other: str) -> bool:
    """Whether two hashes are the same, in a time that tells nothing."""
    return hmac.compare_digest(one, other)

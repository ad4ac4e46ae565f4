"""The rule on personal data: what reaches or names a person has no place in a post that nobody wrote.

E-mail addresses, telephone numbers, bank accounts (IBAN), payment cards, social security numbers, public IP addresses.
Numbers with a check digit count only when it is right. Names and street addresses are not looked for: a club's post
may well give both.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence

from twitter_manager.checks.context import CheckContext
from twitter_manager.checks.tables import either, table
from twitter_manager.domain import Violation


def personal(parts: Sequence[str], context: CheckContext) -> Iterator[Violation]:
    """Addresses and numbers by which somebody can be reached, paid or found; not those the bot's person allows."""
    allowed = {_bare(entry) for entry in context.policy.allowed_personal}
    for at, text in enumerate(() if "*" in context.policy.allowed_personal else parts):
        data = list(_found(text))
        if at == len(parts) - 1:  # Newsletters put an address into their links, whose numbers are those of articles.
            links = " ".join(context.links.values()).replace("%40", "@")
            data += [datum for datum in _found(links) if datum[0] == "an e-mail address"]
        for kind in dict.fromkeys(kind for kind, said in data if _bare(said) not in allowed):
            yield Violation("personal", f"The text has {kind}: take it out, or allow it (allowed_personal).", at)


def _bare(text: str) -> str:
    return "".join(c for c in text.casefold() if c.isalnum() or c in "@.")


def _found(text: str) -> Iterator[tuple[str, str]]:
    for kind in table("personal")["shapes"]:
        shape = either("personal", "shapes", kind)
        for match in re.finditer(shape, text):
            said = match[match.lastindex or 0]
            if kind not in _VALID or _VALID[kind](said):
                yield kind, said
        if kind != "a payment card":
            text = re.sub(shape, " ", text)


def _is_nobodys(kind: str, said: str) -> bool:
    return said in table("personal")["known"][kind].split()


def _is_address(said: str) -> bool:
    domain = said.rpartition("@")[2].casefold()
    labels = domain.split(".")
    return not any(_is_nobodys("domains", ".".join(labels[at:])) for at in range(len(labels)))


def _is_telephone(said: str) -> bool:
    """Not the numbers that are kept for films and books (555-0100 to 555-0199)."""
    digits = re.sub(r"\D", "", said)
    return 7 <= len(digits) <= 16 and len(set(digits)) > 2 and not re.search(r"55501\d\d\Z", digits)


def _is_account(said: str) -> bool:
    """ISO 13616: the number with its head at its end, letters from A = 10, leaves 1 when divided by 97."""
    bare = said.replace(" ", "")
    turned = "".join(str(int(c, 36)) for c in bare[4:] + bare[:4])
    return 15 <= len(bare) <= 34 and int(turned) % 97 == 1


def _is_card(said: str) -> bool:
    """14 to 16 digits with a right check digit (ISO/IEC 7812-1, Luhn)."""
    digits = re.sub(r"\D", "", said)
    doubled = [int(c) * (1 + at % 2) for at, c in enumerate(reversed(digits))]
    total = sum(digit - 9 if digit > 9 else digit for digit in doubled)
    return 14 <= len(digits) <= 16 and total % 10 == 0 and not _is_nobodys("cards", digits) and len(set(digits)) > 2


def _is_public(said: str) -> bool:
    """An address that somebody has: not loopback, private, for documentation, or a well-known resolver's."""
    import ipaddress

    try:
        address = ipaddress.ip_address(said)
    except ValueError:
        return False
    if max(address.packed) < 20:  # 1.2.3.4 is rather a version
        return False
    return (
        address.is_global
        and not address.is_multicast
        and not _is_nobodys("resolvers", said)
        and address.packed[-1] != 0
    )


_VALID: Mapping[str, Callable[[str], bool]] = {
    "an e-mail address": _is_address,
    "a telephone number": _is_telephone,
    "a bank account (IBAN)": _is_account,
    "a payment card": _is_card,
    "an IP address": _is_public,
}

"""The rule on personal data: what reaches or names a person has no place in a post that nobody wrote.

E-mail addresses, telephone numbers, bank accounts (IBAN), payment cards, social security numbers, public IP addresses.
Numbers with a check digit count only when it is right. Names and street addresses are not looked for: a club's post
may well give both.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from twitter_manager.checks.context import CheckContext
from twitter_manager.domain import Violation
from twitter_manager.english import set_of

_CUE = (
    r"(?i:\b(?:tel(?:efon|ephone)?|phone|call|fax|mobile?|handy|cell|ring|text|sms|whatsapp|contact|dial)\b[^\w\n]{0,8}"
    r"|[☎📞📱]\s{0,3})"
)
# In this order; what the shape of an earlier one has is not looked at by the later ones.
_EXPRESSIONS: Mapping[str, str] = {
    "an e-mail address": (
        r"(?<![\w.+@/-])(?!(?:git|hg|svn|noreply|no-reply)@)[A-Za-z0-9][\w.+-]{0,63}"
        r"@(?:[A-Za-z0-9-]{1,63}\.){1,5}[A-Za-z]{2,24}(?![\w-])"
    ),
    "a bank account (IBAN)": r"(?<!\w)[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?(?!\w)",
    "a payment card": (
        r"(?<![\w.+-])(?:4\d{3}|5[1-5]\d{2}|2[2-7]\d{2}|3[4-9]\d{2}|6[045]\d{2})(?:[ -]?\d{2,6}){2,4}(?![\w-])"
    ),
    "a social security number": r"(?<![\w-])(?!000|666|9)\d{3}-(?!00)\d{2}-(?!0000)\d{4}(?![\w-])",
    "an IP address": (
        r"(?<![\w.:-])(?:\d{1,3}\.){3}\d{1,3}(?![\w.:/-])"
        r"|(?<![\w.:-])(?:[0-9a-fA-F]{1,4}:{1,2}){3,8}[0-9a-fA-F]{0,4}(?![\w.:/-])"
    ),
    "a telephone number": (
        r"(?<![\w.+-])(?:\+|00(?=[1-9]))\d(?:[ ().\/-]{0,2}\d){6,14}(?!\w)"  # international
        rf"|{_CUE}\(?0?\d(?:[ ().\/-]{{0,3}}\d){{5,13}}(?!\w)"  # any, after a word such as "call"
        r"|(?<![\w.+-])\(?[2-9]\d{2}\)?[ .-][2-9]\d{2}[.-]\d{4}(?![\w-])"  # North America
        r"|(?<![\w.+-])\(0\d{1,5}\) ?\d(?:[ \/-]?\d){3,9}(?!\w)"
    ),
}
_EXAMPLE_DOMAINS = ("example", "example.com", "example.org", "example.net", "test", "invalid", "localhost", "local")
"""https://www.rfc-editor.org/rfc/rfc2606, and what never leaves a network."""
_TEST_CARDS = set_of(
    "4242424242424242 4111111111111111 4012888888881881 5555555555554444 5105105105105100 378282246310005"
)
"""Those that payment services publish for tests."""
_RESOLVERS = frozenset(["8.8.8.8", "8.8.4.4", "1.1.1.1", "1.0.0.1", "9.9.9.9", "208.67.222.222", "208.67.220.220"])


def personal(parts: Sequence[str], context: CheckContext) -> Iterator[Violation]:
    """Addresses and numbers by which somebody can be reached, paid or found; not those the bot's person allows."""
    allowed = {_bare(one) for one in context.policy.allowed_personal}
    for at, text in enumerate(() if "*" in context.policy.allowed_personal else parts):
        # Of the link that goes along only an e-mail address is looked at: its numbers are those of articles.
        linked = _mails(context.links.values()) if at == len(parts) - 1 else ()
        kinds = dict.fromkeys(kind for kind, said in (*_found(text), *linked) if _bare(said) not in allowed)
        for kind in kinds:
            yield Violation("personal", f"The text has {kind}: take it out, or allow it (allowed_personal).", at)


def _mails(links: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Newsletters put their reader's address into their links."""
    for kind, said in _found(" ".join(links).replace("%40", "@")):
        if kind == "an e-mail address":
            yield kind, said


def _bare(text: str) -> str:
    return "".join(c for c in text.casefold() if c.isalnum() or c in "@.")


def _found(text: str) -> Iterator[tuple[str, str]]:
    for kind, expression in _EXPRESSIONS.items():
        for found in re.finditer(expression, text):
            said = re.sub(rf"\A{_CUE}", "", found[0])
            if _VALID[kind](said) and not _is_version(text[max(0, found.start() - 12) : found.start()], kind):
                yield kind, said
        if kind != "a payment card":
            text = re.sub(expression, " ", text)


def _is_version(before: str, kind: str) -> bool:
    """Four numbers with dots may be a version."""
    return (
        kind == "an IP address" and re.search(r"(?i)(?:version|release|build|firmware|\bv)\W?\s?\Z", before) is not None
    )


def _is_address(said: str) -> bool:
    domain = said.rpartition("@")[2].casefold()
    return not any(domain == one or domain.endswith(f".{one}") for one in _EXAMPLE_DOMAINS)


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
    total = sum(one - 9 if one > 9 else one for one in doubled)
    return 14 <= len(digits) <= 16 and total % 10 == 0 and digits not in _TEST_CARDS and len(set(digits)) > 2


def _is_public(said: str) -> bool:
    """An address that somebody has: not loopback, private, for documentation, or a well-known resolver's."""
    import ipaddress

    try:
        address = ipaddress.ip_address(said)
    except ValueError:
        return False
    if max(address.packed) < 20:  # 1.2.3.4 is rather a version
        return False
    return address.is_global and not address.is_multicast and said not in _RESOLVERS and address.packed[-1] != 0


_VALID: Mapping[str, Callable[[str], bool]] = {
    "an e-mail address": _is_address,
    "a telephone number": _is_telephone,
    "a bank account (IBAN)": _is_account,
    "a payment card": _is_card,
    "a social security number": lambda said: said not in ("123-45-6789", "078-05-1120"),
    "an IP address": _is_public,
}

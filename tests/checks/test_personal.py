"""Personal data: what is found, what only looks like it, what a person allows."""

from __future__ import annotations

import pytest

from twitter_manager.checks import CheckContext, Policy, check_draft

DEFAULT = Policy()


def found(text: str, policy: Policy = DEFAULT) -> list[str]:
    context = CheckContext(platforms=("feed",), policy=policy, material=(text,))
    return [one.message for one in check_draft((text,), context) if one.rule == "personal"]


PERSONAL = [
    ("an e-mail address", "Write to anna.berg@posteo.de, she knows."),
    ("an e-mail address", "mailto:anna+list@mail.harbour.club"),
    ("an e-mail address", "(a_b@c-d.io)"),
    ("a telephone number", "Call +49 30 901820 now."),
    ("a telephone number", "+1 (212) 736-5000"),
    ("a telephone number", "0049 30 901820"),
    ("a telephone number", "Tel. 030 / 90 18 20"),
    ("a telephone number", "phone: 07700 900123"),
    ("a telephone number", "(212) 736-5000 or 212-736-5000"),
    ("a telephone number", "(030) 901 820"),
    ("a telephone number", "☎ 01 40 20 50 50"),
    ("a telephone number", "+33140205050"),
    ("a bank account (IBAN)", "Donate to DE89 3704 0044 0532 0130 00."),
    ("a bank account (IBAN)", "GB82WEST12345698765432"),
    ("a payment card", "4539 1488 0343 6467"),
    ("a payment card", "5425233430109903"),
    ("a payment card", "3714-496353-98431"),
    ("a social security number", "His SSN is 219-09-9999."),
    ("an IP address", "He came from 93.184.216.34 again."),
    ("an IP address", "seen: 2a00:1450:4001:81b::200e"),
]
BENIGN = """
example@example.com|user@mail.example.org|git@github.com|noreply@github.com|root@localhost|me@host.test
@anna@mastodon.social|left-pad@1.3.0|@types/node@20.1.2|a@b|sha256@abc|1.2.3.4|version 93.184.216.34
v93.184.216.34|127.0.0.1|10.0.0.7|192.168.1.20|192.0.2.1|198.51.100.7|203.0.113.9|0.0.0.0|255.255.255.0|8.8.8.8
224.0.0.251|1.1.1.1|93.184.216.0/24|::1|fe80::1|2001:db8::1:2:3|10:30:45|12:34:56:78|aa:bb:cc:dd:ee:ff|port 8080
ports 49152 to 65535|localhost:5432|RFC 9110|RFC 2119 and RFC 8174|2026-11-21|2026-11-21 10:30|20261121T103000
1700000000|1700000000000|9007199254740991|-9007199254740991|4294967296|18446744073709551615|978-3-16-148410-0
ISBN 9783161484100|ISSN 2049-3630|0-306-40615-2|DOI 10.1000/182|PMID 12345678|arXiv:2301.12345|CVE-2026-4372
d2ad07305f6e1c9b8a7f6e5d4c3b2a1908f7e6d5|550e8400-e29b-41d4-a716-446655440000|3.11.2|1.0.0+20130313144700
UTC+01:00|+0100|+49|C++20|0 30 4 1,15 * *|1,000,000,000|1 000 000 000|3.14159265358979|0.30000000000000004
1024 2048 4096|$1,234,567.89|555-0123|212-555-0123|+1 212 555 0147|4242 4242 4242 4242|4111111111111111
4539 1488 0343 6468|DE89 3704 0044 0532 0130 01|123-45-6789|000-12-3456|page 219-09|0x1F600|U+1F600|100 200 3000
00:11:22:33:44:55|call 3 times|dial 112|room 030-12|size 640x480|text 160 characters|phone 15 Pro Max
GB82 is no account|2-3-4|tel aviv 1909|+1|a +b 1234567|EUR 52,000,000|HTTP 404 410 500
""".replace("\n", "|").split("|")


@pytest.mark.parametrize(("kind", "text"), PERSONAL)
def test_personal_data(kind: str, text: str) -> None:
    """Found in a text that nobody wrote; the message names the kind and not the value; a person may post theirs."""
    (message,) = found(text)
    assert kind in message
    assert not any(word in message for word in text.split() if any(c.isdigit() for c in word) or "@" in word)
    assert check_draft((text,), CheckContext(platforms=("feed",))) == ()


@pytest.mark.parametrize("text", [one for one in BENIGN if one])
def test_benign(text: str) -> None:
    """Versions, ports, dates, hashes, ISBNs, documentation addresses, test cards."""
    assert found(text) == []
    assert found(f"See {text}.") == []


def test_what_a_person_allows() -> None:
    """The club's own address and number, written in any way; with a star all of it."""
    policy = Policy(allowed_personal=("Hello@Club.org", "+49 30 901820"))
    assert found("Write to hello@club.org or call +49 (30) 90 18 20.", policy) == []
    assert len(found("Write to anna@club.org.", policy)) == 1
    assert found("anna@club.org 4539 1488 0343 6467", Policy(allowed_personal=("*",))) == []

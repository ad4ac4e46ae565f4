"""Secrets are found by value and by shape, in the forms they really take, and ordinary posts are left alone."""

from __future__ import annotations

import base64
import json
import random
import string
import urllib.parse
from collections.abc import Callable

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.bounds import soon
from twitter_manager.redaction import CONFIGURED, REDACTED, Redactor, find_secrets, redact
from twitter_manager.redaction.values import FRAGMENT

LETTERS = "aB3dE5gH7jK9mN1pQ3sT5vW7yZ9"
JWT = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c"
PEM = f"-----BEGIN RSA PRIVATE KEY-----\n{'MIIEpAIBAAKCAQEA7' * 8}\n{'q+/Zw9' * 10}==\n-----END RSA PRIVATE KEY-----"
SHAPED = {
    "an Anthropic key": ["sk-ant-api03-" + LETTERS * 3 + "-AA", "sk-ant-oat01-abcdefghijklmnopqrst"],
    "an OpenAI key": ["sk-" + LETTERS + LETTERS, "sk-proj-" + LETTERS + "_-" + LETTERS, "sk-or-v1-" + "0f" * 32],
    "a Hugging Face token": ["hf_" + "aBcDeFgHiJkLmNoPqRsTuVwXyZaBcDeFgH"],
    "a GitHub token": ["ghp_" + "a1B2" * 9, "gho_" + "a1B2" * 9],
    "a GitHub access token": ["github_pat_" + "1A2b" * 5 + "zz_" + "a1B2" * 14],
    "an AWS key id": ["AKIAIOSFODNN7EXAMPLE"],
    "a Slack token": ["xoxb-123456789012-1234567890123-" + "aB3d" * 6, "xoxp-1234567890-abc"],
    "a Google API key": ["AIza" + "Sy0_-" * 7],
    "a JSON web token": [JWT],
    "a private key": [PEM, PEM[:200], PEM.replace("\n", "\\n"), PEM.replace("RSA ", "")],
    "a bearer token": ["Bearer AAAAAAAAAAAAAAAAAAAAAMLheAAAAAAA0%2BuSeid", "bearer 0123456789abcdef0123"],
    "basic credentials": ["Authorization: Basic dXNlcjpwYXNzd29yZA=="],
    "an OAuth parameter": ['oauth_token="12345-aBcDeFgHiJkL"', "oauth_signature=tnnArxj06cWHq44gCs1OSKk%2FjLY%3D"],
    "a password in a URL": ["redis://:hunter22@cache.example/0", "https://me:s3cr%40t@example.org/x"],
    "a key in an address": [
        "//a.example/?key=9f8e7d6c5b4a39281706f5e4d3c2b1a0",
        "//b.example/?v=1&sig=Zm9vYmFyYmF6MTIzNDU2Nzg5%2Fabcdef",
        "//s3.example/?X-Amz-Signature=" + "0f" * 32,
    ],
    "a Bluesky app password": ["abcd-2fgh-ijkl-mnop", "kqxz-bfgh-ijkl-mnop", "a2b3-c4d5-e6f7-g2h3"],
    "a Stripe key": ["sk_" + "live_" + LETTERS, "rk_" + "test_" + LETTERS, "whsec_" + LETTERS],
    "a Twilio key": ["SK" + "0f" * 16],
    "a SendGrid key": ["SG." + LETTERS[:22] + "." + LETTERS + LETTERS[:16]],
    "an npm token": ["npm_" + "a1B2" * 9],
    "a PyPI token": ["pypi-Ag" + "EIcHlwaS5vcmc" + LETTERS * 3],
    "a GitLab token": ["glpat-" + LETTERS, "gldt-" + LETTERS[:20]],
    "a DigitalOcean token": ["dop_v1_" + "0f" * 32],
    "a Telegram bot token": ["123456789" + ":A" + "AH" + LETTERS + "12345"],
    "a Discord token": ["M" + LETTERS[:24] + ".Gabcde." + LETTERS + "aB3"],
    "a webhook's address": ["hooks.slack.com/services/T0AB12CD3/B0AB12CD3/" + LETTERS],
    "a Slack app token": ["xapp-1-A0123456789-1234567890123-" + "0f" * 20],
    "a Mailgun key": ["key-" + "0f" * 16],
    "a Mailchimp key": ["0f" * 16 + "-us20"],
    "a Square token": ["sq0atp-" + LETTERS],
    "an Azure key": ["AccountKey=" + "aB3/" * 21 + "==", "SharedAccessKey=" + "aB3+" * 11 + "="],
    "an Azure client secret": ["abc8Q~" + LETTERS + "abcdef"],
    "a Google OAuth secret": ["GOCSPX-" + LETTERS],
    "a Google access token": ["ya29." + LETTERS * 2],
    "an X bearer token": ["A" * 22 + LETTERS * 3],
    "a Shopify token": ["shpat_" + "0f" * 16],
    "a Vault token": ["hvs." + LETTERS],
    "an age key": ["AGE-SECRET-KEY-1" + "QPZRY9X8GF" * 5 + "2TVDW0S3"],
    "a token of another service": ["lin_api_" + LETTERS * 2, "gsk_" + LETTERS * 2, "r8_" + LETTERS * 2],
    "a password": [
        "password=hunter22x",
        "PASSWORD: 'c0rrect-horse'",
        "api_key = a1b2c3d4e5f6",
        "client_secret=>9f8e7d6c5b4a",
        "db_password := s3cretvalue",
    ],
}
BENIGN = [
    "sk-learn's fit() and sk-image are not keys; nor is task-scheduling-with-a-very-long-kebab-name",
    "disk-usage-report-2026-final-version-for-all-teams and risk-1234567890123456789012345",
    "git show 3f2504e04f8911d39a0c0305e82c3301abcdef12 prints one commit",
    "UUID 550e8400-e29b-41d4-a716-446655440000, or upper: 550E8400-E29B-41D4-A716-446655440000",
    "uuid 2a2a2a2a-abcd-2fgh-ijkl-mnopabcdabcd",
    "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "read-only-file-lock, make-some-more-time, this-that-then-than",
    "test card 4242-4242-4242-4242, dates 2023-2024-2025-2026",
    "import hf_hub_download; hf_transfer = 1; self.hf_model_name_or_path_for_the_tokenizer",
    "export GITHUB_TOKEN; github_pat_token_for_the_deploy_job; ghp_ is the prefix of a token",
    "A JWT has three parts: header.payload.signature, and begins with eyJ.",
    "A PEM file begins with -----BEGIN PRIVATE KEY----- and ends with -----END PRIVATE KEY-----.",
    "Send Authorization: Bearer <token>, or Authorization: Bearer YOUR_TOKEN_GOES_HERE",
    "bearer authentication/authorization, the bearer internationalization-ready token",
    "Authorization: Basic is base64, not encryption. Basic authentication needs TLS.",
    'oauth_token="..." oauth_token=YOUR_TOKEN oauth_verifier is next',
    "postgres://user:password@localhost/db, https://USER:${TOKEN}@github.com, ftp://u:***@host",
    "http://localhost:8080/@user and https://example.com:443/a@b, git@github.com:psf/requests.git",
    "https://example.org/map?key=parking and https://example.org/?page=2&sig=none, ?key=how-to-pick-one-of-many",
    "https://bsky.app/profile/did:plc:z72i7hdynmk6r22z27h6tvur/post/3l6oveex3ii2l",
    "mailto:me@example.com; npm i @types/node@20; pip install 'x==1.0'",
    "AKIA marks an access key id; AIza a Google key; xoxo-love-from-the-team-of-2026",
    "password = os.environ['DB_PASSWORD_2'], token: ${TOKEN_2}, secret=<your-secret-1>, token = get_token2(x)",
    "Set password: to your own; a token: 8 characters; secret = None; api_key=xxxxxxxx; token: https://a.com/b12345678",
    "Its tokens: 12345678 of them. The max_tokens=1024 and passwords: never reuse them. Secret: 2 eggs and flour.",
    "npm_config_registry, npm_lifecycle_event; pypi-server; glpat- begins a GitLab token; key-value stores; SG.com",
    "A Stripe key begins with sk_live_ or sk_test_; whsec_ signs. SKU12345678901234567890123456789012",
    "ratio 16:AB, at 10:30:45, 123456789:A and Main.method.call(), MAINTAINERS.md, N1.N2.N3",
    "Use os.environ['OPENAI_API_KEY']; a key looks like sk-… or sk-ant-… or sk-proj-abc",
]


@pytest.mark.parametrize(("name", "secret"), [(name, secret) for name, some in SHAPED.items() for secret in some])
def test_each_shape_is_named_and_blacked_out(name: str, secret: str) -> None:
    """In prose, in quotes, at the start, at the end and after an escaped newline; the words around it stay."""
    for before, after in [
        ("", ""),
        ("my key is ", " , really"),
        ('{"k": "', '"}'),
        ("oops:\\n", "\\n"),
        ("x\n", "\ny"),
    ]:
        text = before + secret + after
        assert name in find_secrets(text, ())
        hidden = redact(text, ())
        assert REDACTED in hidden and hidden.startswith(before[:-1]) and find_secrets(hidden, ()) == ()
        longest = max(secret.replace("\\n", "\n").replace("=", " ").replace('"', " ").split(), key=len)
        assert longest not in hidden or name == "a password in a URL"
        assert "hunter22" not in hidden and "s3cr%40t" not in hidden


@pytest.mark.parametrize("text", BENIGN)
def test_ordinary_posts_are_left_alone(text: str) -> None:
    """Talk about keys, hashes, UUIDs and documentation examples is no secret."""
    assert find_secrets(text, ()) == ()
    assert redact(text, ()) == text


VALUE = 'p/a+s s"w\\ö:rd@1'


@pytest.mark.parametrize(
    "form",
    [
        VALUE,
        f"x{VALUE}y",
        urllib.parse.quote(VALUE),
        urllib.parse.quote(VALUE, safe=""),
        urllib.parse.quote(VALUE, safe="").replace("%C3", "%c3").replace("%B6", "%b6").replace("%2F", "%2f").lower(),
        urllib.parse.urlencode({"k": VALUE}),
        json.dumps({"k": VALUE}),
        json.dumps({"k": VALUE}, ensure_ascii=False),
        *(base64.b64encode(f"{'u' * n}:{VALUE}".encode()).decode() for n in range(3)),
        base64.urlsafe_b64encode(f"{VALUE}?>?>".encode()).decode(),
    ],
)
def test_a_value_is_found_in_each_form(form: str) -> None:
    """Plain, URL-encoded in both cases and styles, in JSON, in base64 at all three alignments."""
    assert find_secrets(f"a {form} b", [VALUE]) == (CONFIGURED,)
    assert VALUE not in redact(form, [VALUE]) and REDACTED in redact(form, [VALUE])


def percent(text: str) -> str:
    return "".join(f"%{byte:02x}" for byte in text.encode())


ENCODINGS: dict[str, Callable[[str], str]] = {
    "plain": str,
    "reversed": lambda text: text[::-1],
    "shouted": str.upper,
    "percent": percent,
    "percent of percent": lambda text: percent(percent(text)),
    "some percent": lambda text: text[:5] + percent(text[5:7]) + text[7:],
    "hex": lambda text: text.encode().hex(),
    "upper hex": lambda text: text.encode().hex().upper(),
    "hex with blanks": lambda text: text.encode().hex(" "),
    "hex with colons": lambda text: text.encode().hex(":"),
    "hex of reversed": lambda text: text[::-1].encode().hex(),
    "bytes of C": lambda text: "".join(f"\\x{byte:02X}" for byte in text.encode()),
    "octal": lambda text: "".join(f"\\{byte:03o}" for byte in text.encode()),
    "a list of bytes": lambda text: ", ".join(f"0x{byte:02x}" for byte in text.encode()),
    "JSON escapes": lambda text: "".join(f"\\u{ord(letter):04x}" for letter in text),
    "JSON in JSON": lambda text: json.dumps("".join(f"\\u{ord(letter):04x}" for letter in text)),
    "JavaScript escapes": lambda text: "".join(f"\\u{{{ord(letter):x}}}" for letter in text),
    "HTML decimal": lambda text: "".join(f"&#{ord(letter)};" for letter in text),
    "HTML hex": lambda text: "".join(f"&#x{ord(letter):04X};" for letter in text),
    "HTML in a URL": lambda text: percent("".join(f"&#{ord(letter)};" for letter in text)),
    "quoted-printable": lambda text: "".join(f"={byte:02X}" for byte in text.encode()),
    "base64": lambda text: base64.b64encode(text.encode()).decode(),
    "base64 one on": lambda text: base64.b64encode(b":" + text.encode()).decode(),
    "base64 two on": lambda text: base64.b64encode(b"a:" + text.encode()).decode(),
    "base64 for URLs": lambda text: base64.urlsafe_b64encode(b"\xff\xfe?" + text.encode()).decode(),
    "base64 in a URL": lambda text: percent(base64.b64encode(text.encode()).decode()),
    "base64 of a URL": lambda text: base64.b64encode(urllib.parse.quote(text, safe="").encode()).decode(),
    "base64 of reversed": lambda text: base64.b64encode(text[::-1].encode()).decode(),
    "broken into lines": lambda text: "\r\n ".join(text[at : at + 7] for at in range(0, len(text), 7)),
    "broken base64": lambda text: "\n".join(
        base64.b64encode(text.encode()).decode()[at : at + 9] for at in range(0, 2 * len(text), 9)
    ),
    "with what nobody sees": lambda text: "\u200b".join(text),
    "cut at the end": lambda text: text[: FRAGMENT + 3],
    "cut at the beginning": lambda text: text[-FRAGMENT - 3 :],
    "cut at both": lambda text: text[5:-5],
    "cut percent": lambda text: percent(text)[2 : 3 * (FRAGMENT + 3)],
    "cut hex": lambda text: text.encode().hex()[1 : 2 * (FRAGMENT + 3)],
    "cut base64": lambda text: base64.b64encode(text.encode()).decode()[1 : FRAGMENT + 8],
    "cut reversed": lambda text: text[::-1][: FRAGMENT + 3],
}


def key(seed: int, length: int = 40, letters: str = string.ascii_letters + string.digits) -> str:
    return "".join(random.Random(seed).choices(letters, k=length))


@pytest.mark.parametrize("encoding", ENCODINGS)
@settings(derandomize=True, max_examples=20)
@given(seed=st.integers(0, 2**32), length=st.integers(26, 90))
def test_a_key_is_found_however_a_server_writes_it(encoding: str, seed: int, length: int) -> None:
    """Encoded, encoded twice, reversed, broken up or cut: nothing of the form is left but the ends of it."""
    secret = key(seed, length)
    form = ENCODINGS[encoding](secret)
    hidden = redact(f"It said: <{form}>, and went.", [secret])
    assert REDACTED in hidden and hidden.startswith("It said: ") and hidden.endswith(", and went.")
    assert len(hidden) <= len("It said: <>, and went.") + len(REDACTED) + 16


@pytest.mark.parametrize("letters", ["abcdefghijklmnopqrstuvwxyz234567", "0123456789abcdef", string.ascii_lowercase])
@pytest.mark.parametrize("encoding", [name for name in ENCODINGS if "cut" not in name])
def test_secrets_of_few_letters_are_found_whole(encoding: str, letters: str) -> None:
    """App passwords, hex keys and passphrases: what could be words or numbers is found where most of it is there."""
    for secret in ("-".join(key(at, 4, letters) for at in range(9, 13)), f"{key(1, 9, letters)} {key(2, 9, letters)}"):
        assert CONFIGURED in find_secrets(f"x {ENCODINGS[encoding](secret)} y", [secret])


def test_a_session_token_is_a_secret_in_every_form() -> None:
    """A Bluesky session's token, whose header is the same for everybody and no secret."""
    token = f"eyJ0eXAiOiJhdCtqd3QiLCJhbGciOiJFUzI1NksifQ.{key(3, 180)}.{key(4, 86)}"
    for encode in ENCODINGS.values():
        assert CONFIGURED in find_secrets(encode(token[-60:]), [token])
    assert redact("JWTs begin with eyJ0eXAiOiJhdCtqd3QiLCJhbGciOiJFUzI1NksifQ and a dot.", [token])[-6:] == "a dot."


OWN = (
    "1234567890123456789-" + key(7, 30),
    "sk-ant-" + "api03-" + key(8, 80),
    "sk-" + "proj-" + key(9, 80),
    "A" * 22 + key(10, 60),
    "correct-horse-battery-2026",
    "abcd-efgh-ijkl-mnop",
    "20260131",
)


@pytest.mark.parametrize(
    "text",
    [
        "X: published as user 1234567890123456789: https://x.com/i/web/status/1234567890123456790",
        "A key of Anthropic begins with sk-ant-api03-, one of OpenAI with sk-proj-, a token with AAAAAAAAAAAAAA.",
        "The correct horse waits. correct-horse, correct-battery; battery-2026 is sold out since 2026-01-31 10:00",
        "abcd-efgh, ijkl-mnop: the alphabet; abcdefghijkl; ponm-lkji",
        "2026-01-31 and 2026:01:30, 20260130, 20 26 01 30",
    ],
)
def test_what_is_public_of_a_secret_stays(text: str) -> None:
    """The account's number, a service's prefix, a few of a passphrase's words and dates black out nothing."""
    assert redact(text, OWN) == text


words = st.sampled_from(" ".join([*BENIGN, "Größe ändern 日本語 naïve 🎉 &amp; %20 \\n \\u00e4 =C3"]).split())


@given(st.lists(words | st.integers().map(str) | st.uuids().map(str) | st.binary(max_size=40).map(bytes.hex)))
def test_ordinary_words_numbers_and_hashes_are_left_alone(parts: list[str]) -> None:
    """With two dozen keys to look for, a text of words, identifiers, hashes and escapes stays as it is."""
    text = " ".join(parts)
    assume(not find_secrets(text, ()))
    assert redact(text, [*OWN, *map(key, range(20))]) == text


@soon
@pytest.mark.parametrize(
    "unit", ["%41", "&#65;", "&", "\\u", "%25252541", "a ", "quick brown ", "0f", key(1)], ids=range(9)
)
def test_dozens_of_secrets_and_a_long_text_keep_no_run_waiting(unit: str) -> None:
    """The work grows with the text, whatever stands in it, and hardly with the number of secrets."""
    redactor = Redactor(list(map(key, range(60))))
    redactor.redact((unit * 200_000)[:200_000])


def test_short_values_are_no_secrets() -> None:
    """A value of seven characters would black out words; surrounding blanks don't make it longer."""
    assert find_secrets("the word seventy", ["seventy", " seventy \n", ""]) == ()
    assert redact("hunter22 and [redacted]", ["hunter22", "redacted"]) == "[redacted] and [redacted]"


def test_overlapping_secrets_become_one() -> None:
    """A value within a longer value, and a value within a shape, leave nothing of either."""
    assert redact("<abcdefgh12345678>", ["abcdefgh", "gh123456", "12345678"]) == "<[redacted]>"
    token = "ghp_" + "a1B2" * 9
    assert redact(f"x {token} y", [token[4:14]]) == "x [redacted] y"


@given(st.lists(st.text(min_size=8, max_size=20), max_size=4), st.lists(st.text(max_size=20), min_size=5, max_size=5))
def test_no_value_survives(values: list[str], gaps: list[str]) -> None:
    """Whatever the values and the text between them, none is left, and what holds none is unchanged."""
    kept = [value for value in values if len(value.strip()) >= 8]
    assume(not any(set(value) & set("[redacted]") for value in kept))
    text = "".join(gap + value for gap, value in zip(gaps, [*kept, ""] * 5, strict=False))
    hidden = redact(text, kept)
    assert not any(value in hidden for value in kept)
    if not find_secrets(text, kept):
        assert hidden == text


pieces = [secret for some in SHAPED.values() for secret in some] + ["a", "-", ":", "@", "://", " ", "eyJ", ".", "sk-"]


@given(st.lists(st.sampled_from(pieces) | st.text(max_size=5), max_size=8))
def test_redaction_leaves_nothing_to_find_and_is_stable(parts: list[str]) -> None:
    """Secrets beside anything: `find_secrets` is empty exactly when `redact` changes nothing."""
    text = " ".join(parts)
    hidden = redact(text, ())
    assert (hidden == text) == (find_secrets(text, ()) == ())
    assert redact(hidden, ()) == hidden


@pytest.mark.parametrize(
    "unit",
    ["a", "eyJ", "eyJaaaaaaaa.", " eyJaaaaaaaa.aaaaaaaa", "-", "-----BEGIN PRIVATE KEY-----\n", "://", "://a:",
     "Bearer ", "oauth_token=", "sk-", "sk-ant-", "\\nsk-ant-a", "abcd-", "22-", " abcd-abcd-", "xoxb-", "AIza", "hf_",
     "abababa", "password=", "token: a1", "secret", "1:A", "123456789:A",
     "M.", "Maaaaaaaaaaaaaaaaaaaaaaaaa.", "_v1_",
     "SK0", "sk_live_", "SG.", "SG.aaaaaaaaaaaaaaaaaaaaaa.", "aQ~", "a1Q~", "A", "AccountKey=", "ntn_",
     "hooks.slack.com/services/"],
)  # fmt: skip
@pytest.mark.timeout(60)
def test_a_long_text_of_the_worst_does_not_hang(unit: str) -> None:
    """Texts made to trip each pattern at its worst; what takes quadratic time would run for many minutes."""
    text = (unit * (600_000 // len(unit) + 1))[:600_000]
    assert isinstance(Redactor(["abababab", "x" * 40]).redact(text), str)


def test_its_repr_shows_no_value() -> None:
    """A redactor may end up in a traceback or a log line itself."""
    assert "hunter22" not in repr(Redactor(["hunter22"]))


@pytest.mark.parametrize(
    ("secret", "text"),
    [
        ("sunshine1", "Sunshine all day, says the forecast."),
        ("password12", "A password has more than one word."),
        ("JavaScript", "Written in javascript."),
        ("lm-studio", "LM-Studio runs models on this machine."),
    ],
)
def test_a_short_secret_blackens_no_word_that_is_only_like_it(secret: str, text: str) -> None:
    """Below twelve characters a value is looked for whole, and as it is written."""
    redactor = Redactor([secret])
    assert redactor.redact(text) == text
    assert secret not in redactor.redact(f"your key {secret} is wrong")

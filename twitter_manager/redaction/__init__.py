"""Finds secrets in text, by value and by shape, and blacks them out.

Used on everything that is written where others may read it: log lines, drafts before they go out, raw answers of
providers. It knows the values it is told and the published shapes of well-known keys; what a text means is left to
the checks. Every search is linear in the text's length, whatever the text.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence
from itertools import pairwise

from twitter_manager.redaction.values import MIN_VALUE, KnownValues

REDACTED = "[redacted]"
CONFIGURED = "a configured secret"

# The shapes are those that the services document; a part of them was compared with gitleaks' rules
# (https://github.com/gitleaks/gitleaks, config/gitleaks.toml). Detectors as libraries look at files line by line, and
# their generic entropy rules take every hash for a secret.
# No two open-ended repeats follow each other unless something that neither can contain stands between them, and
# where three do (JWT) the match may begin only where a word does. That is what keeps each search linear.
_ALONE = r"(?:(?<![A-Za-z0-9])|(?<=\\[nrt]))"
_START = r"(?:(?<![A-Za-z0-9_-])|(?<=\\[nrt]))"
_PLACEHOLDER = (
    r"(?:password|passwd|passwort|pass|pwd|secret|token|key|x+|\*+|\.+|\[redacted\]|\$?\{[^}@]{0,40}\}|<[^>@]{0,40}>)"
)
_SHAPES: dict[str, tuple[str, str]] = {
    "an Anthropic key": ("sk-ant-", _ALONE + r"sk-ant-(?=[\w-]{0,60}\d)[\w-]{16,}"),
    "an OpenAI key": (
        "sk-",
        _ALONE + r"sk-(?:(?:proj|svcacct|admin|None|or-v1)-(?=[\w-]{0,60}\d)[\w-]{20,}|[A-Za-z0-9]{20,})",
    ),
    "a Hugging Face token": ("hf_", r"hf_[A-Za-z0-9]{24,}"),
    "a GitHub token": ("gh", r"gh[opsur]_[A-Za-z0-9]{30,}"),
    "a GitHub access token": ("github_pat_", r"github_pat_[A-Za-z0-9]{20,}(?:_[A-Za-z0-9]+)?"),
    "an AWS key id": ("IA", _ALONE + r"(?:AKIA|ASIA)[A-Z0-9]{16}(?![A-Za-z0-9])"),
    "a Slack token": ("xox", r"xox[baprs]-(?=[A-Za-z0-9-]{0,60}\d)[A-Za-z0-9-]{10,}"),
    "a Google API key": ("AIza", r"AIza[A-Za-z0-9_-]{30,}"),
    "a JSON web token": ("eyJ", _START + r"eyJ[\w-]{8,}+\.[\w-]{8,}+\.[\w-]{8,}+"),
    "a private key": (
        "PRIVATE KEY",
        r"-----BEGIN [A-Z0-9 ]{0,30}PRIVATE KEY(?: BLOCK)?-----(?=(?:[^-]|-(?!----)){0,400}?[A-Za-z0-9+/]{24})"
        r"(?:[^-]|-(?!----))*+(?:-----END [A-Z0-9 ]{0,30}PRIVATE KEY(?: BLOCK)?-----)?",
    ),
    "a bearer token": (
        "earer",
        _ALONE + r"[Bb]earer[ \t]{1,4}(?=[\w.~+/%-]{0,200}\d)[\w.~+/%-]{16,}=*",
    ),
    "basic credentials": (
        "asic",
        r"[Aa]uthorization['\"]?[ \t]{0,4}[:=][ \t]{0,4}['\"]?[Bb]asic[ \t]{1,4}[A-Za-z0-9+/_-]{8,}=*",
    ),
    "an OAuth parameter": (
        "oauth_",
        r"oauth_(?:token|token_secret|consumer_key|signature|verifier)=[\"']?(?=[\w.~%+/-]{0,200}\d)[\w.~%+/=-]{10,}",
    ),
    "a password in a URL": (
        "://",
        rf"(?<=://)[^\s/?#@:\"'<>]{{0,200}}:(?!{_PLACEHOLDER}@)[^\s/?#@\"'<>]{{1,200}}(?=@)",
    ),
    # A page that is only for who has its address, signed by a storage service or with a key to a feed.
    "a key in an address": (
        "=",
        r"(?i:(?<=[?&])(?:key|auth|sig|signature|x-(?:amz|goog)-(?:signature|credential|security-token)))="
        r"(?=[\w.~%+/-]{0,200}\d)(?=[\w.~%+/-]{0,200}[A-Za-z])[\w.~%+/=-]{16,}",
    ),
    "a Stripe key": ("_", _ALONE + r"(?:[sr]k_(?:live|test)_[A-Za-z0-9]{16,}|whsec_[A-Za-z0-9]{24,})"),
    "a Twilio key": ("SK", _ALONE + r"SK[0-9a-f]{32}(?![A-Za-z0-9])"),
    "a SendGrid key": ("SG.", _ALONE + r"SG\.[\w-]{16,32}\.[\w-]{32,64}"),
    "an npm token": ("npm_", _ALONE + r"npm_[A-Za-z0-9]{36}(?![A-Za-z0-9])"),
    "a PyPI token": ("pypi-Ag", r"pypi-Ag[\w-]{50,}"),
    "a GitLab token": ("gl", _ALONE + r"gl(?:pat|dt|rt|cbt|ptt|ft|soat|imt)-(?=[\w-]{0,60}\d)[\w-]{20,}"),
    "a DigitalOcean token": ("_v1_", _ALONE + r"do[opr]_v1_[a-f0-9]{64}"),
    "a Telegram bot token": (":", r"(?:(?<![\w.:-])|(?<=\\[nrt]))\d{8,10}:A[\w-]{34}(?![\w-])"),
    "a Discord token": (".", _START + r"[MNO][A-Za-z0-9]{23,25}\.[\w-]{6}\.[\w-]{27,40}(?![\w-])"),
    "a webhook's address": (
        "hooks",
        r"(?:discord(?:app)?\.com/api/webhooks/\d{15,20}/[\w-]{60,}"
        r"|hooks\.slack\.com/(?:services|workflows|triggers)/[\w/+-]{40,})",
    ),
    "a Slack app token": ("xapp-", r"xapp-\d-[A-Z0-9]{8,}-\d{8,}-[a-z0-9]{30,}"),
    "a Mailgun key": ("key-", _ALONE + r"key-[0-9a-f]{32}(?![A-Za-z0-9])"),
    "a Mailchimp key": ("-us", _ALONE + r"[0-9a-f]{32}-us\d{1,2}(?!\d)"),
    "a Square token": ("sq0", _ALONE + r"sq0(?:atp|csp|idp)-[\w-]{22,}"),
    "an Azure key": ("=", r"(?:AccountKey|SharedAccessKey)=[A-Za-z0-9+/]{40,}={0,2}"),
    "an Azure client secret": ("Q~", r"(?:(?<![\w~.-])|(?<=\\[nrt]))[\w~.]{3}\dQ~[\w~.-]{31,34}(?![\w~.-])"),
    "a Google OAuth secret": ("-", _ALONE + r"GOCSPX-[\w-]{20,}"),
    "a Google access token": ("ya29.", _ALONE + r"ya29\.(?=[\w-]{0,60}\d)[\w-]{30,}"),
    "an X bearer token": ("AAAAAAAAAAAAAAAAAAAA", _ALONE + r"A{20,22}[A-Za-z0-9%]{60,}"),
    "a Shopify token": ("shp", _ALONE + r"shp(?:at|ca|pa|ss|tka)_[a-fA-F0-9]{32}"),
    "a Vault token": ("hv", _ALONE + r"hv[sb]\.(?=[\w-]{0,60}\d)[\w-]{24,}"),
    "an age key": ("AGE-SECRET-KEY-1", r"AGE-SECRET-KEY-1[QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L]{58}"),
    "a token of another service": (
        "_",
        _ALONE + r"(?:lin_api|ntn|gsk|sbp|glsa|glc|figd|sntrys|dckr_pat|ATATT3|hf_api|nvapi|r8|dp\.pt|PMAK)[_.-]?"
        r"(?=[A-Za-z0-9_=-]{0,60}\d)(?=[A-Za-z0-9_=-]{0,60}[A-Za-z])[A-Za-z0-9_=-]{32,}",
    ),
    "a password": (
        "",
        r"(?i:(?:(?<![A-Za-z])|(?<=\\[nrt]))(?:password|passwd|passwort|passphrase|pwd|secret|token|api[_-]?key"
        r"|access[_-]?key|private[_-]?key|client[_-]?secret))[\"']?[ \t]{0,3}(?::=|=>|=|:)[ \t]{0,3}[\"'`]?"
        r"(?!https?:|\$|<|\{)(?=[^\s\"'`,;]{0,80}\d)(?=[^\s\"'`,;]{0,80}[A-Za-z])[\w!#$%&*+/@^~.-]{8,200}"
        r"(?=[\s\"'`,;]|\\[nr]|\Z)",
    ),
    # Four groups of base32 (`randomStr(16, 'base32')` in https://github.com/bluesky-social/atproto). Four short words
    # joined by hyphens look alike; so there must be a digit and a letter, or a group without a vowel.
    "a Bluesky app password": (
        "-",
        _START + r"(?=[2-7-]{0,19}[a-z])(?=[a-z-]{0,19}[2-7]|(?:[a-z]{4}-){0,3}[b-df-hj-np-tv-xz]{4}(?![a-z]))"
        r"[a-z2-7]{4}(?:-[a-z2-7]{4}){3}(?![\w-])",
    ),
}
"""Name: what stands in every match, and the pattern. The first spares compiling and running the second."""


@functools.cache
def _shape(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.ASCII)


class Redactor:
    """Finds and blacks out, for one set of secret values; `find_secrets` and `redact` are its one-off forms."""

    def __init__(self, values: Sequence[str]) -> None:
        stripped = {value.strip() for value in values}
        self._known = KnownValues(
            sorted(value for value in stripped if len(value) >= MIN_VALUE and value not in REDACTED)
        )

    def __repr__(self) -> str:
        return f"<Redactor of {len(self._known)} fragments>"

    def _spans(self, text: str) -> list[tuple[int, int, str]]:
        spans = [(start, end, CONFIGURED) for start, end in self._known.spans(text)]
        for name, (mark, pattern) in _SHAPES.items():
            if mark in text:
                spans += [(*match.span(), name) for match in _shape(pattern).finditer(text)]
        return sorted(spans)

    def find(self, text: str) -> tuple[str, ...]:
        """What was found, in the order of the text, each name once; never the secret itself."""
        return tuple(dict.fromkeys(name for _, _, name in self._spans(text)))

    def holds_configured(self, text: str) -> bool:
        """Whether a piece of one of the secret values stands there."""
        return any(True for _ in self._known.spans(text))

    def redact(self, text: str) -> str:
        """`text` with every secret replaced by `[redacted]`."""
        merged: list[list[int]] = []
        for start, end, _ in self._spans(text):
            if merged and start < merged[-1][1]:
                merged[-1][1] = max(merged[-1][1], end)
            else:
                merged.append([start, end])
        cuts = [[0, 0], *merged, [len(text), len(text)]]
        return REDACTED.join(text[left[1] : right[0]] for left, right in pairwise(cuts))


_LEAST_KEY = 20
"""Characters. What services give out as keys is longer."""


def looks_like_a_key(value: str) -> bool:
    """Whether a value has the shape of a known key, or a piece of it is a row of letters and digits that nobody chose:
    capitals, small letters and digits change places in it at every third character, which words and versions don't."""
    pieces = re.findall(rf"[A-Za-z0-9_-]{{{_LEAST_KEY},}}", value)
    return bool(find_secrets(value, ())) or any(map(_is_random, pieces))


def _is_random(piece: str) -> bool:
    if re.fullmatch("(?=.*[a-f])[0-9a-f]{41,}", piece):  # 40 are a commit
        return True
    kinds = re.sub("[0-9]", "0", re.sub("[a-z]", "a", re.sub("[A-Z]", "A", piece)))
    changes = sum(left != right and "-" not in left + right for left, right in pairwise(kinds.replace("_", "-")))
    return {"a", "A"} <= set(kinds) and changes * 3 >= len(piece)


@functools.lru_cache(maxsize=4)
def redactor_of(values: tuple[str, ...]) -> Redactor:
    """Made once for a set of values: the log's lines and a draft's every part are held against the same."""
    return Redactor(values)


def find_secrets(text: str, values: Sequence[str]) -> tuple[str, ...]:
    """Names of the secrets in `text`: those of `values` (8 characters or more) in any form, and known shapes."""
    return redactor_of(tuple(values)).find(text)


def redact(text: str, values: Sequence[str]) -> str:
    """`text` with every secret replaced by `[redacted]`."""
    return redactor_of(tuple(values)).redact(text)

"""Tells the commits and entries of a changelog that nobody outside a project cares for from those that a user of the
program would read: strictly, for a bot says nothing rather than "Apply review".
"""

from __future__ import annotations

import re

_INTERNAL_TYPES = (
    "chore", "build", "ci", "style", "test", "tests", "docs", "doc", "refactor", "release", "deps",
    "deps-dev", "dep", "dependencies", "dev", "lint", "types", "typing", "wip", "merge", "bump", "meta",
    "infra", "tooling", "internal", "packaging", "bench", "benchmark", "benchmarks", "coverage", "workflow",
    "workflows", "github", "i18n", "l10n", "cleanup", "format",
)  # fmt: skip
_BOT = re.compile(
    r"\[bot\]|\bbot\b|\b(?:dependabot|renovate|pre-commit-ci|github-actions|greenkeeper|weblate|snyk|imgbot"
    r"|allcontributors)\b",
    re.IGNORECASE,
)
_FILES = (
    r"readme|changelog|changes|contributing|licen[cs]e|makefile|dockerfile"
    r"|\.?github|\.?gitignore|tox\.ini|pyproject(?:\.toml)?|setup\.(?:py|cfg)"
)
_BUMP = re.compile(
    r"(?:\S+: )?(?:bump|upgrade|update|pin|unpin|lock)s?(?:ed|ing)?\b.{0,100}\b(?:from|to)\s+[\"`]?(?:v"
    r"|version )?\d+\S*.*"
    r"|(?:.{0,20}\b)?(?:bump|update|upgrade)(?:ed|s)? (?:all |the |dev |development |build "
    r"|test )?(?:dependenc(?:y|ies)|deps|requirements|lock ?file|submodules?)\b.*"
    r"|\[?pre-commit(?:\.ci)?\]? .*|update dependency \S+.*|.*\bby @(?:dependabot|renovate|pre-commit-ci)\b.*",
    re.IGNORECASE,
)
_NOISE = re.compile(
    r"(?:fixup|squash|amend)!.*|(?:wip|tmp|oops|nits?|minor|merged?|initial commit)\b.*|.*[(\[](?:wip"
    r"|in progress)[)\]].*"
    r"|(?:bump|release|prepare|version|tag)\b.{0,40}\d.*|v?\d+(?:\.\d+)+\S*|.*\bapply (?:suggestions?|review"
    r"|changes)\b.*"
    rf"|(?:{_FILES})(?:\.\w+)?\s*:.*|(?:add|create|edit|fix|improve|tidy|update|move|rename)(?:s"
    rf"|ed)? (?:the )?(?:{_FILES})\S*"
    r"|.*\b(?:typos?|spelling|grammar|whitespace|lint(?:er|ers|ing)?|mypy|ruff|flake8|pylint|pyright|eslint"
    r"|prettier|isort|clippy|rubocop"
    r"|unit[- ]?tests?|tests? (?:suite|case|coverage|failures?|fixtures?)|test(?:s|ing)? for|(?:failing|broken"
    r"|more|some|new) tests?|flaky|test set|test_\w+|E\d{3} errors?|coverage|codecov|ci|github actions?"
    r"|workflows?|gitignore"
    r"|docstrings?|code ?comments?|copyright|code style|refactor(?:s|ed|ing)?|cleanups?|clean-ups?|clean(?:ed"
    r"|s)? up (?:the |some )?(?:code|imports?|tests?|comments?|api|internals?)|clean(?:ed)? ?up\W*\Z"
    r"|dead code|unused (?:imports?|code|variables?)"
    r"|review comments?|address(?:es|ed)? (?:review|feedback|comments)|merge conflicts?|changelog|release notes"
    r"|readme|pre-commit|dependabot"
    r"|fix(?:es|ed)? typ(?:ing|es?)|return types?|type (?:hints?|annotations?|ignores?|checking)"
    r"|code review|pull request template|issue template"
    r"|sphinx (?:config|theme)|contributing guide"
    r"|(?:internal|private) (?:helpers?|functions?|methods?|refactor\w*)|documentation (?:builds?|improvements?"
    r"|fixes)|minor (?:fixes|changes|tweaks))\b.*",
    re.IGNORECASE,
)
_VERBS = (
    r"(?:add|support|fix|remove|drop|deprecate|allow|improve|speed|show|handle|prevent|avoid|introduce|enable"
    r"|disable|implement|accept"
    r"|reduce|read|write|make|let|offer|provide|warn|reject|refuse|detect|respect|keep|restore|retry|stop|start"
    r"|include|ignore|raise|return"
    r"|display|send|load|save|open|close|print|parse|use|require|rename|replace|extend|increase|limit|validate"
    r"|escape|encode|decode|convert"
    r"|tell|name|ask|check|take|give|try|skip|report|preserve|correct|resolve|secure|protect|encrypt|expose"
    r"|export|import|search|sort|filter"
    r"|translate|render|highlight|optimi[sz]e|cache|compress|announce|clean|serve|understand|recogni[sz]e|work"
    r"|survive|wait|time|do(?: not|n't)"
    r"|revoke|rotate|hide|store|remember|forget|play|pause|mute|resume|cancel|undo|copy|paste|zoom|scroll|never"
    r"|always|no longer|do)"
)
_NEWS = re.compile(rf"(?:{_VERBS})(?:s|es|d|ed|ing)?\b|(?:faster|better|new|support for|option|much)\b", re.IGNORECASE)
_PREFIX = re.compile(r"([\w./,* -]{1,30}):\s+(?=\S)")
_CONVENTIONAL = re.compile(
    r"(feat|feature|fix|bugfix|perf|security|remove|deprecate|add|improve)(?:\(([^()]{1,40})\))?!?:\s+(.+)", re.I
)
_PRIVATE = re.compile(
    r"(?<!\w)_\w|\w+\.(?:py|js|ts|rs|go|c|cc|cpp|h|java|rb|php|yml|yaml|toml|json|cfg|ini|sh|txt|md|rst|lock)\b"
    r"|\w\(\)|::|self\.|\w_\w|[a-z][A-Z]|\w/\w+/"
)
_VAGUE = re.compile(
    r"(?:fix|solve|resolve|handle|address|improve|update|change|add)(?:s|es|ed)? (?:some |a few |several |more "
    r"|the |a |an |small |minor |another |various |that )*"
    r"(?:bugs?|issues?|problems?|errors?|things?|stuff|edge cases?|details?|code|logic|tweaks?|regressions?"
    r"|fix(?:es)?)\W*"
    r"|.*\b(?:stuff|again|attempt|temporarily|temporary (?:fix|hack)|hack|hopefully|try to|part \d|step \d"
    r"|placeholder|scaffold\w*|skeleton|stub)\b.*"
    r"|.*#\d+\W*",
    re.IGNORECASE,
)
_LEAST_WORDS = 4


def is_bot(author: str) -> bool:
    """Whether a commit's author is a program."""
    return _BOT.search(author) is not None


def is_internal_type(name: str) -> bool:
    """Whether a conventional commit's type or scope concerns nobody outside."""
    return name.casefold().strip() in _INTERNAL_TYPES


def is_bump(text: str) -> bool:
    """Whether it says only that another version of something is used."""
    return _BUMP.fullmatch(text[:400]) is not None


def is_noise(text: str) -> bool:
    """Whether a line speaks of the work on the program and not of the program."""
    return _NOISE.fullmatch(text[:400]) is not None or is_bump(text)


def is_news(subject: str) -> bool:
    """Whether a commit's subject tells a user of the program something."""
    subject = " ".join(subject.split())
    text = re.sub(r"\s*\((?:#\d+|GH-\d+)\)\Z", "", subject)
    if is_noise(text) or text.lower().startswith("revert"):
        return False
    if found := _CONVENTIONAL.fullmatch(text):
        if is_internal_type(found[2] or ""):
            return False
        text = found[3]
    elif found := _PREFIX.match(text):
        if is_internal_type(found[1]) or found[1].casefold() in ("comments", "comment"):
            return False
        text = text[found.end() :]
    words = re.findall(r"[^\W_][\w'’-]*", text)
    return (
        len(words) >= _LEAST_WORDS
        and _NEWS.match(text) is not None
        and not is_noise(text)
        and not _PRIVATE.search(text)
        and not _VAGUE.fullmatch(text)
    )

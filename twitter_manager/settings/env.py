"""The settings that come from `.env`, the process environment and `data/bots/NAME.env`: keys, switches, addresses.

`KEYS` is the whole list; the sample file and every message are made from it. Files are parsed by python-dotenv;
a value is taken as it stands, `$NAME` is not replaced. No message repeats a value.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any, NamedTuple

from pydantic import TypeAdapter, ValidationError

from twitter_manager.domain import Price
from twitter_manager.errors import Problem
from twitter_manager.platforms import SPECS
from twitter_manager.redaction import find_secrets
from twitter_manager.settings.records import (
    NLI,
    NOBODY,
    PAID,
    WRITER,
    Credentials,
    Embeddings,
    Generators,
    HuggingFace,
    Judging,
    Provider,
)
from twitter_manager.settings.rules import Bad, Rule, choice, digits, every, matching, near, read_text, text, url

ENVIRONMENT = "environment"
HOME = "TWITTER_MANAGER_HOME"
LARGEST = 64 * 1024
"""Bytes of a `.env` file."""
GENERATORS = ("huggingface", "claude", "openai", "excerpt")
_PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")
_LIBRARIES = (
    *_PROXIES,
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "REQUESTS_CA_BUNDLE",
    "HF_HOME",
    "HF_HUB_OFFLINE",
    "HF_TOKEN",
    "TZ",
)
PASS_THROUGH = frozenset(_LIBRARIES) | {name.lower() for name in _PROXIES}
"""Names that `.env` may hold for the libraries that read them."""


def _names(value: str) -> tuple[str, ...]:
    listed = [name.strip() for name in value.split(",")]
    names: tuple[str, ...] = every(choice(*GENERATORS), len(GENERATORS), least=1)(listed)
    return names


_token = matching(r"[!-~]{1,500}", "holds a blank or a character that no key has", "Copy it again.")


def _price(value: str) -> Price:
    found = re.fullmatch(r"([0-9]{1,4}(?:\.[0-9]{1,6})?) +([0-9]{1,4}(?:\.[0-9]{1,6})?)", value)
    if not found:
        raise Bad("is not two numbers with a blank between", "Write dollars for a million tokens in and out, say: 1 5")
    return float(found[1]), float(found[2])


_model = matching(r"[A-Za-z0-9][A-Za-z0-9._:/@-]{0,199}", "is not a model's name")
_revision = matching("[0-9a-f]{40}", "is not a commit of 40 hex digits", "Copy it from the model's page on the hub.")
_effort = choice("none", "low", "medium", "high")
_level = choice("DEBUG", "INFO", "WARNING", "ERROR")


class Key(NamedTuple):
    """One setting: its rule, what `.env.example` says of it, its default, whether it is secret and whether
    `data/bots/NAME.env` may set it."""

    rule: Rule
    help: str
    default: str = ""
    secret: bool = False
    per_bot: bool = True


def _platform_keys() -> Iterator[tuple[str, Key]]:
    for spec in SPECS.values():
        for field in spec.settings.model_fields.values() if spec.settings else ():
            facts: Any = field.json_schema_extra
            default = "" if field.is_required() else field.default
            rule = _as_rule(TypeAdapter(Annotated[(field.annotation, *field.metadata)]))  # type: ignore[arg-type]
            yield facts["variable"], Key(rule, field.description or "", default, facts["secret"], facts["per_bot"])


def _as_rule(adapter: TypeAdapter[Any]) -> Rule:
    def rule(value: Any) -> Any:
        try:
            return adapter.validate_python(value)
        except ValidationError as error:
            invalid = error.errors()[0]["ctx"]["error"]
            raise Bad(invalid.message, invalid.remedy) from None

    return rule


_ALIASES = {"OPENAI_API_BASE": "OPENAI_BASE_URL"}
KEYS: Mapping[str, Key] = {
    **dict(_platform_keys()),
    "ANTHROPIC_API_KEY": Key(_token, "Claude, by Anthropic. Without a key it is left out.", secret=True),
    "ANTHROPIC_BASE_URL": Key(url(path=True), "Empty: the official one."),
    "ANTHROPIC_MODEL": Key(_model, "Empty: a current one of middle size."),
    "ANTHROPIC_EFFORT": Key(_effort, "How long a model thinks first: none, low, medium, high. Empty: as it likes."),
    "ANTHROPIC_PRICE": Key(
        _price, "US dollars for a million tokens in and out, say: 1 5. Empty: by the bundled price list."
    ),
    "OPENAI_API_KEY": Key(
        _token, "OpenAI, or any service like it. A server on this machine needs no key.", secret=True
    ),
    "OPENAI_BASE_URL": Key(
        url(path=True), "Say https://openrouter.ai/api/v1, or http://localhost:11434/v1 for Ollama."
    ),
    "OPENAI_MODEL": Key(_model, "Empty: a current one of middle size."),
    "OPENAI_EFFORT": Key(_effort, "As ANTHROPIC_EFFORT. A server that knows no such field is asked without it."),
    "OPENAI_PRICE": Key(_price, "As ANTHROPIC_PRICE. A server on this machine costs nothing unless a price is set."),
    "HF_MODEL": Key(
        text(1000), "A local model: hub name, folder or .gguf file. Empty: the bundled one.", per_bot=False
    ),
    "HF_REVISION": Key(
        _revision,
        "The commit of a hub model, 40 hex digits.",
        per_bot=False,
    ),
    "HF_WRITING": Key(
        choice("choose", "write"),
        "choose: the model picks among true wordings; write: it writes freely, and needs a judge (see JUDGE).",
        per_bot=False,
    ),
    "HF_THREADS": Key(digits(1, 256), "Threads that the local model may use. Empty: as torch likes.", per_bot=False),
    "EMBEDDINGS": Key(
        choice("local", "openai", "off"),
        "What compares texts by meaning: local, openai (the service above; costs a little) or off.",
        "local",
        per_bot=False,
    ),
    "EMBEDDINGS_MODEL": Key(
        text(1000), "A sentence-embedding model: hub name, folder or a service's. Empty: a small one.", per_bot=False
    ),
    "EMBEDDINGS_REVISION": Key(_revision, "The commit of a hub model, 40 hex digits.", per_bot=False),
    "GENERATORS": Key(_names, "Who writes: asked in this order until one is good.", ",".join(GENERATORS)),
    "JUDGE": Key(
        choice(WRITER, *PAID, NLI),
        "Who must say yes before a text that a model wrote is posted: self (that model, asked anew), claude, openai "
        "or nli (JUDGE_MODEL). Empty: a service judges itself, a local model's text needs JUDGE_MODEL or JUDGE=self.",
    ),
    "JUDGE_MODEL": Key(
        text(1000), "A local NLI cross-encoder (entailment, neutral, contradiction): hub name or folder.", per_bot=False
    ),
    "JUDGE_REVISION": Key(_revision, "The commit of a hub model, 40 hex digits.", per_bot=False),
    "RUN_SECONDS": Key(digits(30, 3300), "The most seconds that a run may take.", "600", per_bot=False),
    "SETTLE_MINUTES": Key(
        digits(1, 1440), "How long a post to X that may have arrived is looked for.", "15", per_bot=False
    ),
    "UNSURE": Key(
        choice("resend", "hold"),
        "If it is not found then: resend it, or hold it for a person.",
        "resend",
        per_bot=False,
    ),
    "LOG_LEVEL": Key(_level, "DEBUG, INFO, WARNING or ERROR.", "INFO", per_bot=False),
}

FORMER: Mapping[str, Key] = {"CRITIC": Key(choice(WRITER, *PAID, NOBODY), "")}
"""Settings of older versions, which are still read; `doctor` says what to write in their place."""
ALL: Mapping[str, Key] = {**KEYS, **FORMER}


class Given(NamedTuple):
    """A value, and the place that gave it."""

    value: str
    where: str


Layer = Mapping[str, Given]


class Problems(list[Problem]):
    """Collects what is wrong."""

    def note(self, where: str, field: str, bad: Bad) -> None:
        self.append(Problem(where, field, f"{bad.message}.", bad.remedy))


def from_environment(environ: Mapping[str, str], problems: Problems) -> Layer:
    """What the process environment gives; names that are not ours are none of our business."""
    known = ALL.keys() | _ALIASES.keys()
    return _unaliased({name: Given(environ[name], ENVIRONMENT) for name in known if name in environ}, problems)


def from_file(path: Path, where: str, *, per_bot: bool, problems: Problems) -> Layer:
    """What a `.env` file gives; nothing where there is none, or where it can't be trusted."""
    try:
        content = read_text(path, LARGEST, private=True)
    except FileNotFoundError:
        return {}
    except Bad as bad:
        problems.note(where, "", bad)
        return {}
    found: dict[str, Given] = {}
    for number, name, value in _lines(content):
        try:
            _known(name, per_bot)
            if value is None:
                raise Bad(f"has no value (line {number})", f"Write {name}=value.")
            if name in found:
                raise Bad(f"stands there twice (line {number})", "Remove one of them.")
        except Bad as bad:
            problems.note(where, name if name in ALL else f"line {number}", bad)
        else:
            found[name] = Given(value, where)
    return _unaliased(found, problems)


def _lines(content: str) -> Iterable[tuple[int, str, str | None]]:
    """Line number, name and value of each assignment; the name is empty where the line can't be parsed."""
    import io

    from dotenv.parser import parse_stream

    for binding in parse_stream(io.StringIO(content)):
        # The parser counts blank lines before an assignment to it.
        blank = len(binding.original.string) - len(binding.original.string.lstrip())
        number = binding.original.line + binding.original.string.count("\n", 0, blank)
        if binding.error or "\0" in binding.original.string:
            yield number, "", None
        elif binding.key is not None:
            yield number, binding.key, binding.value


def _known(name: str, per_bot: bool) -> None:
    """Raises Bad for a name that may not stand there. It is repeated only where it looks like a setting's name."""
    allowed = {key for key, facts in ALL.items() if facts.per_bot or not per_bot} | _ALIASES.keys()
    if name in allowed or (not per_bot and name in PASS_THROUGH):
        return
    if not name:
        raise Bad("is not of the form NAME=value", "Write one setting a line.")
    if name == HOME:
        raise Bad(f"{HOME} can't be set here: it says where this file is", "Set it in the environment or the crontab.")
    if name in KEYS or name in PASS_THROUGH:
        raise Bad(f"{name} holds for all bots", "Move it to .env.")
    plain = re.fullmatch(r"[A-Z][A-Z0-9_]{1,39}", name) and not find_secrets(name, ())
    raise Bad(f"there is no setting {name}" if plain else "there is no such setting", near(name, allowed))


def _unaliased(layer: dict[str, Given], problems: Problems) -> Layer:
    for alias, name in _ALIASES.items():
        second, first = layer.pop(alias, None), layer.get(name)
        if second is None or (first is not None and not second.value):
            continue
        if first is not None and first.value and first.value != second.value:
            problems.append(Problem(first.where, alias, f"says something else than {name}.", "Remove one of them."))
        elif first is None or not first.value:
            layer[name] = second
    return layer


_PLACEHOLDER = (
    r"<.*>|\[.*\]|\{.*\}|\.{3,}|…|x{3,}|\*{3,}|(?:x{4}-){3}x{4}|change[-_ ]?me|replace[-_ ]?me|todo|tbd|example"
    r"|(?:your|my|the|insert|paste|enter|put)[-_ ].*(?:key|token|secret|password|handle|here|name).*"
    r"|you(?:r[-_]?(?:name|handle))?\.bsky\.social|.*[-_ ]goes[-_ ]here"
)


def checked(name: str, value: str) -> Any:
    """The value of one of `KEYS`, as the program works with it. Raises Bad."""
    if value != value.strip():
        raise Bad("begins or ends with a blank or a line break", "Remove it.")
    if "\n" in value or "\r" in value:
        raise Bad("holds a line break", "Write it on one line.")
    if value[:1] in ("'", '"', "`", "“", "”") or value[-1:] in ("'", '"', "`", "“", "”"):
        raise Bad("begins or ends with a quotation mark", "Remove the quotation marks.")
    if len(value) > 4096:
        raise Bad("is longer than 4096 characters", "Copy it again.")
    if re.fullmatch(_PLACEHOLDER, value, re.IGNORECASE):
        raise Bad("is still the example's text", "Put the real value there, or leave it empty.")
    text(4096)(value)
    return ALL[name].rule(value) if name in ALL else value


def merged(*layers: Layer) -> Layer:
    """The layers in one; what comes later holds, and an empty value takes away what came before."""
    return {name: given for layer in layers for name, given in layer.items()}


class Values:
    """The checked values of merged layers."""

    def __init__(self, layer: Layer, problems: Problems) -> None:
        self._layer = {name: given for name, given in layer.items() if given.value}
        self._problems = problems
        self._values: dict[str, Any] = {}
        for name, given in self._layer.items():
            try:
                self._values[name] = checked(name, given.value)
            except Bad as bad:
                problems.note(given.where, name, bad)

    def __getitem__(self, name: str) -> Any:
        """The value, or the default; where the value is wrong too, since its problem is noted."""
        if name in self._values:
            return self._values[name]
        default = ALL[name].default
        return ALL[name].rule(default) if default else ""

    def _all_of(self, names: tuple[str, ...]) -> bool:
        """Whether every one is given; some but not all is a problem."""
        missing = [name for name in names if name not in self._layer]
        if missing and len(missing) < len(names):
            where = next(self._layer[name].where for name in names if name in self._layer)
            some = ", ".join(name for name in names if name in self._layer)
            self._problems.append(
                Problem(where, ", ".join(missing), f"is missing, and {some} is set.", "Set all of them or none.")
            )
        return not missing

    def credentials(self) -> Credentials:
        found = {}
        for spec in SPECS.values():
            fields = spec.settings.model_fields if spec.settings else {}
            names = {name: str(field.json_schema_extra["variable"]) for name, field in fields.items()}  # type: ignore[index]
            if fields and self._all_of(tuple(names[name] for name, field in fields.items() if field.is_required())):
                values = {name: self[variable] for name, variable in names.items()}
                found[spec.name] = spec.settings.model_construct(**values)  # type: ignore[union-attr]
        return Credentials(found)

    def generators(self, home: Path) -> Generators:
        return Generators(
            self["GENERATORS"],
            HuggingFace(*self._local_model("HF", home), self["HF_WRITING"], self["HF_THREADS"] or 0),
            self._provider("ANTHROPIC"),
            self._provider("OPENAI"),
            self._judging(home),
            self._embeddings(home),
        )

    def _provider(self, prefix: str) -> Provider | None:
        key, address = self[f"{prefix}_API_KEY"], self[f"{prefix}_BASE_URL"]
        if not key and not (prefix == "OPENAI" and address.startswith("http://")):
            return None
        model, effort = self[f"{prefix}_MODEL"], self[f"{prefix}_EFFORT"]
        return Provider(key, address, model, self[f"{prefix}_PRICE"] or None, effort)

    def _judging(self, home: Path) -> Judging:
        """JUDGE holds over CRITIC, its former name."""
        model, revision = self._local_model("JUDGE", home)
        if self["JUDGE"] == NLI and "JUDGE_MODEL" not in self._layer:
            bad = Bad("is nli without JUDGE_MODEL", "Set JUDGE_MODEL to an NLI model: a folder or a hub name.")
            self._problems.note(self._layer["JUDGE"].where, "JUDGE", bad)
        return Judging(self["JUDGE"] or self["CRITIC"], model, revision, "CRITIC" in self._layer)

    def _embeddings(self, home: Path) -> Embeddings:
        kind = self["EMBEDDINGS"]
        if kind == "local":
            return Embeddings("local", *self._local_model("EMBEDDINGS", home))
        if kind == "openai" and "EMBEDDINGS_REVISION" in self._layer:
            bad = Bad("is for a model on this machine, and EMBEDDINGS=openai", "Leave it empty.")
            self._problems.note(self._layer["EMBEDDINGS_REVISION"].where, "EMBEDDINGS_REVISION", bad)
        return Embeddings("openai", self["EMBEDDINGS_MODEL"]) if kind == "openai" else Embeddings("")

    def _local_model(self, setting: str, home: Path) -> tuple[str, str]:
        """Model and revision; a folder becomes absolute and needs no revision."""
        model, revision = self[f"{setting}_MODEL"], self[f"{setting}_REVISION"]
        try:
            return _model_place(model, f"{setting}_REVISION" in self._layer, home, setting), revision
        except Bad as bad:
            name = f"{setting}_MODEL" if model else f"{setting}_REVISION"
            self._problems.note(self._layer[name].where, name, bad)
            return "", ""


def _model_place(model: str, has_revision: bool, home: Path, setting: str) -> str:
    if not model:
        if has_revision:
            raise Bad(f"is set without {setting}_MODEL", "Set both or none.")
        return ""
    gguf = setting == "HF"  # other models than those that write come as safetensors alone
    with suppress(OSError, RuntimeError):  # a name too long; a home folder of nobody
        folder = home / Path(model).expanduser()
        if folder.is_dir() or (gguf and folder.suffix == ".gguf" and folder.is_file()):
            return str(folder)
    hub = r"[A-Za-z0-9][\w.-]*(?:/[A-Za-z0-9][\w.-]*)?" + (r"(?:/[A-Za-z0-9][\w.-]*\.gguf)?" if gguf else "")
    if model[0] in "./~" or not re.fullmatch(hub, model, re.ASCII):
        what = "a folder or .gguf file" if gguf else "a folder"
        raise Bad(f"is neither {what} that is there nor the name of a hub model", "Write it as owner/name.")
    if not has_revision:
        name = f"{setting}_REVISION"
        raise Bad(f"is a hub model without {name}", f"Set {name} to the 40-hex commit that you looked at.")
    return model


def secret_values(layer: Layer, environ: Mapping[str, str]) -> set[str]:
    """Every secret of a layer, and those within the addresses of proxies."""
    from urllib.parse import unquote, urlsplit

    names = {name for name, key in KEYS.items() if key.secret} | {"HF_TOKEN"}
    secrets = {layer[name].value for name in layer.keys() & names}
    proxies = [layer[name].value for name in layer.keys() & PASS_THROUGH]
    proxies += [environ[name] for name in environ.keys() & PASS_THROUGH if name != "HF_TOKEN"]
    for proxy in proxies:
        try:
            password = urlsplit(proxy).password or ""
        except ValueError:
            continue
        secrets |= {password, unquote(password)}
    return {value for value in secrets | {environ.get("HF_TOKEN", "")} if value}


def sample_env(values: Mapping[str, str] | None = None) -> str:
    """The text of `.env.example`: every setting, none set; or a `.env` with these values. Raises Bad."""
    from textwrap import wrap

    values = values or {}
    lines = [
        "# Settings of twitter_manager. Copy to .env, then: chmod 600 .env",
        "# Nothing here is needed: without any of it, posts go to data/feed.xml. What the process environment sets",
        "# holds over this file; data/bots/NAME.env (accounts and keys of one bot) holds over both.",
        "# A value with a blank before a # goes between single quotes. Other names are refused, save a few that",
        f"# libraries read: {', '.join(_LIBRARIES[:5])},",
        f"# {', '.join(_LIBRARIES[5:])}.",
    ]
    for name, key in KEYS.items():
        if key.help:
            lines += ["", *wrap(key.help, 110, initial_indent="# ", subsequent_indent="# ")]
        if name in values or not key.default:
            lines.append(f"{name}={_written(values.get(name, ''))}")
        else:
            lines.append(f"# {name}={key.default}")
    return "\n".join(lines) + "\n"


def _written(value: str) -> str:
    """The value as python-dotenv reads it back."""
    if not re.search(r"\s#", value):
        return value
    if value.endswith("\\"):
        raise Bad("ends in a backslash and holds a blank before a #, which .env can't express")
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"

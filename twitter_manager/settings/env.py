"""The settings that come from `.env`, the process environment and `data/bots/NAME.env`: keys, switches, addresses.

What there is stands in `variables.py`. Files are parsed by python-dotenv;
a value is taken as it stands, `$NAME` is not replaced. No message repeats a value.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from twitter_manager.errors import Problem
from twitter_manager.platforms import SPECS
from twitter_manager.platforms.spec import PlatformSettings
from twitter_manager.redaction import find_secrets, looks_like_a_key
from twitter_manager.settings import channels, keyrings, mailbox
from twitter_manager.settings.files import Problems, read_text
from twitter_manager.settings.mailbox import Mailbox
from twitter_manager.settings.records import NLI, Claude, Embeddings, Generators, HuggingFace, Judging, OpenAI
from twitter_manager.settings.variables import ALIASES, ALL, KEYS, variables_of
from twitter_manager.validation import InvalidValue, checked_text, did_you_mean

ENVIRONMENT = "environment"
HOME = "TWITTER_MANAGER_HOME"
LARGEST = 64 * 1024
"""Bytes of a `.env` file."""
_PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")
_CERTIFICATES = ("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE")
_ADDRESSES = frozenset({channels.VARIABLE, "PING_URL"})
"""Addresses of which a piece is the secret."""
_HEADERS = "OTEL_EXPORTER_OTLP_HEADERS"
_LIBRARIES = (*_PROXIES, *_CERTIFICATES, "HF_HOME", "HF_HUB_OFFLINE", "HF_TOKEN", "TZ")
_GATEWAY = "PUSHGATEWAY_URL"
_PROXY_NAMES = frozenset(_PROXIES) | {name.lower() for name in _PROXIES}
PASS_THROUGH = frozenset(_LIBRARIES) | _PROXY_NAMES
"""Names that `.env` may hold for the libraries that read them."""


class Given(NamedTuple):
    """A value, and the place that gave it."""

    value: str
    where: str


Layer = Mapping[str, Given]


def from_environment(environ: Mapping[str, str], problems: Problems) -> Layer:
    """What the process environment gives; names that are not ours are none of our business."""
    known = ALL.keys() | ALIASES.keys()
    return _unaliased({name: Given(environ[name], ENVIRONMENT) for name in known if name in environ}, problems)


def from_file(path: Path, where: str, *, per_bot: bool, problems: Problems, private: bool = True) -> Layer:
    """What a `.env` file gives; nothing where there is none, or where it can't be trusted (`private`)."""
    try:
        content = read_text(path, LARGEST, private=private)
    except FileNotFoundError:
        return {}
    except InvalidValue as invalid:
        problems.note(where, "", invalid)
        return {}
    return parsed(content, where, per_bot=per_bot, problems=problems)


def parsed(content: str, where: str, *, per_bot: bool, problems: Problems) -> Layer:
    """The same for the text of one."""
    layer: dict[str, Given] = {}
    for number, name, value in _lines(content):
        try:
            _known(name, per_bot)
            if value is None:
                raise InvalidValue(f"has no value (line {number})", f"Write {name}=value.")
            if name in layer:
                raise InvalidValue(f"stands there twice (line {number})", "Remove one of them.")
        except InvalidValue as invalid:
            problems.note(where, name if name in ALL else f"line {number}", invalid)
        else:
            layer[name] = Given(value, where)
    return _unaliased(layer, problems)


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
    """Raises InvalidValue for a name that may not stand there, which is repeated only where it looks like a name."""
    allowed = {key for key, facts in ALL.items() if facts.per_bot or not per_bot} | ALIASES.keys()
    if name in allowed or (not per_bot and name in PASS_THROUGH):
        return
    if not name:
        raise InvalidValue("is not of the form NAME=value", "Write one setting a line.")
    if name == HOME:
        message = f"{HOME} can't be set here: it says where this file is"
        raise InvalidValue(message, "Set it in the environment or the crontab.")
    if name in KEYS or name in PASS_THROUGH:
        raise InvalidValue(f"{name} holds for all bots", "Move it to .env.")
    plain = re.fullmatch(r"[A-Z][A-Z0-9_]{1,39}", name) and not find_secrets(name, ())
    message = f"there is no setting {name}" if plain else "there is no such setting"
    raise InvalidValue(message, did_you_mean(name, allowed))


def _unaliased(layer: dict[str, Given], problems: Problems) -> Layer:
    for alias, name in ALIASES.items():
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
    """The value of one of `KEYS`, as the program works with it. Raises InvalidValue."""
    value = " ".join(value.split()) if name == channels.VARIABLE else value
    if value != value.strip():
        raise InvalidValue("begins or ends with a blank or a line break", "Remove it.")
    if "\n" in value or "\r" in value:
        raise InvalidValue("holds a line break", "Write it on one line.")
    if value[:1] in ("'", '"', "`", "“", "”") or value[-1:] in ("'", '"', "`", "“", "”"):
        raise InvalidValue("begins or ends with a quotation mark", "Remove the quotation marks.")
    if len(value) > 4096:
        raise InvalidValue("is longer than 4096 characters", "Copy it again.")
    if re.fullmatch(_PLACEHOLDER, value, re.IGNORECASE):
        raise InvalidValue("is still the example's text", "Put the real value there, or leave it empty.")
    checked_text(value, 4096)
    taken = ALL[name].check(value) if name in ALL else value
    if name in ALL and not ALL[name].secret and looks_like_a_key(value):
        raise InvalidValue("looks like a key or a password, and this setting is shown", "Put it into its own setting.")
    return taken


def merged(*layers: Layer) -> Layer:
    """The layers in one; what comes later holds, and an empty value takes away what came before."""
    return {name: given for layer in layers for name, given in layer.items()}


def in_keyring(shared: Layer, layers: Mapping[str, Layer]) -> Mapping[str, str]:
    """By entry: the secrets that files and the environment lack and the keyring has, where KEYRING=on. `layers`: what
    is each bot's own. Raises InvalidValue."""
    if "KEYRING" not in shared or shared["KEYRING"].value != "on":
        return {}
    users = [keyrings.user(name) for name in _lacking(shared)]
    for bot, layer in layers.items():
        users += [keyrings.user(name, bot) for name in _lacking(merged(shared, layer)) if KEYS[name].per_bot]
    return keyrings.read(users)


def filled(layer: Layer, held: Mapping[str, str], bot: str = "") -> Layer:
    """A layer with what it lacks and the keyring has, a bot's own entry first."""
    more = {}
    for name in _lacking(layer):
        user = next((user for user in (keyrings.user(name, bot), keyrings.user(name)) if user in held), None)
        if user:
            more[name] = Given(held[user], keyrings.place(user))
    return merged(layer, more)


def _lacking(layer: Layer) -> list[str]:
    """The secrets that are not set there. An empty line, as the sample has them, sets none."""
    return [name for name, key in KEYS.items() if key.secret and not (name in layer and layer[name].value)]


class Values:
    """The checked values of merged layers."""

    def __init__(self, layer: Layer, problems: Problems) -> None:
        self._layer = {name: given for name, given in layer.items() if given.value}
        self._problems = problems
        self._values: dict[str, Any] = {}
        for name, given in self._layer.items():
            try:
                self._values[name] = checked(name, given.value)
            except InvalidValue as invalid:
                problems.note(given.where, name, invalid)

    def __getitem__(self, name: str) -> Any:
        """The value, or the default; where the value is wrong too, since its problem is noted."""
        return self._values.get(name, ALL[name].default)

    def origins(self) -> dict[str, str]:
        """By name that has a value: the place that gave it."""
        return {name: given.where for name, given in self._layer.items()}

    def _all_of(self, names: tuple[str, ...]) -> bool:
        """Whether every one is given; some but not all is a problem."""
        present = [name for name in names if name in self._layer]
        missing = [name for name in names if name not in self._layer]
        if missing and present:
            message = f"is missing, and {', '.join(present)} is set."
            where = self._layer[present[0]].where
            self._problems.append(Problem(where, ", ".join(missing), message, "Set all of them or none."))
        return not missing

    def fields(self, record: type) -> dict[str, Any]:
        """The values of those fields of a record that variables fill."""
        return {field: self[variable.name] for field, variable in variables_of(record).items()}

    def credentials(self) -> dict[str, PlatformSettings]:
        """By platform, those that have all that they need."""
        models = {name: spec.settings for name, spec in SPECS.items() if spec.settings}
        return {
            platform: model.model_construct(**self.fields(model))
            for platform, model in models.items()
            if self._all_of(tuple(variable.name for variable in variables_of(model).values() if variable.is_required))
        }

    def mailbox(self) -> Mailbox | None:
        """Where answers come by mail; None without."""
        if not self._all_of(tuple(each.name for each in variables_of(Mailbox).values() if each.is_required)):
            return None
        try:
            return mailbox.checked(Mailbox.model_construct(**self.fields(Mailbox)))
        except InvalidValue as invalid:
            self._note("IMAP_SECURITY", invalid.message, invalid.remedy)
            return None

    def generators(self, home: Path) -> Generators:
        claude, openai = Claude.model_construct(**self.fields(Claude)), OpenAI.model_construct(**self.fields(OpenAI))
        return Generators.model_construct(
            **self.fields(Generators),
            huggingface=HuggingFace.model_construct(**self.fields(HuggingFace) | self._local_model("HF", home)),
            claude=claude if claude.api_key else None,
            openai=openai if openai.api_key or openai.base_url.startswith("http://") else None,
            judging=self._judging(home),
            embeddings=self._embeddings(home),
        )

    def _judging(self, home: Path) -> Judging:
        """JUDGE holds over CRITIC, its former name."""
        local = self._local_model("JUDGE", home)
        if self["JUDGE"] == NLI and "JUDGE_MODEL" not in self._layer:
            self._note(
                "JUDGE", "is nli without JUDGE_MODEL", "Set JUDGE_MODEL to an NLI model: a folder or a hub name."
            )
        return Judging.model_construct(kind=self["JUDGE"] or self["CRITIC"], **local, by_critic="CRITIC" in self._layer)

    def _embeddings(self, home: Path) -> Embeddings:
        kind = self["EMBEDDINGS"]
        if kind == "local":
            return Embeddings.model_construct(kind="local", **self._local_model("EMBEDDINGS", home))
        if kind == "openai" and "EMBEDDINGS_REVISION" in self._layer:
            self._note(
                "EMBEDDINGS_REVISION", "is for a model on this machine, and EMBEDDINGS=openai", "Leave it empty."
            )
        model = self["EMBEDDINGS_MODEL"] if kind == "openai" else ""
        return Embeddings.model_construct(kind=kind.removeprefix("off"), model=model)

    def _local_model(self, setting: str, home: Path) -> dict[str, Any]:
        """Model and revision; a folder becomes absolute and needs no revision."""
        model, revision = self[f"{setting}_MODEL"], self[f"{setting}_REVISION"]
        try:
            place = _model_place(model, f"{setting}_REVISION" in self._layer, home, setting)
        except InvalidValue as invalid:
            self._note(f"{setting}_MODEL" if model else f"{setting}_REVISION", invalid.message, invalid.remedy)
            return {}
        return {"model": place, "revision": revision}

    def _note(self, name: str, message: str, remedy: str) -> None:
        self._problems.note(self._layer[name].where, name, InvalidValue(message, remedy))


def _model_place(model: str, has_revision: bool, home: Path, setting: str) -> str:
    if not model:
        if has_revision:
            raise InvalidValue(f"is set without {setting}_MODEL", "Set both or none.")
        return ""
    gguf = setting == "HF"  # other models than those that write come as safetensors alone
    with suppress(OSError, RuntimeError):  # a name too long; a home folder of nobody
        folder = home / Path(model).expanduser()
        if folder.is_dir() or (gguf and folder.suffix == ".gguf" and folder.is_file()):
            return str(folder)
    hub = r"[A-Za-z0-9][\w.-]*(?:/[A-Za-z0-9][\w.-]*)?" + (r"(?:/[A-Za-z0-9][\w.-]*\.gguf)?" if gguf else "")
    if model[0] in "./~" or not re.fullmatch(hub, model, re.ASCII):
        what = "a folder or .gguf file" if gguf else "a folder"
        raise InvalidValue(f"is neither {what} that is there nor the name of a hub model", "Write it as owner/name.")
    if not has_revision:
        name = f"{setting}_REVISION"
        raise InvalidValue(f"is a hub model without {name}", f"Set {name} to the 40-hex commit that you looked at.")
    return model


def secret_values(layer: Layer, environ: Mapping[str, str]) -> set[str]:
    """Every secret of a layer, and those within the addresses of proxies, of channels and of a push gateway."""
    names = {name for name, key in KEYS.items() if key.secret} - {*_ADDRESSES, _HEADERS, _GATEWAY} | {"HF_TOKEN"}
    secrets = {environ.get("HF_TOKEN", ""), *(layer[name].value for name in layer.keys() & names)}
    for name in layer.keys() & _ADDRESSES:
        secrets |= channels.secrets_in(layer[name].value)
    if _HEADERS in layer:
        secrets |= _secrets_of_headers(layer[_HEADERS].value)
    proxies = {name for name in _PROXY_NAMES if not name.upper().startswith("NO_")}
    shown = [layer[name].value for name in layer.keys() & {*proxies, _GATEWAY}]
    shown += [environ[name] for name in environ.keys() & proxies]
    for address in shown:  # its host is told
        user, _, place = address.rpartition("://")[2].rpartition("@")
        secrets |= channels.secrets_in(f"any://{user}@localhost/{place.partition('/')[2]}")
    return secrets - {""}


def _secrets_of_headers(value: str) -> set[str]:
    """What stands behind the names: `Authorization=Bearer ey…`, where `Bearer` is none."""
    from urllib.parse import unquote

    values = [header.partition("=")[2] for header in value.split(",")]
    return {word for each in values for form in (each, unquote(each)) for word in form.split() if word != "Bearer"}


def at_hand(home: Path, environ: Mapping[str, str], *names: str) -> dict[str, Any]:
    """The sound values of these settings, whatever is wrong with the others: for whom it must be told. Those of the
    environment hold."""
    found = {name: environ[name] for name in names if environ.get(name)}
    with suppress(FileNotFoundError, InvalidValue):
        for _, name, value in _lines(read_text(home / ".env", LARGEST, private=False)):
            if name in names and value:
                found.setdefault(name, value)
    sound = dict[str, Any]()
    for name, value in found.items():
        with suppress(InvalidValue):
            sound[name] = checked(name, value)
    return sound


def secrets_in(content: str, environ: Mapping[str, str]) -> set[str]:
    """Every secret in the text of a `.env` file, whatever else is wrong with it."""
    layers = ({ALIASES.get(name, name): Given(value or "", "")} for _, name, value in _lines(content))
    return set[str]().union(*(secret_values(layer, environ) for layer in layers))


def sample_env(values: Mapping[str, str] | None = None) -> str:
    """The text of `.env.example`: every setting, none set; or a `.env` with these values. Raises InvalidValue."""
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
            default = ",".join(key.default) if isinstance(key.default, tuple) else key.default
            lines.append(f"# {name}={default}")
    return "\n".join(lines) + "\n"


def with_values(text: str, values: Mapping[str, str]) -> str:
    """The text of a `.env` file with these values: in the place of each name, else at the end; all else stays as it is.
    Raises InvalidValue."""
    import io

    from dotenv.parser import parse_stream

    left = {name: _written(value) for name, value in values.items()}
    pieces = ["\ufeff" * text.startswith("\ufeff")]  # which the parser takes away
    for binding in parse_stream(io.StringIO(text)):
        piece = binding.original.string
        if binding.key in left and (assigned := re.fullmatch(_ASSIGNED, piece, re.DOTALL)):
            piece = f"{assigned[1]}{left.pop(binding.key)}{assigned[2]}"
        pieces.append(piece)
    text = "".join(pieces)
    for name, written in left.items():
        line = f"{name}={written}"
        if re.search(rf"^# {name}=.*$", text, re.MULTILINE):
            text = re.sub(rf"^# {name}=.*$", line.replace("\\", r"\\"), text, count=1, flags=re.MULTILINE)
        else:
            text = "\n".join([*filter(None, [text.removesuffix("\n")]), line]) + "\n"
    return text


_ASSIGNED = (
    r"(\s*(?:export[^\S\r\n]+)?[^=]+=[^\S\r\n]*)"
    r"(?:'(?:\\.|[^'\\])*'|\"(?:\\.|[^\"\\])*\"|[^\r\n]*?)"
    r"((?:[^\S\r\n]+#[^\r\n]*)?[^\S\r\n]*(?:\r\n|\n|\r|$))"
)
"""An assignment as python-dotenv reads it: what comes before the value, and its comment."""


def bot_env(bot: str, values: Mapping[str, str]) -> str:
    """The text of `data/bots/NAME.env` with these values. Raises InvalidValue."""
    lines = [f"# Accounts and keys of the bot {bot}; what is here holds over .env."]
    return "\n".join([*lines, *(f"{name}={_written(value)}" for name, value in values.items())]) + "\n"


def _written(value: str) -> str:
    """The value as python-dotenv reads it back."""
    if not re.search(r"\s#", value):
        return value
    if value.endswith("\\"):
        raise InvalidValue("ends in a backslash and holds a blank before a #, which .env can't express")
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"

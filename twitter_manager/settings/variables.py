"""Every variable of `.env`, declared once: its rule, its default and what `.env.example` says of it.

Those of a platform stand beside the platform.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import SchemaValidator

from twitter_manager.domain import Price
from twitter_manager.platforms import SPECS
from twitter_manager.settings.records import NLI, NOBODY, PAID, WRITER
from twitter_manager.validation import (
    TOKEN,
    InvalidValue,
    Rule,
    by,
    choice,
    did_you_mean,
    matching,
    text,
    url,
    variable,
    whole,
)

GENERATORS = ("huggingface", "claude", "openai", "excerpt")
ALIASES = {"OPENAI_API_BASE": "OPENAI_BASE_URL"}


def _order(value: Any) -> tuple[str, ...]:
    names = tuple(name.strip() for name in str(value).split(","))
    for name in names:
        if name not in GENERATORS:
            raise InvalidValue(f"must be one of {', '.join(GENERATORS)}", did_you_mean(name, GENERATORS))
    if len(set(names)) < len(names):
        raise InvalidValue("names the same thing twice")
    return names


def _price(value: Any) -> Price:
    found = re.fullmatch(r"([0-9]{1,4}(?:\.[0-9]{1,6})?) +([0-9]{1,4}(?:\.[0-9]{1,6})?)", value)
    if not found:
        remedy = "Write dollars for a million tokens in and out, say: 1 5"
        raise InvalidValue("is not two numbers with a blank between", remedy)
    return float(found[1]), float(found[2])


_NAME = matching(r"[A-Za-z0-9][A-Za-z0-9._:/@-]{0,199}", "is not a model's name")
_COMMIT = matching("[0-9a-f]{40}", "is not a commit of 40 hex digits", "Copy it from the model's page on the hub.")
_EFFORT = choice("none", "low", "medium", "high")
_MODEL_HELP = "Empty: a current one of middle size."
_COMMIT_HELP = "The commit of a hub model, 40 hex digits."


def _shared(name: str, help: str) -> Any:
    return variable(name, help, per_bot=False)


class Variables(BaseModel):
    """The variables beside those of the platforms, by their names in small letters."""

    model_config = ConfigDict(defer_build=True)  # values are checked one by one: each has a place of its own

    anthropic_api_key: Annotated[
        str, TOKEN, variable("ANTHROPIC_API_KEY", "Claude, by Anthropic. Without a key it is left out.", secret=True)
    ] = ""
    anthropic_base_url: Annotated[str, url(path=True), variable("ANTHROPIC_BASE_URL", "Empty: the official one.")] = ""
    anthropic_model: Annotated[str, _NAME, variable("ANTHROPIC_MODEL", _MODEL_HELP)] = ""
    anthropic_effort: Annotated[
        str,
        _EFFORT,
        variable("ANTHROPIC_EFFORT", "How long a model thinks first: none, low, medium, high. Empty: as it likes."),
    ] = ""
    anthropic_price: Annotated[
        Price | None,
        by(_price),
        variable(
            "ANTHROPIC_PRICE", "US dollars for a million tokens in and out, say: 1 5. Empty: by the bundled price list."
        ),
    ] = None
    openai_api_key: Annotated[
        str,
        TOKEN,
        variable(
            "OPENAI_API_KEY", "OpenAI, or any service like it. A server on this machine needs no key.", secret=True
        ),
    ] = ""
    openai_base_url: Annotated[
        str,
        url(path=True),
        variable("OPENAI_BASE_URL", "Say https://openrouter.ai/api/v1, or http://localhost:11434/v1 for Ollama."),
    ] = ""
    openai_model: Annotated[str, _NAME, variable("OPENAI_MODEL", _MODEL_HELP)] = ""
    openai_effort: Annotated[
        str,
        _EFFORT,
        variable("OPENAI_EFFORT", "As ANTHROPIC_EFFORT. A server that knows no such field is asked without it."),
    ] = ""
    openai_price: Annotated[
        Price | None,
        by(_price),
        variable("OPENAI_PRICE", "As ANTHROPIC_PRICE. A server on this machine costs nothing unless a price is set."),
    ] = None
    hf_model: Annotated[
        str, text(1000), _shared("HF_MODEL", "A local model: hub name, folder or .gguf file. Empty: the bundled one.")
    ] = ""
    hf_revision: Annotated[str, _COMMIT, _shared("HF_REVISION", _COMMIT_HELP)] = ""
    hf_writing: Annotated[
        str,
        choice("choose", "write"),
        _shared(
            "HF_WRITING",
            "choose: the model picks among true wordings; write: it writes freely, and needs a judge (see JUDGE).",
        ),
    ] = ""
    hf_threads: Annotated[
        int,
        whole(1, 256, strict=False),
        _shared("HF_THREADS", "Threads that the local model may use. Empty: as torch likes."),
    ] = 0
    embeddings: Annotated[
        str,
        choice("local", "openai", "off"),
        _shared(
            "EMBEDDINGS", "What compares texts by meaning: local, openai (the service above; costs a little) or off."
        ),
    ] = "local"
    embeddings_model: Annotated[
        str,
        text(1000),
        _shared("EMBEDDINGS_MODEL", "A sentence-embedding model: hub name, folder or a service's. Empty: a small one."),
    ] = ""
    embeddings_revision: Annotated[str, _COMMIT, _shared("EMBEDDINGS_REVISION", _COMMIT_HELP)] = ""
    generators: Annotated[
        tuple[str, ...], by(_order), variable("GENERATORS", "Who writes: asked in this order until one is good.")
    ] = GENERATORS
    judge: Annotated[
        str,
        choice(WRITER, *PAID, NLI),
        variable(
            "JUDGE",
            "Who must say yes before a text that a model wrote is posted: self (that model, asked anew), claude, "
            "openai or nli (JUDGE_MODEL). Empty: a service judges itself, a local model's text needs JUDGE_MODEL or "
            "JUDGE=self.",
        ),
    ] = ""
    judge_model: Annotated[
        str,
        text(1000),
        _shared("JUDGE_MODEL", "A local NLI cross-encoder (entailment, neutral, contradiction): hub name or folder."),
    ] = ""
    judge_revision: Annotated[str, _COMMIT, _shared("JUDGE_REVISION", _COMMIT_HELP)] = ""
    run_seconds: Annotated[
        int, whole(30, 3300, strict=False), _shared("RUN_SECONDS", "The most seconds that a run may take.")
    ] = 600
    settle_minutes: Annotated[
        int,
        whole(1, 1440, strict=False),
        _shared("SETTLE_MINUTES", "How long a post to X that may have arrived is looked for."),
    ] = 15
    unsure: Annotated[
        str,
        choice("resend", "hold"),
        _shared("UNSURE", "If it is not found then: resend it, or hold it for a person."),
    ] = "resend"
    log_level: Annotated[
        str, choice("DEBUG", "INFO", "WARNING", "ERROR"), _shared("LOG_LEVEL", "DEBUG, INFO, WARNING or ERROR.")
    ] = "INFO"


class Former(BaseModel):
    """Variables of older versions, which are still read; `doctor` says what to write in their place."""

    model_config = ConfigDict(defer_build=True)

    critic: Annotated[str, choice(WRITER, *PAID, NOBODY), variable("CRITIC")] = ""


@dataclass(frozen=True, slots=True)
class Variable:
    """A variable, as its field declares it."""

    info: FieldInfo
    secret: bool
    per_bot: bool

    @property
    def default(self) -> Any:
        """ "" where it has none."""
        return "" if self.info.is_required() or self.info.default is None else self.info.default

    def check(self, value: str) -> Any:
        """The value as the program works with it. Raises InvalidValue."""
        rule = next(each for each in self.info.metadata if isinstance(each, Rule))
        try:
            return SchemaValidator(rule.core).validate_python(value)
        except ValidationError as error:
            fault = error.errors(include_url=False)[0]
            invalid = fault.get("ctx", {}).get("error")
            raise (invalid if isinstance(invalid, InvalidValue) else InvalidValue(fault["msg"])) from None


def variable_names(model: type[BaseModel]) -> dict[str, str]:
    """By field: the variable that fills it."""
    names = {}
    for field, info in model.model_fields.items():
        facts = info.json_schema_extra
        assert isinstance(facts, dict)
        names[field] = str(facts["variable"])
    return names


def _variables(*models: type[BaseModel]) -> dict[str, Variable]:
    found = {}
    for model in models:
        for field, name in variable_names(model).items():
            info = model.model_fields[field]
            facts = info.json_schema_extra
            assert isinstance(facts, dict)
            found[name] = Variable(info, bool(facts["secret"]), bool(facts["per_bot"]))
    return found


KEYS: Mapping[str, Variable] = _variables(*(spec.settings for spec in SPECS.values() if spec.settings), Variables)
ALL: Mapping[str, Variable] = {**KEYS, **_variables(Former)}

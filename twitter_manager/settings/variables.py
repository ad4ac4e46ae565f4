"""The variables of `.env`, as the fields that they fill declare them (`records.py` and each platform's settings)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import SchemaValidator

from twitter_manager.platforms import SPECS
from twitter_manager.settings import records
from twitter_manager.settings.mailbox import Mailbox
from twitter_manager.settings.process import Settings
from twitter_manager.settings.upkeep import Upkeep
from twitter_manager.validation import InvalidValue, Rule, choice

ALIASES = {"OPENAI_API_BASE": "OPENAI_BASE_URL"}


@dataclass(frozen=True, slots=True)
class Variable:
    """A variable of `.env`."""

    name: str
    rule: Rule
    default: Any
    """"" where it is required."""
    is_required: bool
    help: str = ""
    """What `.env.example` says of it."""
    asked: str = ""
    """What `init` asks for, as the service's own pages call it."""
    where: str = ""
    """Where a person gets it."""
    secret: bool = False
    per_bot: bool = True
    """Whether `data/bots/NAME.env` may set it."""

    def check(self, value: str) -> Any:
        """The value as the program works with it. Raises InvalidValue."""
        try:
            return SchemaValidator(self.rule.core).validate_python(value)
        except ValidationError as error:
            fault = error.errors(include_url=False)[0]
            invalid = fault.get("ctx", {}).get("error")
            raise (invalid if isinstance(invalid, InvalidValue) else InvalidValue(fault["msg"])) from None


def variables_of(record: type[BaseModel]) -> dict[str, Variable]:
    """By field: the variable that fills it."""
    variables = {}
    for field, info in record.model_fields.items():
        if isinstance(facts := info.json_schema_extra, dict):
            variables[field] = Variable(
                name=str(facts["variable"]),
                rule=next(note for note in info.metadata if isinstance(note, Rule)),
                default="" if info.is_required() else info.default,
                is_required=info.is_required(),
                help=info.description or "",
                asked=str(facts["asked"]),
                where=str(facts["where"]),
                secret=bool(facts["secret"]),
                per_bot=bool(facts["per_bot"]),
            )
    return variables


_RECORDS: tuple[type[BaseModel], ...] = (
    *(spec.settings for spec in SPECS.values() if spec.settings),
    *(records.Claude, records.OpenAI, records.HuggingFace, records.Embeddings, records.Generators, records.Judging),
    records.Channels,
    Settings,
    Upkeep,
    Mailbox,
)
KEYS: Mapping[str, Variable] = {
    variable.name: variable for record in _RECORDS for variable in variables_of(record).values()
}
_CRITIC = replace(KEYS["JUDGE"], name="CRITIC", rule=choice(records.WRITER, *records.PAID, records.NOBODY))
ALL: Mapping[str, Variable] = {**KEYS, _CRITIC.name: _CRITIC}
"""With those of older versions, which are still read; `doctor` says what to write in their place."""

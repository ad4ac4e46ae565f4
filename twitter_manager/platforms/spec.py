"""What the rest of the program knows of a platform. Each platform's module declares its own; `SPECS` lists them."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict


class PlatformSettings(BaseModel):
    """A platform's account and keys. Each field is a `variable`; a platform is on once all without a default are
    set."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True, defer_build=True)

    @property
    def account(self) -> str:
        """What tells one account from another, however its keys are written: two bots may not share one."""
        raise NotImplementedError

    @property
    def described(self) -> str:
        """The account in a person's words, without a secret."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True, kw_only=True)
class PlatformSpec:
    """All that others need to know of a platform. Nothing here loads a client library or makes a request."""

    name: str
    """As the settings, the database and the command line call it."""
    title: str
    """As people and prompts call it."""
    settings: type[PlatformSettings] | None = None
    """None: it needs no account, and is always on."""
    links_by_default: bool = True
    """Whether a post's address goes along where the bot's file says nothing."""

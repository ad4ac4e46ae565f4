"""A person's reply as it came in, whichever way."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Incoming:
    """A message from the person whose answers count."""

    text: str
    """Their own words, without what they quote."""
    sender: str
    """Who it is, for the audit trail: a Telegram id, a mail address."""
    position: str
    """Where the channel goes on once this is carried out."""
    key: int
    """The message's number there."""
    refused: str = ""
    """Why it does not count, where the person should hear that."""

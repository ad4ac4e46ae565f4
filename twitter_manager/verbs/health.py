"""The verb `health`: in its own module, since it loads little, so that a monitor may ask often."""

from __future__ import annotations

import os
from datetime import UTC, datetime

from twitter_manager import settings
from twitter_manager.redaction import Redactor
from twitter_manager.telemetry import health as telemetry
from twitter_manager.telemetry.health import Level
from twitter_manager.verbs.verb import JSON, Verb, Words, show


def health(words: Words) -> int:
    """Whether all is well, for a monitor or a glance: exit code 0 where runs work, 1 where something fails. Nobody else
    is asked: for accounts and keys there is doctor."""
    loaded = settings.load(settings.find_home(os.environ), os.environ)
    words.screen.redact = Redactor(loaded.secrets).redact
    found = telemetry.look(loaded, datetime.now(UTC))
    show(words, found.as_json(), telemetry.lines)
    return 1 if found.level is Level.FAILING else 0


HEALTH = Verb(health, (JSON,))

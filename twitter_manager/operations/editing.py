"""A person writes a draft anew, in an editor or on the command line; what that approves is left to `decisions`."""

from __future__ import annotations

import re
import shlex
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from twitter_manager import factory
from twitter_manager.content import Part, links_after, reworded
from twitter_manager.domain import Draft
from twitter_manager.errors import TwitterManagerError, UsageError
from twitter_manager.operations.own_posts import AddCard, Said, refuse_bad
from twitter_manager.settings import Bot

BETWEEN_PARTS = "---"
_GUIDE = (
    "------ nothing from this line on is posted ------",
    "Write above, save, and close the editor. Text that stays as it is, or is empty, changes nothing.",
    "A line of --- alone begins the next part of a thread.",
)
_LONGEST = 1_000_000
"""Bytes of a file that an editor leaves."""


def checked(
    bot: Bot, secrets: tuple[str, ...], said: Said, add_card: AddCard, draft: Draft, texts: Sequence[str]
) -> tuple[tuple[Part, ...], Mapping[str, str]]:
    """The draft's parts with these texts, and the links that go along, by the same checks as every post of a person's.
    What goes along with a part stays with it; another address gets its own card. Raises TwitterManagerError."""
    lost = [number for number, part in enumerate(draft.parts, start=1) if number > len(texts) and part.attached]
    if lost:
        raise UsageError(f"Part {lost[0]} holds a picture or a card, which would be lost.", "Keep that part.")
    parts = with_texts(draft, texts)
    if parts[-1].card is None and draft.series_id is None:
        parts = add_card(parts, draft.platforms)
    links = relinked(bot, draft, parts)
    refuse_bad(
        parts, replace(factory.check_context(bot, secrets, platforms=draft.platforms), links=links), "Not changed"
    )
    said(parts, links, draft.platforms)
    return parts, links


def with_texts(draft: Draft, texts: Sequence[str]) -> tuple[Part, ...]:
    """The draft's parts with these texts, of which there may be more or fewer. Raises UsageError for none."""
    if not texts:
        raise UsageError("There is no text.", "Write something, or skip the draft.")
    kept = [reworded(part, text) for part, text in zip(draft.parts, texts, strict=False)]
    return (*kept, *map(Part, texts[len(kept) :]))


def relinked(bot: Bot, draft: Draft, parts: Sequence[Part]) -> Mapping[str, str]:
    """The links that go along with a draft's parts in other words: those it had, or those of another address."""
    from twitter_manager.checks import lengths

    kept = links_after(draft.parts, parts, draft.links)
    return kept or lengths.own_links([part.text for part in parts], draft.platforms, factory.policy(bot))


def editor(environ: Mapping[str, str]) -> list[str]:
    """The command of the person's editor; [] where none is set."""
    return shlex.split(environ.get("VISUAL", "") or environ.get("EDITOR", ""))


def by_editor(command: Sequence[str], texts: Sequence[str]) -> tuple[str, ...]:
    """What a person makes of the texts in their editor. Raises TwitterManagerError."""
    import subprocess

    with tempfile.TemporaryDirectory() as folder:  # which nobody else can read
        file = Path(folder) / "post.txt"
        between = f"\n{BETWEEN_PARTS}\n"
        file.write_text("\n".join((between.join(texts), "", *_GUIDE, "")), encoding="utf-8")
        try:
            subprocess.run([*command, str(file)], check=True)
            content = file.read_bytes()[:_LONGEST].decode()
        except (OSError, subprocess.CalledProcessError) as error:
            reason = getattr(error, "strerror", None) or f"it ended with {getattr(error, 'returncode', 1)}"
            message = f"The editor {command[0]} did not work ({reason}); nothing is changed."
            raise TwitterManagerError(message, "Set EDITOR to another, or give the text with --text.") from None
        except UnicodeDecodeError:
            raise TwitterManagerError("The text is not UTF-8; nothing is changed.", "Save it as UTF-8.") from None
    return _texts(content)


def _texts(content: str) -> tuple[str, ...]:
    """The parts above the guide, of which a person may have deleted lines."""
    guide = "|".join(map(re.escape, _GUIDE))
    above = re.split(rf"^(?:{guide})\s*$", content.removeprefix("\ufeff").replace("\r\n", "\n"), flags=re.MULTILINE)[0]
    parts = (part.strip() for part in re.split(rf"^{BETWEEN_PARTS}[ \t]*$", above, flags=re.MULTILINE))
    return tuple(part for part in parts if part)

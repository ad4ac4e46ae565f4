"""Whether an account says that it is automated: told wherever keys are checked, and set by the program only when its
person says yes to exactly that. No run sets or asks anything of it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from twitter_manager.domain import Platform
from twitter_manager.errors import PlatformError
from twitter_manager.platforms.spec import PlatformSpec
from twitter_manager.social import LabelledPlatform
from twitter_manager.terminal import command

BIO = (
    "Let its bio say that it is automated and who is behind it, such as: Automated posts about old maps. Run by"
    " @your_own_account."
)


def verified(platform: Platform) -> str:
    """What a platform's `verify` tells, and whether the account calls itself automated, where that can be read. Raises
    what `verify` does."""
    told = platform.verify()
    if isinstance(platform, LabelledPlatform):
        with suppress(PlatformError):  # the keys are what was asked about
            return f"{told}, {'' if platform.is_labelled() else 'not '}marked as automated"
    return told


def offer(platform: Platform, spec: PlatformSpec, agrees: Callable[[str], bool]) -> list[str]:
    """Mark the account where its person agrees; gives what they should know. Where a program can't do it they are told
    how they can. Raises PlatformError."""
    if not isinstance(platform, LabelledPlatform):
        return [f"{spec.title}: {spec.labelling}", BIO] if spec.labelling else []
    marked = f"{spec.title}: the account is marked as automated"
    if platform.is_labelled():
        return [f"{marked}."]
    if not agrees(f"{spec.title}: mark the account as automated, for all to see ({spec.labelling})?"):
        later = f"Later: {command(f'auth label {spec.name}')}"
        return [f"{spec.title}: the account is not marked as automated. {later}", BIO]
    platform.label()
    return [f"{marked} from now on, for all to see.", BIO]

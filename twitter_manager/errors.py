"""Every error of the program, sorted by what the caller does next.

    TwitterManagerError           message + remedy + exit code; `cli.py` is the one place that prints it
    ├── SettingsProblems          stop: a person mends the named files (exit 78)
    ├── LockHeld                  stop: another run is at work (exit 75)
    ├── OtherMachine              stop: another machine runs these bots (exit 78)
    ├── UsageError                stop: the command's words are off (exit 2)
    │   ├── FileProblems          … or rows of the file that it names
    │   └── Meanwhile             … or what they are about is another by now: look at it anew
    ├── StoreError                stop: the database can't be used; nothing was sent
    │   └── StoreBusy             … because another program is using it
    ├── StoreConflict             what was to be written clashes with what is there: the caller's to settle, or a bug
    │   └── Changed               … because a draft is another since it was read
    ├── TextKnown                 say something else: the same words wait or went out
    ├── GeneratorError            take the next generator
    ├── MediaError                a picture can't be used: not one, too large, changed or lost (exit 2)
    ├── SourceError               one source's trouble: a warning; what was collected before stays
    ├── AnswersUnreadable         a mailbox's or a bot's trouble: a warning; the next run reads what came meanwhile
    └── PlatformError             one delivery's trouble; the other platforms go on
        ├── NotSent               retry: it surely never arrived (may say when)
        │   └── MediaGone         … with pictures uploaded again, for those of before are not known there any more
        ├── Refused               never retry this post: the platform said no, for good
        │   ├── NeedsPerson       … and no other post will pass before a person acts (keys, credit, permission)
        │   └── Gone              … for the post that it replies to, or is to change, is gone from there
        ├── AlreadyThere          look it up: the platform says that it has this post
        ├── OutcomeUnknown        look it up: it may or may not have arrived
        └── Unreadable            the look-up itself failed: try later, or hold when `forbidden`
            └── Doubtful          … about this one post; others can be looked up

Messages are one line, name what is wrong and never carry a secret; the remedy is a sentence a person can act on.
`ending` says what each of them comes to at the end of the program.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

TOO_MANY = 429
"""The HTTP status of a rate limit."""
LOGGED = "The details are in logs/error.log."
"""The note of an error that was written down there."""


class TwitterManagerError(Exception):
    """Base of everything the program raises on purpose."""

    exit_code = 1

    def __init__(self, message: str, remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.message} {self.remedy}".rstrip()

    @property
    def lines(self) -> Sequence[str]:
        """All that is wrong, one line each."""
        return [str(self)]


class Interrupted(BaseException):
    """A signal asks the process to end. Not an Exception: nothing on the way may swallow it."""

    def __init__(self, signal_number: int) -> None:
        super().__init__(signal_number)
        self.signal_number = signal_number


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong in the settings: where (file, or `environment`), which field, what, and what to do."""

    where: str
    field: str
    message: str
    remedy: str = ""

    def __str__(self) -> str:
        place = f"{self.where}: {self.field}" if self.field else self.where
        return f"{place}: {self.message} {self.remedy}".rstrip()


class SettingsProblems(TwitterManagerError):
    """All problems of the settings at once."""

    exit_code = 78

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.lines))

    @property
    def lines(self) -> Sequence[str]:
        return list(map(str, self.problems))


class LockHeld(TwitterManagerError):
    """Another run holds the lock."""

    exit_code = 75


class OtherMachine(TwitterManagerError):
    """Another machine runs the bots of this home folder."""

    exit_code = 78


class UsageError(TwitterManagerError):
    """The command's words don't fit together."""

    exit_code = 2


class FileProblems(UsageError):
    """What is wrong in a file that a person gave, the first `MOST` of it."""

    MOST = 20

    def __init__(self, problems: Sequence[Problem], message: str, remedy: str) -> None:
        self.problems = tuple(problems)
        super().__init__(message, remedy)

    @property
    def lines(self) -> Sequence[str]:
        more = len(self.problems) - self.MOST
        told = list(map(str, self.problems[: self.MOST]))
        return [*told, *[f"… and {more:,} more."] * (more > 0), str(self)]


class Meanwhile(UsageError):
    """What a person decided about is not as they saw it: changed, decided by another, or on its way."""


class StoreError(TwitterManagerError):
    """The database can't be opened, read or written (corrupt, newer, read-only, disk full)."""


class StoreBusy(StoreError):
    """Another program keeps the database locked."""


class StoreConflict(TwitterManagerError):
    """A rule of the tables forbids what was to be written: a slot or a remote post that is taken, say."""


class Changed(StoreConflict):
    """A draft is not as it was read: another process was quicker."""

    def __init__(self, draft: int) -> None:
        super().__init__(f"Draft {draft} was changed meanwhile.", "Look at it again.")


class TextKnown(TwitterManagerError):
    """The same words wait already, or went out."""


class GeneratorError(TwitterManagerError):
    """A generator could not answer; the next one is asked. `is_limit`: it was asked too often; `wait`: the least
    seconds until it may be asked again, where the service named them, or 0; `tokens`, `cost_usd`: what it takes all
    the same."""

    tokens = 0
    cost_usd = 0.0

    def __init__(self, message: str, remedy: str = "", *, is_limit: bool = False, wait: float = 0.0) -> None:
        super().__init__(message, remedy)
        self.is_limit = is_limit
        self.wait = wait


class MediaError(TwitterManagerError):
    """A picture can't be used: it is none, is too large, was changed or is lost."""

    exit_code = 2


class SourceError(TwitterManagerError):
    """A source could not be read; the others go on, and what it gave before stays as it is."""


class AnswersUnreadable(TwitterManagerError):
    """A person's answers could not be read where they come in; none is lost, the next run reads them."""


class PlatformError(TwitterManagerError):
    """One delivery's trouble. `status` is the HTTP status, where there was one; `retry_at` (aware, UTC) when the
    platform named a time; `operation`: what a rate limit is on, where that is not what was asked for (a login)."""

    def __init__(
        self,
        message: str,
        remedy: str = "",
        *,
        status: int | None = None,
        retry_at: datetime | None = None,
        operation: str = "",
    ) -> None:
        super().__init__(message, remedy)
        self.status = status
        self.retry_at = retry_at
        self.operation = operation

    @property
    def is_limit(self) -> bool:
        """Whether the platform says that it was asked too often."""
        return self.status == TOO_MANY or self.retry_at is not None


class NotSent(PlatformError):
    """Proof that the post never arrived."""


class MediaGone(NotSent):
    """A definite no to a post because the platform does not know its uploaded pictures (any more)."""


class Refused(PlatformError):
    """A definite no to this post."""


class NeedsPerson(Refused):
    """A definite no to every post until a person acts: keys, credit, permission."""


class Gone(Refused):
    """A definite no, because the post of ours that it is about isn't there any more."""


class AlreadyThere(PlatformError):
    """The platform says it has this post already; it must be looked up."""


class OutcomeUnknown(PlatformError):
    """The request left and no clear answer came back."""


class Unreadable(PlatformError):
    """The platform's own posts can't be read. `forbidden`: reading is not allowed at all, so waiting won't help."""

    def __init__(
        self,
        message: str,
        remedy: str = "",
        *,
        status: int | None = None,
        retry_at: datetime | None = None,
        operation: str = "",
        forbidden: bool = False,
    ) -> None:
        super().__init__(message, remedy, status=status, retry_at=retry_at, operation=operation)
        self.forbidden = forbidden


class Unaffordable(Unreadable):
    """Reading costs, and the budget is used up: it is read once there is some again."""


class Doubtful(Unreadable):
    """The platform shows a post that may be this one: neither its presence nor its absence is certain."""


def ending(error: BaseException) -> tuple[list[str], int]:
    """What an error comes to where it ends the program: the lines that tell of it, and the exit code."""
    if isinstance(error, TwitterManagerError):
        return list(error.lines), error.exit_code
    if isinstance(error, Interrupted):
        return [f"ended by signal {error.signal_number}"], 128 + error.signal_number
    if isinstance(error, OSError):
        reason = error.strerror or type(error).__name__
        return [f"{error.filename or 'A file'} can't be read or written: {reason}."], 1
    return [f"unforeseen error ({kind_and_place(error)}).{f' {LOGGED}' if is_logged(error) else ''}"], 1


def kind_and_place(error: BaseException) -> str:
    """What an unforeseen error is, and where in the program it arose."""
    import traceback

    place = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} at {place.filename.rpartition('/')[2]}:{place.lineno}"


def is_logged(error: BaseException) -> bool:
    """Whether it was written down in logs/error.log."""
    return LOGGED in getattr(error, "__notes__", ())

"""How questions are put: each is answered by the command line, by a person, or by its default, and read by one rule.

How a question reaches a person, and how lines reach a screen, is left to the caller.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from twitter_manager.errors import TwitterManagerError, UsageError
from twitter_manager.validation import InvalidValue

TRIES = 5


class Ask(Protocol):
    """Puts a question to a person and gives the answer, `default` where it is empty. Raises EOFError without one."""

    def __call__(self, question: str, secret: bool, default: str) -> str: ...


@dataclass(frozen=True, slots=True)
class Question:
    """A question, and the rule for its answer."""

    option: str
    """The command line's option that answers it; "" where there is none."""
    words: str
    read: Callable[[str], Any]
    """The answer as the program works with it. Raises InvalidValue, TwitterManagerError."""
    told: str = ""
    """What a person should know first, such as where a key comes from."""
    default: str = ""
    secret: bool = False
    typed: str = ""
    """A secret that was typed before: an empty answer keeps it."""


@dataclass(slots=True)
class Interview:
    """Takes answers. Once an option is no good nobody is asked any more: all that is wrong is told at once."""

    given: Mapping[str, str]
    """Answers of the command line, by option."""
    ask: Ask | None
    """None: nobody is asked, what is not given has its default."""
    say: Callable[[str], None]
    problems: list[str] = field(default_factory=list)
    attended: bool = field(init=False)
    """Whether there was somebody to ask when it began."""

    def __post_init__(self) -> None:
        self.attended = self.ask is not None

    def answer(self, question: Question) -> Any:
        """The answer; None where an option or a default is no good, which is noted."""
        if question.option in self.given or self.ask is None:
            return self.read(question, self.given.get(question.option, question.default))
        if question.told:
            self.say(question.told)
        words = question.words + " (Enter keeps what is there)" * bool(question.typed)
        for _ in range(TRIES):
            answer = self.ask(words, question.secret, question.default).strip() or question.typed
            try:
                return question.read(answer)
            except InvalidValue as invalid:
                self.say(f"That {invalid.message}. {invalid.remedy}".rstrip())
            except TwitterManagerError as error:
                self.say(str(error))
        raise UsageError(f"No usable answer to {question.words!r} in {TRIES} tries.", "Nothing was written.")

    def read(self, question: Question, value: str) -> Any:
        """A given value by its rule; None where it is no good."""
        try:
            return question.read(value.strip())
        except InvalidValue as invalid:
            self.note(question.option, f"{invalid.message}. {invalid.remedy}")
        except TwitterManagerError as error:
            self.note(question.option, str(error))
        return None

    def note(self, option: str, words: str) -> None:
        """Something is wrong with what the command line gave."""
        self.problems.append(f"--{option}: {words}".rstrip(". "))
        self.ask = None

    def agrees(self, words: str, *, by_default: bool) -> bool:
        """A yes or no."""
        if self.ask is None:
            return by_default
        answer = self.ask(words, False, "yes" if by_default else "no").strip().casefold()
        return answer in ("y", "yes")

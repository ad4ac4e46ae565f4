"""What the generators behind an HTTP API share: asking, retrying, limits, and errors without secrets.

A subclass says how its SDK is opened and asked, and where things stand in the answer. The SDKs' own retries are off:
they know of no time that is left. Whatever a service does, only GeneratorError leaves, and no key is in it.
"""

from __future__ import annotations

import hashlib
import json
import logging
import re
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar
from urllib.parse import urlsplit

from twitter_manager import phrases
from twitter_manager.domain import Brief, Candidate, Generation, Json, Price, Progress, TimeLeft
from twitter_manager.english import shown
from twitter_manager.errors import TOO_MANY, GeneratorError
from twitter_manager.redaction import REDACTED, redact
from twitter_manager.writing.answers import posts
from twitter_manager.writing.brief import Prompt, render
from twitter_manager.writing.generators.pricing import ASSUMED, FREE, at_price, estimated, token_cost

if TYPE_CHECKING:
    import httpx2

MAX_TOKENS = 4_096
"""Room for three posts or threads, or a judge's answer."""
THOUGHTS: Mapping[str, int] = {"none": 0, "low": 4_096, "medium": 12_288, "high": 28_672, "": 4_096}
"""Room besides for the thoughts that a model writes first, by effort: they don't eat the answer's. Both together bound
what one answer can cost."""
POST_TOKENS, JUDGEMENT_TOKENS = (1_500, 450), (1_800, 500)
"""About what a post costs, in and out: to have it written, and to have it judged. For `doctor`."""
MAX_RAW = 20_000
"""Characters of an answer that are kept."""
CONNECT_SECONDS = 10.0
LEAST_SECONDS = 1.0
"""With less than this left no request is begun."""
ATTEMPTS, FIRST_WAIT, LONGEST_WAIT = 3, 1.0, 30.0
"""How often is asked. Waits double; what a service asks for comes on top, and no longer one is begun: the next service
is quicker."""
OUT_OF_CREDIT = ("credit balance", "insufficient_quota", "exceeded your current quota", "billing_error")
"""How services say under another status (400, 429) what 402 means."""
OVERLOADED = (503, 529)
"""With these a service may say when to come back."""
LATE = -1
ADVICE: Mapping[int, tuple[str, str]] = {
    LATE: ("No answer came in time", "Nothing to do if it is rare."),
    0: ("No answer from {host} ({kind})", "Check {address}."),
    400: ("The request is not accepted", "Check {setting} and {address}."),
    401: ("The key is not accepted", "Put a valid key into {key}."),
    402: ("There is no credit left", "Add credit in the service's console."),
    403: ("The key may not do this", "Check what the key in {key} may do."),
    404: ("The model {model} is not known", "Set {setting} to a model that it has, and check {address}."),
    413: ("The prompt is too long", "Shorten the persona."),
    429: ("It is asked too often", "Wait, or raise the limit in the service's console."),
    500: ("The service is in trouble", "Nothing to do if it is rare."),
}
"""What went wrong by HTTP status, and what to do; 400 and 500 stand for others of their kind too."""

log = logging.getLogger(__name__)

T = TypeVar("T")
Ask = Callable[[Any, Any], AbstractContextManager[Any]]
"""Sends one request with the SDK's client and a timeout, and gives the answer to be read piece by piece."""


class ServiceError(GeneratorError):
    """A failed request: its HTTP `status` (0 without one), whether to ask `again` in this run. `billed`: the service
    may have begun to answer, and takes something for that."""

    def __init__(
        self,
        message: str,
        remedy: str,
        *,
        status: int = 0,
        again: bool = False,
        is_limit: bool = False,
        wait: float = 0.0,
        billed: bool = False,
    ) -> None:
        super().__init__(message, remedy, is_limit=is_limit, wait=wait)
        self.billed = billed
        self.status = status
        self.again = again


class RemoteGenerator(ABC):
    """A generator that asks a service: one request for several posts of a brief."""

    name: str
    default_model: str
    official_url: str
    settings: str
    """What the names of its settings begin with: `{settings}_API_KEY`, `_MODEL`, `_BASE_URL`."""
    model_setting = ""
    at: ClassVar[Mapping[str, Sequence[str | int]]]
    """Where in an answer its `text` stands, the `reason` of a refusal, how it ended (`finish`), tokens `in`, `out`."""
    cut_off: str
    refused: str
    """How the end of an answer is called that was cut off at the token limit, and that of a refusal."""
    called: ClassVar[Mapping[str, str]] = {}
    """How services name an extra that they refuse (a pattern), where that is not its own name."""
    assumed = ASSUMED
    """The price of a model for which none is set or listed."""
    most_bytes = 500_000
    """Past this an answer is not read on. No post needs as much."""
    request_seconds = 120.0
    """How long a request may take at most."""
    sleep = staticmethod(time.sleep)

    def __init__(
        self, api_key: str, model: str = "", base_url: str = "", price: Price | None = None, *, effort: str = ""
    ) -> None:
        self.model = model or self.default_model
        self.base_url = base_url or self.official_url
        self.host = urlsplit(self.base_url).netloc
        self._price = FREE if price is None and is_here(self.base_url) else price
        self.free = self._price == FREE
        """The price is nothing: so set, or that of a server on this machine for which none is set (one with a price
        passes on what it is asked)."""
        self._key = api_key
        self._effort = effort
        self.max_tokens = MAX_TOKENS + THOUGHTS[effort]
        """What one answer may have, thoughts included."""
        self._left_out: set[str] = set()
        """Extras that the service once refused by name."""

    @property
    def account(self) -> str:
        """Whose rate limits it meets: the host's, for the model and the key, which a part of its hash tells apart."""
        return f"{self.host} {self.model} (key {hashlib.sha256(self._key.encode()).hexdigest()[:8]})"

    def generate(
        self, briefs: Sequence[Brief], n: int, time_left: TimeLeft, progress: Progress
    ) -> Iterator[tuple[Brief, tuple[Generation, ...]]]:
        """See `domain.Generator`. One answer a brief, with up to `n` different candidates."""
        for brief in briefs:
            if time_left() < LEAST_SECONDS:
                log.warning("%s: no time left", self.name)
                return
            progress(f"{self.name}: {phrases.amount(n, 'candidate')} from {self.model}")
            generation, text = self._asked(render(brief, n), brief.seed % 2**31, time_left)
            yield brief, (replace(generation, candidates=tuple(map(Candidate, posts(text, brief.max_parts)[:n]))),)

    def answer(self, prompt: Prompt, time_left: TimeLeft) -> Generation:
        """The answer to one prompt that asks for no post: a generation without candidates. Raises GeneratorError."""
        generation, text = self._asked(prompt, 0, time_left)
        return replace(generation, raw=text)

    def verify(self) -> str:
        """See `domain.Generator`: asks for the list of models, which costs nothing."""
        line = self.reached()
        if self.free:
            return line
        if self._price is None and token_cost(self.base_url, self.model, 1, 1) is None:
            assumed = "${:g} in and ${:g} out".format(*self.assumed)
            line += f"; its price is not known, counted as {assumed} for a million tokens: set {self.settings}_PRICE"
        written, judged = (self.cost(self.model, *tokens) for tokens in (POST_TOKENS, JUDGEMENT_TOKENS))
        return f"{line}; a post costs about ${written:.4f} to write and ${judged:.4f} to judge"

    def reached(self) -> str:
        """A line for a person, once the service has answered. Raises ServiceError."""
        self.sent(lambda client, timeout: client.models.with_streaming_response.list(timeout=timeout), CONNECT_SECONDS)
        return f"{self.host} takes the key; model {self.model}"

    def cost(self, model: str, tokens_in: int, tokens_out: int) -> float:
        """US dollars. `model`: the name that the answer gives, which a gateway makes up as it likes."""
        if self._price is not None:
            return at_price(self._price, tokens_in, tokens_out)
        listed = (token_cost(self.base_url, name, tokens_in, tokens_out) for name in (model, self.model))
        known = next((cost for cost in listed if cost is not None), None)
        return at_price(self.assumed, tokens_in, tokens_out) if known is None else known

    # What a subclass fills in.

    @abstractmethod
    def _open(self, **more: Any) -> Any:
        """The SDK's client, with these arguments too."""

    @abstractmethod
    def _extras(self, prompt: Prompt, seed: int) -> Json:
        """What a request can do without, by name: the words of the prompt ask for the same form. None or "": not
        wanted."""

    @abstractmethod
    def _create(
        self, client: Any, prompt: Prompt, extras: Json, timeout: httpx2.Timeout
    ) -> AbstractContextManager[Any]:
        """See `Ask`."""

    # One answer.

    def _asked(self, prompt: Prompt, seed: int, time_left: TimeLeft) -> tuple[Generation, str]:
        """One answer for the record, and the text of it that counts: none where it was cut off or refused."""
        begun = time.monotonic()
        asked = estimated(str(prompt))
        (body, extras), lost = self.billed(lambda: self._answer(prompt, seed, time_left), asked, time_left)
        text, reason = (self._safe(_words(dig(body, *self.at[name]))) for name in ("text", "reason"))
        model, finish = self._safe(_words(body.get("model"))), dig(body, *self.at["finish"])
        is_refused, is_cut = bool(finish == self.refused or reason), finish == self.cut_off
        if is_refused:
            log.warning("%s wrote no post: refused%s", self.name, f" ({shown(reason, 200)})" if reason else "")
        if is_cut:
            log.warning("%s was cut off at its token limit", self.name)
        tokens_in, tokens_out = (count(dig(body, *self.at[name])) for name in ("in", "out"))
        if not (tokens_in or tokens_out):
            tokens_in, tokens_out = asked, estimated(text)
        tokens_in += lost
        generation = Generation(
            generator=self.name,
            model=model or self.model,
            seed=extras.get("seed"),
            prompt=str(prompt),
            raw=text[:MAX_RAW] or reason[:200],
            tokens_in=tokens_in,
            tokens_out=tokens_out,
            cost_usd=self.cost(model, tokens_in, tokens_out),
            seconds=time.monotonic() - begun,
        )
        return generation, "" if is_refused or is_cut else text[:MAX_RAW]

    def _answer(self, prompt: Prompt, seed: int, time_left: TimeLeft) -> tuple[Json, Json]:
        """One try, and one more without each extra that the service refuses by its name; with the extras sent."""
        wanted = {name: value for name, value in self._extras(prompt, seed).items() if value not in (None, "")}
        extras = {name: value for name, value in wanted.items() if name not in self._left_out}
        ask: Ask = lambda client, timeout: self._create(client, prompt, extras, timeout)  # noqa: E731
        try:
            return self.sent(ask, time_left()), extras
        except ServiceError as error:
            words = str(error)
            named = next((name for name in extras if re.search(self.called.get(name, name), words)), None)
            if error.status not in (400, 422) or named is None:
                raise
        self._left_out.add(named)
        return self._answer(prompt, seed, time_left)

    def billed(self, call: Callable[[], T], tokens: int, time_left: TimeLeft) -> tuple[T, int]:
        """What `retried` gives, and the tokens of the tries before it that came to nothing and are billed: one that
        timed out after it was sent, or broke off on the way, takes at least its `tokens` of input, as estimated."""
        lost = 0

        def once() -> T:
            nonlocal lost
            try:
                return call()
            except ServiceError as error:
                lost += tokens if error.billed else 0
                raise

        try:
            return self.retried(once, time_left), lost
        except ServiceError as error:
            error.tokens, error.cost_usd = lost, self.cost(self.model, lost, 0)
            raise

    def retried(self, call: Callable[[], T], time_left: TimeLeft) -> T:
        """What `call` gives, after as many tries as the time allows."""
        import tenacity

        def asked(error: BaseException) -> float:
            return error.wait if isinstance(error, ServiceError) else 0.0

        def enough(state: tenacity.RetryCallState) -> bool:
            longest = min(LONGEST_WAIT, time_left() - LEAST_SECONDS)
            return state.attempt_number >= ATTEMPTS or state.upcoming_sleep > longest

        return tenacity.Retrying(
            retry=tenacity.retry_if_exception(lambda error: isinstance(error, ServiceError) and error.again),
            wait=tenacity.wait_exponential_jitter(FIRST_WAIT) + tenacity.wait_exception(asked),
            stop=enough,
            sleep=self.sleep,
            before_sleep=lambda state: log.warning("%s: asked again in %.0f s", self.name, state.upcoming_sleep),
            reraise=True,
        )(call)

    def _safe(self, text: str) -> str:
        """`text` without the key (a server may echo it) and without half characters, which can't be stored."""
        whole = text.encode("utf-8", "replace").decode()
        return whole.replace(self._key, REDACTED) if self._key else whole

    # One request, and everything that can go wrong with it, told in one line.

    def sent(self, ask: Ask, seconds: float) -> Json:
        """The JSON object that one request brings. Raises ServiceError alone, outside the handler: the SDK's error,
        which holds the request and with it the key, must not hang on it."""
        import httpx2

        seconds = min(self.request_seconds, max(LEAST_SECONDS, seconds))
        deadline = time.monotonic() + seconds

        def refuse(response: httpx2.Response) -> None:
            if not response.is_success:  # the SDKs would read all of it, for as long as it lasts
                wait = response.headers.get("retry-after", "")
                error = self._told(_decoded(self._read(response, deadline)))
                raise self._refusal(response.status_code, error, wait=float(wait[:9]) if wait.isdecimal() else 0.0)

        try:
            # Redirects would carry the key to another address.
            with httpx2.Client(follow_redirects=False, event_hooks={"response": [refuse]}) as http:
                key = self._key or "none"  # the SDKs insist on one; a server on this machine ignores it
                client = self._open(api_key=key, base_url=self.base_url, max_retries=0, http_client=http)
                with ask(client, httpx2.Timeout(seconds, connect=min(seconds, CONNECT_SECONDS))) as response:
                    return self._parsed(self._read(response, deadline))
        except Exception as error:  # noqa: BLE001 - the SDKs let TypeError, ValueError and httpx2's errors through
            causes = (error.__cause__, error)
            known = (each for each in causes if isinstance(each, (ServiceError, httpx2.HTTPError)))
            failure = self._failed(next(known, error.__cause__ or error))
        log.info("%s: %s", self.name, failure)
        raise failure.with_traceback(None)

    def _read(self, response: Any, deadline: float) -> bytes:
        """The body of an answer, of whatever status, that ends in time and is not too large."""
        import httpx2

        body = bytearray()
        for piece in response.iter_bytes():
            body += piece
            if len(body) > self.most_bytes:
                raise self._odd(f"The answer is larger than {self.most_bytes} bytes")
            if time.monotonic() > deadline:
                raise httpx2.ReadTimeout("the answer takes too long")
        return bytes(body)

    def _parsed(self, body: bytes) -> Json:
        """The JSON object of a 200. Some services (OpenRouter) report an error in it."""
        parsed = _decoded(body)
        if not isinstance(parsed, dict):
            kind = "an HTML page" if b"<html" in body[:1000].lower() else "something else"
            raise self._odd(f"Not the API's JSON came back but {kind}")
        if parsed.get("error"):
            raise self._refusal(count(dig(parsed, "error", "code")) or 400, self._told(parsed))
        return parsed

    def _odd(self, what: str) -> ServiceError:
        return ServiceError(f"{what}.", f"Check {self.settings}_BASE_URL.", billed=True)

    def _failed(self, cause: BaseException) -> ServiceError:
        """What an error of ours, of the SDK or of what it stands on comes to."""
        import httpx2

        if isinstance(cause, ServiceError):
            return cause
        failure = self._refusal(LATE if isinstance(cause, httpx2.TimeoutException) else 0, kind=type(cause).__name__)
        # It was sent: what the service made of it is not known, or was cut short.
        failure.billed = isinstance(cause, (httpx2.ReadTimeout, httpx2.ReadError, httpx2.RemoteProtocolError))
        return failure

    def _refusal(self, status: int, words: str = "", *, kind: str = "", wait: float = 0.0) -> ServiceError:
        known = 402 if any(sign in words.casefold() for sign in OUT_OF_CREDIT) else status
        what, remedy = (
            part.format(
                host=self.host,
                kind=kind,
                key=f"{self.settings}_API_KEY",
                setting=self.model_setting or f"{self.settings}_MODEL",
                model=self.model,
                address=f"{self.settings}_BASE_URL",
            )
            for part in ADVICE.get(known) or ADVICE[500 if known >= 500 else 400]
        )
        details = f" (HTTP {status}{': ' + words if words else ''})" if status > 0 else ""
        again = known in (0, 408, 409, 429) or known >= 500
        is_limit = known == TOO_MANY or (known in OVERLOADED and wait > 0)
        message = f"{what}{details}."
        return ServiceError(message, remedy, status=status, again=again, is_limit=is_limit, wait=wait)

    def _told(self, body: object) -> str:
        """The service's own words, in one line and without the key."""
        error = body.get("error", body) if isinstance(body, dict) else body
        if isinstance(error, dict):
            fields = (error.get("code") or error.get("type"), error.get("message") or error.get("detail"))
            error = " ".join(str(word) for word in fields if word)
        if not isinstance(error, str) or "<html" in error[:1000].casefold():
            return ""
        return shown(redact(error[:65536], [self._key]), 200).rstrip(". ")


def _decoded(body: bytes) -> object:
    """The JSON value of a body; where it is none, its text."""
    text = body.decode("utf-8", "replace")
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def dig(value: Any, *path: str | int) -> Any:
    """What stands there in a JSON value, of which nothing may be taken for granted; None where the path leads
    nowhere."""
    for step in path:
        try:
            value = value[step]
        except (KeyError, IndexError, TypeError):
            return None
    return value


def count(value: object) -> int:
    """A number of tokens as a service reports it; 0 for anything else."""
    return value if type(value) is int and 0 <= value < 2**40 else 0


def _words(value: object) -> str:
    """A text, or that of a list of content blocks, those of other kinds (thoughts, tool calls) left out; "" for
    anything else."""
    if isinstance(value, list):
        return "".join(_words(dig(block, "text")) for block in value if dig(block, "type") == "text")
    return value if isinstance(value, str) else ""


def is_here(url: str) -> bool:
    """Whether a server on this machine answers, which may want no key."""
    from ipaddress import ip_address

    try:
        host = urlsplit(url).hostname or ""
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False

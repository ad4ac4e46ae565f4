"""What the generators behind an HTTP API share: asking, retrying, limits, and errors without secrets.

A subclass says how its SDK is opened and asked and how the answer's JSON is read. The SDKs' own retries are off; the
one policy is here. Whatever a service does, only GeneratorError leaves, and no key is in it.
"""

from __future__ import annotations

import json
import logging
import random
import re
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from twitter_manager.domain import Brief, Candidate, Generation, Json, Price, Progress, TimeLeft
from twitter_manager.errors import GeneratorError
from twitter_manager.redaction import REDACTED, redact
from twitter_manager.writing.answers import posts
from twitter_manager.writing.brief import Prompt, render
from twitter_manager.writing.generators.pricing import ASSUMED, FREE, at_price, estimated, token_cost

if TYPE_CHECKING:
    import httpx2
    import tenacity

MAX_TOKENS = 4_096
"""Room for three posts or threads, or a judge's answer."""
THOUGHTS: Mapping[str, int] = {"none": 0, "low": 4_096, "medium": 12_288, "high": 28_672, "": 4_096}
"""Room besides for the thoughts that a model writes first, by effort: they don't eat the answer's. Both together bound
what one answer can cost."""
POST_TOKENS, JUDGEMENT_TOKENS = (1_500, 450), (1_800, 500)
"""About what a post costs, in and out: to have it written, and to have it judged. For `doctor`."""
MAX_BYTES = 500_000
"""Past this an answer is not read on. No post needs as much."""
MAX_RAW = 20_000
"""Characters of an answer that are kept."""
CONNECT_SECONDS = 10.0
LEAST_SECONDS = 1.0
"""With less than this left no request is begun."""
OUT_OF_CREDIT = ("credit balance", "insufficient_quota", "exceeded your current quota", "billing_error")
"""How services say under another status (400, 429) what 402 means."""

log = logging.getLogger(__name__)

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """When to ask again. Waits are seconds and double from `first_wait` to `longest_wait`, plus up to `jitter`.

    A service that names a longer wait than `longest_wait` is not waited for: the next generator is quicker.
    """

    attempts: int = 3
    first_wait: float = 1.0
    longest_wait: float = 30.0
    jitter: float = 1.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What a service said. `refusal` is its reason where it wrote no post."""

    text: str
    model: str
    tokens_in: int
    tokens_out: int
    refusal: str = ""
    cut: bool = False


class ServiceError(GeneratorError):
    """A failed request: its HTTP `status` (None without one), whether to ask `again` and after how many seconds."""

    def __init__(
        self, message: str, remedy: str, *, status: int | None = None, again: bool = False, wait: float | None = None
    ) -> None:
        super().__init__(message, remedy)
        self.status = status
        self.again = again
        self.wait = wait


class RemoteGenerator(ABC):
    """A generator that asks a service: one request for several posts of a brief."""

    name: str
    default_model: str
    official_url: str
    settings: str
    """What the names of its settings begin with: `{settings}_API_KEY`, `_MODEL`, `_BASE_URL`."""
    most_bytes = MAX_BYTES
    called: ClassVar[Mapping[str, str]] = {}
    """How services name an extra that they refuse (a pattern), where that is not its own name."""
    assumed = ASSUMED
    """The price of a model for which none is set or listed."""

    def __init__(
        self,
        api_key: str,
        model: str | None = None,
        base_url: str | None = None,
        price: Price | None = None,
        *,
        effort: str = "",
        policy: RetryPolicy = RetryPolicy(),
        request_seconds: float = 120.0,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self.model = model or self.default_model
        self.base_url = base_url or self.official_url
        self._price = FREE if price is None and is_loopback(self.base_url) else price
        self._key = api_key
        self._effort = effort
        self._policy = policy
        self._request_seconds = request_seconds
        self._clock = clock
        self._sleep = sleep
        self._jitter = jitter
        self._refused_extras: set[str] = set()
        """What the service once refused by name is left out from then on."""

    @property
    def free(self) -> bool:
        """True where the price is nothing: so set, or that of a server on this machine for which none is set (one with
        a price passes on what it is asked)."""
        return self._price == FREE

    def generate(
        self, briefs: Sequence[Brief], n: int, time_left: TimeLeft, progress: Progress
    ) -> Iterator[tuple[Brief, tuple[Generation, ...]]]:
        """See `domain.Generator`. One answer a brief, with up to `n` different candidates."""
        with self._client() as client:
            for brief in briefs:
                if time_left() < LEAST_SECONDS:
                    log.warning("%s: no time left", self.name)
                    return
                progress(f"{self.name}: {n} candidate{'s' * (n > 1)} from {self.model}")
                made, answer = self._generation(client, render(brief, max(1, n)), brief.seed % 2**31, time_left)
                found = [] if answer.refusal or answer.cut else posts(answer.text, brief.max_parts)
                yield brief, (replace(made, candidates=tuple(map(Candidate, found[: max(1, n)]))),)

    def answer(self, prompt: Prompt, time_left: TimeLeft) -> Generation:
        """The answer to one prompt that asks for no post: a generation without candidates. Raises GeneratorError."""
        with self._client() as client:
            made, answer = self._generation(client, prompt, 0, time_left)
        return replace(made, raw="") if answer.cut or answer.refusal else made

    def verify(self) -> str:
        """See `domain.Generator`: asks for the list of models, which costs nothing."""
        with self._client() as client:
            self._sent(lambda: client.models.with_raw_response.list(timeout=CONNECT_SECONDS))
        told = f"{self._host()} takes the key; model {self.model}{self._cost_of_a_post()}"
        if self._price is not None or token_cost(self.base_url, self.model, 1, 1) is not None:
            return told
        assumed = "${:g} in and ${:g} out".format(*self.assumed)
        return f"{told}; its price is not known, counted as {assumed} for a million tokens{self._price_remedy()}"

    def _cost_of_a_post(self) -> str:
        """What writing and judging one costs by the list, in words; "" where it is free or not known."""
        if self.free or (self._price is None and token_cost(self.base_url, self.model, 1, 1) is None):
            return ""
        written, judged = (self._cost(self.model, *tokens) for tokens in (POST_TOKENS, JUDGEMENT_TOKENS))
        return f"; a post costs about ${written:.4f} to write and ${judged:.4f} to judge"

    @property
    def max_tokens(self) -> int:
        """What one answer may have, thoughts included."""
        return MAX_TOKENS + THOUGHTS[self._effort]

    def _generation(self, client: Any, prompt: Prompt, seed: int, time_left: TimeLeft) -> tuple[Generation, Answer]:
        """One answer, for the record and as it came."""
        begun = self._clock()
        answer, sent_seed = self._retried(lambda: self._answer(client, prompt, seed, time_left), time_left)
        seconds = self._clock() - begun
        if answer.refusal:
            log.warning("%s wrote no post: %s", self.name, answer.refusal)
        if answer.cut:
            log.warning("%s was cut off at its token limit", self.name)
        tokens_in, tokens_out = answer.tokens_in, answer.tokens_out
        if not (tokens_in or tokens_out):
            tokens_in, tokens_out = estimated(str(prompt)), estimated(answer.text)
        made = Generation(
            generator=self.name,
            model=answer.model or self.model,
            revision="",
            seed=sent_seed,
            prompt=str(prompt),
            raw=answer.text[:MAX_RAW] or answer.refusal,
            candidates=(),
            tokens_in=tokens_in,
            tokens_out=tokens_out,
            cost_usd=self._cost(answer.model, tokens_in, tokens_out),
            seconds=seconds,
        )
        return made, answer

    def _cost(self, model: str, tokens_in: int, tokens_out: int) -> float:
        """US dollars. `model`: the name that the answer gives, which a gateway makes up as it likes."""
        if self._price is not None:
            return at_price(self._price, tokens_in, tokens_out)
        names = (model, self.model)
        listed = (token_cost(self.base_url, name, tokens_in, tokens_out) for name in names)
        known = next((cost for cost in listed if cost is not None), None)
        return at_price(self.assumed, tokens_in, tokens_out) if known is None else known

    def _retried(self, call: Callable[[], T], time_left: TimeLeft) -> T:
        """What `call` gives, after as many tries as the policy and the time allow."""
        import tenacity

        policy = self._policy

        def wait(state: tenacity.RetryCallState) -> float:
            asked: float | None = getattr(state.outcome.exception() if state.outcome else None, "wait", None)
            doubled = min(policy.first_wait * 2.0 ** (state.attempt_number - 1), policy.longest_wait)
            return doubled + policy.jitter * self._jitter() if asked is None else asked

        def enough(state: tenacity.RetryCallState) -> bool:
            too_long = state.upcoming_sleep > policy.longest_wait + policy.jitter
            return (
                state.attempt_number >= policy.attempts
                or too_long
                or state.upcoming_sleep + LEAST_SECONDS > time_left()
            )

        retrying = tenacity.Retrying(
            retry=tenacity.retry_if_exception(lambda error: isinstance(error, ServiceError) and error.again),
            wait=wait,
            stop=enough,
            sleep=self._sleep,
            before_sleep=self._tell,
            reraise=True,
        )
        return retrying(call)

    def _tell(self, state: tenacity.RetryCallState) -> None:
        failure = state.outcome.exception() if state.outcome else None
        log.warning("%s: %s Trying again in %.1f s.", self.name, failure, state.upcoming_sleep)

    def _answer(self, client: Any, prompt: Prompt, seed: int, time_left: TimeLeft) -> tuple[Answer, int | None]:
        """One try, and one more without each extra that the service refuses by its name."""
        extras = {
            name: value
            for name, value in self._extras(prompt, seed).items()
            if name not in self._refused_extras and value not in (None, "")
        }
        try:
            body = self._sent(lambda: self._create(client, prompt, extras, self._timeout(time_left)))
        except ServiceError as error:
            told = str(error)
            named = next((name for name in extras if re.search(self.called.get(name, name), told)), None)
            if error.status not in (400, 422) or named is None:
                raise
            self._refused_extras.add(named)
            return self._answer(client, prompt, seed, time_left)
        answer = self._read(self._parsed(body))
        text, model, refusal = map(self._safe, (answer.text, answer.model, answer.refusal))
        return replace(answer, text=text, model=model, refusal=refusal), extras.get("seed")

    def _timeout(self, time_left: TimeLeft) -> httpx2.Timeout:
        import httpx2

        seconds = min(self._request_seconds, max(LEAST_SECONDS, time_left()))
        return httpx2.Timeout(seconds, connect=min(seconds, CONNECT_SECONDS))

    def _safe(self, text: str) -> str:
        """`text` without the key (a server may echo it) and without half characters, which can't be stored."""
        whole = text.encode("utf-8", "replace").decode()
        return whole.replace(self._key, REDACTED) if self._key else whole

    # What a subclass fills in.

    @abstractmethod
    def _sdk(self) -> Any:
        """The SDK's module."""

    @abstractmethod
    def _open(self, key: str, http: httpx2.Client) -> Any:
        """The SDK's client, with its own retries off."""

    @abstractmethod
    def _extras(self, prompt: Prompt, seed: int) -> Json:
        """What a request can do without, by name: the words of the prompt ask for the same form. None or "": not
        wanted."""

    @abstractmethod
    def _create(self, client: Any, prompt: Prompt, extras: Json, timeout: httpx2.Timeout) -> Any:
        """The SDK's raw response to one request with these extras."""

    @abstractmethod
    def _read(self, body: Json) -> Answer:
        """The answer out of a 200's JSON object, of which nothing may be taken for granted."""

    # Everything that can go wrong, told in one line.

    @contextmanager
    def _client(self) -> Iterator[Any]:
        """The SDK's client for some requests."""
        with opened_http(self._clock, self.most_bytes) as http:
            yield self._opened(http)

    def _opened(self, http: httpx2.Client) -> Any:
        key = self._key
        if not key and is_loopback(self.base_url):
            key = "none"  # the SDKs insist on one; a server on this machine ignores it
        if not key or not key.isascii() or not key.isprintable() or " " in key:
            what = "holds characters that no key has" if key else "is missing"
            raise GeneratorError(f"The key {what}.", f"Put a valid key into {self.settings}_API_KEY.")
        try:
            return self._open(key, http)
        except Exception as error:  # noqa: BLE001 - an odd address raises whatever the SDK's HTTP library does
            failure = type(error).__name__
        raise GeneratorError(f"The address can't be used ({failure}).", f"Check {self.settings}_BASE_URL.")

    def _sent(self, call: Callable[[], Any]) -> bytes:
        """The body that `call` brings. Raises ServiceError alone, outside the handler: the SDK's error, which holds
        the request and with it the key, must not hang on it."""
        import httpx2

        sdk = self._sdk()
        try:
            content: bytes = call().http_response.content
            return content
        except sdk.APIStatusError as error:
            failure = self._refused(error.status_code, error.body, error.response.headers)
        except (sdk.APITimeoutError, httpx2.TimeoutException):
            failure = ServiceError("No answer came in time.", "Nothing to do if it is rare.")
        except Exception as error:  # noqa: BLE001 - the SDKs let TypeError, ValueError and httpx2's errors through
            failure = self._unreached(error)
        raise failure

    def _unreached(self, error: BaseException) -> ServiceError:
        if isinstance(error.__cause__ or error, _TooLarge):
            return ServiceError(f"The answer is larger than {self.most_bytes} bytes.", self._address())
        cause = type(error.__cause__ or error).__name__
        return ServiceError(f"No answer from {self._host()} ({cause}).", self._address(), again=True)

    def _refused(self, status: int, body: object, headers: Mapping[str, str]) -> ServiceError:
        words = self._words(body)
        poor = any(sign in words.casefold() for sign in OUT_OF_CREDIT)
        known = 402 if poor else status
        again = known in (408, 409, 429) or known >= 500
        what, remedy = self._advice(known)
        message = f"{what} (HTTP {status}{': ' + words if words else ''})."
        return ServiceError(message, remedy, status=status, again=again, wait=_retry_after(headers))

    def _advice(self, status: int) -> tuple[str, str]:
        key, model = f"{self.settings}_API_KEY", f"{self.settings}_MODEL"
        table = {
            401: ("The key is not accepted", f"Put a valid key into {key}."),
            402: ("There is no credit left", "Add credit in the service's console."),
            403: ("The key may not do this", f"Check what the key in {key} may do."),
            404: (f"The model {self.model} is not known", f"Set {model} to a model that it has. {self._address()}"),
            413: ("The prompt is too long", "Shorten the persona."),
            429: ("It is asked too often", "Wait, or raise the limit in the service's console."),
        }
        if status in table:
            return table[status]
        if status >= 500:
            return "The service is in trouble", "Nothing to do if it is rare."
        return "The request is not accepted", f"Check {model}. {self._address()}"

    def _host(self) -> str:
        """Where it asks, without what else an address can hold (a password)."""
        return self.base_url.partition("://")[2].partition("/")[0].rpartition("@")[2]

    def _address(self) -> str:
        return f"Check {self.settings}_BASE_URL."

    def _price_remedy(self) -> str:
        """The end of the sentence that tells of an assumed price."""
        return f": set {self.settings}_PRICE"

    def _words(self, body: object) -> str:
        """The service's own words, in one line of at most 200 characters and without the key."""
        error = body.get("error", body) if isinstance(body, dict) else body
        if isinstance(error, dict):
            told = (error.get("code") or error.get("type"), error.get("message") or error.get("detail"))
            error = " ".join(str(word) for word in told if word)
        if not isinstance(error, str) or "<html" in error[:1000].casefold():
            return ""
        line = " ".join("".join(c if c.isprintable() else " " for c in redact(error[:5000], [self._key])).split())
        return line[:200].rstrip(". ")

    def _parsed(self, body: bytes) -> Json:
        """The JSON object of a 200. Some services (OpenRouter) report an error in it."""
        text = body.decode("utf-8", "replace")
        try:
            parsed = json.loads(text)
        except (ValueError, RecursionError):
            parsed = None
        if not isinstance(parsed, dict):
            kind = "an HTML page" if "<html" in text[:1000].casefold() else "something else"
            raise ServiceError(f"Not the API's JSON came back but {kind}.", self._address())
        if parsed.get("error"):
            error = parsed["error"]
            code = error.get("code") if isinstance(error, dict) else None
            raise self._refused(code if isinstance(code, int) else 400, parsed, {})
        return parsed


def count(value: object) -> int:
    """A number of tokens as a service reports it; 0 for anything else."""
    return value if type(value) is int and 0 <= value < 2**40 else 0


def text_of(value: object) -> str:
    """`value` where it is text; nothing otherwise."""
    return value if isinstance(value, str) else ""


def mapping(value: object) -> Json:
    """`value` where it is a JSON object; an empty one otherwise."""
    return value if isinstance(value, dict) else {}


def blocks_text(blocks: object) -> str:
    """The text of a list of content blocks, those of other kinds (thoughts, tool calls) left out."""
    if not isinstance(blocks, list):
        return ""
    return "".join(text_of(b.get("text")) for b in blocks if isinstance(b, dict) and b.get("type") == "text")


def is_loopback(url: str) -> bool:
    """Whether the address is on this machine, where a server may want no key."""
    from ipaddress import ip_address
    from urllib.parse import urlsplit

    try:
        host = urlsplit(url).hostname or ""
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds that the service asks to wait (RFC 9110, section 10.2.3), None where it doesn't say."""
    from email.utils import parsedate_to_datetime

    value = headers.get("retry-after", "")
    if value.strip().isdecimal():
        return float(value[:9])
    try:
        wait = parsedate_to_datetime(value) - parsedate_to_datetime(headers.get("date", ""))
    except (ValueError, TypeError, OverflowError):
        return None
    return max(0.0, wait.total_seconds())


class _TooLarge(Exception):
    """The answer went past the most bytes that are read."""


def opened_http(clock: Callable[[], float], most_bytes: int) -> httpx2.Client:
    """An HTTP client whose answers end by the request's timeout as a whole and at `most_bytes`.

    Redirects are not followed: they would carry the key to another address.
    """
    import httpx2

    class Bounded(httpx2.SyncByteStream):
        def __init__(self, stream: httpx2.SyncByteStream, deadline: float) -> None:
            self._stream = stream
            self._deadline = deadline

        def __iter__(self) -> Iterator[bytes]:
            size = 0
            for chunk in self._stream:
                size += len(chunk)
                if size > most_bytes:
                    raise _TooLarge
                if clock() > self._deadline:
                    raise httpx2.ReadTimeout("the answer takes too long")
                yield chunk

        def close(self) -> None:
            self._stream.close()

    def bound(response: httpx2.Response) -> None:
        seconds = response.request.extensions["timeout"]["read"]
        assert isinstance(response.stream, httpx2.SyncByteStream)
        response.stream = Bounded(response.stream, clock() + seconds)

    return httpx2.Client(
        event_hooks={"response": [bound]}, follow_redirects=False, headers={"accept-encoding": "identity"}
    )

"""What Claude and OpenAI have in common, against a real HTTP server that goes wrong in every way."""

from __future__ import annotations

import json
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.standins.llm import Fault, LlmServer, Say, Status, Step
from twitter_manager.domain import Brief, Generation, Item, Persona
from twitter_manager.errors import GeneratorError
from twitter_manager.writing.brief import render
from twitter_manager.writing.generators import remote
from twitter_manager.writing.generators.claude import Claude
from twitter_manager.writing.generators.openai import OpenAI
from twitter_manager.writing.generators.remote import ATTEMPTS, MAX_RAW, RemoteGenerator, ServiceError, is_here

KEY = "sk-test-4f9a8b7c6d5e4f3a2b1c0d9e8f"
ITEM = Item("notes", "k", "Git stash saves work in progress.", label="git")
BRIEF = Brief("bot", "git", "tip", (ITEM,), Persona("Ada"), max_chars=280, seed=11)


@dataclass
class Time:
    """A budget that only sleeping uses up."""

    left: float = 600.0
    slept: list[float] = field(default_factory=list)

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.left -= seconds


Make = Callable[..., RemoteGenerator]


@pytest.fixture
def server() -> Iterator[LlmServer]:
    with LlmServer() as running:
        yield running


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture(params=["claude", "openai"])
def make(request: pytest.FixtureRequest, server: LlmServer, time: Time) -> Make:
    """Builds either generator for the server, with sleeping counted instead of done."""

    def build(key: str = KEY, model: str = "", request_seconds: float = 120.0, **more: Any) -> RemoteGenerator:
        kind, url = (Claude, server.url) if request.param == "claude" else (OpenAI, server.openai_url)
        made = kind(key, model, more.pop("base_url", url), **more)
        made.sleep, made.request_seconds = time.sleep, request_seconds
        return made

    return build


def ask(generator: RemoteGenerator, time: Time, n: int = 1, *briefs: Brief) -> list[tuple[Generation, ...]]:
    return [made for _, made in generator.generate(briefs or [BRIEF], n, lambda: time.left, lambda line: None)]


def failure(generator: RemoteGenerator, time: Time) -> ServiceError:
    with pytest.raises(ServiceError) as caught:
        ask(generator, time)
    return caught.value


def test_one_request_gives_several_posts_and_one_full_record(make: Make, server: LlmServer, time: Time) -> None:
    """n candidates are one answer, with the model as the server names it, tokens, prompt and raw text."""
    raw = '{"posts": ["First.", " Second. ", "First.", "Third."]}'
    server.script = [Say(raw, model="served-model-1", tokens=(7, 3))]
    ((made,),) = ask(make(model="asked-model"), time, 3)
    assert [one.parts for one in made.candidates] == [("First.",), ("Second.",), ("Third.",)]
    assert (made.model, made.tokens_in, made.tokens_out, made.raw) == ("served-model-1", 7, 3, raw)
    assert ITEM.text in made.prompt and "Write 3 posts" in made.prompt and made.seconds > 0
    assert len(server.requests) == 1 and server.requests[0]["body"]["model"] == "asked-model"


def test_threads_come_in_parts(make: Make, server: LlmServer, time: Time) -> None:
    """Several threads of one answer, each with its parts; from a server without a schema one with separators."""
    brief = Brief("bot", "git", "thread", (ITEM,), Persona(), 280, 1, max_parts=2)
    threads = [{"parts": ["1/2 One.", "2/2 Two."]}, {"parts": ["A.", "B."]}]
    server.script = [json.dumps({"threads": threads}), "One.\n---\nTwo.\n---\nThree."]
    (((first),), ((second),)) = ask(make(), time, 2, brief, brief)
    assert [one.parts for one in first.candidates] == [("One.", "Two."), ("A.", "B.")]
    assert [one.parts for one in second.candidates] == [("One.", "Two.")]


def test_progress_is_told(make: Make, time: Time) -> None:
    """A person at a terminal sees what is asked for."""
    lines: list[str] = []
    list(make().generate([BRIEF], 2, lambda: time.left, lines.append))
    assert [line.split(": ")[1].split(" from")[0] for line in lines] == ["2 candidates"]


@pytest.mark.parametrize(
    ("fault", "says", "remedy"),
    [
        (Fault.UNAUTHORIZED, "The key is not accepted (HTTP 401", "_API_KEY"),
        (Fault.NO_CREDIT, "no credit left (HTTP 402", "Add credit"),
        (Fault.FORBIDDEN, "may not do this (HTTP 403", "_API_KEY"),
        (Fault.NO_MODEL, "is not known (HTTP 404", "_MODEL"),
        (Fault.ERROR_IN_200, "no credit left (HTTP 402", "Add credit"),
        (Fault.REDIRECT, "HTTP 307", "_BASE_URL"),
        (Fault.HTML, "an HTML page", "_BASE_URL"),
        (Fault.EMPTY_BODY, "Not the API's JSON", "_BASE_URL"),
        (Fault.JSON_LIST, "Not the API's JSON", "_BASE_URL"),
        (Fault.DEEP_JSON, "Not the API's JSON", "_BASE_URL"),
        (Fault.HUGE, "larger than", "_BASE_URL"),
        (Fault.HUGE_ERROR, "larger than", "_BASE_URL"),
        (Status(413, "too long"), "prompt is too long (HTTP 413", "persona"),
        (Status(400, "Your credit balance is too low to access the API"), "no credit left (HTTP 400", "credit"),
        (Status(429, "You exceeded your current quota"), "no credit left (HTTP 429", "Add credit"),
        (Status(400, "odd"), "not accepted (HTTP 400", "_MODEL"),
    ],
)
def test_what_no_retry_mends_is_told_at_once(
    make: Make, server: LlmServer, time: Time, fault: Step, says: str, remedy: str
) -> None:
    """One request, no waiting, one line that says what is wrong and what to do."""
    server.script = [fault]
    error = failure(make(), time)
    assert says in error.message and remedy in error.remedy
    assert "\n" not in str(error)
    assert (len(server.requests), time.slept) == (1, [])


@pytest.mark.parametrize("fault", [Fault.RATE_LIMITED, Fault.BROKEN, Fault.OVERLOADED, Fault.CUT, Fault.RESET])
def test_passing_trouble_is_retried(make: Make, server: LlmServer, time: Time, fault: Fault) -> None:
    """Two failures and then an answer: the answer counts; waits double, and up to a second more."""
    server.script = [fault, fault, "At last."]
    (((generation),),) = ask(make(), time)
    assert generation.raw == "At last."
    assert 1 <= time.slept[0] <= 2 <= time.slept[1] <= 3 and len(time.slept) == 2


@pytest.mark.parametrize("fault", [Fault.RATE_LIMITED, Fault.BROKEN, Fault.RESET])
def test_lasting_trouble_ends(make: Make, server: LlmServer, time: Time, fault: Fault) -> None:
    """The SDK retries nothing itself: the requests are our attempts, no more."""
    server.script = [fault]
    failure(make(), time)
    assert (len(server.requests), len(time.slept)) == (ATTEMPTS, ATTEMPTS - 1)


@pytest.mark.parametrize(
    ("headers", "waited"),
    [({"retry-after": "7"}, 7.0), ({"retry-after": "soon"}, 0.0), ({"retry-after": "-3"}, 0.0)],
)
def test_retry_after_is_honoured(
    make: Make, server: LlmServer, time: Time, headers: dict[str, str], waited: float
) -> None:
    """It comes on top of what is waited anyhow; nonsense counts nothing."""
    server.script = [Status(429, "slow down", headers=headers), "Done."]
    ask(make(), time)
    assert len(time.slept) == 1 and waited + 1 <= time.slept[0] <= waited + 2


@pytest.mark.parametrize(("asked", "left"), [("3600", 10_000.0), ("20", 20.5)])
def test_a_wait_past_the_budget_is_not_begun(
    make: Make, server: LlmServer, time: Time, asked: str, left: float
) -> None:
    """Neither a wait longer than the policy allows nor one that leaves no time for the request after it."""
    server.script = [Status(429, "slow down", headers={"retry-after": asked}), "Too late."]
    time.left = left
    assert "asked too often (HTTP 429" in failure(make(), time).message
    assert time.slept == []


@pytest.mark.parametrize("fault", [Fault.SLOW, Fault.DRIP, Fault.DRIP_ERROR])
def test_an_answer_has_to_end_in_time(make: Make, server: LlmServer, time: Time, fault: Fault) -> None:
    """Silence and a drip that never ends, of an error too, are given up on by the clock and without a retry."""
    server.script = [fault]
    error = failure(make(request_seconds=0.3), time)
    assert "No answer came in time" in error.message
    assert len(server.requests) == 1


def test_nothing_is_asked_once_the_time_is_up(make: Make, server: LlmServer, time: Time) -> None:
    """Without time there is no request and no error."""
    time.left = 0.5
    assert ask(make(), time, 2) == []
    assert server.requests == []


def test_what_was_made_before_an_error_stays(make: Make, server: LlmServer, time: Time) -> None:
    """The briefs that were served are given before the error is raised."""
    server.script = ["A.", Fault.UNAUTHORIZED]
    served = []
    with pytest.raises(GeneratorError, match="401"):
        for brief, made in make().generate([BRIEF, BRIEF, BRIEF], 2, lambda: time.left, lambda line: None):
            served.append((brief, [generation.raw for generation in made]))
    assert served == [(BRIEF, ["A."])]


@pytest.mark.parametrize("fault", [Fault.EMPTY_CONTENT, Fault.WRONG_SHAPES])
def test_a_sound_answer_without_a_post_is_a_record_without_candidates(
    make: Make, server: LlmServer, time: Time, fault: Fault
) -> None:
    """Nothing to judge, nothing invented; what it cost is still recorded."""
    server.script = [fault]
    ((generation,),) = ask(make(), time)
    assert (generation.candidates, generation.raw) == ((), "")


def test_a_refusal_is_recorded_with_its_cost_and_is_no_candidate(make: Make, server: LlmServer, time: Time) -> None:
    """A refusal's words must never be posted."""
    server.script = [Say("I can't help with that.", finish="content_filter", tokens=(50, 9))]
    ((generation,),) = ask(make(), time)
    assert generation.candidates == () and generation.tokens_out == 9
    assert generation.raw == "I can't help with that."


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ('{"post": "Stash."}', ["Stash."]),
        ('Here it is: {"posts": ["Stash."]} Enjoy!', ["Stash."]),
        ('```json\n{"posts": [{"text": "Stash."}]}\n```', ["Stash."]),
        ('["Stash.", "Pop."]', ["Stash.", "Pop."]),
        ("asdf asdf", ["asdf asdf"]),
        ('{"posts": [7, ["a", 7], null]}', []),
        ('{"posts": ["Broken', []),
        ("[" * 50_000, []),
    ],
)
def test_posts_are_found_in_whatever_a_server_makes_of_the_form(
    make: Make, server: LlmServer, time: Time, text: str, whole: list[str]
) -> None:
    """Fences, words around the JSON and other keys cost no post; broken JSON is never one."""
    server.script = [text]
    ((generation,),) = ask(make(), time, 3)
    assert [one.parts[0] for one in generation.candidates] == whole


@pytest.mark.parametrize("text", ['{"posts": ["One.", "Two.", "Thr', "One whole sentence. Another that is cu"])
def test_an_answer_that_was_cut_off_holds_no_post(make: Make, server: LlmServer, time: Time, text: str) -> None:
    """What its last words would have turned round is not known; the answer and its cost are on record."""
    server.script = [Say(text, finish="length")]
    ((generation,),) = ask(make(), time, 3)
    assert generation.candidates == () and generation.raw == text and generation.tokens_out > 0


def test_a_huge_text_is_capped(make: Make, server: LlmServer, time: Time) -> None:
    """100 kB of text are taken, and no more of them kept than the record holds."""
    server.script = ["word " * 20_000]
    ((generation,),) = ask(make(), time)
    assert len(generation.raw) == MAX_RAW


def test_a_compressed_body_is_read(make: Make, server: LlmServer, time: Time) -> None:
    """Servers that compress although nothing asked for it are understood."""
    server.script = [Fault.GZIP]
    assert ask(make(), time)[0][0].raw == "A post."


@pytest.mark.parametrize(
    "step",
    [Status(401, f"Incorrect key {KEY} given"), Status(500, f"Bearer {KEY}\r\nin a line"), Fault.RESET, Fault.SLOW,
     Fault.HTML, Fault.UNAUTHORIZED],
)  # fmt: skip
def test_no_error_holds_the_key(
    make: Make, server: LlmServer, time: Time, step: Step, caplog: pytest.LogCaptureFixture
) -> None:
    """Not in its words, attributes, chained errors, traceback or the log, even where the server says it."""
    server.script = [step]
    generator = make(request_seconds=0.3)
    with caplog.at_level("DEBUG", logger="twitter_manager"):
        error = failure(generator, time)
    told = [str(error), repr(error), repr(error.args), repr(vars(error)), repr(generator), caplog.text]
    assert not any(KEY in text for text in [*told, *traceback.format_exception(error)])
    assert error.__cause__ is None and error.__context__ is None


def test_a_key_that_comes_back_in_a_text_is_blacked_out(make: Make, server: LlmServer, time: Time) -> None:
    """A server that echoes its request's headers can't make the bot post its own key."""
    server.script = [f"The key is {KEY}."]
    ((generation,),) = ask(make(), time)
    assert KEY not in repr(generation)
    assert generation.candidates[0].parts == ("The key is [redacted].",)


def test_half_characters_are_replaced(make: Make, server: LlmServer, time: Time) -> None:
    """JSON can carry lone surrogates, which neither a file nor a platform takes."""
    server.script = ["A \ud83d post."]
    assert ask(make(), time)[0][0].raw == "A ? post."


def test_a_server_on_this_machine_needs_no_key(make: Make, server: LlmServer, time: Time) -> None:
    """Loopback: asked without one."""
    assert ask(make(""), time)[0][0].raw == "A post."


@pytest.mark.parametrize(
    ("url", "here"),
    [("http://127.0.0.1:11434/v1", True), ("http://localhost/v1", True), ("https://localhost:8443/v1", True),
     ("https://127.0.0.1", True), ("https://127.1.2.3/v1", True), ("https://[::1]:80", True),
     ("https://api.openai.com/v1", False), ("https://127.0.0.1.evil.example", False), ("", False)],
)  # fmt: skip
def test_this_machine_is_told_by_the_host_alone(url: str, here: bool) -> None:
    """A name that only looks like it is not this machine, and https is no sign of another."""
    assert is_here(url) is here


def test_nobody_there_is_told(make: Make, time: Time) -> None:
    """A closed port: one line that names the setting."""
    with pytest.raises(GeneratorError) as caught:
        ask(make(base_url="http://127.0.0.1:1"), time)
    assert "_BASE_URL" in caught.value.remedy and "127.0.0.1:1" in caught.value.message


def test_an_answer_that_reports_no_tokens_costs_by_its_length(make: Make, server: LlmServer) -> None:
    """A budget would never end at a service that leaves the usage out: three characters count as a token."""
    server.script = [Say("A post of some words.", tokens=(0, 0))]
    made = next(iter(make(price=(1.0, 1.0)).generate([BRIEF], 1, lambda: 60.0, str)))[1][0]
    assert (made.tokens_in, made.tokens_out) == (-(-len(made.prompt) // 3), 7)
    assert made.cost_usd == (made.tokens_in + 7) / 1_000_000


def test_verify_tells_of_a_price_that_is_not_known(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who is counted at an assumed price hears of it, and how to set it; a server on this machine costs nothing."""
    assert "price" not in make().verify()
    assert "price" not in make(price=(1.0, 2.0)).verify()
    monkeypatch.setattr(remote, "is_here", lambda url: False)
    hosted = make()
    told = hosted.verify()
    assert "counted as $15 in and $75 out for a million tokens" in told
    assert f"{hosted.settings}_PRICE" in told


def test_verify_asks_for_the_models_and_sends_no_prompt(make: Make, server: LlmServer) -> None:
    """What `doctor` calls costs nothing and tells a bad key from a good one."""
    assert "takes the key" in make().verify()
    assert server.requests == []
    server.script = [Status(401, "invalid x-api-key", "authentication_error")]
    with pytest.raises(GeneratorError, match="not accepted") as caught:
        make().verify()
    assert KEY not in str(caught.value)


@pytest.mark.parametrize(
    ("script", "billed"),
    [
        ([Fault.CUT], ATTEMPTS),
        ([Fault.RESET], ATTEMPTS),
        ([Fault.HTML], 1),
        ([Fault.RATE_LIMITED], 0),
        ([Fault.ERROR_IN_200], 0),
    ],
)
def test_a_failed_request_costs_its_estimated_input_where_the_service_may_have_begun(
    make: Make, server: LlmServer, time: Time, script: list[Step], billed: int
) -> None:
    """Each try that broke off after it was sent; none that the service refused."""
    server.script = script
    error = failure(make(price=(3.0, 15.0)), time)
    asked = len(str(render(BRIEF, 1)))
    assert error.tokens == billed * -(-asked // 3)
    assert error.cost_usd == pytest.approx(3.0 * error.tokens / 1e6)


def test_an_answer_costs_the_tries_before_it_too(make: Make, server: LlmServer, time: Time) -> None:
    server.script = [Fault.CUT, Say("A post.", tokens=(100, 10))]
    ((made,),) = ask(make(price=(3.0, 15.0)), time)
    lost = -(-len(str(render(BRIEF, 1))) // 3)
    assert (made.tokens_in, made.tokens_out) == (100 + lost, 10)
    assert made.cost_usd == pytest.approx((3.0 * (100 + lost) + 15.0 * 10) / 1e6)


@pytest.mark.parametrize("finish", ["length", "content_filter"])
def test_an_answer_that_counts_for_nothing_costs_all_the_same(
    make: Make, server: LlmServer, time: Time, finish: str
) -> None:
    """Cut off at the limit, or refused: the service takes what it wrote."""
    server.script = [Say("Cut o", finish=finish, tokens=(100, 10))]
    ((made,),) = ask(make(price=(3.0, 15.0)), time)
    assert (made.candidates, made.cost_usd) == ((), pytest.approx((300.0 + 150.0) / 1e6))

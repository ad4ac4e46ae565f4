"""What the settings come to, once checked: frozen records. No repr of them shows a secret.

Each field holds its rule, its default, and what the samples say of it: the variable of `.env` or the key of the bot
file that fills it. Those of a platform's account stand beside the platform.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field

from twitter_manager.domain import FORMATS, TONES, Persona, Price
from twitter_manager.extras import missing_for_a_local_model
from twitter_manager.platforms import SPECS
from twitter_manager.platforms.spec import PlatformSettings
from twitter_manager.schedule import Quiet, Schedule, quiet, zone_name
from twitter_manager.settings import channels
from twitter_manager.settings.sources import FromTable, Table, existing_path
from twitter_manager.sources import Source
from twitter_manager.validation import (
    FLAG,
    TOKEN,
    InvalidValue,
    by,
    checked_text,
    choice,
    did_you_mean,
    entries,
    key,
    matching,
    number,
    shared,
    text,
    url,
    variable,
    weights,
    whole,
)

LOCAL_POOL = 8
PAID_POOL = 1
GENERATORS = ("huggingface", "claude", "openai", "excerpt")
PAID = ("claude", "openai")
"""The paid services."""
APPROVE = NEVER, ALWAYS, WHEN = ("never", "always", "when")
"""Which posts a person must approve before they go out."""
WRITER, NLI, NOBODY = "self", "nli", "off"
"""Who judges, besides one of PAID: the model that wrote, asked anew; a local NLI model; nobody."""


def _order(value: str) -> tuple[str, ...]:
    names = tuple(name.strip() for name in value.split(","))
    for name in names:
        if name not in GENERATORS:
            raise InvalidValue(f"must be one of {', '.join(GENERATORS)}", did_you_mean(name, GENERATORS))
    if len(set(names)) < len(names):
        raise InvalidValue("names the same thing twice")
    return names


def _price(value: str) -> Price:
    dollars = re.fullmatch(r"([0-9]{1,4}(?:\.[0-9]{1,6})?) +([0-9]{1,4}(?:\.[0-9]{1,6})?)", value)
    if not dollars:
        remedy = "Write dollars for a million tokens in and out, say: 1 5"
        raise InvalidValue("is not two numbers with a blank between", remedy)
    return float(dollars[1]), float(dollars[2])


_Key = Annotated[str, TOKEN]
_Address = Annotated[str, url(path=True)]
_ModelName = Annotated[str, matching(r"[A-Za-z0-9][A-Za-z0-9._:/@-]{0,199}", "is not a model's name")]
_Effort = Annotated[str, choice("none", "low", "medium", "high")]
_Price = Annotated[Price | None, by(_price)]
_ModelPlace = Annotated[str, text(1000)]
_Commit = Annotated[
    str, matching("[0-9a-f]{40}", "is not a commit of 40 hex digits", "Copy it from the model's page on the hub.")
]
_MODEL_HELP = "Empty: a current one of middle size."
_COMMIT_HELP = "The commit of a hub model, 40 hex digits."


class Provider(Table):
    """A paid service, or one like it on this machine. What is empty is left to the service."""

    api_key: str
    """Empty on this machine."""
    base_url: str = ""
    model: str = ""
    effort: str = ""
    """Of a model that thinks first."""
    price: Price | None = None
    """None: by the price list."""


class Claude(Provider):
    api_key: _Key = variable(
        "ANTHROPIC_API_KEY",
        "Claude, by Anthropic. Without a key it is left out.",
        "",
        asked="Claude: API key",
        where="https://console.anthropic.com, under API keys.",
        secret=True,
    )
    base_url: _Address = variable("ANTHROPIC_BASE_URL", "Empty: the official one.", "")
    model: _ModelName = variable("ANTHROPIC_MODEL", _MODEL_HELP, "")
    effort: _Effort = variable(
        "ANTHROPIC_EFFORT", "How long a model thinks first: none, low, medium, high. Empty: as it likes.", ""
    )
    price: _Price = variable(
        "ANTHROPIC_PRICE",
        "US dollars for a million tokens in and out, say: 1 5. Empty: by the bundled price list.",
        None,
    )


class OpenAI(Provider):
    api_key: _Key = variable(
        "OPENAI_API_KEY",
        "OpenAI, or any service like it. A server on this machine needs no key.",
        "",
        asked="OpenAI: API key",
        where="https://platform.openai.com/api-keys",
        secret=True,
    )
    base_url: _Address = variable(
        "OPENAI_BASE_URL", "Say https://openrouter.ai/api/v1, or http://localhost:11434/v1 for Ollama.", ""
    )
    model: _ModelName = variable("OPENAI_MODEL", _MODEL_HELP, "")
    effort: _Effort = variable(
        "OPENAI_EFFORT", "As ANTHROPIC_EFFORT. A server that knows no such field is asked without it.", ""
    )
    price: _Price = variable(
        "OPENAI_PRICE", "As ANTHROPIC_PRICE. A server on this machine costs nothing unless a price is set.", None
    )


class HuggingFace(Table):
    """The local model."""

    model: _ModelPlace = shared(
        "HF_MODEL", "A local model: hub name, folder or .gguf file. Empty: the bundled one.", ""
    )
    """A folder or file is absolute."""
    revision: _Commit = shared("HF_REVISION", _COMMIT_HELP, "")
    writing: Annotated[str, choice("choose", "write")] = shared(
        "HF_WRITING",
        "choose: the model picks among true wordings; write: it writes freely, and needs a judge (see JUDGE).",
        "",
    )
    threads: Annotated[int, whole(1, 256, strict=False)] = shared(
        "HF_THREADS", "Threads that the local model may use. Empty: as torch likes.", 0
    )


class Embeddings(Table):
    """What compares texts by their meaning."""

    kind: Annotated[str, choice("local", "openai", "off")] = shared(
        "EMBEDDINGS",
        "What compares texts by meaning: local, openai (the service above; costs a little) or off.",
        "local",
    )
    """Empty once it is read: nothing."""
    model: _ModelPlace = shared(
        "EMBEDDINGS_MODEL", "A sentence-embedding model: hub name, folder or a service's. Empty: a small one.", ""
    )
    """A folder is absolute."""
    revision: _Commit = shared("EMBEDDINGS_REVISION", _COMMIT_HELP, "")


class Judging(Table):
    """Who judges what a model wrote."""

    kind: Annotated[str, choice(WRITER, *PAID, NLI)] = variable(
        "JUDGE",
        "Who must say yes before a text that a model wrote is posted: self (that model, asked anew), claude, "
        "openai or nli (JUDGE_MODEL). Empty: a service judges itself, a local model's text needs JUDGE_MODEL or "
        "JUDGE=self.",
        "",
    )
    """WRITER, one of PAID, NLI, NOBODY, or empty where it hangs on the writer."""
    model: _ModelPlace = shared(
        "JUDGE_MODEL", "A local NLI cross-encoder (entailment, neutral, contradiction): hub name or folder.", ""
    )
    """A folder is absolute."""
    revision: _Commit = shared("JUDGE_REVISION", _COMMIT_HELP, "")
    by_critic: bool = False
    """The setting CRITIC of older versions is still there."""


class Generators(Table):
    """Which generators to ask, in which order. One that is in `order` but None here has no key and is left out."""

    order: Annotated[tuple[str, ...], by(_order)] = variable(
        "GENERATORS", "Who writes: asked in this order until one is good.", GENERATORS
    )
    huggingface: HuggingFace = HuggingFace.model_construct()
    claude: Provider | None = None
    openai: Provider | None = None
    judging: Judging = Judging.model_construct()
    embeddings: Embeddings = Embeddings.model_construct()

    def provider(self, name: str) -> Provider | None:
        """One of PAID, where it has what it needs."""
        return {"claude": self.claude, "openai": self.openai}.get(name)

    @property
    def usable(self) -> tuple[str, ...]:
        """`order` without those that have no key, and without the bundled model where its packages are left out. A
        model that the person named stays, and says itself what it lacks."""
        missing = {name for name in PAID if self.provider(name) is None}
        if "huggingface" in self.order and not self.huggingface.model and missing_for_a_local_model():
            missing.add("huggingface")
        return tuple(name for name in self.order if name not in missing)


class Limits(Table):
    """What a bot may do at most: posts an hour and a day, US dollars a month and a day. Day and month are
    those of its time zone."""

    per_hour: Annotated[int, whole(1, 100)] = key("Posts at most.", 1)
    per_day: Annotated[int, whole(1, 1000)] = key("", 24)
    minutes_apart: Annotated[int, whole(0, 1440)] = key(
        "Minutes at least between a post with a date of its own and the posts before and after it.", 30
    )
    quiet_hours: Annotated[Quiet | None, by(quiet)] = key("No posts in this time.", None, example="22:00-07:00")
    usd_per_month: Annotated[float, number(0, 100_000)] = key(
        "US dollars at most, for writing, posting and reading together.", 15.0
    )
    usd_per_day: Annotated[float, number(0, 100_000)] = key(
        "The same a day of the bot's; 0: no limit but the month's.", 0.0
    )


class Threads(Table):
    """How threads look."""

    numbered: Annotated[bool, FLAG] = key("Each part with its number in front: 1/3.", True)


class ApproveWhen(Table):
    """Which posts of the bot wait for a person's yes, where `approve` is "when"."""

    first: Annotated[int, whole(0, 100_000)] = key("Its first so many posts.", 0)
    score_below: Annotated[float | None, number(0, 1)] = key(
        "Posts that score less than this, 0 (bad) to 1 (good): near to the material, and new. Most have over 0.8.",
        None,
        example=0.6,
    )
    doubts: Annotated[bool, FLAG] = key("What a judge refused waits for you, and is not thrown away.", False)
    threads: Annotated[bool, FLAG] = key("Threads.", False)
    images: Annotated[bool, FLAG] = key("Posts with a picture, their own or that of their card.", False)
    topics: Annotated[tuple[Annotated[str, text(100)], ...], entries(200)] = key(
        "Posts on these topics, and those that have one of these words, or whose material has.", ()
    )


class Style(Table):
    """How posts are to sound."""

    learn_from: Annotated[Path | None, existing_path(optional=True)] = key(
        "Your own past posts (.txt, .md, .jsonl, .csv, tweets.js).", None, example="posts.txt"
    )
    """Absolute once it is read."""
    tone: Annotated[str, choice(*TONES)] = key(
        f"{', '.join(TONES)}. Left out: none is wished for.", "", example="sober"
    )
    max_chars: Annotated[int | None, whole(60, 500)] = key(
        "Characters of a post, or of a thread's part. Left out: what platforms take.", None, example=200
    )


class Mcp(Table):
    """What a program that speaks MCP (a desktop assistant, say) may do with the bot."""

    approve: Annotated[bool, FLAG] = key(
        "DANGEROUS. true: a program may approve drafts in your place, and nobody need see them before they go out.",
        False,
    )
    publish: Annotated[bool, FLAG] = key(
        "DANGEROUS. true: a program may queue posts of its own that go out without anybody's approval.", False
    )
    per_hour: Annotated[int, whole(0, 100)] = key("Posts that programs may propose in an hour at most.", 10)
    waiting: Annotated[int, whole(0, 200)] = key("Proposals that may wait for you at once.", 20)


class Notify(Table):
    """What a person is told of by a message, where channels are set up (NOTIFY_URLS)."""

    draft_ready: Annotated[bool, FLAG] = key("Messages, where NOTIFY_URLS is set: a draft waits for your word.", True)
    comments: Annotated[bool, FLAG] = key("Somebody answered or mentioned the bot, and that waits for you.", True)
    reminder: Annotated[bool, FLAG] = key("A slot passed, for no draft was approved.", True)
    failed: Annotated[bool, FLAG] = key("A post failed or is held, or runs fail.", True)
    credentials: Annotated[bool, FLAG] = key("A platform or a service refuses the keys, or has no credit left.", True)
    writing: Annotated[bool, FLAG] = key("A service or a model can't write, or all that it writes is refused.", True)
    machine: Annotated[bool, FLAG] = key("The disk is nearly full.", True)
    budget: Annotated[bool, FLAG] = key(
        "The budget of the month or the day is used up, or four fifths of it are.", True
    )
    nothing_posted: Annotated[bool, FLAG] = key("Several slots in a row got no post.", True)
    material_low: Annotated[bool, FLAG] = key("The material runs out, or a source fails for days.", True)
    report: Annotated[str, choice("never", "weekly", "monthly")] = key(
        "What a week or a month came to, once it is over: never, weekly or monthly.", "never"
    )
    slots: Annotated[int, whole(1, 1000)] = key("So many slots without a post are several.", 12)
    cooldown_hours: Annotated[int, whole(1, 720)] = key("Hours before the same is told again.", 24)


_Platform = Annotated[str, choice(*SPECS)]
MOST_TOPICS = 200
"""So many may be named with a weight."""
READS_FREELY = ("bluesky", "mastodon")
"""Reading costs nothing there."""
_Read = Annotated[str, choice("x", *READS_FREELY)]
"""A platform where anything can be heard: nobody answers in a feed."""
LEARN = OFF, ADVISE, ON = ("off", "advise", "on")
"""What figures do to the choice of topics and formats."""
ANSWERS = NO_ANSWERS, ASK_FIRST, UNASKED = ("off", "ask", "auto")
"""Whether answers to comments are drafted, and whether they wait for a person."""


class Listen(Table):
    """What is read of what comes back. X charges for each post that is read."""

    figures: Annotated[tuple[_Read, ...], entries(3)] = key(
        "Where likes, replies, reposts, quotes and views of your posts are read; X charges $0.001 a post each time.",
        READS_FREELY,
    )
    comments: Annotated[tuple[_Read, ...], entries(3)] = key(
        "Where replies and mentions are read; X charges $0.015 each.", READS_FREELY
    )
    x_usd_per_month: Annotated[float, number(0, 10_000)] = key(
        "US dollars a month at most for reading on X, and never the last fifth of the budget of [limits].", 1.0
    )


class Learn(Table):
    """What the bot makes of the figures of its posts."""

    mode: Annotated[str, choice(*LEARN)] = key(
        "off; advise: the verb topics tells what does well; on: topics and formats that do well are chosen more often.",
        ADVISE,
    )
    explore: Annotated[float, number(0.01, 1)] = key("The least share of its weight that a topic or format keeps.", 0.2)
    memory_days: Annotated[int, whole(7, 3650)] = key("Days after which a post counts half.", 45)
    again_days: Annotated[int, whole(0, 3650)] = key(
        "Days after which a post that did well is offered to you again, in other words; 0, or mode off: never.", 90
    )


class Answers(Table):
    """How the bot answers what people say to it."""

    mode: Annotated[str, choice(*ANSWERS)] = key(
        "off; ask: answers are drafted where a model writes, and wait for you; auto: what passes all checks goes out.",
        ASK_FIRST,
    )
    per_hour: Annotated[int, whole(0, 60)] = key("Answers at most.", 3)
    per_thread: Annotated[int, whole(1, 20)] = key("Answers of the bot in one conversation at most.", 2)
    x_allows_ai: Annotated[bool, FLAG] = key(
        "true: X has approved in writing that a model writes your replies. Else those stay drafts.", False
    )


class Channels(Table):
    """Where a person is told."""

    urls: Annotated[tuple[str, ...], by(channels.checked)] = variable(
        "NOTIFY_URLS",
        "Where you are told when something needs you: e-mail, Telegram, WhatsApp, Slack, Discord and many more. "
        "Addresses as docs/notifications.md shows them, with blanks between.",
        (),
        asked="Notifications: addresses",
        secret=True,
    )


_hashtag = matching(r"(?=.*[^\W\d_])\w{1,64}", "must be letters, digits and _, with a letter", leave_out="#")
_mention = matching(r"[A-Za-z0-9_.-]{1,253}", "must be a handle", leave_out="@")


def _link_params(value: Any) -> dict[str, str]:
    remedy = 'Write it as { utm_source = "{platform}" }.'
    if not isinstance(value, dict) or len(value) > 10:
        raise InvalidValue("must be a table of at most 10 names and values", remedy)
    for name, words in value.items():
        if not re.fullmatch("[A-Za-z0-9_-]{1,50}", name):
            raise InvalidValue("has a name that is not of letters, digits and _", remedy)
        if not checked_text(words, 100) or re.search("[{}]", words.replace("{platform}", "")):
            raise InvalidValue("has a value that is empty, or has other braces than {platform}", remedy)
    return value


class BotFile(Table):
    """What a bot's TOML file says."""

    enabled: Annotated[bool, FLAG] = key("false: the bot rests.", True)
    platforms: Annotated[tuple[_Platform, ...], entries(len(SPECS), least=1)] = key(
        "Where it posts, as far as there are credentials.", tuple(SPECS)
    )
    time_zone: Annotated[str, by(zone_name)] = key("For times of day, quiet hours and the daily limit.", "UTC")
    pool: Annotated[int | None, whole(1, 200)] = key(
        "Drafts to keep ready. Left out: 8 where writing is free, 1 where it costs.", None, example=8
    )
    draft_ttl_hours: Annotated[int, whole(1, 8760)] = key("Hours after which a ready draft is too old to post.", 72)
    approve: Annotated[str, choice(*APPROVE)] = key(
        "Whether you see posts before they go out: never, always, or when [approve_when] says so.", NEVER
    )
    approval_hours: Annotated[int, whole(1, 8760)] = key("Hours that a draft waits for your approval.", 72)
    item_rest_days: Annotated[int, whole(0, 3650)] = key(
        "Days that a piece of material rests after its use; one with n other wordings 1/(n + 1) of them.", 30
    )
    hashtags: Annotated[tuple[Annotated[str, _hashtag], ...], entries(10)] = key("Appended to every post.", ())
    signature: Annotated[str, text(100)] = key("Appended to every post, after the hashtags, on a line of its own.", "")
    blocked_terms: Annotated[tuple[Annotated[str, text(200)], ...], entries(1000)] = key(
        "Words and phrases that no post may hold.", ()
    )
    links: Annotated[tuple[_Platform, ...], entries(len(SPECS))] = key(
        "Where posts get their material's address; X charges more then.",
        tuple(name for name, spec in SPECS.items() if spec.links_by_default),
    )
    max_links: Annotated[int, whole(0, 10)] = key("", 1)
    link_params: Annotated[dict[str, str], by(_link_params, type="object", additionalProperties={"type": "string"})] = (
        key(
            "Added to the address that goes along, or that ends your own post, to see where readers come from.",
            {},
            example={"utm_source": "{platform}", "utm_medium": "social"},
        )
    )
    max_mentions: Annotated[int, whole(0, 10)] = key("", 0)
    max_hashtags: Annotated[int, whole(0, 30)] = key("", 3)
    allowed_mentions: Annotated[tuple[Annotated[str, _mention], ...], entries(100)] = key(
        "These may be mentioned; others only up to max_mentions.", ()
    )
    allow_profanity: Annotated[bool, FLAG] = key("true: the bot may swear.", False)
    allowed_personal: Annotated[tuple[Annotated[str, text(200)], ...], entries(100)] = key(
        'E-mail addresses, telephone numbers … that may be posted; ["*"]: all.', ()
    )
    fresh_days: Annotated[int, whole(0, 365)] = key(
        "Only younger material may be called new, today's, just released.", 3
    )
    fidelity: Annotated[str, choice("judged", "strict")] = key(
        "strict: a model posts only the material's own sentences. Left out: its own, once a judge agrees.",
        "",
        example="strict",
    )
    approve_when: ApproveWhen = ApproveWhen.model_construct()
    schedule: Schedule = Schedule()
    limits: Limits = Limits.model_construct()
    persona: Persona = Persona()
    threads: Threads = Threads.model_construct()
    style: Style = Style.model_construct()
    mcp: Mcp = Mcp.model_construct()
    notify: Notify = Notify.model_construct()
    listen: Listen = Listen.model_construct()
    learn: Learn = Learn.model_construct()
    answers: Answers = Answers.model_construct()
    topics: Annotated[dict[Annotated[str, text(100)], Annotated[float, number(0, 1000)]], weights(MOST_TOPICS)] = Field(
        {}
    )
    formats: Annotated[
        dict[Annotated[str, choice(*FORMATS)], Annotated[float, number(0, 1000)]], weights(len(FORMATS))
    ] = Field(dict(FORMATS))
    sources: Annotated[
        tuple[Annotated[Source, FromTable()], ...],
        entries(50, least=1, words="must be 1 to 50 tables", remedy="Write each as [[sources]]."),
    ] = ()


class Bot(BotFile):
    """A bot with its own accounts and generators."""

    name: str
    credentials: Mapping[str, PlatformSettings]
    """By platform. One that is not there has no account set, or needs none."""
    generators: Generators
    channels: Channels = Channels.model_construct()
    limits_there: Mapping[str, int]
    """By platform, the longest part where its server takes another than is usual."""
    origins: Mapping[str, str] = {}
    """By variable of `.env` that is set: the file or other place that it comes from."""
    has_idle_notes: bool = False
    """Its file names the bundled notes, and they don't serve: it has material of its own."""

    @property
    def on_material(self) -> str:
        """What its person must hear of its material, or ""."""
        file = f"data/bots/{self.name}.toml"
        if not self.sources:
            return (
                "it has no material of its own. Say where that is with the verb sources add; for the bundled notes on"
                f' programming put the two lines [[sources]] and kind = "starter" at the end of {file}'
            )
        if self.has_idle_notes:
            return (
                "the bundled notes on programming are no longer posted, since it has material of its own; take"
                f' kind = "starter" out of {file}, or give them a bot of their own'
            )
        return ""

    @property
    def platforms_on(self) -> tuple[str, ...]:
        """Those of its platforms that have what they need."""
        return tuple(name for name in self.platforms if name in self.credentials or SPECS[name].settings is None)

    @property
    def has_links(self) -> bool:
        """Whether an address goes along with its posts on some platform."""
        return self.max_links != 0 and not set(self.links).isdisjoint(self.platforms_on)

    @property
    def pool_size(self) -> int:
        """How many drafts to keep ready: what the file says, else many where drafts are free, one where they cost."""
        if self.pool is not None:
            return self.pool
        first = next(iter(self.generators.usable), "")
        return PAID_POOL if first in PAID else LOCAL_POOL

"""Plays one case: a fresh home, the program's runs with their faults, and then the count.

The count trusts nobody: what the X stand-in, the Bluesky server and the feed's file hold is compared, post by post,
with what the database reports.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import sqlite3
import tempfile
import xml.etree.ElementTree as ET
from base64 import b64decode
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

from tests import tracing
from tests.faults.clock import SharedClock
from tests.faults.gateway import Boundary, Gateway
from tests.faults.zygote import Ended, Order, Zygote
from tests.fresh import new_database
from tests.home import Home, bluesky_settings, mastodon_settings, x_settings
from tests.platforms.social_bluesky import BlueskyPeople
from tests.standins import mastodon, x
from tests.standins.mastodon import MastodonStandIn
from tests.standins.pds import Account, Pds
from tests.standins.x import XStandIn
from twitter_manager.app import App
from twitter_manager.content import Card, Media, Part
from twitter_manager.domain import Receipt, ReplyTo
from twitter_manager.media import MediaStore
from twitter_manager.platforms.bluesky_records import receipt_at
from twitter_manager.social import Heard, Kind, SeenPost
from twitter_manager.store import comments, drafts, events
from twitter_manager.store.comments import Whose
from twitter_manager.store.database import Database, to_text

START = datetime(2026, 3, 1, 10, 7, tzinfo=UTC)
"""In the middle of a slot and far from midnight: an hour later it is the next slot of the same day."""
RUNS = 3
"""Within so many runs after the fault everything is posted, refused or held."""
TRIES = 5
TEXTS = (
    "Exactly one of these & no <more>, whatever dies: https://example.com/once?a=1&b=2 #proof",
    "The second part, “quoted”, with ümlauts.",
    "The third and last part.",
)
_BOT = "item_rest_days = 365\n{bot}[limits]\nper_day = {per_day}\n[listen]\nfigures = []\ncomments = []\n"
"""What is read of what comes back is no request of these scenarios."""
_NO_MATERIAL = "[topics]\nnothing-has-this-label = 1\n"
_ONE_NOTE = '[[sources]]\nkind = "notes"\npath = "notes.toml"\n'
_NOTES = (
    '[[note]]\nid = "only"\nlabel = "Git"\ntext = "With git bisect run, Git tests each step itself."\n',
    '[[note]]\nid = "newer"\nlabel = "Make"\ntext = "With make -n, Make prints what it would run, and runs nothing."\n',
)
PIXELS = tuple(
    map(
        b64decode,
        (
            "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC",
            "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGNgYPgPAAEDAQAIicLsAAAAAElFTkSuQmCC",
        ),
    )
)
CORRECTED = "Exactly one of these, corrected: https://example.com/once?a=1&b=2 #proof"
CARD = Card("https://example.com/once?a=1&b=2", "Exactly once", "What dies, and what does not.")
NEWER = "Another one, which falls due an hour later."
TROUBLE = ("disk", "space", "full", "writ", "open", "read", "log lines", "backup")
"""Words of which a line about storage that fails has one."""
GIVEN_UP = ("took its place", "time to live ran out")
"""Why an older draft that never got out makes way for a newer one."""


@dataclass(frozen=True)
class Scenario:
    """What is posted where, under which circumstances, and what must come of it.

    `how`: `now` (a person's `post --now`), `queued` (a person's post, sent by a run) or `hourly` (a run writes and
    sends its own). `arrange` sets up the servers' faults; `met` tells afterwards whether they took hold. `expect`: the
    statuses of the parts on each platform (None: all posted, where there is a draft at all). `gap`: minutes between
    runs; `timeout`: seconds that the program waits for an answer; `net`: X refuses duplicates, Mastodon keeps its
    keys; `direct`: X and Mastodon are reached without the gateway, whose own connection would smooth their faults;
    `session`: the Bluesky session that is kept. `newer`: another draft falls due in the slot after the first one's, for
    which the first may make way when it never got out; `bot`: more lines of the bot's file; `then`: sets up faults of
    the second run. `amend`: the post is out, and the run that the fault meets is this verb, `delete` or `correct`;
    `amended`: how what it asks for ends. `carded`: a link card goes along. `when`, `newer_when`: the options of `post`
    that give the post, or the newer one, its date (one that comes again has `NEWER` for its other text); `ahead`:
    minutes that pass before the run that the fault meets. `resumes`: so many times a person resumes what is held or
    failed once all is quiet; `rounds`: within so many runs it is, after each of them. `answers`: what is queued is the
    answer to a comment, and its first part hangs beneath that."""

    name: str
    platforms: tuple[str, ...]
    parts: int = 1
    how: str = "now"
    arrange: Callable[[World], object] = lambda world: None
    met: Callable[[World], bool] = lambda world: True
    expect: Mapping[str, Sequence[str]] | None = None
    gap: float = 60
    timeout: float = 30
    net: bool = False
    direct: bool = False
    session: str = "kept"
    naive: bool = False
    settings: Mapping[str, str] = field(default_factory=dict)
    newer: bool = False
    pictures: int = 0
    bot: str = ""
    then: Callable[[World], object] = lambda world: None
    resumes: int = 0
    rounds: int = RUNS
    amend: str = ""
    amended: str = "done"
    carded: bool = False
    when: tuple[str, ...] = ()
    newer_when: tuple[str, ...] = ()
    ahead: float = 0
    answers: bool = False

    @property
    def recurring(self) -> bool:
        return "--every" in self.when

    @property
    def texts(self) -> tuple[str, ...]:
        return TEXTS[: self.parts]

    @property
    def content(self) -> tuple[Part, ...]:
        """The parts with their pictures, which are told apart by their alt texts, and the last with its card."""
        shown = (tuple(_pixel(number, f"{part}-{number}") for number in range(self.pictures)) for part in range(3))
        *first, last = map(Part, self.texts, shown)
        return *first, replace(last, card=CARD if self.carded else None)


@dataclass(frozen=True)
class Remote:
    """A post as a server holds it."""

    id: str
    text: str
    parent: str = ""
    root: str = ""
    pictures: tuple[str, ...] = ()
    """Their alt texts, of those that are really there."""
    card: str = ""
    """The address of its card."""


@dataclass
class Verdict:
    """What became of a case. `codes` and `said`: how each run ended, and what it printed to stderr; `duplicates` and
    `wrong` (reported and not there, or there and not reported) count posts; each problem is a line. `missed`: the
    answer came in fewer reads than the one that the kill was to meet, so this was no case."""

    codes: list[int] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    duplicates: int = 0
    wrong: int = 0
    problems: list[str] = field(default_factory=list)
    missed: bool = False

    def duplicate(self, line: str) -> None:
        self.duplicates += 1
        self.problems.append(f"DUPLICATE: {line}")

    def wrong_report(self, line: str) -> None:
        self.wrong += 1
        self.problems.append(f"WRONG REPORT: {line}")


class World:
    """The servers, the clock and the processes, for many cases one after the other. Use as a context manager."""

    def __init__(self, pds: Callable[[], Pds]) -> None:
        self._find_pds = pds
        self._stack = ExitStack()

    def __enter__(self) -> World:
        memory = Path("/dev/shm")  # what a killed process wrote outlives it on any file system; here it is quick
        folder = str(memory) if memory.is_dir() else None
        self.folder = Path(self._stack.enter_context(tempfile.TemporaryDirectory(prefix="faults-", dir=folder)))
        self.clock = SharedClock(self.folder / "clock")
        self.clock.set(START)
        self.boundary = Boundary()
        self.zygote = self._stack.enter_context(Zygote())
        self.x = self._stack.enter_context(XStandIn(now=self.clock.time))
        self.x_gateway = self._gateway(self.x.url)
        self.mastodon = self._stack.enter_context(MastodonStandIn(now=self.clock.time))
        self.mastodon_gateway = self._gateway(self.mastodon.url)
        self.gateways = [self.x_gateway, self.mastodon_gateway]
        self._homes = 0
        self.beneath: ReplyTo | None = None
        self.details: list[str] = []
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def _gateway(self, url: str, headers: Mapping[str, str] | None = None) -> Gateway:
        gateway = Gateway(url, self.boundary, headers)
        self._stack.enter_context(gateway)
        return gateway

    # -- Bluesky, started when a case needs it -------------------------------------------------------

    @cached_property
    def pds(self) -> Pds:
        return self._find_pds()

    @cached_property
    def pds_gateway(self) -> Gateway:
        made = self._gateway(self.pds.url, {"x-ratelimit-bypass": self.pds.bypass_key})
        self.gateways.append(made)
        return made

    @cached_property
    def account(self) -> Account:
        return self.pds.create_account()

    @cached_property
    def session(self) -> bytes:
        """A kept session, as the program itself writes it."""
        home = self._home(Scenario("login", ("bluesky",), session="none"))
        ended = self.run(home, "post", "Log in.", "--now")
        assert ended.code == 0, ended
        self.pds.wipe(self.account)
        return self._session_file(home).read_bytes()

    @staticmethod
    def _session_file(home: Home) -> Path:
        return home.path / "data" / "sessions" / "bluesky-default"

    def keep_session(self, home: Home, content: bytes) -> None:
        """Put a session where the program looks for it."""
        path = self._session_file(home)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_bytes(content)

    # -- the steps of a case -------------------------------------------------------------------------

    def begin(self, scenario: Scenario) -> Home:
        """Empty servers, a fresh home, ten past ten."""
        self.x.reset(refuse_duplicates=scenario.net)
        self.mastodon.reset(keeps_keys=scenario.net)
        for gateway in self.gateways:
            gateway.clear()
        home = self._home(scenario)
        if "bluesky" in scenario.platforms:
            if scenario.session != "none":
                expired = {"access": self.pds.expired(self.account.access), "refresh": self.account.refresh}
                session = json.loads(self.session) | (expired if scenario.session == "expired" else {})
                self.keep_session(home, json.dumps(session).encode())
            self.pds.wipe(self.account)
        self.clock.set(START)
        scenario.arrange(self)
        if scenario.amend:
            assert self.run(home, *self._post(scenario), "--now").code == 0
        self.beneath = self._comment(scenario.platforms[0]) if scenario.answers else None
        if scenario.answers:
            self._store_answer(home, scenario)
        elif scenario.pictures or scenario.carded:
            self._store(home, scenario)
        elif scenario.how == "queued":
            assert self.run(home, *self._post(scenario), *scenario.when).code == 0
            assert not scenario.newer or self.run(home, "post", NEWER, *scenario.newer_when).code == 0
        self.later(minutes=scenario.ahead)
        return home

    def _store(self, home: Home, scenario: Scenario) -> None:
        """A person's draft with pictures."""
        for number, content in enumerate(PIXELS):
            MediaStore(home.path / "data" / "media").save(_pixel(number), content)
        db = new_database(home.database)
        with db.transaction():
            new = drafts.NewDraft("default", "person", scenario.content, scenario.platforms, timedelta(days=30))
            drafts.add(db, new, START)
        db.close()

    def _comment(self, platform: str) -> ReplyTo:
        """What somebody said in a conversation that another began, on the server where that matters."""
        if platform == "bluesky":
            people = BlueskyPeople(self.pds, self.account)
            at = (people.post(text) for text in ("How it works.", "How does it work?"))
            root, mine = (receipt_at(uri, people.stored(uri)["cid"]) for uri in at)
            return ReplyTo(root, mine)
        if platform == "x":
            self.x.users["777"] = "somebody"
            post_id = self.x.add_post("How does it work?", author="777").id
        else:
            somebody = "109501234567890099"
            self.mastodon.names[somebody] = "somebody"
            post_id = self.mastodon.add_post("How does it work?", author=somebody).id
        said = Receipt(post_id, f"https://there.invalid/{post_id}")
        return ReplyTo(said, said)

    def _store_answer(self, home: Home, scenario: Scenario) -> None:
        """A person's answer to it, which is approved."""
        [name] = scenario.platforms
        assert self.beneath
        root, said = self.beneath.root, self.beneath.parent
        opened = App.load(home.path, home.environment(), lambda line: None)
        with closing(opened.session.open_store()) as db:
            account = opened.factory.platforms(opened.session.bot("default"), db)[name].account
            whose = Whose("default", name, account)
            post = SeenPost(
                said, "somebody", "777", "", "How does it work?", START, root=root if root != said else None
            )
            with db.transaction():
                comment = comments.add(db, whose, Heard(Kind.REPLY, post), START)
                new = drafts.NewDraft("default", "person", scenario.content, (name,), None, comment_id=comment)
                drafts.add(db, new, START)

    def _home(self, scenario: Scenario) -> Home:
        self._homes += 1
        settings = {"GENERATORS": "excerpt", **scenario.settings}
        if "x" in scenario.platforms:
            url = self.x.url if scenario.direct else self.x_gateway.url
            settings = x_settings(self.x) | {"TWITTER_API_BASE_URL": url} | settings
            self.x.settings = replace(self.x.settings, access_token=settings["TWITTER_ACCESS_TOKEN"])
        if "mastodon" in scenario.platforms:
            url = self.mastodon.url if scenario.direct else self.mastodon_gateway.url
            settings |= mastodon_settings(self.mastodon) | {"MASTODON_BASE_URL": url}
        if "bluesky" in scenario.platforms:
            settings |= bluesky_settings(self.pds, self.account) | {"BLUESKY_SERVICE_URL": self.pds_gateway.url}
        home = Home(self.folder / f"home{self._homes}", **settings)
        drafts = 2 if scenario.newer or scenario.amend == "correct" else 1
        (home.path / "notes.toml").write_text("".join(_NOTES[:drafts]))
        bot = f"platforms = {json.dumps(scenario.platforms)}\n{_BOT.format(bot=scenario.bot, per_day=drafts)}"
        home.bot("default", bot + (_ONE_NOTE if scenario.how == "hourly" else _NO_MATERIAL))
        if scenario.how != "hourly":  # there the first run makes it
            new_database(home.database).close()
        return home

    @staticmethod
    def _post(scenario: Scenario) -> list[str]:
        first, *others = scenario.texts
        return ["post", first, *(word for text in others for word in ("--part", text))]

    def command(self, scenario: Scenario) -> list[str]:
        """The run that the fault meets."""
        if scenario.amend:
            return [scenario.amend, "1", *[CORRECTED] * (scenario.amend == "correct"), "--yes"]
        return [*self._post(scenario), "--now"] if scenario.how == "now" else ["run"]

    def run(self, home: Home, *words: str, kill: str = "", timeout: float = 30.0, naive: bool = False) -> Ended:
        """One process of the program, to its end, and until nothing of it is under way any more."""
        self.boundary.begin(kill)
        traced = kill.startswith((tracing.PREFIX, tracing.FAILING))
        tracer = tracing.Tracer(kill, self.folder / "calls") if traced else None
        order = Order(
            list(words),
            home.environment(),
            str(self.folder / "clock"),
            "" if tracer else kill,
            timeout=timeout,
            naive=naive,
            paused=tracer is not None,
        )
        ended = self.zygote.run(order, tracer.attach if tracer else self.boundary.started)
        for gateway in self.gateways:
            gateway.quiet()
        passed = tracer.finish(ended.killed) if tracer else []
        return Ended(ended.code, ended.out, ended.err, ended.passed + self.boundary.passed + passed)

    def later(self, **time: float) -> None:
        """Let time pass between two runs."""
        self.clock.sleep(timedelta(**time).total_seconds())

    def end(self, home: Home) -> None:
        shutil.rmtree(home.path)

    # -- a whole case --------------------------------------------------------------------------------

    def play(self, scenario: Scenario, kills: Sequence[str] = ()) -> Verdict:
        """Run, killed at the first point, and again some time later, killed at the second, …; then undisturbed until
        quiet; then count. An answer may come in fewer pieces than when the reads were counted: then once more."""
        for _ in range(TRIES):
            verdict = self._play(scenario, kills)
            if not verdict.missed:
                break
        return verdict

    def _play(self, scenario: Scenario, kills: Sequence[str]) -> Verdict:
        verdict = Verdict()
        home = self.begin(scenario)
        command = self.command(scenario)
        for kill in kills or [""]:
            ended = self._watched(home, scenario, verdict, *command, kill=kill)
            if kill.startswith("sys-recvfrom") and ended.code == 0:
                verdict.missed = True
            elif kill.startswith(tracing.FAILING):
                self._look_at_failure(home, kill, ended, verdict)
            elif kill and not (ended.killed and kill in ended.passed):
                verdict.problems.append(f"the kill at {kill} did not happen: {ended}")
            command = ["run"]
            self.later(minutes=scenario.gap)
        scenario.then(self)
        self._until_quiet(home, scenario, verdict)
        for _ in range(scenario.resumes):
            self._agree(home, scenario, verdict)
            self._resume(home, scenario, verdict)
        self.details = [row["detail"] for row in self._rows(home, "SELECT detail FROM attempts")]
        if not scenario.met(self):
            verdict.problems.append("the fault did not happen")
        self.count(home, scenario, verdict)
        self.end(home)
        return verdict

    def _look_at_failure(self, home: Home, point: str, ended: Ended, verdict: Verdict) -> None:
        """A call failed: a line for a person or success, and what reached X was on record before."""
        if point not in ended.passed:
            verdict.problems.append(f"the fault at {point} did not happen: {ended}")
        lines = ended.err.splitlines()
        if ended.code not in (0, 1) or (ended.code and not lines):
            verdict.problems.append(f"exit code {ended.code} and {len(lines)} lines")
        for line in lines:
            clear = line.startswith("twitter_manager: ") and "unforeseen" not in line
            if not clear or not any(word in line.lower() for word in TROUBLE):
                verdict.problems.append(f"not a clear line: {line}")
        rows = self._rows(home, "SELECT request FROM deliveries WHERE id IN (SELECT delivery_id FROM attempts)")
        recorded = [json.loads(row["request"]).get("body") for row in rows]
        for sent in (request["body"] for request in self.x.requests if request["method"] == "POST"):
            if sent not in recorded:
                verdict.problems.append(f"this was sent and not on record before: {sent}")

    def _until_quiet(self, home: Home, scenario: Scenario, verdict: Verdict) -> None:
        for _ in range(scenario.rounds):
            self._watched(home, scenario, verdict, "run")
            if not self._open(home):
                return
            self.later(minutes=scenario.gap)
        verdict.problems.append(f"not quiet after {scenario.rounds} runs: {self._open(home)}")

    def _resume(self, home: Home, scenario: Scenario, verdict: Verdict) -> None:
        """A person lets all go on that did not get out."""
        self.later(minutes=scenario.gap)
        stuck = self._rows(home, "SELECT id FROM drafts WHERE status IN ('failed', 'partly_posted')")
        for (draft_id,) in stuck:
            ended = self.run(home, "resume", str(draft_id))
            if ended.code != 0:
                verdict.problems.append(f"resume {draft_id}: {ended}")
        if stuck:
            self._until_quiet(home, scenario, verdict)

    def _watched(self, home: Home, scenario: Scenario, verdict: Verdict, *words: str, kill: str = "") -> Ended:
        ended = self.run(home, *words, kill=kill, timeout=scenario.timeout, naive=scenario.naive)
        verdict.codes.append(ended.code)
        verdict.said.append(ended.err)
        if ended.code not in (0, 1) and not kill:
            verdict.problems.append(f"{words[0]} ended with {ended.code}: {ended.err}")
        return ended

    def passed(self, scenario: Scenario, kills: Sequence[str] = (), *, calls: bool = False) -> list[str]:
        """The points of the run that comes after these kills; none when the post was not even stored by then. With
        `calls`: its system calls instead."""
        home = self.begin(scenario)
        command = self.command(scenario)
        for kill in kills:
            self.run(home, *command, kill=kill, timeout=scenario.timeout)
            command = ["run"]
            self.later(minutes=scenario.gap)
        stored = scenario.how == "hourly" or bool(self._rows(home, "SELECT id FROM drafts"))
        if not stored and kills:
            found = []
        else:
            kill = tracing.NONE if calls else ""
            found = self.run(home, *command, kill=kill, timeout=scenario.timeout).passed
        self.end(home)
        return [point for point in found if point.startswith(tracing.PREFIX) == calls]

    # -- the database --------------------------------------------------------------------------------

    @staticmethod
    def _rows(home: Home, sql: str) -> list[sqlite3.Row]:
        if not home.database.exists():
            return []
        with closing(sqlite3.connect(home.database)) as connection:
            connection.row_factory = sqlite3.Row
            try:
                return connection.execute(sql).fetchall()
            except sqlite3.OperationalError as error:
                if "no such table" in str(error):
                    return []
                raise

    def _open(self, home: Home) -> list[tuple[Any, ...]]:
        due = f"(due_at IS NULL OR due_at <= '{to_text(self.clock.now())}')"
        open_drafts = self._rows(
            home, f"SELECT 'draft', status FROM drafts WHERE status IN ('approved', 'publishing') AND {due}"
        )
        open_parts = self._rows(
            home, "SELECT platform, status, error FROM deliveries WHERE status IN ('queued', 'sending', 'unknown')"
        )
        open_amendments = self._rows(home, "SELECT kind, status FROM amendments WHERE status IN ('queued', 'sending')")
        return [tuple(row) for row in (*open_drafts, *open_parts, *open_amendments)]

    # -- the count -----------------------------------------------------------------------------------

    def _agree(self, home: Home, scenario: Scenario, verdict: Verdict) -> list[sqlite3.Row]:
        """Compare what is there with what is reported; gives that."""
        deliveries = self._rows(home, "SELECT * FROM deliveries ORDER BY platform, draft_id, part")
        for platform in scenario.platforms:
            mine = [row for row in deliveries if row["platform"] == platform and row["removed_at"] is None]
            compare(platform, self.held(home, platform), mine, verdict, self.beneath)
        return deliveries

    def count(self, home: Home, scenario: Scenario, verdict: Verdict) -> None:
        """Compare what is there with what is reported, and with what was to come of it; note what is wrong."""
        deliveries = self._agree(home, scenario, verdict)
        for platform in scenario.platforms:
            mine = [row for row in deliveries if row["platform"] == platform and not _gave_way(scenario, row)]
            statuses = [row["status"] for row in mine]
            wanted = ["posted"] * len(mine) if scenario.expect is None else list(scenario.expect[platform])
            if statuses != wanted:
                why = "; ".join(row["error"] for row in mine if row["error"])
                verdict.problems.append(f"{platform}: {statuses} instead of {wanted}: {why}")
        self._look_at_draft(home, scenario, verdict, deliveries)
        if scenario.recurring:
            self._look_at_dates(home, verdict)
        if scenario.amend:
            self._look_at_amendments(home, scenario, verdict, deliveries)
        if scenario.answers:
            stand = [tuple(row) for row in self._rows(home, "SELECT status FROM comments")]
            posted = all(row["status"] == "posted" for row in deliveries)
            if stand != [("answered" if posted else "flagged",)]:
                verdict.wrong_report(f"the comment is {stand}")
        self._look_at_database(home, verdict)
        log = home.path / "logs" / "error.log"
        if log.exists() and "unforeseen" in log.read_text():
            verdict.problems.append(f"an unforeseen error: {log.read_text()[:2000]}")

    def _look_at_draft(self, home: Home, scenario: Scenario, verdict: Verdict, deliveries: Sequence[Any]) -> None:
        """There are as many as wanted (more, where one that never got out gave its material back); the status is what
        the deliveries add up to; trouble was told by an exit code."""
        drafts = [row for row in self._rows(home, "SELECT * FROM drafts") if not (scenario.recurring and _no_post(row))]
        replaced = scenario.amend == "correct" and len(drafts) == 2
        wanted = 2 if scenario.newer or replaced else 1
        again = scenario.newer and scenario.how == "hourly"
        if (len(drafts) > wanted and not again) or (scenario.how != "now" and len(drafts) < wanted):
            verdict.problems.append(f"{len(drafts)} drafts instead of {wanted}")
        if scenario.newer and not any(row["status"] == "posted" for row in deliveries):
            verdict.problems.append("none of them got out")
        for draft in drafts:
            statuses = {row["status"] for row in deliveries if row["draft_id"] == draft["id"]}
            if scenario.newer and not statuses and draft["status"] == "expired":
                continue
            posted = "posted" in statuses
            meant = "posted" if statuses == {"posted"} else "partly_posted" if posted else "failed"
            if draft["status"] != meant or (meant != "posted" and not draft["reason"]):
                verdict.problems.append(f"the draft is {draft['status']} ({draft['reason']}), not {meant}")
            # On another day another post is due, and there is none; and one that made way for a newer one is told.
            another_due = scenario.gap > 720 or scenario.newer or scenario.amend == "correct" or scenario.answers
            quiet_end = verdict.codes[-1] == 0 or another_due
            if not (quiet_end if meant == "posted" else 1 in verdict.codes):
                verdict.problems.append(f"a draft that is {meant}, and exit codes {verdict.codes}")
        parts = [row["text"] for row in self._rows(home, "SELECT text FROM parts ORDER BY draft_id, number")]
        if (
            scenario.how != "hourly"
            and not scenario.recurring
            and drafts
            and parts != [*scenario.texts, *[NEWER] * scenario.newer, *[CORRECTED] * replaced]
        ):
            verdict.problems.append(f"the stored texts are {parts}")

    def _look_at_dates(self, home: Home, verdict: Verdict) -> None:
        """Of what comes again one date is out, the next one waits, and all before are told as passed."""
        dates = self._rows(home, "SELECT occurrence, status, published_at FROM drafts ORDER BY occurrence")
        now = to_text(self.clock.now())
        *passed, out, coming = dates if len(dates) > 1 else [*dates, *dates]
        told = [row["data"] for row in self._rows(home, "SELECT data FROM events WHERE kind = 'dates_passed'")]
        if not (out["published_at"] and out["occurrence"] <= now < coming["occurrence"]) or coming["published_at"]:
            verdict.wrong_report(f"the dates are {[tuple(row) for row in dates]}")
        if any(row["status"] != "skipped" for row in passed) or len(told) != bool(passed):
            verdict.wrong_report(f"the dates {[tuple(row) for row in passed]} passed, and this was told: {told}")

    def _look_at_amendments(self, home: Home, scenario: Scenario, verdict: Verdict, deliveries: Sequence[Any]) -> None:
        """What was asked for is done or refused in every part, and what went out in its place stands there once; what
        was not even put on record has changed nothing."""
        asked = self._rows(home, "SELECT kind, status FROM amendments")
        if asked and {row["status"] for row in asked} != {scenario.amended}:
            verdict.wrong_report(f"the amendments are {[tuple(row) for row in asked]}, not {scenario.amended}")
        done = bool(asked) and scenario.amended == "done"
        there = list(scenario.texts)
        if done:
            there = [CORRECTED] if scenario.amend == "correct" else []
        for platform in scenario.platforms:
            texts = [post.text for post in self.held(home, platform)]
            if sorted(texts) != sorted(there):
                verdict.wrong_report(f"{platform} holds {texts} after {scenario.amend}, not {there}")

    def _look_at_database(self, home: Home, verdict: Verdict) -> None:
        with closing(sqlite3.connect(home.database)) as connection:
            connection.row_factory = sqlite3.Row
            found = [tuple(row) for row in connection.execute("PRAGMA integrity_check")]
            found += [tuple(row) for row in connection.execute("PRAGMA foreign_key_check")]
            if found != [("ok",)]:
                verdict.problems.append(f"the database is not sound: {found}")
            if tampered := events.verify(Database(connection, "the case's database")):
                verdict.problems.append(f"the audit trail is broken: {tampered}")
            unended = connection.execute("SELECT count(*) FROM attempts WHERE ended_at IS NULL").fetchone()[0]
            running = connection.execute("SELECT count(*) FROM runs WHERE outcome = 'running'").fetchone()[0]
            paid = {
                what: [connection.execute(f"SELECT count(*) FROM {which}").fetchone()[0] for which in (booked, done)]
                for what, booked, done in _PAID
            }
            if any(booked != done for booked, done in paid.values()):
                verdict.problems.append(f"the charges and what was paid for: {paid}")
            if unended or running:
                verdict.problems.append(f"{unended} attempts and {running} runs never ended")

    # -- what the servers hold -----------------------------------------------------------------------

    def held(self, home: Home, platform: str) -> list[Remote]:
        """Every post of the account."""
        if platform == "feed":
            return _in_feed(home)
        return {"x": self._on_x, "bluesky": self._on_bluesky, "mastodon": self._on_mastodon}[platform]()

    def _on_mastodon(self) -> list[Remote]:
        return [_remote(post) for post in self.mastodon.posts.values() if post.author == mastodon.ACCOUNT]

    def _on_x(self) -> list[Remote]:
        mine = (_remote(post) for post in self.x.posts.values() if post.author == x.USER_ID)
        return [replace(post, text=post.text.removeprefix("@somebody ")) for post in mine]  # X's own, in a reply

    def _on_bluesky(self) -> list[Remote]:
        found = []
        for record in self.pds.records(self.account):
            value = record["value"]
            reply = {name: ref["uri"] for name, ref in value.get("reply", {}).items()}
            _check_facets(value)
            shown = tuple(image["alt"] for image in value.get("embed", {}).get("images", ()))
            card = value.get("embed", {}).get("external", {}).get("uri", "")
            found.append(
                Remote(record["uri"], value["text"], reply.get("parent", ""), reply.get("root", ""), shown, card)
            )
        return found


_PAID = (
    ("posts", "charges WHERE kind LIKE 'post%'", "deliveries WHERE platform = 'x' AND remote_id IS NOT NULL"),
    (
        "deletions",
        "charges WHERE kind = 'deletion'",
        "amendments a JOIN deliveries d ON d.id = a.delivery_id"
        " WHERE d.platform = 'x' AND a.kind = 'deletion' AND a.status = 'done' AND a.origin = 'person'",
    ),
)
"""What is charged for exactly once, whatever was killed when: how it is booked, and what stands for it."""


def _pixel(number: int, alt: str = "") -> Media:
    content = PIXELS[number]
    return Media(hashlib.sha256(content).hexdigest(), "image/png", len(content), 1, 1, alt)


def _remote(post: Any) -> Remote:
    return Remote(
        post.id, post.text, post.reply_to, pictures=tuple(one.alt for one in post.media if one.content in PIXELS)
    )


def _gave_way(scenario: Scenario, row: sqlite3.Row) -> bool:
    """Whether this is an older draft's that never got out, or may have, and was given up for a newer one."""
    stopped = row["status"] in ("failed", "held")
    return scenario.newer and stopped and any(reason in row["error"] for reason in GIVEN_UP)


def _no_post(row: sqlite3.Row) -> bool:
    """Whether this date of a post that comes again is still to come, or made way for a later one."""
    return row["status"] in ("approved", "skipped") and row["published_at"] is None


def _in_feed(home: Home) -> list[Remote]:
    path = home.path / "data" / "feed.xml"
    if not path.exists():
        return []
    atom, thread = "{http://www.w3.org/2005/Atom}", "{http://purl.org/syndication/thread/1.0}"
    found = []
    for entry in ET.parse(path).getroot().iter(f"{atom}entry"):
        reply = entry.find(f"{thread}in-reply-to")
        parent = reply.get("ref", "") if reply is not None else ""
        found.append(Remote(entry.findtext(f"{atom}id", ""), entry.findtext(f"{atom}content", ""), parent))
    return found


def _check_facets(value: Mapping[str, Any]) -> None:
    """The link and the tag are marked, where they stand, in bytes."""
    text = value["text"].encode()
    marked = {
        text[facet["index"]["byteStart"] : facet["index"]["byteEnd"]].decode() for facet in value.get("facets", ())
    }
    wanted = {word for word in value["text"].split() if word.startswith(("#", "https://"))}
    assert marked == wanted, (marked, wanted)


def compare(
    platform: str,
    held: Sequence[Remote],
    reported: Sequence[Any],
    verdict: Verdict,
    beneath: ReplyTo | None = None,
) -> None:
    """Note in `verdict` where the posts that a platform holds and the database's deliveries differ. `beneath`: where
    the first part hangs."""
    top = (beneath.parent.remote_id, beneath.root.remote_id) if beneath else ("", "")
    for text, copies in Counter(post.text for post in held).items():
        if copies > 1:
            verdict.duplicate(f"{platform} holds {copies} copies of {text[:40]!r}")
    by_id = {post.id: post for post in held}
    out: list[str] = []
    for row in reported:
        out = out if row["part"] else []
        post = by_id.pop(row["remote_id"] or "", None)
        if row["status"] == "posted" and (post is None or post.text != row["text"]):
            verdict.wrong_report(f"{platform} part {row['part']} is reported as {row['remote_id']}: {post}")
        shown = tuple(one["alt"] for one in json.loads(row["attached"] or "{}").get("media", ()))
        if post is not None and post.pictures != shown:
            verdict.wrong_report(f"{platform} part {row['part']} shows the pictures {post.pictures}, not {shown}")
        card = (json.loads(row["attached"] or "{}").get("card") or {}).get("url", "")
        if post is not None and platform == "bluesky" and post.card != card:
            verdict.wrong_report(f"{platform} part {row['part']} shows the card {post.card}, not {card}")
        if post is not None:
            parent, root = (out[-1], top[1] or out[0]) if row["part"] and out else top
            if len(out) != row["part"] or post.parent != parent or post.root not in ("", root):
                verdict.problems.append(f"{platform}: part {row['part']} hangs in the wrong place: {post}")
            if platform == "bluesky" and post.root != root:
                verdict.problems.append(f"{platform}: part {row['part']} has the wrong root: {post}")
            out.append(post.id)
    may_be_out = Counter(row["text"] for row in reported if row["status"] == "held")
    for post in by_id.values():
        if not may_be_out[post.text]:
            verdict.wrong_report(f"{platform} holds {post}, which nobody reports")
        may_be_out[post.text] -= 1

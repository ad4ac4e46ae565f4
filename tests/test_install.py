"""Installing: what the lists of packages say of one another, what `make` asks of pip, and a second environment for real
that has no local model."""

from __future__ import annotations

import ast
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.home import ROOT, Done, Home
from twitter_manager import __version__, extras, settings
from twitter_manager.app import utc_now
from twitter_manager.operations import doctor
from twitter_manager.operations.lock import locked

PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
LIGHT, LOCAL_MODEL = (ROOT / "requirements.txt").read_text().split("# The local model: ")
TOO_LARGE_MB = 300


def pins(text: str) -> dict[str, str]:
    """The versions of a list of requirements, by the packages' canonical names."""
    found = (line.partition("==") for line in text.splitlines() if "==" in line and not line.startswith("#"))
    return {canonicalize_name(name): version for name, _, version in found}


def named(requirements: list[str]) -> dict[str, Requirement]:
    return {canonicalize_name(one.name): one for one in map(Requirement, requirements)}


BASE, LOCAL = named(PROJECT["dependencies"]), named(PROJECT["optional-dependencies"]["local"])

# -- lists of packages ---------------------------------------------------------------------------------


@pytest.mark.parametrize(("ranges", "text"), [(BASE, LIGHT), (LOCAL, LOCAL_MODEL)], ids=["base", "local"])
def test_each_dependency_is_pinned_within_its_range(ranges: dict[str, Requirement], text: str) -> None:
    """What pip may choose by pyproject.toml holds the version that `make` installs, in the part that LIGHT=1 keeps."""
    pinned = pins(text)
    assert [name for name, one in ranges.items() if not one.specifier.contains(pinned.get(name, ""))] == []


def test_what_is_imported_is_a_dependency() -> None:
    """No module imports a package that is only there because another one needs it."""
    distributions = metadata.packages_distributions()
    imported = {name for path in (ROOT / "twitter_manager").rglob("*.py") for name in _imported(path)}
    packages = imported - set(sys.stdlib_module_names) - {"twitter_manager"}
    every = {*BASE, *(one for extra in PROJECT["optional-dependencies"].values() for one in named(extra))}
    unnamed = {name for name in packages if every.isdisjoint(map(canonicalize_name, distributions[name]))}
    assert unnamed == set()


def _imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom):
            names = [node.module or ""]
        yield from (name.split(".")[0] for name in names)


def test_the_light_list_needs_nothing_that_is_left_out() -> None:
    """Whatever a package of the first part asks for, whole or with extras, is pinned in the first part."""
    kept, todo, seen = pins(LIGHT), [(name, "") for name in pins(LIGHT)], set()
    while todo:
        name, extra = todo.pop()
        assert name in kept, name
        for asked in map(Requirement, metadata.requires(name) or []):
            if asked.marker is None or asked.marker.evaluate({"extra": extra}):
                wanted = {(canonicalize_name(asked.name), one) for one in ("", *asked.extras)} - seen
                seen |= wanted
                todo += wanted
    assert not {canonicalize_name(name) for name in extras.LOCAL} & kept.keys()


def test_the_packages_of_the_local_model_are_named_alike() -> None:
    """The code, pyproject.toml, the Makefile and the page on installing agree on what a local model needs."""
    assert {canonicalize_name(name) for name in extras.LOCAL} == LOCAL.keys()
    for page in ("Makefile", "pyproject.toml", "docs/install.md"):
        assert f"--no-deps {' '.join(extras.MODELS)}" in (ROOT / page).read_text()


def test_the_version_is_that_of_the_newest_entry_of_the_changelog(tmp_path: Path) -> None:
    """One place says which version it is, the changelog says what it brought, and `--version` prints it."""
    top = re.search(r"^## (\S+)", (ROOT / "docs" / "changelog.md").read_text(), re.MULTILINE)
    assert top and top[1] == __version__
    assert (PROJECT["dynamic"], "version" in PROJECT) == (["version"], False)
    assert Home(tmp_path)("--version").out.strip() == __version__


# -- make ----------------------------------------------------------------------------------------------


def asked_of_make(folder: Path, *words: str) -> list[str]:
    """The pip commands that `make install` would run in a folder."""
    for name in ("Makefile", "requirements.txt"):
        shutil.copy2(ROOT / name, folder)
    bare = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS", "LIGHT"))}
    done = subprocess.run(
        ["make", "-n", "install", *words], cwd=folder, env=bare, capture_output=True, text=True, check=True, timeout=60
    )
    return [line for line in done.stdout.splitlines() if "/pip install" in line]


def test_an_index_for_torch_is_asked_for_torch_alone(tmp_path: Path) -> None:
    """The address stands in one command, which installs the pinned torch and not even what torch needs."""
    with_index = asked_of_make(tmp_path, "TORCH_INDEX=https://index.example/cpu")
    (step,) = [line for line in with_index if "index.example" in line]
    pin = pins(LOCAL_MODEL)["torch"]
    assert step.endswith(f"--no-deps --index-url https://index.example/cpu torch=={pin}")
    assert [line for line in asked_of_make(tmp_path) if "index" in line] == []


def test_light_is_remembered_until_it_is_taken_back(tmp_path: Path) -> None:
    """Once light, plain `make` brings no torch, not even when the requirements change; LIGHT=0 brings it."""
    (light,) = asked_of_make(tmp_path, "LIGHT=1")
    assert "the local model" in light.lower() and "torch" not in light
    (tmp_path / ".venv").mkdir()
    stamp = tmp_path / ".venv" / ".light"
    stamp.touch()
    assert asked_of_make(tmp_path) == []
    os.utime(stamp, (1, 1))
    assert asked_of_make(tmp_path) == [light]
    assert "torch==" in asked_of_make(tmp_path, "LIGHT=0")[0]


# -- without the local model ---------------------------------------------------------------------------

WITHOUT_TORCH = "import sys; sys.modules['torch'] = None; from twitter_manager.cli import main; sys.exit(main())"
"""The program, where no torch is installed."""


def found_by_doctor(done: Done) -> dict[str, str]:
    return {one["name"]: f"{one['result']}: {one['detail']} {one['remedy']}" for one in done.json["checks"]}


def test_the_bundled_model_is_left_out_where_it_is_not_installed(tmp_path: Path) -> None:
    """By default the material's own words go out, without a complaint; `doctor` names what is missing and the command
    that adds it."""
    home = Home(tmp_path)
    home.settings()
    posted = home("run", "--json", code=WITHOUT_TORCH, EMBEDDINGS="local").json
    assert (posted["exit_code"], posted["bots"][0]["outcome"]) == (0, "posted")
    told = found_by_doctor(home("doctor", "--json", code=WITHOUT_TORCH, EMBEDDINGS="local"))
    assert "generator huggingface" not in told
    assert "only the local model is not installed" in told["machine"]
    assert told["default: embeddings"].startswith("warning: ")
    assert "make install LIGHT=0" in told["default: embeddings"]
    assert "huggingface: off (not installed" in home("status", code=WITHOUT_TORCH).out


def test_a_model_that_was_named_says_what_it_lacks(tmp_path: Path) -> None:
    """Who sets HF_MODEL wants it: the run falls back, and `doctor` names the package and the command."""
    home = Home(tmp_path, HF_MODEL=str(tmp_path), GENERATORS="huggingface,excerpt")
    (tmp_path / "model.gguf").write_bytes(b"GGUF")
    told = found_by_doctor(home("doctor", "--json", code=WITHOUT_TORCH))
    assert told["generator huggingface"].startswith("failed: A local model needs torch, which is not installed. Run")
    assert "make install LIGHT=0" in told["generator huggingface"]


def test_doctor_says_when_there_is_too_little_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """With 512 MB it says what to leave out; this machine has enough."""
    (machine,) = [look for name, look in doctor.machine(settings.load(ROOT, {}), utc_now) if name == "machine"]
    assert "enough for the local model" in machine()
    monkeypatch.setattr(doctor, "_memory", lambda: 512 * 1024 * 1024)
    with pytest.raises(doctor.NotQuite, match=r"0\.5 GB of memory: too little .* make install LIGHT=1"):
        machine()


@pytest.mark.slow
def test_a_light_environment_does_all_but_the_local_model(tmp_path: Path) -> None:
    """`make run-once LIGHT=1` in a fresh clone posts from the starter notes, within 300 MB; pip installs the program
    there with all its files, its ranges agree with the pins, and the command `twitter-manager` runs from any folder."""
    clone, elsewhere = tmp_path / "clone", tmp_path / "home"
    kept = ("PYTHONPATH", "MAKE", "MFLAGS", "LIGHT", "TWITTER_MANAGER", "VIRTUAL_ENV")
    bare = {name: value for name, value in os.environ.items() if not name.startswith(kept)}

    def run(*words: str, cwd: Path = clone) -> str:
        done = subprocess.run(words, cwd=cwd, env=bare, capture_output=True, text=True, timeout=280, check=False)
        assert done.returncode == 0, f"{words}: {done.stdout[-2000:]}{done.stderr[-2000:]}"
        return done.stdout

    run("git", "clone", "--quiet", "--depth", "1", ROOT.as_uri(), str(clone), cwd=tmp_path)
    run("make", "run-once", "LIGHT=1")
    assert (clone / "data" / "feed.xml").read_text().count("<entry>") == 1
    run("make", "install")
    assert int(run("du", "-sm", ".venv").split()[0]) < TOO_LARGE_MB

    program = clone / ".venv" / "bin" / "twitter-manager"
    run(".venv/bin/pip", "install", "--quiet", "--no-cache-dir", ".")
    run(".venv/bin/pip", "check")
    elsewhere.mkdir()
    refused = subprocess.run([program], cwd=elsewhere, env=bare, capture_output=True, text=True, check=False)
    assert refused.returncode == 78 and "holds neither .env nor data/" in refused.stderr
    (elsewhere / "data").mkdir()
    assert json.loads(run(str(program), "run", "--json", cwd=elsewhere))["bots"][0]["outcome"] == "posted"
    installed = Path(run(str(clone / ".venv/bin/python"), "-c", WHERE, cwd=elsewhere).strip())
    tracked = run("git", "ls-files", "twitter_manager").split()
    assert [name for name in tracked if not (installed.parent / name).is_file()] == []
    assert "pip install '.[local]'" in run(str(program), "doctor", cwd=elsewhere)
    shutil.rmtree(clone / ".venv")  # pytest would keep it


WHERE = "from pathlib import Path; import twitter_manager; print(Path(twitter_manager.__file__).parent)"


def test_an_upgrade_that_does_not_come_about_says_why(tmp_path: Path) -> None:
    """A home that is not there, a run at work and a pull that fails are told apart, and each ends in failure."""
    (tmp_path / "Makefile").write_bytes((ROOT / "Makefile").read_bytes())
    (tmp_path / ".git").mkdir()  # no repository: the pull fails

    def upgrade() -> str:
        there = {**os.environ, "TWITTER_MANAGER_HOME": str(tmp_path), "GIT_CEILING_DIRECTORIES": str(tmp_path)}
        done = subprocess.run(["make", "upgrade"], cwd=tmp_path, env=there, capture_output=True, text=True, check=False)
        assert done.returncode != 0
        return done.stdout

    assert "data is not there" in upgrade()
    with locked(tmp_path / "data" / "twitter_manager.lock"):
        assert "A run is at work" in upgrade()
    failed = upgrade()
    assert "what is wrong stands above" in failed and "run is at work" not in failed

"""Whose bots a home folder's are: of one machine, which a move must name."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.home import Home
from twitter_manager.operations import machine

ID = "0123456789abcdef0123456789abcdef"
needs_an_id = pytest.mark.skipif(not machine.here(), reason="this machine has no lasting id")


def _etc(root: Path, content: str) -> Path:
    (root / "etc").mkdir(exist_ok=True)
    (root / "etc" / "machine-id").write_text(content)
    return root


def test_a_machine_is_told_by_a_lasting_id_that_is_never_told_as_it_is(tmp_path: Path) -> None:
    """The id is hashed; what is no id, or lasts until the next start, is none."""
    told = machine.here(_etc(tmp_path, f"{ID}\n"))
    assert len(told) == 32 and ID not in told
    for odd in ("", "uninitialized\n", "é" * 32, ID[:31]):
        assert machine.here(_etc(tmp_path, odd)) == ""
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "machine-id").write_text(ID)
    assert machine.here(_etc(tmp_path, ID)) == ""


@needs_an_id
def test_two_machines_with_one_home_are_refused_until_one_adopts_it(tmp_path: Path) -> None:
    """A run on another machine posts nothing and names the way on; `adopt` is that way."""
    home = Home(tmp_path)
    assert home("run", "--force").code == 0
    posts = (tmp_path / "data" / "feed.xml").read_text()
    (tmp_path / "data" / "machine.json").write_text(json.dumps({"machine": "f" * 32, "name": "old-pi"}))
    refused = home("run", "--force")
    assert refused.code == 78 and "'old-pi'" in refused.err and "adopt" in refused.err and refused.err.count("\n") == 1
    assert (tmp_path / "data" / "feed.xml").read_text() == posts
    assert "old-pi" in home("doctor").out
    health = home("health")
    assert health.code == 1 and "old-pi" in health.out
    assert home("status").code == 0
    assert home("adopt").code == 0
    assert home("run", "--force").code == 0
    assert (tmp_path / "data" / "feed.xml").read_text() != posts


@needs_an_id
def test_nothing_is_written_into_the_home_of_another_machine(tmp_path: Path) -> None:
    """Each verb that changes the database, the bots' files or the keys is refused; those that look go on, and `status`
    names the way."""
    home = Home(tmp_path, MASTODON_ACCESS_TOKEN="token-1", MASTODON_BASE_URL="http://127.0.0.1:9")
    assert home("maintain").code == 0
    (backup,) = (tmp_path / "data" / "backups").glob("*.db")
    (tmp_path / "data" / "machine.json").write_text(json.dumps({"machine": "f" * 32, "name": "old-pi"}))
    kept = [tmp_path / ".env", tmp_path / "data" / "twitter.db", tmp_path / "data" / "bots" / "default.toml"]
    before = [path.read_bytes() for path in kept]
    keys = "MASTODON_ACCESS_TOKEN=token-2\n"
    for words in (
        "post hello",
        "skip 1",
        "pause",
        "resume 1",
        "drafts approve 1",
        f"restore {backup}",
        "restore",
        "maintain",
        "backup now",
        "auth rotate mastodon --keys-stdin",
        "auth login mastodon --keys-stdin",
        "auth check",
        "models prune --yes",
        "sources remove starter --yes",
        "history --check mastodon",
        "review token phone",
    ):
        done = home(*words.split(), stdin=keys)
        assert (done.code, done.err.count("\n")) == (78, 1), (words, done)
        assert "'old-pi'" in done.err and "adopt" in done.err
    assert [path.read_bytes() for path in kept] == before
    for words in ("status", "history", "report", "models list", "restore --list", "audit", "drafts list"):
        assert home(*words.split()).code == 0, words
    told = home("status").out
    assert "No run is done here" in told and "'old-pi'" in told and "adopt" in told
    assert home("adopt").code == 0 and home("status", "--json").json["refused"] == ""


@needs_an_id
def test_a_dry_run_claims_nothing(tmp_path: Path) -> None:
    """Only what writes says whose the bots are."""
    assert Home(tmp_path)("--dry-run").code == 0
    assert not (tmp_path / "data" / "machine.json").exists()


@pytest.mark.parametrize(
    "content", ["", "{}", "[]", '{"machine": 3}', "x" * 5000, "null", "[" * 4000, '{"machine": 3, "name": 4}']
)
def test_a_damaged_note_of_the_machine_stops_no_run(tmp_path: Path, content: str) -> None:
    """What can't be read says nothing of another machine."""
    home = Home(tmp_path)
    (tmp_path / "data").mkdir(exist_ok=True)
    (tmp_path / "data" / "machine.json").write_text(content)
    assert home("run", "--force").code == 0


def test_a_network_file_system_is_named(tmp_path: Path) -> None:
    """The file system of the nearest mount point counts, whatever is in its path; a local one is none."""
    share = tmp_path / "a share"
    (share / "home").mkdir(parents=True)
    mounts = tmp_path / "mountinfo"
    escaped = str(share).replace(" ", r"\040")
    mounts.write_text(
        f"20 1 8:1 / / rw - ext4 /dev/sda1 rw\n30 20 0:5 / {escaped} rw,relatime shared:1 - nfs4 host:/x rw\n"
    )
    assert machine.network_file_system(share / "home", mounts) == "nfs4"
    assert machine.network_file_system(tmp_path, mounts) == ""
    assert machine.network_file_system(tmp_path, tmp_path / "not there") == ""
    for kind, found in (("fuse.sshfs", True), ("cifs", True), ("fuseblk", False), ("btrfs", False), ("overlay", False)):
        mounts.write_text(f"20 1 8:1 / / rw - {kind} /dev/sda1 rw\n")
        assert bool(machine.network_file_system(tmp_path, mounts)) == found


def test_uninstall_names_what_to_take_away_and_takes_nothing(tmp_path: Path) -> None:
    """The keys to revoke, what starts the runs, the folders with their sizes; no key is shown, and all stays."""
    keys = {"BLUESKY_IDENTIFIER": "a.bsky.social", "BLUESKY_PASSWORD": "abcd-efgh-ijkl-mnop"}
    home = Home(tmp_path, **keys, ANTHROPIC_API_KEY="sk-ant-api03-0123456789abcdefghij")
    (tmp_path / "data" / "twitter.db").touch()
    done = home("uninstall")
    assert done.code == 0 and "abcd-efgh" not in done.out and "sk-ant" not in done.out
    for named in ("uninstall-cron", "App passwords", "console.anthropic.com", "twitter.db", ".env", "MB"):
        assert named in done.out
    home.settings(BACKUP_COPY=str(tmp_path / "disk"), METRICS_FILE="a.prom", PING_URL="https://hc-ping.com/secret-1")
    for path in (tmp_path / "disk", tmp_path / "a.prom"):
        path.mkdir()
    apart = home("uninstall").out
    assert f"copies in {tmp_path}/disk: delete" in apart and f"{tmp_path}/a.prom: delete" in apart
    assert "PING_URL" in apart and "secret-1" not in apart and "data/health.json" not in apart
    home.settings(PUSHGATEWAY_URL="https://me:secret-2@push.example.org")
    assert "PUSHGATEWAY_URL" in (pushed := home("uninstall").out) and "secret-2" not in pushed
    steps = home("uninstall", "--json").json["steps"]
    assert steps[0]["what"] == "what starts the runs"
    assert (tmp_path / ".env").exists()


def test_uninstall_tells_what_can_be_known_whatever_is_wrong_with_the_settings(tmp_path: Path) -> None:
    """A wrong setting, keys that others may read, and a damaged bot's file hide no key and no folder; what is wrong is
    told."""
    keys = {"BLUESKY_IDENTIFIER": "a.bsky.social", "BLUESKY_PASSWORD": "abcd-efgh-ijkl-mnop"}
    home = Home(tmp_path, **keys, BACKUP_COPY="relative")
    (tmp_path / ".env").chmod(0o644)
    (tmp_path / "data" / "bots" / "default.toml").write_text("[[")
    done = home("uninstall")
    assert done.code == 0 and "abcd-efgh" not in done.out and done.err == ""
    for named in ("App passwords", f"{tmp_path}/data", "chmod 600", "default.toml", "could not be read"):
        assert named in done.out
    assert "nothing anywhere else" not in done.out
    (tmp_path / ".env").chmod(0o600)
    assert "BACKUP_COPY" in home("uninstall").out

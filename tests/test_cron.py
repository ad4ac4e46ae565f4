"""What starts the runs: the line in a crontab among others, a systemd timer, and that each time is met."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from tests.home import Home
from tests.standins.crontab import CrontabStandIn
from twitter_manager import schedule
from twitter_manager.errors import TwitterManagerError
from twitter_manager.operations.cron import crontab, install, service, start_times, systemd
from twitter_manager.operations.cron.crontab import Crontab
from twitter_manager.operations.cron.install import Wishes
from twitter_manager.settings import load
from twitter_manager.show.verb_shapes import json_schema

NOW = datetime(2026, 11, 27, 10, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
ODD = (
    b"# m h  dom mon dow   command\n\nMAILTO=club@example.org\n  SHELL = /bin/sh\n\tCRON_TZ=Asia/Kathmandu  \n"
    b"*/5 *\t* * *   /usr/bin/backup --at \\%H  # twitter_manager:\n@reboot  echo caf\xc3\xa9 \xff\xfe\r\n"
    b"# 7 * * * * old # twitter_manager: /home/ada/bots\n0 0 * * 0 echo last%line one\n"
)
"""What people have: blanks that mean nothing, bytes that are no UTF-8, a carriage return, a line switched off."""
OTHER = b"3 * * * * cd /srv/other && x # twitter_manager: /srv/other\n"


@pytest.fixture(params=["stand-in", "real"])
def tab(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A user's crontab, empty at first."""
    if request.param == "stand-in":
        monkeypatch.setenv("PATH", CrontabStandIn.begin(tmp_path / "bin").path)
    elif shutil.which("crontab") is None or "REAL_CRONTAB" not in os.environ:
        pytest.skip("changes this user's crontab: there must be a crontab command, and REAL_CRONTAB set")
    subprocess.run(["crontab", "-r"], capture_output=True, check=False)
    yield
    subprocess.run(["crontab", "-r"], capture_output=True, check=False)


def put(content: bytes) -> None:
    subprocess.run(["crontab", "-"], input=content, check=True)


def there() -> bytes:
    """What the table holds; -l shows it with some bytes in other words."""
    done = subprocess.run(["crontab", "-l"], capture_output=True, check=False)
    environment = {**os.environ, "VISUAL": "cat"}
    return b"" if done.returncode else subprocess.run(["crontab", "-e"], capture_output=True, env=environment).stdout


def wishes(path: Path, bot: str = "", **dated: datetime) -> Wishes:
    home = Home(path)
    home.bot("club", 'platforms = ["feed"]\n' + bot)
    return Wishes(path, load(path, {}).active, dated, NOW)


def put_in(given: Wishes, at_minute: int | None = None, *, by_systemd: bool = False) -> dict[str, Any]:
    return install.install(given, at_minute, {}, by_systemd=by_systemd)


# -- the crontab -----------------------------------------------------------------------------------


@pytest.mark.parametrize("before", [b"", ODD, OTHER, ODD + OTHER], ids=["none", "odd", "other home", "both"])
def test_other_lines_stay_byte_for_byte(tab: None, tmp_path: Path, before: bytes) -> None:
    """Put in twice, moved to another minute, taken out twice: the rest is what it was, and the line is there once."""
    if before:
        put(before)
    club = wishes(tmp_path / "home")
    assert put_in(club)["changed"] and not put_in(club)["changed"]
    moved = put_in(club, 41)
    assert there() == before + moved["line"].encode() + b"\n" and moved["minutes"] == [41]
    assert install.uninstall(club.home)["removed"] == [moved["line"]]
    assert there() == before
    assert install.uninstall(club.home)["removed"] == []


def test_a_line_in_the_middle_is_replaced_where_it_stands(tab: None, tmp_path: Path) -> None:
    """Variables hold for the lines below them, so it may not move; a copy of it goes."""
    club, own = wishes(tmp_path / "home"), crontab.line(tmp_path / "home", [5]).encode() + b"\n"
    put(OTHER + own + ODD + own)
    done = put_in(club, 6)
    assert there() == OTHER + done["line"].encode() + b"\n" + ODD


def test_each_home_has_its_own_line(tab: None, tmp_path: Path) -> None:
    """Homes whose paths begin alike don't take each other for themselves; they start at minutes of their own."""
    homes = [tmp_path / name for name in ("bots", "bots2", "bots/inner", "my bots")]
    lines = [put_in(wishes(home))["line"] for home in homes]
    assert there().decode().splitlines() == lines
    assert len({install.usual_minute(Path(f"/home/u{n}")) for n in range(60)}) > 25
    assert 0 not in {install.usual_minute(Path(f"/home/u{n}")) for n in range(500)}
    install.uninstall(homes[0])
    assert there().decode().splitlines() == lines[1:]


@pytest.mark.parametrize(
    "name",
    ["plain", "my bots", "100% 50%25", "it's", '"quoted"', "$HOME `id` ;&|<>*?", "#1 # x", "Ünï-cödé", "-n", "~a"],
)
@pytest.mark.parametrize("shell", ["sh", "bash", "csh", "fish", "zsh"])
def test_the_line_starts_this_home_with_this_interpreter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, shell: str
) -> None:
    """Run as cron runs it (its % undone, a shell, nearly no environment): the folder, the home and the words."""
    if shutil.which(shell) is None:
        pytest.skip(f"no {shell} here")
    home = tmp_path / name
    home.mkdir()
    python = home / "python"
    python.write_text('#!/bin/sh\nprintf "%s\\n" "$PWD" "$TWITTER_MANAGER_HOME" "$*"\n')
    python.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(python))
    monkeypatch.setattr(crontab, "folder", lambda home: home)
    line = crontab.line(home, [7, 30])
    when, command = line.split(" * * * * ")
    assert when == "7,30" and "%" not in command.replace("\\%", "")
    bare = {"HOME": "/", "PATH": "/usr/bin:/bin", "SHELL": "/bin/sh", "LOGNAME": "ada"}
    given = command.replace("\\%", "%")
    done = subprocess.run([shell, "-c", given], env=bare, cwd="/", capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"{home}\n{home}\n-m twitter_manager run\n"


@pytest.mark.parametrize("name", ["back\\slash", "line\nfeed", "x" * 250 + "/" + "y" * 250, "bad\udcff"])
def test_a_path_that_no_line_can_hold_is_refused(tab: None, name: str) -> None:
    """One clear line, and the crontab is as it was."""
    put(ODD)
    with pytest.raises(TwitterManagerError) as caught:
        install.install(Wishes(Path("/home") / name, [], {}, NOW), None, {}, by_systemd=False)
    assert "--systemd" in caught.value.remedy and "\n" not in str(caught.value)
    assert there() == ODD


def test_trouble_with_the_command_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No crontab command, a user who may not use it, a table that it refuses: each is one clear line."""
    club = wishes(tmp_path / "home")
    stand_in = CrontabStandIn.begin(tmp_path / "bin")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(TwitterManagerError, match="no crontab command"):
        put_in(club)
    monkeypatch.setattr(service, "has_systemd", lambda: False)
    for by_systemd in (False, True):
        with pytest.raises(TwitterManagerError) as caught:
            install.install(club, None, {}, by_systemd=by_systemd)
        assert "--systemd" not in caught.value.remedy and "twitter_manager run" in caught.value.remedy, "not in circles"
    monkeypatch.setenv("PATH", stand_in.path)
    stand_in.tab.write_bytes(b"an old line that no cron takes any more\n")
    with pytest.raises(TwitterManagerError, match=r"can't be written: .*bad minute.*It is as it was"):
        put_in(club)
    assert stand_in.tab.read_bytes() == b"an old line that no cron takes any more\n"
    (stand_in.folder / "crontab").write_text(
        "#!/bin/sh\necho 'You (ada) are not allowed to use this program' >&2\nexit 1"
    )
    with pytest.raises(TwitterManagerError, match=r"can't be read: You .ada. are not allowed"):
        put_in(club)


def test_what_a_person_should_know_is_told(tab: None, tmp_path: Path) -> None:
    """Mail that goes nowhere, a line by hand for the same home, keys that only this shell has."""
    home = tmp_path / "home"
    put(f'MAILTO=""\n7 * * * * cd {home} && .venv/bin/python -m twitter_manager run\n'.encode())
    done = install.install(wishes(home), None, {"BLUESKY_PASSWORD": "abcd-efgh-ijkl-2345"}, by_systemd=False)
    notes = "\n".join(done["notes"])
    assert 'MAILTO=""' in notes and "Another line starts this too" in notes
    assert "Only this shell sets BLUESKY_PASSWORD" in notes and "2345" not in notes


# -- times -----------------------------------------------------------------------------------------

BOT_ZONES = [
    "Europe/Berlin",
    "Asia/Kolkata",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "America/St_Johns",
    "Pacific/Apia",
]
MACHINE_ZONES = ["UTC", "Europe/London", "Australia/Lord_Howe", "Australia/Adelaide", "Asia/Kathmandu"]


def starts_of_a_year(line: str, zone: str) -> set[datetime]:
    """Each minute (UTC) at which a cron on a machine of this zone starts the line, by python-crontab's own reading."""
    from crontab import CronTab

    [job] = CronTab(tab=line + "\n")
    there, minutes = schedule.zone(zone), {int(minute) for minute in job.minute}
    assert len(list(job.hour)) == 24 and [str(part) for part in (job.dom, job.month, job.dow)] == ["*"] * 3
    quarters = (NOW + number * 15 * MINUTE for number in range(366 * 96))  # clocks change at none but these
    first = ((quarter, quarter.astimezone(there).minute) for quarter in quarters)
    return {quarter + n * MINUTE for quarter, minute in first for n in range(15) if (minute + n) % 60 in minutes}


@given(
    st.sampled_from(BOT_ZONES),
    st.sampled_from(MACHINE_ZONES),
    st.lists(st.times(), min_size=1, max_size=3, unique=True),
)
@settings(max_examples=12, deadline=None)
def test_each_time_is_met_within_a_minute_all_year(bot_zone: str, machine: str, times: list[Any]) -> None:
    """Every slot of a year, both changes of the clocks included, has a start of the installed line in its minute."""
    clocks = tuple(clock.replace(second=0, microsecond=0) for clock in times)
    plan = schedule.Schedule(times=clocks)
    wanted = [
        start_times.Due("x", moment)
        for moment in schedule.moments(NOW.date(), start_times.YEAR, clocks, schedule.zone(bot_zone))
    ]
    line = crontab.line(Path("/home/ada"), start_times.minutes(wanted, [schedule.zone(machine)]))
    starts = starts_of_a_year(line, machine)
    slot = schedule.next_slot(NOW, plan, bot_zone)
    while slot < NOW + timedelta(days=365):
        assert slot in starts
        slot = schedule.next_slot(slot, plan, bot_zone)


@pytest.mark.parametrize(
    ("bot", "minutes"),
    [
        ('[schedule]\ntimes = ["09:00", "17:30"]', [0, 30]),
        ('time_zone = "Asia/Kathmandu"\n[schedule]\ntimes = ["09:00"]', [15]),
        ('time_zone = "Australia/Lord_Howe"\n[schedule]\ntimes = ["09:10"]', [10, 40]),
        ('enabled = true\n[schedule]\nevery_hours = 3', [9]),
    ],
)  # fmt: skip
def test_the_minutes_are_those_that_are_needed(
    tab: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bot: str, minutes: list[int]
) -> None:
    """Those of the bots' times; the usual one where nothing has a time; one that a person names on top."""
    monkeypatch.setattr(crontab, "machine_zone", lambda: UTC)
    monkeypatch.setattr(install, "usual_minute", lambda home: 9)
    club = wishes(tmp_path / "home", bot)
    assert put_in(club)["minutes"] == minutes
    assert put_in(club, 59)["minutes"] == sorted({*minutes, 59} - {9})
    put(b"CRON_TZ=Asia/Kathmandu\n")
    assert set(put_in(club)["minutes"]) >= set(minutes)


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ("30 * * * *", ""),
        ("*/15 8-20 * * *", ""),
        ("7 * * * *", "club: 17:30 goes out 37 minutes late"),
        ("30 8 * * *", "club: 17:30 goes out 900 minutes late"),
        ("30 17 1 * 1", "club: 17:30 goes out"),
        ("@hourly", "club: 17:30 goes out 30 minutes late"),
        ("@reboot", "can't be foretold"),
        ("0~59 * * * *", "can't be foretold"),
        ("30 17 30 2 *", "no run starts for club: 17:30"),
    ],
)
def test_the_doctor_says_what_a_line_cannot_meet(
    tab: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fields: str, says: str
) -> None:
    """Lines by hand are read too; install-cron is named, and mends it."""
    monkeypatch.setattr(crontab, "machine_zone", lambda: UTC)
    monkeypatch.setattr(service, "look", lambda: service.Service(runs=True, start=""))
    home = tmp_path / "home"
    club = wishes(home, '[schedule]\ntimes = ["17:30"]')
    assert "nothing starts the runs" in install.complaint(club)
    put(f"{fields} cd {home} && .venv/bin/python -m twitter_manager run\n".encode())
    told = install.complaint(club)
    assert says in told and ("install-cron" in told) == bool(says)
    put_in(club)
    assert install.complaint(club) == ""


def test_a_dated_post_is_met_too(tab: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The doctor names the draft; install-cron adds its minute, rounded up; a past date asks for nothing."""
    monkeypatch.setattr(service, "look", lambda: service.Service(runs=True, start=""))
    monkeypatch.setattr(crontab, "machine_zone", lambda: UTC)
    monkeypatch.setattr(install, "usual_minute", lambda home: 9)
    put_in(wishes(tmp_path / "home"))
    dated = wishes(tmp_path / "home", draft=NOW + timedelta(days=3, seconds=1), old=NOW - MINUTE)
    assert "draft goes out 8 minutes late" in install.complaint(dated) and "old" not in install.complaint(dated)
    assert put_in(dated)["minutes"] == [1, 9]
    assert install.complaint(dated) == ""


# -- the service, and systemd ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("names", "script", "runs", "start"),
    [
        (["init", "cron"], "", True, ""),
        (["init", "crond"], "", True, ""),
        (["init", "bash"], "", False, ""),
        (["init", "bash"], "cron", False, "sudo service cron start"),
        ([], "", None, ""),
    ],
)
def test_whether_a_cron_service_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, names: list[str], script: str, runs: bool | None, start: str
) -> None:
    """By its process; where others' processes can't be seen it makes no guess; the command only where it is known."""
    monkeypatch.setattr(service, "has_systemd", lambda: False)
    monkeypatch.setattr(shutil, "which", lambda name: name if name == "service" else None)
    for number, name in enumerate(names, 1):
        (tmp_path / str(number)).mkdir()
        (tmp_path / str(number) / "comm").write_text(f"{name}\n")
    (tmp_path / "init.d").mkdir()
    (tmp_path / "init.d" / (script or "ssh")).touch()
    found = service.look(tmp_path, tmp_path / "init.d")
    assert (found.runs, found.start) == (runs, start)
    assert start in found.told


@pytest.fixture
def user_systemd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A systemctl that writes down what it is asked, before the crontab stand-in on PATH."""
    stand_in = CrontabStandIn.begin(tmp_path / "bin")
    systemctl = stand_in.folder / "systemctl"
    systemctl.write_text(
        f'#!/bin/sh\necho "$*" >> {tmp_path}/asked\n[ ! -e {tmp_path}/fails ] || {{ echo no bus >&2; exit 1; }}\n'
    )
    systemctl.chmod(0o755)
    monkeypatch.setenv("PATH", stand_in.path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    return tmp_path


@pytest.mark.parametrize("name", ["plain", "my 100% bots", 'it\'s "$HOME"', "back\\slash"])
def test_a_timer_takes_the_place_of_the_line(user_systemd: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Two files that systemd reads without complaint, minutes in UTC; back to cron, and out altogether."""
    if "\\" not in name:
        monkeypatch.setattr(crontab, "machine_zone", lambda: UTC)
    home = user_systemd / name
    club = wishes(home, 'time_zone = "Asia/Kathmandu"\n[schedule]\ntimes = ["09:00", "12:20"]')
    if "\\" not in name:
        put_in(club)
    done = put_in(club, by_systemd=True)
    assert done["minutes"] == [15, 35] and done["replaced"] == ("\\" not in name) and there() == b""
    timer = systemd.Timer.of(home)
    assert "OnCalendar=*-*-* *:15,35:00 UTC\nAccuracySec=1s\nPersistent=true\n" in timer.files[0].read_text()
    assert install.complaint(club) == "" and not put_in(club, by_systemd=True)["changed"]
    if shutil.which("systemd-analyze"):
        verified = subprocess.run(
            ["systemd-analyze", "verify", "--recursive-errors=no", *map(str, timer.files)],
            capture_output=True,
            text=True,
        )
        assert (verified.returncode, verified.stderr) == (0, "")
    if "\\" not in name:
        assert put_in(club)["replaced"] and not timer.files[0].exists()
        put_in(club, by_systemd=True)
    assert install.uninstall(home)["removed"] == [timer.unit] and not any(path.exists() for path in timer.files)


def test_without_a_user_manager_nothing_is_left_behind(user_systemd: Path) -> None:
    """systemctl's own words are told, and the files are gone again."""
    (user_systemd / "fails").touch()
    with pytest.raises(TwitterManagerError, match="systemctl --user daemon-reload failed: no bus"):
        put_in(wishes(user_systemd / "home"), by_systemd=True)
    assert list((user_systemd / "config").rglob("twitter-manager*")) == []


def test_the_text_of_a_crontab_is_never_changed_by_reading_it() -> None:
    """Lines joined are the text, whatever ends them."""
    for text in ("", "a", "a\n", "a\r\nb", "\n\n", "a\x0bb\x0cc\x85d\u2028e\n"):
        assert "".join(Crontab(text).lines) == text


# -- the verbs -------------------------------------------------------------------------------------


def test_the_verbs_say_what_they_did(tmp_path: Path) -> None:
    """Both ways of printing, doctor before and after, and out again although the settings are broken by then."""
    stand_in, home = CrontabStandIn.begin(tmp_path / "bin"), Home(tmp_path / "home", GENERATORS="excerpt")
    home.bot("club", 'platforms = ["feed"]\n[schedule]\ntimes = ["17:30"]\n')
    assert "nothing starts the runs" in home("doctor", PATH=stand_in.path).out
    done = home("install-cron", "--at-minute", "5", PATH=stand_in.path)
    line = stand_in.tab.read_text().strip()
    assert (done.code, done.err) == (0, "") and f"  {line}\n" in done.out and "club: 17:30" in done.out
    again = home("install-cron", "--at-minute", "5", "--json", PATH=stand_in.path).json
    assert (again["line"], again["changed"]) == (line, False)
    Draft202012Validator(json_schema("install-cron")).validate(again)
    assert "late" not in home("doctor", PATH=stand_in.path).out
    refused = home("install-cron", "--at-minute", "60", PATH=stand_in.path)
    assert refused.code == 2 and "0 to 59" in refused.err
    home.settings(NONSENSE="1")
    out = home("uninstall-cron", "--json", PATH=stand_in.path)
    assert (out.code, out.json["removed"], stand_in.tab.exists()) == (0, [line], False)

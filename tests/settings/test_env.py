"""`.env`, the environment and a bot's own `.env`: what they may hold, what holds over what, and what is refused."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twitter_manager.errors import Problem, SettingsProblems
from twitter_manager.platforms.bluesky import BlueskySettings
from twitter_manager.platforms.x import XSettings
from twitter_manager.settings import Bot, Embeddings, Settings, find_home, load, sample_env
from twitter_manager.settings.env import PASS_THROUGH, checked
from twitter_manager.settings.records import Judging
from twitter_manager.settings.variables import KEYS
from twitter_manager.validation import InvalidValue

X = {
    "TWITTER_API_KEY": "k" * 25,
    "TWITTER_API_SECRET": "s" * 50,
    "TWITTER_ACCESS_TOKEN": "12345-" + "t" * 40,
    "TWITTER_ACCESS_SECRET": "z" * 45,
}
BLUESKY = {"BLUESKY_IDENTIFIER": "me.bsky.social", "BLUESKY_PASSWORD": "abcd-2fgh-ijkl-mnop"}
REVISION = "0123456789abcdef0123456789abcdef01234567"


def put(home: Path, text: str, name: str = ".env") -> Path:
    path = home / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o600)
    return path


def x_of(bot: Bot) -> XSettings:
    found = bot.credentials["x"]
    assert isinstance(found, XSettings)
    return found


def bluesky_of(bot: Bot) -> BlueskySettings:
    found = bot.credentials["bluesky"]
    assert isinstance(found, BlueskySettings)
    return found


def lines(values: Mapping[str, str]) -> str:
    return "".join(f"{name}={value}\n" for name, value in values.items())


def problems(home: Path, environ: Mapping[str, str] | None = None) -> tuple[Problem, ...]:
    with pytest.raises(SettingsProblems) as caught:
        load(home, environ or {})
    assert caught.value.exit_code == 78
    assert all(problem.message.endswith(".") and "\n" not in str(problem) for problem in caught.value.problems)
    return caught.value.problems


def test_a_fresh_machine_needs_nothing(tmp_path: Path) -> None:
    """Without any file or variable there is one bot, the feed, and all generators that need no key; no file is made."""
    settings = load(tmp_path, {"HOME": "/root", "PATH": "/bin", "EDITOR": "vi"})
    (bot,) = settings.bots
    assert (bot.name, bot.platforms_on, bot.pool_size) == ("default", ("feed",), 8)
    assert bot.generators.order == ("huggingface", "claude", "openai", "excerpt")
    assert bot.generators.usable == ("huggingface", "excerpt")
    assert (settings.run_seconds, settings.settle_minutes, settings.unsure) == (600, 15, "resend")
    assert (settings.log_level, settings.secrets, settings.pass_through) == ("INFO", (), {})
    assert settings.database == tmp_path / "data" / "twitter.db" and settings.feed("default").name == "feed.xml"
    assert list(tmp_path.iterdir()) == []


def full(tmp_path: Path) -> Settings:
    (tmp_path / "m").mkdir()
    given = X | BLUESKY
    given |= {"ANTHROPIC_API_KEY": "sk-ant-123456789", "ANTHROPIC_MODEL": "claude-x", "OPENAI_API_KEY": "sk-abcdefgh"}
    given |= {"OPENAI_API_BASE": "http://127.0.0.1:8080/v1/", "OPENAI_MODEL": "org/model:free", "HF_MODEL": "m"}
    given |= {"HF_WRITING": "write", "HF_THREADS": "2", "GENERATORS": "openai, excerpt", "LOG_LEVEL": "DEBUG"}
    given |= {"RUN_SECONDS": "60", "SETTLE_MINUTES": "30", "UNSURE": "hold", "HF_TOKEN": "hf_tokentoken"}
    given |= {"TWITTER_API_BASE_URL": "http://localhost:9/", "BLUESKY_SERVICE_URL": "http://[::1]:2583"}
    given |= {"https_proxy": "http://me:proxy%40pass@proxy:3128", "TZ": "Europe/Berlin"}
    put(tmp_path, lines(given))
    return load(tmp_path, {})


def test_every_setting_arrives(tmp_path: Path) -> None:
    """Each name of the list, in `.env`, ends up where the program looks for it."""
    settings = full(tmp_path)
    x, bluesky, generators = x_of(settings.bots[0]), bluesky_of(settings.bots[0]), settings.bots[0].generators
    assert generators.claude and generators.openai
    assert x.access_token == X["TWITTER_ACCESS_TOKEN"] and x.base_url == "http://localhost:9"
    assert x.api_key + x.api_secret == "k" * 25 + "s" * 50
    assert bluesky.identifier == "me.bsky.social"
    assert bluesky.service_url == "http://[::1]:2583"
    assert (generators.claude.model, generators.openai.model) == ("claude-x", "org/model:free")
    assert generators.openai.base_url == "http://127.0.0.1:8080/v1"
    local = generators.huggingface
    assert (local.model, local.writing, local.threads) == (str(tmp_path / "m"), "write", 2)
    assert (generators.usable, settings.bots[0].pool_size) == (("openai", "excerpt"), 1)
    assert (settings.run_seconds, settings.settle_minutes, settings.unsure) == (60, 30, "hold")
    assert settings.log_level == "DEBUG"
    assert settings.pass_through.keys() == {"https_proxy", "TZ", "HF_TOKEN"}


def test_secrets_are_listed_and_never_shown(tmp_path: Path) -> None:
    """Keys, passwords, tokens and a proxy's password are given for redaction, and no repr holds one of them."""
    settings = full(tmp_path)
    wanted = {
        *X.values(),
        BLUESKY["BLUESKY_PASSWORD"],
        "sk-ant-123456789",
        "sk-abcdefgh",
        "hf_tokentoken",
        "proxy@pass",
    }
    assert wanted <= set(settings.secrets)
    shown = repr(settings) + str(settings.bots[0].credentials) + repr(settings.generators)
    assert not [secret for secret in settings.secrets if secret in shown]
    assert "me.bsky.social" not in settings.secrets


@pytest.mark.parametrize(
    ("name", "address", "secrets"),
    [
        ("PUSHGATEWAY_URL", "https://aB3dE5gH7jK9@push.example.org:9091/job", {"aB3dE5gH7jK9"}),
        ("PUSHGATEWAY_URL", "http://pushgateway01:9091/t/aB3dE5gH7jK9", {"aB3dE5gH7jK9"}),
        ("PUSHGATEWAY_URL", "http://bot:long%20word@push:9091", {"long word", "long%20word"}),
        ("HTTPS_PROXY", "http://aB3dE5gH7jK9:@proxy01.example.org:3128", {"aB3dE5gH7jK9"}),
        ("all_proxy", "me:aB3dE5gH7jK9@proxy01:3128", {"aB3dE5gH7jK9"}),
        ("NO_PROXY", "10.0.0.0/8,database01", set()),
    ],
)
def test_what_opens_a_proxy_or_a_gateway_is_a_secret(
    tmp_path: Path, name: str, address: str, secrets: set[str]
) -> None:
    """A token in the place of the user or in the path too, not the password alone; the host is told."""
    put(tmp_path, f"{name}={address}\n")
    assert set(load(tmp_path, {}).secrets) == secrets


def test_swapped_access_token_and_secret_are_a_problem(tmp_path: Path) -> None:
    """The secret in the token's place would be shown as the account's name: it is refused, and not repeated."""
    token, secret = "4242-" + "aB3dE5gH7jK9" * 3, "zY9xW8vU7tS6" * 4
    put(tmp_path, lines(X | {"TWITTER_ACCESS_TOKEN": secret, "TWITTER_ACCESS_SECRET": token}))
    with pytest.raises(SettingsProblems) as caught:
        load(tmp_path, {})
    [problem] = caught.value.problems
    assert problem.field == "TWITTER_ACCESS_SECRET" and "Swap" in problem.remedy
    assert token not in str(problem) and secret not in str(problem)


def test_the_environment_holds_over_the_file_and_the_bots_file_over_both(tmp_path: Path) -> None:
    """Each layer replaces single names; an empty value takes a name away; the secrets of all layers are kept."""
    put(
        tmp_path,
        lines(X | {"LOG_LEVEL": "DEBUG", "OPENAI_BASE_URL": "https://a.example", "OPENAI_API_KEY": "filekey1"}),
    )
    put(tmp_path, "", "data/bots/one.toml")
    put(tmp_path, "", "data/bots/two.toml")
    put(tmp_path, "TWITTER_ACCESS_TOKEN=777-own\nOPENAI_API_KEY=\n", "data/bots/two.env")
    environ = {"LOG_LEVEL": "ERROR", "OPENAI_API_BASE": "https://b.example", "TWITTER_API_KEY": "fromenviron"}
    settings = load(tmp_path, environ)
    one, two = settings.bots
    assert settings.log_level == "ERROR" and one.generators.openai
    assert one.generators.openai.base_url == "https://b.example"
    assert two.generators.openai is None
    assert x_of(one).api_key == x_of(two).api_key == "fromenviron"
    assert (x_of(one).access_token, x_of(two).access_token) == (X["TWITTER_ACCESS_TOKEN"], "777-own")
    assert {"filekey1", "fromenviron", "777-own", X["TWITTER_API_KEY"]} <= set(settings.secrets)


def test_values_are_literal(tmp_path: Path) -> None:
    """No ${NAME} is replaced, neither in quotes nor without; quotes and comments are python-dotenv's."""
    put(tmp_path, "BLUESKY_IDENTIFIER=a.example # mine\nexport BLUESKY_PASSWORD='${HOME} $PATH \\'x\\' #1'\n")
    bluesky = bluesky_of(load(tmp_path, {"HOME": "/root"}).bots[0])
    assert bluesky.identifier == "a.example"
    assert bluesky.password == "${HOME} $PATH 'x' #1"


WRONG: list[tuple[str, str, str, str]] = [
    # field, value, a word of the message, a word of the remedy
    ("TWITTER_API_BASE_URL", "http://api.twitter.com", "this machine", "https"),
    ("TWITTER_API_BASE_URL", "http://127.0.0.1.nip.io", "this machine", "https"),
    ("TWITTER_API_BASE_URL", "http://localhost@evil.example", "user name", ""),
    ("TWITTER_API_BASE_URL", "https://user:pass@api.twitter.com", "password", ""),
    ("TWITTER_API_BASE_URL", "https://api.twitter.com/2", "path", ""),
    ("OPENAI_BASE_URL", "https://a.example/v1?key=secret99", "query", ""),
    ("OPENAI_BASE_URL", "https://a.example/v1#x", "fragment", ""),
    ("OPENAI_BASE_URL", "ftp://a.example", "https", ""),
    ("OPENAI_BASE_URL", "https://", "address", ""),
    ("OPENAI_BASE_URL", "https://[::1", "address", ""),
    ("OPENAI_BASE_URL", "https://a.example:port", "address", ""),
    ("OPENAI_BASE_URL", "https://a b", "address", ""),
    ("OPENAI_BASE_URL", "https:\\\\evil.example", "address", ""),
    ("ANTHROPIC_BASE_URL", "http://0x7f.1/", "this machine", "https"),
    ("ANTHROPIC_API_KEY", " sk-ant-1234567890", "blank", "Remove"),
    ("ANTHROPIC_API_KEY", '"sk-ant-1234567890"', "quotation", "Remove"),
    ("ANTHROPIC_API_KEY", "sk-ant-1234567890\n", "blank or a line break", "Remove"),
    ("ANTHROPIC_API_KEY", "sk-ant-12345\n67890", "line break", ""),
    ("ANTHROPIC_API_KEY", "sk-ant-12345 67890", "blank", "Copy"),
    ("ANTHROPIC_API_KEY", "sk-ant-12345\u200b67890", "character", "Copy"),
    ("ANTHROPIC_API_KEY", "k" * 5000, "longer", "Copy"),
    ("ANTHROPIC_API_KEY", "your-key-here", "example", "real"),
    ("OPENAI_API_KEY", "<your key>", "example", "real"),
    ("OPENAI_API_KEY", "changeme", "example", "real"),
    ("OPENAI_API_KEY", "xxxxxxxx", "example", "real"),
    ("OPENAI_PRICE", "3", "two numbers", "1 5"),
    ("OPENAI_PRICE", "-1 5", "two numbers", "1 5"),
    ("ANTHROPIC_PRICE", "$1 $5", "two numbers", "1 5"),
    ("ANTHROPIC_PRICE", "nan inf", "two numbers", "1 5"),
    ("LOG_LEVEL", "LOUD", "must be one of", ""),
    ("LOG_LEVEL", "WARN", "must be one of", "WARNING"),
    ("GENERATORS", "huggingface,cloude", "must be one of", "claude"),
    ("GENERATORS", "claude,claude", "twice", ""),
    ("GENERATORS", ",", "must be one of", ""),
    ("RUN_SECONDS", "29", "30 to 3300", ""),
    ("RUN_SECONDS", "1e3", "whole number", ""),
    ("RUN_SECONDS", "9" * 4000, "whole number", ""),
    ("SETTLE_MINUTES", "0", "1 to 1440", ""),
    ("UNSURE", "resent", "resend, hold", "resend"),
    ("HF_WRITING", "free", "choose, write", ""),
    ("HF_THREADS", "-1", "whole number", ""),
    ("HF_REVISION", "main", "40 hex", "hub"),
    ("HF_REVISION", REVISION, "without HF_MODEL", ""),
    ("HF_MODEL", "owner/model", "without HF_REVISION", "40-hex"),
    ("HF_MODEL", "./missing", "neither a folder", ""),
    ("HF_MODEL", "~nobody-here/model", "neither a folder", ""),
    ("HF_MODEL", "a/b/c", "neither a folder", ""),
    ("HF_MODEL", "../" * 200 + "x" * 300, "neither a folder", ""),
    ("EMBEDDINGS", "minilm", "must be one of", ""),
    ("EMBEDDINGS_MODEL", "owner/model", "without EMBEDDINGS_REVISION", "40-hex"),
    ("EMBEDDINGS_MODEL", "./missing", "neither a folder", ""),
    ("EMBEDDINGS_REVISION", "main", "40 hex", "hub"),
    ("EMBEDDINGS_REVISION", REVISION, "without EMBEDDINGS_MODEL", ""),
]


@pytest.mark.parametrize(("name", "value", "message", "remedy"), WRONG)
def test_a_wrong_value_is_refused_and_never_repeated(
    tmp_path: Path, name: str, value: str, message: str, remedy: str
) -> None:
    """A problem at its place, with what is wrong and what to do, and without the value."""
    found = problems(tmp_path, {name: value})
    assert {(problem.where, problem.field) for problem in found} == {("environment", name)}
    assert [problem for problem in found if message in problem.message and remedy in problem.remedy]
    assert len(value) < 9 or value.strip() not in "".join(map(str, found))


@pytest.mark.parametrize(
    "name", ["@me.bsky.social", "me", "me@", "a b.c", "you.bsky.social", "your-handle.bsky.social"]
)
def test_an_identifier_that_is_none_is_refused(tmp_path: Path, name: str) -> None:
    """A handle with @, a bare name and the documentation's own names are no accounts."""
    (problem,) = problems(tmp_path, BLUESKY | {"BLUESKY_IDENTIFIER": name})
    assert problem.field == "BLUESKY_IDENTIFIER"


@pytest.mark.parametrize(
    "name", ["me.example.org", "did:plc:z72i7hdynmk6r22z27h6tvur", "me@example.org", "münze.example"]
)
def test_an_identifier_that_is_one_is_taken(tmp_path: Path, name: str) -> None:
    """Handle, DID, e-mail address; a handle beyond ASCII is refused by its rule, the others pass."""
    if name.isascii():
        found = bluesky_of(load(tmp_path, BLUESKY | {"BLUESKY_IDENTIFIER": name}).bots[0])
        assert found.identifier == name
    else:
        assert problems(tmp_path, BLUESKY | {"BLUESKY_IDENTIFIER": name})


@pytest.mark.parametrize("left_out", [*X, *BLUESKY])
def test_half_a_set_of_credentials_names_what_is_missing(tmp_path: Path, left_out: str) -> None:
    """Three of X's four keys, or one of Bluesky's two."""
    (problem,) = problems(tmp_path, {name: value for name, value in (X | BLUESKY).items() if name != left_out})
    assert problem.field == left_out and "is missing" in problem.message


def test_an_alias_that_says_something_else_is_a_problem(tmp_path: Path) -> None:
    """OPENAI_API_BASE and OPENAI_BASE_URL in one place: equal is fine, different is not."""
    same = {
        "OPENAI_API_KEY": "abcdefgh",
        "OPENAI_API_BASE": "https://a.example",
        "OPENAI_BASE_URL": "https://a.example",
    }
    assert load(tmp_path, same).bots[0].generators.openai
    (problem,) = problems(tmp_path, same | {"OPENAI_API_BASE": "https://b.example"})
    assert problem.field == "OPENAI_API_BASE"


def test_a_server_on_this_machine_needs_no_key(tmp_path: Path) -> None:
    """Ollama on loopback is on without a key; a remote service without one is off."""
    local = load(tmp_path, {"OPENAI_BASE_URL": "http://localhost:11434/v1"}).bots[0].generators
    assert local.openai and local.openai.api_key == "" and "openai" in local.usable
    assert load(tmp_path, {"OPENAI_BASE_URL": "https://openrouter.ai/api/v1"}).bots[0].generators.openai is None


def test_what_compares_texts_by_meaning(tmp_path: Path) -> None:
    """The packaged model by itself; off; another by hub name and commit or folder; a service's by its name, which
    takes no commit."""
    (tmp_path / "m").mkdir()
    known = {"EMBEDDINGS_MODEL": "org/e", "EMBEDDINGS_REVISION": REVISION}

    def found(**given: str) -> Embeddings:
        return load(tmp_path, given).bots[0].generators.embeddings

    assert found() == Embeddings()
    assert found(EMBEDDINGS="off", EMBEDDINGS_MODEL="anything") == Embeddings.model_construct(kind="")
    assert found(**known) == Embeddings(model="org/e", revision=REVISION)
    assert found(EMBEDDINGS_MODEL="m") == Embeddings(model=str(tmp_path / "m"))
    assert found(EMBEDDINGS="openai", EMBEDDINGS_MODEL="nomic:v1") == Embeddings(kind="openai", model="nomic:v1")
    (problem,) = problems(tmp_path, known | {"EMBEDDINGS": "openai"})
    assert problem.field == "EMBEDDINGS_REVISION"


def test_a_hub_model_with_its_commit_is_taken(tmp_path: Path) -> None:
    """Owner and name with a 40-hex commit."""
    found = load(tmp_path, {"HF_MODEL": "Qwen/Qwen2.5-0.5B", "HF_REVISION": REVISION}).generators.huggingface
    assert (found.model, found.revision) == ("Qwen/Qwen2.5-0.5B", REVISION)


def test_all_problems_come_at_once(tmp_path: Path) -> None:
    """Several files and the environment, each with several faults: one listing has them all, each once."""
    put(tmp_path, "LOG_LEVEL=loud\nTWITTER_API_KEE=x\nthis is no line\nBLUESKY_IDENTIFIER=me.example\n")
    put(tmp_path, "pol = 3\n[limits]\nper_hour = 0\n", "data/bots/a.toml")
    put(tmp_path, "RUN_SECONDS=60\n", "data/bots/a.env")
    found = [(problem.where, problem.field) for problem in problems(tmp_path, {"UNSURE": "never"})]
    assert sorted(found) == [
        (".env", "BLUESKY_PASSWORD"),
        (".env", "LOG_LEVEL"),
        (".env", "line 2"),
        (".env", "line 3"),
        ("data/bots/a.env", "RUN_SECONDS"),
        ("data/bots/a.toml", "limits.per_hour"),
        ("data/bots/a.toml", "pol"),
        ("environment", "UNSURE"),
    ]


@pytest.mark.parametrize(
    ("content", "field", "words"),
    [
        ("TWITTER_API_KEE=hush-hush\n", "line 1", "TWITTER_API_KEE. Did you mean TWITTER_API_KEY?"),
        ("\n# x\n\nlog_level=INFO\n", "line 4", "no such setting. Did you mean LOG_LEVEL?"),
        ("sk-ant-api03-hush-hush=1\n", "line 1", "there is no such setting."),
        ("LOG_LEVEL=INFO\nAKIAIOSFODNN7EXAMPLE=hush-hush\n", "line 2", "there is no such setting."),
        ("hush-hush\n", "line 1", "there is no such setting."),
        ("LOG_LEVEL\n", "LOG_LEVEL", "has no value (line 1)"),
        ("LOG_LEVEL=INFO\nLOG_LEVEL=DEBUG\n", "LOG_LEVEL", "twice (line 2)"),
        ("A\n\nB='hush-hush\n", "line 3", "NAME=value"),
        ("TWITTER_MANAGER_HOME=/x\n", "line 1", "crontab"),
        ("LOG_LEVEL=INFO\0\n", "line 1", "NAME=value"),
    ],
)
def test_a_line_that_cannot_be_taken_is_named_by_its_number(
    tmp_path: Path, content: str, field: str, words: str
) -> None:
    """Unknown names get a did-you-mean and show only if they look like a name; no line's content is repeated."""
    put(tmp_path, content)
    found = problems(tmp_path)
    assert [problem for problem in found if problem.field == field and words in str(problem)]
    assert "hush" not in "".join(map(str, found)) and "AKIA" not in "".join(map(str, found))


def test_the_files_themselves_are_checked(tmp_path: Path) -> None:
    """Readable by group or others, a pipe, a folder, no UTF-8, too large: refused with a remedy, nothing waited for."""
    path = tmp_path / ".env"
    for mode in (0o640, 0o604, 0o620, 0o602):
        put(tmp_path, "LOG_LEVEL=INFO\n").chmod(mode)
        assert f"chmod 600 {path}" in problems(tmp_path)[0].remedy
    path.unlink()
    os.mkfifo(path, 0o600)
    assert "regular" in problems(tmp_path)[0].message
    path.unlink()
    path.mkdir(mode=0o700)
    assert "directory" in problems(tmp_path)[0].message.lower()
    path.rmdir()
    put(tmp_path, "").write_bytes(b"LOG_LEVEL=INFO\nX=\xff\n")
    assert "line 2" in problems(tmp_path)[0].message
    put(tmp_path, "#" * 70_000)
    assert "larger than 64 kB" in problems(tmp_path)[0].message


def test_a_byte_order_mark_and_windows_line_ends_are_no_trouble(tmp_path: Path) -> None:
    """What an editor on another system adds."""
    put(tmp_path, "").write_bytes(b"\xef\xbb\xbfLOG_LEVEL=ERROR\r\nUNSURE=hold\r\n")
    settings = load(tmp_path, {})
    assert (settings.log_level, settings.unsure) == ("ERROR", "hold")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a link to another user")
def test_a_link_of_another_user_is_refused(tmp_path: Path) -> None:
    """A link of our own is followed; one that another user could have planted is not."""
    put(tmp_path, "LOG_LEVEL=ERROR\n", "real")
    (tmp_path / ".env").symlink_to("real")
    assert load(tmp_path, {}).log_level == "ERROR"
    os.chown(tmp_path / ".env", 65534, 65534, follow_symlinks=False)
    assert "symbolic link" in problems(tmp_path)[0].message


@pytest.mark.timeout(60)
def test_hostile_files_are_read_in_time(tmp_path: Path) -> None:
    """64 kB of quotes, equals signs or newlines: an answer, whatever it is, and no hang."""
    for unit in ("'", 'A="', "A='\\'", "=", "\n", "export ", "A=1\n", "é=", "A" * 50 + "=\n"):
        put(tmp_path, unit * (60_000 // len(unit.encode())))
        try:
            load(tmp_path, {})
        except SettingsProblems as found:
            assert len(found.problems) > 0


@given(st.dictionaries(st.sampled_from(sorted([*KEYS, *PASS_THROUGH, "ZZ"])), st.text(max_size=60), max_size=6))
def test_any_environment_gives_settings_or_problems(environ: dict[str, str]) -> None:
    """Arbitrary text in every variable: never another error, and no value of eight or more characters in a message."""
    try:
        load(Path("/nonexistent"), environ)
    except SettingsProblems as found:
        words = "".join(map(str, found.problems))
        assert not [value for value in environ.values() if len(value) >= 20 and value in words]


@given(st.text(min_size=1, max_size=40))
def test_what_the_sample_writes_is_read_back(value: str) -> None:
    """A password with quotes, # and backslashes comes back as it was, or is refused when it is written."""
    import io

    from dotenv.parser import parse_stream

    try:
        checked("BLUESKY_PASSWORD", value)
        content = sample_env({"BLUESKY_PASSWORD": value})
    except InvalidValue:
        return
    found = {binding.key: binding.value for binding in parse_stream(io.StringIO(content)) if binding.key}
    assert found["BLUESKY_PASSWORD"] == value


def test_home_is_the_variable_or_the_current_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Absolute either way; a folder that is not there is a problem, not a traceback. The command typed in some other
    folder begins no new life there, with an empty database: only `init` does."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "there").mkdir()
    with pytest.raises(SettingsProblems, match=r"holds neither \.env nor data/.*To make a bot here: .*init"):
        find_home({})
    assert find_home({}, new=True) == tmp_path
    for mark in (".env", "data"):
        (tmp_path / mark).mkdir()
        assert find_home({}) == find_home({"TWITTER_MANAGER_HOME": ""}) == tmp_path
        (tmp_path / mark).rmdir()
    assert find_home({"TWITTER_MANAGER_HOME": "there"}) == tmp_path / "there"
    for bad in ("missing", "~nobody-here", "x" * 5000, "a\0b"):
        with pytest.raises(SettingsProblems):
            find_home({"TWITTER_MANAGER_HOME": bad})


def judging(home: Path, **values: str) -> Judging:
    put(home, lines(values))
    return load(home, {}).bots[0].generators.judging


def test_who_judges_is_a_setting_and_its_former_name_is_still_read(tmp_path: Path) -> None:
    """JUDGE holds over CRITIC; nobody is named by default; a bot may have its own; so does an NLI model its name."""
    assert judging(tmp_path) == Judging()
    assert judging(tmp_path, JUDGE="claude", CRITIC="off") == Judging(kind="claude", by_critic=True)
    assert judging(tmp_path, CRITIC="self") == Judging(kind="self", by_critic=True)
    assert judging(tmp_path, CRITIC="off") == Judging.model_construct(kind="off", by_critic=True)
    (tmp_path / "nli").mkdir()
    assert judging(tmp_path, JUDGE="nli", JUDGE_MODEL="nli") == Judging(kind="nli", model=str(tmp_path / "nli"))
    named = judging(tmp_path, JUDGE_MODEL="owner/name", JUDGE_REVISION=REVISION)
    assert named == Judging(model="owner/name", revision=REVISION)
    (tmp_path / "data" / "bots").mkdir(parents=True)
    (tmp_path / "data" / "bots" / "one.toml").write_text("")
    put(tmp_path, "JUDGE=openai\n", "data/bots/one.env")
    assert load(tmp_path, {}).bots[0].generators.judging.kind == "openai"


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"JUDGE": "nli"}, "JUDGE"),
        ({"JUDGE": "off"}, "JUDGE"),
        ({"JUDGE_MODEL": "owner/name"}, "JUDGE_MODEL"),
        ({"JUDGE_MODEL": "./nowhere"}, "JUDGE_MODEL"),
        ({"JUDGE_REVISION": REVISION}, "JUDGE_REVISION"),
        ({"OPENAI_EFFORT": "huge"}, "OPENAI_EFFORT"),
    ],
)
def test_a_judge_that_can_not_be_is_told(tmp_path: Path, values: dict[str, str], field: str) -> None:
    """Each with its field: nli without a model, a hub model without its commit, a folder that is not there."""
    put(tmp_path, lines(values))
    assert [problem.field for problem in problems(tmp_path)] == [field]


def test_a_gguf_file_is_a_local_model(tmp_path: Path) -> None:
    """As the message of the model's own part offers: a file of this machine, or one in a hub's repository."""
    (tmp_path / "model.gguf").write_bytes(b"GGUF")
    put(tmp_path, "HF_MODEL=model.gguf\n")
    assert load(tmp_path, {}).bots[0].generators.huggingface.model == str(tmp_path / "model.gguf")
    put(tmp_path, f"HF_MODEL=owner/name/file.gguf\nHF_REVISION={REVISION}\n")
    assert load(tmp_path, {}).bots[0].generators.huggingface.model == "owner/name/file.gguf"
    put(tmp_path, f"JUDGE_MODEL=owner/name/file.gguf\nJUDGE_REVISION={REVISION}\n")
    assert [problem.field for problem in problems(tmp_path)] == ["JUDGE_MODEL"]

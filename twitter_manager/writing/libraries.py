"""Sets torch, transformers and the hub's client up before they are imported: no telemetry, nothing printed, threads
that sleep while they wait. Must run before the first import of torch, because OpenMP reads its settings once."""

from __future__ import annotations

import logging
import os
import textwrap
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

from twitter_manager import extras
from twitter_manager.errors import GeneratorError

ENVIRONMENT = {
    "OMP_WAIT_POLICY": "PASSIVE",  # with threads that spin, a busy machine makes us 3 to 6 times slower
    "TOKENIZERS_PARALLELISM": "false",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "TQDM_DISABLE": "1",
}


def require() -> None:
    """Raises GeneratorError: one of the libraries is not installed."""
    if missing := extras.missing_for_a_local_model():
        told = f"A local model needs {missing[0]}, which is not installed."
        raise GeneratorError(told, extras.how_to_add_a_local_model())


@contextmanager
def quiet() -> Iterator[None]:
    """Within it the libraries may be imported and used; their warnings are dropped, their bars stay hidden.

    Raises GeneratorError: see `require`."""
    require()
    for name, value in ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from transformers.utils import logging as messages

        messages.set_verbosity_error()
        messages.disable_progress_bar()
        messages.disable_default_handler()
        logging.getLogger("huggingface_hub").setLevel(logging.ERROR)  # else each of its tries is a line
        yield


@contextmanager
def working(trouble: str, remedy: str) -> Iterator[None]:
    """The same, and whatever the libraries raise becomes a GeneratorError: a broken model makes them stumble over
    anything."""
    with quiet():
        try:
            yield
        except GeneratorError:
            raise
        except Exception as error:
            first = textwrap.shorten(str(error), 160, placeholder=" …")
            raise GeneratorError(f"{trouble} ({type(error).__name__}: {first}).", remedy) from error

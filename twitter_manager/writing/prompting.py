"""Fills in the templates of prompts: those in `templates/`, or a bot's own in their place.

A template is a person's own file, so what is guarded against is the slip: a syntax error, a name that is not there,
what never ends or grows without measure. Each is told with file and line. Jinja has too many ways to eat time and
memory to forbid them, so a bot's own template is filled in by a process of its own, within limits. What goes into a
template is left to `brief`.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from traceback import extract_tb
from typing import TYPE_CHECKING

from twitter_manager.errors import GeneratorError
from twitter_manager.sources.limits import lower

if TYPE_CHECKING:
    import jinja2

BUILT_IN = Path(__file__).parent / "templates"
NEEDED: Mapping[str, str] = {"system": "", "task": "material", "prompt": "task"}
"""The templates, each with the name that it can't do without."""
LARGEST = 64 * 1024
"""Characters of what comes of a template, and bytes of the file itself."""
SECONDS = 2
"""Of computing, for one template. The built-in ones take some milliseconds."""
MOST_MEMORY = 512 * 1024 * 1024
"""Bytes of address space. Python and Jinja take about 60 MB. (macOS has no such limit; the others hold there.)"""
_PATIENCE = 60
"""Seconds for the process with the template to start and end, on a machine that is busy with other things."""
_CHILD = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[1]);"
    "from twitter_manager.writing import prompting; prompting.child()"
)
_TOO_MUCH = f"it takes more than {SECONDS} seconds or {MOST_MEMORY // 2**20} MB"


class BadTemplate(GeneratorError):
    """A template that can't be used. `line` is 0 where no line is to blame."""

    def __init__(self, path: Path, line: int, fault: str) -> None:
        super().__init__(f"{path}{f', line {line}' if line else ''}: {fault}.", "Mend the template, or remove it.")
        self.line = line
        self.fault = fault


def fill(name: str, values: Mapping[str, object], folder: str = "") -> str:
    """What the template `name` makes of the values. `folder`: where a bot's own templates lie. Raises BadTemplate."""
    path = Path(folder) / f"{name}.j2"
    if not folder or not path.exists():
        return _filled(BUILT_IN / path.name, name, values)
    return fill_own(path, [values])


def fill_own(path: Path, several: Sequence[Mapping[str, object]]) -> str:
    """What a bot's own template makes of the last of these values, once it took all the others too: within `SECONDS`
    and `MOST_MEMORY`, by a process that is given no environment and no secret. Raises BadTemplate."""
    try:
        done = subprocess.run(
            [sys.executable, "-I", "-c", _CHILD, json.dumps(sys.path)],
            input=json.dumps([str(path), list(map(dict, several))]),
            capture_output=True,
            text=True,
            env={},
            timeout=_PATIENCE,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        raise BadTemplate(path, 0, _TOO_MUCH) from None
    *before, last = done.stdout.splitlines() or [""]
    if done.returncode:
        raise BadTemplate(path, _line_of(json.loads(before[0] if before else last or "[]"), done.stderr), _TOO_MUCH)
    answer = json.loads(last)
    if "fault" in answer:
        raise BadTemplate(path, answer["line"], answer["fault"])
    return str(answer["text"])


def _line_of(lines: list[tuple[int, int]], dump: str) -> int:
    """Where a template was when a limit ended its process; 0 where that is not known. `lines`: of the template, each
    with the line of the code made from it; `dump`: the stack, innermost first."""
    found = re.search(r'File "<template>", line (\d+)', dump)
    return max((line for line, of_code in lines if found and of_code <= int(found[1])), default=0)


def child() -> None:
    """The other side: limits first, then the template. Prints which line of code stands for which of the template, and
    then the answer. At the limit of time the interpreter prints the stack, whatever it is busy with, and ends."""
    import faulthandler
    import resource
    import signal
    import time

    faulthandler.register(signal.SIGXCPU, chain=True)
    lower(resource.RLIMIT_CPU, int(time.process_time()) + 1 + SECONDS)
    lower(resource.RLIMIT_CORE, 0)
    lower(resource.RLIMIT_AS, MOST_MEMORY)
    place, several = json.load(sys.stdin)
    path = Path(place)
    try:
        answer: object = {"text": [_filled(path, path.stem, values, tell=_tell) for values in several][-1]}
    except BadTemplate as error:
        answer = {"line": error.line, "fault": error.fault}
    _tell(answer)


def _tell(value: object) -> None:
    sys.stdout.write(f"{json.dumps(value)}\n")
    sys.stdout.flush()


def _filled(
    path: Path, name: str, values: Mapping[str, object], *, tell: Callable[[object], None] = lambda lines: None
) -> str:
    pieces: list[str] = []
    left = LARGEST
    try:
        environment, source = _environment(), _source(path)
        _inspect(environment, source, path, name, values)
        template = environment.from_string(source)
        tell(template.debug_info)
        for piece in template.generate(**values):
            pieces.append(piece)
            if (left := left - len(piece)) < 0:
                raise BadTemplate(path, 0, f"what comes of it is longer than {LARGEST} characters")
    except BadTemplate:
        raise
    except Exception as error:  # noqa: BLE001 (an expression in a template can raise anything that Python can)
        passed = [frame.lineno or 0 for frame in extract_tb(error.__traceback__) if frame.filename == "<template>"]
        line = getattr(error, "lineno", 0) or (passed or [0])[-1]
        raise BadTemplate(path, line, _fault(error)) from None
    return "".join(pieces).strip()


def _source(path: Path) -> str:
    if not path.is_file():
        raise ValueError("it is no plain file")
    with path.open("rb") as file:
        content = file.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise ValueError(f"it is longer than {LARGEST} bytes")
    return content.decode("utf-8-sig")


def _fault(error: Exception) -> str:
    if isinstance(error, MemoryError):
        return _TOO_MUCH
    return " ".join((str(error)[:1000] or type(error).__name__).split())[:200].rstrip(".")


def _environment() -> jinja2.Environment:
    """No files, no ranges, no Python beyond what a text needs, no marking up: a prompt is no HTML."""
    import jinja2
    from jinja2.sandbox import SandboxedEnvironment

    @jinja2.pass_context
    def as_it_is(context: object, value: object) -> object:
        return value

    # Constants are not worked out while it is compiled, when no line is known: hence the last two.
    environment = SandboxedEnvironment(
        undefined=jinja2.StrictUndefined,
        autoescape=False,
        trim_blocks=True,
        lstrip_blocks=True,
        optimized=False,
        finalize=as_it_is,
    )
    environment.globals = {}
    return environment


def _inspect(environment: jinja2.Environment, source: str, path: Path, name: str, values: Mapping[str, object]) -> None:
    """Refuse what is wrong whatever the values are. Raises BadTemplate."""
    from jinja2 import meta, nodes

    tree = environment.parse(source)
    finder = meta.TrackingCodeGenerator(environment)
    finder.optimizer = None  # else it works out constants too
    finder.visit(tree)
    used = finder.undeclared_identifiers
    if unknown := sorted(used - values.keys()):
        line = next((each.lineno for each in tree.find_all(nodes.Name) if each.name == unknown[0]), 0)
        raise BadTemplate(path, line, f"{unknown[0]!r} is not known here; there are {', '.join(sorted(values))}")
    if NEEDED[name] not in {"", *used}:
        raise BadTemplate(path, 0, f"it never uses {NEEDED[name]!r}, so the model would not see it")

"""Fills in the templates of prompts: those in `templates/`, or a bot's own in their place.

A template is a person's own file, so what is guarded against is the slip: a syntax error, a name that is not there,
what never ends or grows without measure. Each is told with file and line. What goes into a template is left to `brief`.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from traceback import extract_tb
from typing import TYPE_CHECKING, Any

from twitter_manager.errors import GeneratorError

if TYPE_CHECKING:
    import jinja2

BUILT_IN = Path(__file__).parent / "templates"
NEEDED: Mapping[str, str] = {"system": "", "task": "material", "prompt": "task"}
"""The templates, each with the name that it can't do without."""
LARGEST = 64 * 1024
"""Characters of what comes of a template."""


class BadTemplate(GeneratorError):
    """A template that can't be used. `line` is 0 where no line is to blame."""

    def __init__(self, path: Path, line: int, fault: str) -> None:
        super().__init__(f"{path}{f', line {line}' if line else ''}: {fault}.", "Mend the template, or remove it.")
        self.line = line
        self.fault = fault


def fill(name: str, values: Mapping[str, object], folder: str = "") -> str:
    """What the template `name` makes of the values. `folder`: where a bot's own templates lie. Raises BadTemplate."""
    path = Path(folder) / f"{name}.j2"
    path = path if folder and path.is_file() else BUILT_IN / path.name
    made = ""
    try:
        environment, source = _environment(), path.read_text("utf-8-sig")
        _inspect(environment.parse(source), path, name, values)
        for piece in environment.from_string(source).generate(**values):
            made += piece
            if len(made) > LARGEST:
                raise BadTemplate(path, 0, f"what comes of it is longer than {LARGEST} characters")
    except BadTemplate:
        raise
    except Exception as error:  # noqa: BLE001 (an expression in a template can raise anything that Python can)
        passed = [frame.lineno or 0 for frame in extract_tb(error.__traceback__) if frame.filename == "<template>"]
        line = getattr(error, "lineno", 0) or (passed or [0])[-1]
        fault = " ".join((str(error) or type(error).__name__).split())[:200].rstrip(".")
        raise BadTemplate(path, line, fault) from None
    return made.strip()


def _environment() -> jinja2.Environment:
    """No files, no ranges, no Python beyond what a text needs, no marking up: a prompt is no HTML."""
    import jinja2
    from jinja2.sandbox import SandboxedEnvironment

    class Environment(SandboxedEnvironment):
        intercepted_binops = frozenset({"*", "**"})

        def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
            raise ValueError(f"{operator} is for nothing here")  # a text times a million is a slip

    made = Environment(undefined=jinja2.StrictUndefined, autoescape=False, trim_blocks=True, lstrip_blocks=True)
    made.globals = {}
    return made


def _inspect(tree: jinja2.nodes.Template, path: Path, name: str, values: Mapping[str, object]) -> None:
    """Refuse what is wrong whatever the values are. Raises BadTemplate."""
    from jinja2 import meta, nodes

    for node in tree.find_all((nodes.Macro, nodes.CallBlock)):
        raise BadTemplate(path, node.lineno, f"{type(node).__name__.lower()} is not for these templates")
    for loop in tree.find_all(nodes.For):  # three in each other over a long text would take years
        if loop.recursive or any(inner.find(nodes.For) for inner in loop.find_all(nodes.For)):
            raise BadTemplate(path, loop.lineno, "loops stand in each other at most twice")
    used = meta.find_undeclared_variables(tree)
    if unknown := sorted(used - values.keys()):
        line = next((each.lineno for each in tree.find_all(nodes.Name) if each.name == unknown[0]), 0)
        raise BadTemplate(path, line, f"{unknown[0]!r} is not known here; there are {', '.join(sorted(values))}")
    if NEEDED[name] not in {"", *used}:
        raise BadTemplate(path, 0, f"it never uses {NEEDED[name]!r}, so the model would not see it")

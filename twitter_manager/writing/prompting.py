"""Fills in the templates of prompts: those in `templates/`, or a bot's own in their place.

A template is a person's own file, so what is guarded against is the slip: a syntax error, a name that is not there,
what never ends or grows without measure. Each is told with file and line. What goes into a template is left to `brief`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from twitter_manager.errors import GeneratorError

if TYPE_CHECKING:
    import jinja2

BUILT_IN = Path(__file__).parent / "templates"
NEEDED: Mapping[str, str] = {"system": "", "task": "material", "prompt": "task"}
"""The templates, each with the name that it can't do without."""
LARGEST = 64 * 1024
"""Bytes of a template, and characters of what comes of it."""
MOST_TURNS = 1_000
"""How long a range may be. Loops stand in each other at most twice, so that a template ends within a second."""


class BadTemplate(GeneratorError):
    """A template that can't be used. `line` is 0 where no line is to blame."""

    def __init__(self, path: Path, line: int, fault: str) -> None:
        super().__init__(f"{path}{f', line {line}' if line else ''}: {fault}.", "Mend the template, or remove it.")
        self.line = line
        self.fault = fault


def fill(name: str, values: Mapping[str, object], folder: str = "") -> str:
    """What the template `name` makes of the values. `folder`: where a bot's own templates lie. Raises BadTemplate."""
    import jinja2

    path = Path(folder) / f"{name}.j2" if folder else BUILT_IN / f"{name}.j2"
    path = path if path.is_file() else BUILT_IN / path.name
    environment = _environment()
    source = _source(path)
    try:
        _inspect(environment.parse(source), path, name, values)
        template = jinja2.Template.from_code(
            environment, environment.compile(source, name, str(path)), environment.make_globals(None)
        )
        return "".join(_bounded(template.generate(**values), path)).strip()
    except jinja2.TemplateSyntaxError as error:
        raise BadTemplate(path, error.lineno, _words(error)) from None
    except BadTemplate:
        raise
    except Exception as error:  # noqa: BLE001 (an expression in a template can raise anything that Python can)
        raise BadTemplate(path, _line(error, path), _words(error)) from None


def _source(path: Path) -> str:
    try:
        with path.open("rb") as file:
            raw = file.read(LARGEST + 1)
    except OSError as error:
        raise BadTemplate(path, 0, f"it can't be read ({error.strerror})") from None
    if len(raw) > LARGEST:
        raise BadTemplate(path, 0, f"it is larger than {LARGEST // 1024} kB")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadTemplate(path, raw.count(b"\n", 0, error.start) + 1, "it is not UTF-8 text") from None


def _environment() -> jinja2.Environment:
    """No files, no Python beyond what a text needs, no marking up: a prompt is no HTML."""
    import jinja2
    from jinja2.sandbox import SandboxedEnvironment

    class Environment(SandboxedEnvironment):
        intercepted_binops = frozenset({"*", "**"})

        def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
            """Numbers alone are multiplied: a text times a million is a slip."""
            if operator == "**" or not (isinstance(left, int | float) and isinstance(right, int | float)):
                raise ValueError(f"{operator} is for no text, and powers are for nothing here")
            return super().call_binop(context, operator, left, right)

    made = Environment(undefined=jinja2.StrictUndefined, autoescape=False, trim_blocks=True, lstrip_blocks=True)
    made.globals = {"range": _range}
    return made


def _range(*bounds: int) -> range:
    made = range(*bounds)
    if len(made) > MOST_TURNS:
        raise ValueError(f"a range of more than {MOST_TURNS}")
    return made


def _inspect(tree: jinja2.nodes.Template, path: Path, name: str, values: Mapping[str, object]) -> None:
    """Refuse what is wrong whatever the values are. Raises BadTemplate."""
    from jinja2 import meta, nodes

    barred = (nodes.Macro, nodes.CallBlock, nodes.Include, nodes.Import, nodes.FromImport, nodes.Extends)
    for node in tree.find_all(barred):
        raise BadTemplate(path, node.lineno, f"{type(node).__name__.lower()} is not for these templates")
    for loop in tree.find_all(nodes.For):
        inner = list(loop.find_all(nodes.For))
        if loop.recursive or any(each.find(nodes.For) for each in inner):
            raise BadTemplate(path, loop.lineno, "loops stand in each other at most twice")
    used = meta.find_undeclared_variables(tree)
    if unknown := sorted(used - values.keys() - {"range"}):
        line = next((each.lineno for each in tree.find_all(nodes.Name) if each.name == unknown[0]), 0)
        raise BadTemplate(path, line, f"{unknown[0]!r} is not known here; there are {', '.join(sorted(values))}")
    if NEEDED[name] not in {"", *used}:
        raise BadTemplate(path, 0, f"it never uses {NEEDED[name]!r}, so the model would not see it")


def _bounded(pieces: Iterator[str], path: Path) -> Iterator[str]:
    size = 0
    for piece in pieces:
        size += len(piece)
        if size > LARGEST:
            raise BadTemplate(path, 0, f"what comes of it is longer than {LARGEST} characters")
        yield piece


def _line(error: BaseException, path: Path) -> int:
    """The last line of the template that the error passed."""
    trace, line = error.__traceback__, 0
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == str(path):
            line = trace.tb_lineno
        trace = trace.tb_next
    return line


def _words(error: BaseException) -> str:
    return " ".join((str(error) or type(error).__name__).split())[:200].rstrip(".")

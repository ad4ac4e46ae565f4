"""The shape of the program: imports point downwards only, and what is heavy is imported late."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "twitter_manager"
LAYERS = [
    {"__main__"},
    {"cli"},
    {"verbs"},
    {"answers"},
    {"review", "notify", "reports"},
    {"telemetry"},
    {"app"},
    {"session"},
    {"show", "operations"},
    {"factory"},
    {"pipeline"},
    {"providers"},
    {"retrieval"},
    {"delivery", "decisions", "takedown", "due", "writing", "settings", "learning"},
    {"checks", "media"},
    {"platforms", "sources", "store"},
    {"recurrence"},
    {"phrases", "moments"},
    {
        "budget",
        "stages",
        "schedule",
        "redaction",
        "terminal",
        "language",
        "english",
        "invisible",
        "extras",
        "files",
        "amendments",
        "social",
    },
    {"domain", "errors"},
    {"content", "validation"},
]
HEAVY = [
    "torch",
    "transformers",
    "numpy",
    "tokenizers",
    "anthropic",
    "openai",
    "atproto",
    "tweepy",
    "mastodon",
    "httpx",
    "requests",
    "twitter_text",
    "py3langid",
    "docutils",
    "PIL",
    "apprise",
    "prometheus_client",
    "opentelemetry",
    "keyring",
]
OF_WHAT_STAYS_OPEN = ["mcp", "starlette", "uvicorn", "h11", "multipart", "argon2"]
"""Imported at the top of modules that only the console and the MCP server import."""


def _modules() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def _unit(name: str) -> str:
    return name.split(".")[1] if "." in name else ""


def _imports(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("twitter_manager"):
            units = [node.module] if "." in node.module else [f"{node.module}.{alias.name}" for alias in node.names]
            found |= {_unit(unit) for unit in units}
        elif isinstance(node, ast.Import):
            found |= {_unit(alias.name) for alias in node.names if alias.name.startswith("twitter_manager.")}
    return found - {"", "__version__"}


def _level(unit: str) -> int:
    return next(number for number, layer in enumerate(LAYERS) if unit in layer)


@pytest.mark.parametrize("path", _modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_point_downwards(path: Path) -> None:
    """A module imports its own package and lower layers, never a sibling of its layer nor anything above."""
    relative = path.relative_to(PACKAGE)
    unit = relative.parts[0].removesuffix(".py")
    if unit == "__init__":
        return
    for other in _imports(path) - {unit}:
        assert _level(other) > _level(unit), f"{relative} imports {other}"


def test_the_layers_name_every_module() -> None:
    """A new module must be given its place."""
    units = {path.relative_to(PACKAGE).parts[0].removesuffix(".py") for path in _modules()} - {"__init__"}
    assert units == set().union(*LAYERS)


@pytest.mark.parametrize("words", [["--help"], ["status"], ["health"]], ids=" ".join)
def test_light_verbs_import_nothing_heavy(words: list[str], tmp_path: Path) -> None:
    """`--help`, `status` and `health` start without torch, an SDK or an HTTP client."""
    code = (
        "import sys; from twitter_manager.cli import main; main(sys.argv[1:]);"
        f"print('HEAVY', [name for name in {HEAVY + OF_WHAT_STAYS_OPEN} if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *words],
        capture_output=True,
        text=True,
        env={"TWITTER_MANAGER_HOME": str(tmp_path), "PATH": "/usr/bin:/bin"},
        cwd=ROOT,
        check=True,
    )
    assert done.stdout.strip().endswith("HEAVY []"), done.stdout[-500:]


def test_a_run_imports_nothing_of_the_console(tmp_path: Path) -> None:
    """A run that writes, publishes and fills its pool knows no web server, no page, no notifier and no MCP."""
    code = (
        "import sys; from twitter_manager.cli import main; main(['post', 'We meet on Sunday.']); main(['run']);"
        "main(['run', '--force']); open_modules = [name for name in sys.modules if name.split('.')[0] in"
        f" {[*OF_WHAT_STAYS_OPEN, 'apprise']} or name.startswith(('twitter_manager.review.console',"
        " 'twitter_manager.review.api', 'twitter_manager.review.mcp', 'twitter_manager.answers.'))];"
        "print('OPEN', open_modules, 'excerpt' in str(list(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        env={
            "TWITTER_MANAGER_HOME": str(tmp_path),
            "GENERATORS": "excerpt",
            "EMBEDDINGS": "off",
            "PATH": "/usr/bin:/bin",
        },
        cwd=ROOT,
        check=True,
    )
    assert done.stdout.strip().endswith("OPEN [] True"), done.stdout[-500:]


def test_no_module_imports_a_heavy_library_at_its_top() -> None:
    """Heavy imports stand inside the function that needs them (or behind TYPE_CHECKING)."""
    for path in _modules():
        for node in ast.parse(path.read_text()).body:
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            for name in names:
                assert name.split(".")[0] not in [*HEAVY, "regex", "rich", "lxml", "httpx2"], f"{path}: {name}"

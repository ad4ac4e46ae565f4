"""Keeps README's generated blocks in step with the code: `python -m tests.readme` writes them, `--check` only looks.

A block stands between `<!-- NAME -->` and `<!-- end NAME -->`; everything else in README is written by hand.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"


def _help(*words: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "twitter_manager", *words, "--help"],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
        env={**os.environ, "COLUMNS": "100", "TERM": "dumb"},
    )
    return "\n".join(line.rstrip() for line in done.stdout.strip().splitlines())


def _schema() -> str:
    from twitter_manager.store.schema import _TABLES

    return "\n".join(line for line in _TABLES.strip().splitlines() if not line.startswith("CREATE INDEX"))


def _rules() -> str:
    from twitter_manager.checks import RULES

    rows = [
        f"| {rule.name} | {rule.why.replace('|', chr(92) + '|')} | {rule.setting or '–'} | {rule.applies_to} |"
        for rule in RULES
    ]
    return "\n".join(["| rule | why | setting | applies to |", "| --- | --- | --- | --- |", *rows])


def _sample_bot() -> str:
    from twitter_manager.operations.init import sample_bot_file

    return sample_bot_file()


def _sample_env() -> str:
    from twitter_manager.operations.init import sample_env

    return sample_env()


def blocks() -> dict[str, str]:
    """The blocks' contents, as they should stand in README."""
    return {
        "help": f"```text\n{_help()}\n```",
        "help run": f"```text\n{_help('run')}\n```",
        "help post": f"```text\n{_help('post')}\n```",
        "env": f"```sh\n{_sample_env().strip()}\n```",
        "bot": f"```toml\n{_sample_bot().strip()}\n```",
        "rules": _rules(),
        "schema": f"```sql\n{_schema()}\n```",
    }


def with_blocks(text: str) -> str:
    """README's text with every block made anew. A block that README lacks is an error."""
    for name, content in blocks().items():
        pattern = re.compile(rf"(<!-- {name} -->\n).*?(\n<!-- end {name} -->)", re.DOTALL)
        if not pattern.search(text):
            raise SystemExit(f"README.md lacks the block {name!r}")
        text = pattern.sub(lambda found, new=content: found[1] + new + found[2], text)  # type: ignore[misc]
    return text


def main() -> int:
    have = README.read_text()
    want = with_blocks(have)
    if "--check" in sys.argv:
        if have != want:
            print("README.md is out of step with the code; run: make fix")
            return 1
        return 0
    README.write_text(want)
    return 0


if __name__ == "__main__":
    sys.exit(main())

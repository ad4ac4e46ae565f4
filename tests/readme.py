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
    """The schema of a database made just now, as SQLite keeps it: each table with what hangs on it, and with what the
    migrations say of it."""
    import sqlite3
    from contextlib import closing
    from datetime import UTC, datetime

    from twitter_manager.store import schema
    from twitter_manager.store.database import Database

    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        connection.row_factory = sqlite3.Row
        schema.migrate(Database(connection, "memory"), datetime.now(UTC), None)
        sql = "SELECT type, tbl_name, sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY rowid"
        rows = [(row["type"], row["tbl_name"], row["sql"]) for row in connection.execute(sql)]
    told = Path(str(schema.__file__)).read_text()
    tables = {name: [_told_table(name, sql, told)] for kind, name, sql in rows if kind == "table"}
    for kind, name, sql in rows:
        if kind != "table":
            tables[name].append(f"{sql};")
    return "\n\n".join("\n".join(lines) for lines in tables.values())


def _told_table(name: str, sql: str, told: str) -> str:
    """A table's statement with the comments of the migrations that made and changed it; columns that came later, which
    SQLite puts on the line of the last one, on lines of their own."""
    lines = re.sub(r", (?=[a-z_]+ (?:TEXT|INTEGER|REAL|BLOB)\b)", ",\n  ", sql).split("\n")
    comments = dict.fromkeys([f"CREATE TABLE {name} (", *lines], "")
    for comment, column in re.findall(rf"((?:--[^\n]*\n)+)ALTER TABLE {name} ADD COLUMN (\w+)", told):
        line = next(one for one in lines if one.startswith(f"  {column} "))
        comments[line] = "".join(f"  {each}\n" for each in comment.splitlines())
    if found := re.search(rf"((?:--[^\n]*\n)+)CREATE TABLE {name} \(", told):
        comments[lines[0]] = found[1]
    return "\n".join(comments[line] + line for line in lines) + ";"


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

"""Keeps the generated blocks of README.md and docs/ in step with the code: `python -m tests.readme` writes them,
`--check` only looks. Both tell of links between these pages that lead nowhere.

A block stands between `<!-- NAME -->` and `<!-- end NAME -->` on one of the pages; everything else is written by hand.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent


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
        sql = "SELECT type, tbl_name, sql FROM sqlite_master WHERE sql IS NOT NULL AND type <> 'view' ORDER BY rowid"
        rows = [(row["type"], row["tbl_name"], row["sql"]) for row in connection.execute(sql)]
    told = "".join(path.read_text() for path in sorted(Path(str(schema.__file__)).parent.glob("schema*.py")))
    tables = {name: [_told_table(name, sql, told)] for kind, name, sql in rows if kind == "table"}
    for kind, name, sql in rows:
        if kind != "table":
            tables[name].append(f"{sql};")
    return "\n\n".join("\n".join(lines) for lines in tables.values())


def _told_table(name: str, sql: str, told: str) -> str:
    """A table's statement with the comments of the migrations that made and changed it; columns that came later, which
    SQLite puts on the line of the last one, on lines of their own."""
    sql = re.sub(r"\s*\) STRICT$", "\n) STRICT", sql)
    lines = re.sub(r"\s*, (?=[a-z_]+ (?:TEXT|INTEGER|REAL|BLOB)\b)", ",\n  ", sql).split("\n")
    comments = dict.fromkeys([f"CREATE TABLE {name} (", *lines], "")
    for comment, column in re.findall(rf"((?:--[^\n]*\n)+)ALTER TABLE {name} ADD COLUMN (\w+)", told):
        line = next((one for one in lines if one.startswith(f"  {column} ")), "")  # one that was renamed since has none
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
    from twitter_manager.settings import sample_bot_file

    return sample_bot_file()


def _sample_env() -> str:
    from twitter_manager.settings import sample_env

    return sample_env()


def _shapes() -> str:
    """What each verb prints with `--json`, then the objects within, each key with its type."""
    from twitter_manager.show.verb_shapes import SHAPES, json_schema

    schemas = {verb: json_schema(verb) for verb in SHAPES}
    objects = {name: shape for schema in schemas.values() for name, shape in schema["$defs"].items()}
    lines = ["| verb | prints |", "| --- | --- |"]
    for verb, schema in schemas.items():
        printed = [_type(option) for option in schema["anyOf"] if not option.get("$ref", "").endswith("/Failure")]
        lines.append(f"| `{verb}` | {' or '.join(printed)} |")
    for name in sorted(objects):
        lines += ["", f"### {name}", objects[name]["description"], ""]
        for key, value in objects[name]["properties"].items():
            left_out = "" if key in objects[name].get("required", ()) else ", may be left out"
            told = f": {' '.join(value['description'].split())}" if "description" in value else ""
            lines.append(f"- `{key}` ({_type(value)}{left_out}){told}")
    return "\n".join(lines)


def _type(value: Mapping[str, Any]) -> str:
    if "$ref" in value:
        name = value["$ref"].rpartition("/")[2]
        return f"[{name}](#{name.lower()})"
    if "anyOf" in value:
        return " or ".join(map(_type, value["anyOf"]))
    if value.get("type") == "array":
        return f"list of {_type(value.get('items', {}))}"
    return str(value.get("type", "anything"))


def _mcp_tools() -> str:
    from twitter_manager.review.mcp_tools import TOOLS

    rows = [
        f"| `{tool.name}` | {tool.description}{f' Needs `{tool.needs} = true`.' if tool.needs else ''} |"
        for tool in TOOLS
    ]
    return "\n".join(["| tool | what a model is told of it |", "| --- | --- |", *rows])


def _metrics() -> str:
    from twitter_manager.telemetry.metrics import FAMILIES

    rows = [
        f"| `{family.sample}` | {family.kind} | {', '.join(family.labels)} | {family.help} |" for family in FAMILIES
    ]
    return "\n".join(["| metric | kind | labels | what |", "| --- | --- | --- | --- |", *rows])


def blocks() -> dict[str, str]:
    """The blocks' contents, as they should stand on the pages."""
    return {
        "help": f"```text\n{_help()}\n```",
        "help run": f"```text\n{_help('run')}\n```",
        "help post": f"```text\n{_help('post')}\n```",
        "env": f"```sh\n{_sample_env().strip()}\n```",
        "bot": f"```toml\n{_sample_bot().strip()}\n```",
        "rules": _rules(),
        "shapes": _shapes(),
        "mcp tools": _mcp_tools(),
        "metrics": _metrics(),
        "schema": f"```sql\n{_schema()}\n```",
    }


def with_blocks(pages: Mapping[Path, str]) -> dict[Path, str]:
    """The pages' texts with every block made anew. A block that stands on no page, or on two, is an error."""
    made = dict(pages)
    for name, content in blocks().items():
        pattern = re.compile(rf"(<!-- {name} -->\n).*?(\n<!-- end {name} -->)", re.DOTALL)
        places = [page for page, text in made.items() for _ in pattern.finditer(text)]
        if len(places) != 1:
            raise SystemExit(f"the block {name!r} must stand once in README.md or docs/; it stands {len(places)} times")
        page = places[0]
        made[page] = pattern.sub(lambda found, new=content: found[1] + new + found[2], made[page])  # type: ignore[misc]
    return made


def dead_links(pages: Mapping[Path, str]) -> Iterator[str]:
    """Links from one page to another file of the repository, or to a heading, that is not there."""
    anchors = {page: _anchors(text) for page, text in pages.items()}
    for page, text in pages.items():
        for target in re.findall(r"\]\(([^)\s]+)\)", text):
            place, _, anchor = target.partition("#")
            file = (page.parent / place).resolve() if place else page
            if "://" in target or (file.exists() and (not anchor or anchor in anchors.get(file, ()))):
                continue
            yield f"{page.relative_to(ROOT)}: {target} leads nowhere"


def _anchors(text: str) -> set[str]:
    """What GitHub makes of a page's headings."""
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def main() -> int:
    pages = {page: page.read_text() for page in (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))}
    made = with_blocks(pages)
    stale = [page for page, text in pages.items() if made[page] != text]
    dead = list(dead_links(pages))
    print(*dead, sep="\n", end="\n" if dead else "")
    if "--check" not in sys.argv:
        for page in stale:
            page.write_text(made[page])
        return 1 if dead else 0
    for page in stale:
        print(f"{page.relative_to(ROOT)} is out of step with the code; run: make fix")
    return 1 if stale or dead else 0


if __name__ == "__main__":
    sys.exit(main())

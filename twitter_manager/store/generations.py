"""What generators answered, candidate by candidate, and what it cost."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from twitter_manager.domain import Generation, Json, Violation
from twitter_manager.store.database import Database, Row, to_text

MAX_RAW = 20_000
"""Characters of a raw answer that are kept."""


class JudgedRow(Protocol):
    """A candidate in its final form, what the checks found, and the verdict on it."""

    @property
    def parts(self) -> tuple[str, ...]: ...
    @property
    def score(self) -> float: ...
    @property
    def scores(self) -> Mapping[str, float]: ...
    @property
    def violations(self) -> tuple[Violation, ...]: ...
    @property
    def verdict(self) -> str: ...


def add(
    db: Database,
    generation: Generation,
    judged: Sequence[JudgedRow],
    verdict: str,
    now: datetime,
    *,
    run_id: int | None,
    draft_id: int | None = None,
    item_id: int | None = None,
) -> int:
    """Record one generation with its candidates; gives its id."""
    generation_id = db.insert(
        "INSERT INTO generations (run_id, draft_id, item_id, generator, model, revision, seed, prompt, raw, tokens_in,"
        " tokens_out, cost_usd, seconds, verdict, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        run_id,
        draft_id,
        item_id,
        generation.generator,
        generation.model,
        generation.revision,
        generation.seed,
        generation.prompt[:MAX_RAW],
        generation.raw[:MAX_RAW],
        generation.tokens_in,
        generation.tokens_out,
        generation.cost_usd,
        generation.seconds,
        verdict,
        to_text(now),
    )
    for number, candidate in enumerate(judged):
        db.insert(
            "INSERT INTO candidates (generation_id, number, parts, score, scores, violations, verdict)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            generation_id,
            number,
            json.dumps([part[:MAX_RAW] for part in candidate.parts], ensure_ascii=False),
            candidate.score,
            json.dumps(dict(candidate.scores)),
            json.dumps([_violation(violation) for violation in candidate.violations], ensure_ascii=False),
            candidate.verdict,
        )
    return generation_id


def of_draft(db: Database, draft_id: int) -> list[Json]:
    """Every generation that was tried for a draft, with its candidates."""
    return [_as_json(db, row) for row in db.rows("SELECT * FROM generations WHERE draft_id = ? ORDER BY id", draft_id)]


def of_run(db: Database, run_id: int) -> list[Json]:
    """Every generation of one run, with its candidates."""
    return [_as_json(db, row) for row in db.rows("SELECT * FROM generations WHERE run_id = ? ORDER BY id", run_id)]


def recent(db: Database, bot: str, generator: str, limit: int) -> list[Json]:
    """A generator's newest answers for a bot, newest first: when each came, whether it was used, and which rules
    refused its candidates."""
    rows = db.rows(
        "SELECT g.id, g.created_at, g.verdict FROM generations g JOIN runs r ON r.id = g.run_id"
        " WHERE r.bot = ? AND g.generator = ? ORDER BY g.id DESC LIMIT ?",
        bot,
        generator,
        limit,
    )
    return [
        {"at": row["created_at"], "used": row["verdict"] == "chosen", "refused_by": _refused_by(db, row["id"])}
        for row in rows
    ]


def _refused_by(db: Database, generation_id: int) -> list[str]:
    """The rules that refused candidates of one answer, each once."""
    rows = db.rows("SELECT violations FROM candidates WHERE generation_id = ? ORDER BY number", generation_id)
    every = [violation["rule"] for row in rows for violation in json.loads(row["violations"])]
    return list(dict.fromkeys(every))


def cost_since(db: Database, bot: str, since: datetime) -> float:
    """USD spent on generations by a bot's runs since then."""
    return float(
        db.value(
            "SELECT coalesce(sum(cost_usd), 0) FROM generations WHERE created_at >= ? AND cost_usd > 0"
            " AND (SELECT bot FROM runs WHERE runs.id = generations.run_id) = ?",
            to_text(since),
            bot,
        )
    )


def _as_json(db: Database, row: Row) -> Json:
    generation = {key: row[key] for key in row.keys()}  # noqa: SIM118 (a Row iterates over values)
    found = db.rows("SELECT * FROM candidates WHERE generation_id = ? ORDER BY number", row["id"])
    generation["candidates"] = [
        {
            "parts": json.loads(candidate["parts"]),
            "score": candidate["score"],
            "scores": json.loads(candidate["scores"]),
            "violations": json.loads(candidate["violations"]),
            "verdict": candidate["verdict"],
        }
        for candidate in found
    ]
    return generation


def _violation(violation: Violation) -> Json:
    return {
        "rule": violation.rule,
        "message": violation.message,
        "part": violation.part,
        "platform": violation.platform,
    }

"""What generators answered, candidate by candidate, and what it cost."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from twitter_manager.domain import Generation, Json, Violation
from twitter_manager.store.database import Database, as_json, to_text
from twitter_manager.store.dialect import Row

MAX_RAW = 20_000
"""Characters of a raw answer that are kept."""
ANSWERING = "answering"
"""The verdict on what was to answer a comment: it has no candidates, and what became of it the comment tells."""


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
    generation_id = db.add(
        "generations",
        run_id=run_id,
        draft_id=draft_id,
        item_id=item_id,
        generator=generation.generator,
        model=generation.model,
        revision=generation.revision,
        seed=generation.seed,
        prompt=generation.prompt[:MAX_RAW],
        raw=generation.raw[:MAX_RAW],
        tokens_in=generation.tokens_in,
        tokens_out=generation.tokens_out,
        cost_usd=generation.cost_usd,
        seconds=generation.seconds,
        verdict=verdict,
        created_at=to_text(now),
    )
    for number, candidate in enumerate(judged):
        db.insert(
            "candidates",
            generation_id=generation_id,
            number=number,
            parts=json.dumps([part[:MAX_RAW] for part in candidate.parts], ensure_ascii=False),
            score=candidate.score,
            scores=json.dumps(dict(candidate.scores)),
            violations=json.dumps([_violation(violation) for violation in candidate.violations], ensure_ascii=False),
            verdict=candidate.verdict,
        )
    return generation_id


def of_draft(db: Database, draft_id: int) -> list[Json]:
    """Every generation that was tried for a draft, with its candidates."""
    return [_as_json(db, row) for row in db.rows("SELECT * FROM generations WHERE draft_id = ? ORDER BY id", draft_id)]


def of_run(db: Database, run_id: int) -> list[Json]:
    """Every generation of one run, with its candidates."""
    return [_as_json(db, row) for row in db.rows("SELECT * FROM generations WHERE run_id = ? ORDER BY id", run_id)]


def last_at(db: Database, bot: str, generator: str) -> str:
    """When a generator last answered for a bot, whatever it was asked, as stored; "" where it never did."""
    sql = (
        "SELECT g.created_at FROM generations g JOIN runs r ON r.id = g.run_id"
        " WHERE r.bot = ? AND g.generator = ? ORDER BY g.id DESC LIMIT 1"
    )
    return str(db.value(sql, bot, generator) or "")


def recent(db: Database, bot: str, generator: str, limit: int) -> list[Json]:
    """A generator's newest answers for a bot that were to be posts, newest first: when each came, whether it was used,
    and which rules refused its candidates."""
    rows = db.rows(
        "SELECT g.id, g.created_at, g.verdict FROM generations g JOIN runs r ON r.id = g.run_id"
        " WHERE r.bot = ? AND g.generator = ? AND g.verdict <> ? ORDER BY g.id DESC LIMIT ?",
        *(bot, generator, ANSWERING, limit),
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


def _as_json(db: Database, row: Row) -> Json:
    candidates = db.rows("SELECT * FROM candidates WHERE generation_id = ? ORDER BY number", row["id"])
    return as_json(row) | {"candidates": [_candidate(candidate) for candidate in candidates]}


def _candidate(row: Row) -> Json:
    lists = {name: json.loads(row[name]) for name in ("parts", "scores", "violations")}
    return lists | {"score": row["score"], "verdict": row["verdict"]}


def _violation(violation: Violation) -> Json:
    return {
        "rule": violation.rule,
        "message": violation.message,
        "part": violation.part,
        "platform": violation.platform,
    }

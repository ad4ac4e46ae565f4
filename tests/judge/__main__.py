"""`make judge-eval`: asks the judge that the settings name about labelled posts, and prints how often it errs.

    python -m tests.judge [--limit N] [--every] [--show]

Settings are those of the program (`.env`, the environment). `--limit`: so many pairs, spread over all; `--every`: the
English notes too; `--show`: each wrong answer with its reasons. A service is paid for each answer.
"""

from __future__ import annotations

import argparse
import os
import sys
import time

from tests.judge.pairs import FILES, judged, load, table
from twitter_manager import providers, settings
from twitter_manager.errors import TwitterManagerError
from twitter_manager.settings import find_home
from twitter_manager.writing.judge import Judge


def main() -> int:
    """The exit code: 1 where nobody judges, or the judge gives no answer."""
    parser = argparse.ArgumentParser(prog="python -m tests.judge", description=__doc__)
    parser.add_argument("--limit", type=int, default=0)
    parser.add_argument("--every", action="store_true")
    parser.add_argument("--show", action="store_true")
    parser.add_argument("--seconds", type=float, default=3600.0)
    chosen = parser.parse_args()
    try:
        judge = _judge()
    except TwitterManagerError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    if judge is None:
        print("Nobody judges: see JUDGE in .env.example, and `doctor`.", file=sys.stderr)
        return 1
    pairs = load(FILES if chosen.every else FILES[:1])
    pairs = pairs[:: max(1, len(pairs) // chosen.limit)] if chosen.limit else pairs
    ends = time.monotonic() + chosen.seconds
    outcomes = []
    for outcome in judged(judge, pairs, lambda: ends - time.monotonic()):
        outcomes.append(outcome)
        if chosen.show and outcome.wrong:
            fault = outcome.pair.fault or "true, but refused"
            print(f"{fault}: {outcome.pair.post}\n    {'; '.join(outcome.reasons) or 'passed'}")
    print(f"judge: {judge.name}")
    for line in table(outcomes):
        print(line)
    if len(outcomes) < len(pairs):
        print(f"It stopped answering: {'; '.join(outcomes[-1].reasons)}", file=sys.stderr)
        return 1
    return 0


def _judge() -> Judge | None:
    """The judge of the first bot: the named one, else that of its first generator that has one."""
    home = find_home(os.environ)
    loaded = settings.load(home, os.environ)
    chosen = loaded.active[0].generators
    judge_of = providers.judges(chosen, loaded.models, lambda line: print(line, file=sys.stderr))
    found = (judge_of(generator) for generator, _ in providers.generators(chosen, loaded.models))
    return next((judge for judge in found if judge is not None), None)


if __name__ == "__main__":
    sys.exit(main())

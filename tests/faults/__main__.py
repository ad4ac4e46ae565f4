"""`python -m tests.faults`: plays groups of cases, or one case by its name, and prints a table.

python -m tests.faults --list
python -m tests.faults x-kills x-pairs
python -m tests.faults --case x/http-1-stored/commit-3-after
"""

from __future__ import annotations

import argparse
import sys
from contextlib import ExitStack

from tests.faults.cases import Tally, find, groups, play, total
from tests.faults.world import World
from tests.standins.pds import Pds


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("groups", nargs="*", metavar="GROUP", help="which groups (default: all)")
    parser.add_argument("--list", action="store_true", help="name the groups and what is in them")
    parser.add_argument("--case", default="", metavar="NAME", help="only this case")
    parser.add_argument("--every", type=int, default=1, metavar="N", help="only every N-th case of each group")
    words = parser.parse_args()
    if words.list:
        for group in groups().values():
            names = [scenario.name for scenario in group.scenarios]
            print(f"{group.name:26}{group.kills} kills, {len(names)} scenarios: {', '.join(names[:3])}, …")
        return 0
    with ExitStack() as stack:
        world = stack.enter_context(World(lambda: stack.enter_context(Pds())))
        if words.case:
            verdict = find(words.case).play(world)
            print(f"exit codes {verdict.codes}", *filter(None, verdict.said), sep="\n")
            print(*(verdict.problems or ["nothing is wrong"]), sep="\n")
            return 1 if verdict.problems else 0
        tallies = []
        print(_HEAD)
        for name in words.groups or groups():
            tallies.append(play(groups()[name].part(0, words.every), world, _progress))
            print("\r\033[K" if sys.stderr.isatty() else "", end="", file=sys.stderr, flush=True)
            print(*tallies[-1].failures, sep="\n", end="\n" if tallies[-1].failures else "")
            print(_line(tallies[-1]), flush=True)
    print(_line(total(tallies)))
    return 1 if total(tallies).failures else 0


def _progress(tally: Tally) -> None:
    if sys.stderr.isatty():
        line = f"{tally.group}: {tally.cases} cases, {tally.seconds:.0f} s, {len(tally.failures)} failures"
        print(f"\r\033[K{line}", end="", file=sys.stderr, flush=True)


_COLUMNS = ("cases", "runs", "kills", "duplicates", "wrong", "failed", "seconds")
_HEAD = f"{'group':26}" + "".join(f"{name:>12}" for name in _COLUMNS)


def _line(tally: Tally) -> str:
    counts = (tally.cases, tally.runs, tally.kills, tally.duplicates, tally.wrong, len(tally.failures))
    return f"{tally.group:26}" + "".join(f"{count:12}" for count in counts) + f"{tally.seconds:12.1f}"


if __name__ == "__main__":
    sys.exit(main())

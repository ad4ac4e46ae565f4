"""Exactly once, proven: the program as a process, killed at every point and cheated at every request (tests/faults).

A failure names the one command that plays its case again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import combinations, product
from typing import Any

import pytest

from tests import tracing
from tests.faults.cases import ALL, SHAPES, Group, find, groups, play
from tests.faults.world import Remote, Verdict, World, compare

EVERY = (
    dict.fromkeys((f"{what}-kills" for what in ("x", "bluesky", "mastodon", "feed", "all", "amend")), 2)
    | dict.fromkeys((f"{platform}-newer" for platform in ALL), 6)
    | dict.fromkeys(("pictures-kills", "dated-kills", "recurring-kills", "card-kills", "syscalls"), 6)
    | dict.fromkeys((f"{platform}-pairs" for platform in ALL), 16)
    | {"all-pairs": 5, "answer-kills": 10, "storage": 2}
    | dict.fromkeys((name for name, group in groups().items() if group.kills == 0 and len(group.scenarios) > 100), 3)
)
"""Of these groups every so-many-th case is played here, lest it takes an hour; all of them by hand."""
SHARES = [group.part(0, EVERY.get(group.name, 1)) for group in groups().values()]


@pytest.fixture(scope="module")
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    """The servers and the processes; the Bluesky server only when a case needs it."""
    with World(lambda: request.getfixturevalue("pds")) as made:
        yield made


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("group", SHARES, ids=lambda group: group.name)
def test_whatever_dies_nothing_is_posted_twice_and_nothing_is_lost(world: World, group: Group) -> None:
    """Each case: the fault took hold; within three runs all is posted, refused or held; servers and reports agree."""
    if group.calls and tracing.missing():
        pytest.skip("strace is not installed")
    tally = play(group, world)
    print(f"{tally.cases} cases, {tally.runs} runs, {tally.kills} kills in {tally.seconds:.0f} s")
    assert not tally.failures, f"{len(tally.failures)} of {tally.cases}:\n" + "\n".join(tally.failures[:10])
    assert (tally.duplicates, tally.wrong) == (0, 0)
    assert tally.cases >= group.at_least, "points were lost: the enumeration is broken"
    assert group.failing or tally.kills >= tally.cases * group.kills


@pytest.mark.slow
@pytest.mark.parametrize("name", ["x-kills", "bluesky-kills"])
def test_post_then_record_is_found_out(world: World, name: str) -> None:
    """The test of the test: an outbox that writes down afterwards what it sent makes duplicates, and they are seen."""
    group = groups()[name]
    some = Group(name, tuple(one for one in group.scenarios if one.name in ("x", "x-thread", "bluesky")), 1, 1)
    tally = play(some.naive(), world)
    assert tally.duplicates >= 3, tally
    assert len(tally.failures) >= 3


@pytest.mark.slow
def test_a_kill_that_does_not_happen_is_told(world: World) -> None:
    """A point that is never reached, under either way of killing, is a failure and not a case that passed."""
    for kill in ("commit-999-before", "http-9-stored"):
        assert "did not happen" in find(f"x/{kill}").play(world).problems[0]


def test_there_are_enough_cases_and_each_is_found_by_its_name() -> None:
    """The least numbers add up to what is promised, names are unique, and the command of a failure finds the case."""
    assert sum(share.at_least for share in SHARES) >= 1500
    scenarios = [scenario for group in groups().values() if group.kills == 0 for scenario in group.scenarios]
    assert len({scenario.name for scenario in scenarios}) == len(scenarios)
    assert all(find(scenario.name).scenario == scenario for scenario in scenarios[::97])
    case = find("naive-x-thread/commit-3-after/http-1-stored")
    assert (case.scenario.naive, case.scenario.parts, case.kills) == (True, 3, ("commit-3-after", "http-1-stored"))
    with pytest.raises(LookupError):
        find("nothing/commit-1-before")


def test_each_answer_meets_each_circumstance() -> None:
    """What is not played in full is played so that no two of an answer, a place, a way of reading back and a setting
    never meet."""
    for name, first in (("x-faults", 1), ("mastodon-faults", 1)):
        cases = [
            scenario.name.split("/")[first:] for scenario in groups()[name].scenarios if "key" not in scenario.name
        ]
        for one, other in combinations(range(4), 2):
            there = {(case[one], case[other]) for case in cases}
            never = set(product({case[one] for case in cases}, {case[other] for case in cases})) - there
            # What was never stored can't be hidden.
            assert all(any("hidden" in word for word in pair) for pair in never), never
    cases = [scenario.name.split("/")[1:] for scenario in groups()["bluesky-faults"].scenarios]
    for shape in SHAPES:
        assert len({case[1] for case in cases if case[0] == shape}) == 16
    assert len({(case[1], case[2]) for case in cases if "hang" not in "".join(case)}) == 14 * 12


def row(part: int = 0, status: str = "posted", remote_id: str | None = "1", text: str = "a") -> Mapping[str, Any]:
    return {"part": part, "status": status, "remote_id": remote_id, "text": text, "attached": ""}


@pytest.mark.parametrize(
    ("held", "reported", "duplicates", "wrong", "problems"),
    [
        ([Remote("1", "a")], [row()], 0, 0, 0),
        ([Remote("1", "a"), Remote("2", "a")], [row()], 1, 1, 2),
        ([], [row()], 0, 1, 1),
        ([Remote("1", "b")], [row()], 0, 1, 1),
        ([Remote("1", "a")], [row(status="failed", remote_id=None)], 0, 1, 1),
        ([Remote("1", "a")], [row(status="unknown", remote_id=None)], 0, 1, 1),
        ([Remote("1", "a")], [row(status="held", remote_id=None)], 0, 0, 0),
        ([Remote("1", "b")], [row(status="held", remote_id=None)], 0, 1, 1),
        ([Remote("1", "a")], [], 0, 1, 1),
        ([Remote("1", "a"), Remote("2", "b", "1")], [row(), row(1, text="b", remote_id="2")], 0, 0, 0),
        ([Remote("1", "a"), Remote("2", "b")], [row(), row(1, text="b", remote_id="2")], 0, 0, 1),
        ([Remote("2", "b")], [row(status="failed", remote_id=None), row(1, text="b", remote_id="2")], 0, 0, 1),
    ],
)
def test_the_count_sees_every_kind_of_difference(
    held: list[Remote], reported: list[Any], duplicates: int, wrong: int, problems: int
) -> None:
    """Twice, missing, another text, not reported, in the wrong place: each is noted as what it is."""
    verdict = Verdict()
    compare("x", held, reported, verdict)
    assert (verdict.duplicates, verdict.wrong, len(verdict.problems)) == (duplicates, wrong, problems)

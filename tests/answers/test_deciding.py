"""What becomes of a reply: the right draft, the right content, once, by who may, and each refusal told."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.answers.world import ANNA, TEXTS, Desk
from twitter_manager import decisions
from twitter_manager.answers.deciding import MOST_WRONG, PERIOD, issue
from twitter_manager.content import plain
from twitter_manager.domain import Actor, DraftStatus
from twitter_manager.operations import restore
from twitter_manager.platforms import exact
from twitter_manager.store import answer_codes, approvals, drafts, edits, events


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk.at(tmp_path / "home")
    yield made
    made.db.close()


def test_an_approval_is_the_persons_and_of_this_content(desk: Desk) -> None:
    """The draft is approved, the person is told when it goes out, and the trail knows who said so by what."""
    number = desk.draft()
    told = desk.answer(f"ok {desk.code(number)}")
    assert told.was_done and told.words.startswith(f"Draft {number} is approved, and goes out")
    approval = approvals.newest(desk.db, desk.get(number))
    assert approval is not None and approval.by == ANNA
    assert approval.hashes == exact.hashes(desk.get(number))
    assert desk.status(number) == "approved"


def test_a_code_works_once(desk: Desk) -> None:
    """The first answer wins; a second with the same code is told so, and so is one with another code of the draft."""
    number = desk.draft()
    older, newer = desk.code(number), desk.code(number)
    assert desk.answer(f"approve {newer}").was_done
    for code in (newer, older):
        told = desk.answer(f"skip {code}")
        assert not told.was_done and "used already" in told.words and "is ready" in told.words
    assert desk.status(number) == "approved"


def test_a_skip(desk: Desk) -> None:
    """Nothing of the draft goes out."""
    number = desk.draft()
    assert desk.answer(f"no {desk.code(number)}").words == f"Draft {number} is skipped."
    assert desk.status(number) == "skipped"


@pytest.mark.parametrize("approve", ["never", "always", "when"])
def test_an_edit_waits_for_another_yes(tmp_path: Path, approve: str) -> None:
    """The new words are checked and kept with the old ones; they go out after an approval of exactly these."""
    desk = Desk.at(tmp_path / "home", f'approve = "{approve}"\n' + "[approve_when]\nfirst = 1\n" * (approve == "when"))
    number = desk.draft(status=DraftStatus.NEEDS_ATTENTION)
    old = desk.code(number)
    told = desk.answer(f"edit {old}\nGreen tea takes three minutes.")
    assert told.was_done and "waits for" in told.words and "new code" in told.words
    assert desk.get(number).texts == ("Green tea takes three minutes.",) and desk.status(number) == "pending"
    assert edits.of_draft(desk.db, number)[0].by == ANNA
    assert "used already" in desk.answer(f"approve {old}").words
    assert desk.answer(f"approve {desk.code(number)}").was_done
    assert desk.status(number) == "approved"


def test_an_edit_that_the_checks_refuse_is_told(tmp_path: Path) -> None:
    """What is wrong is said, nothing is changed, and the code can still be used."""
    desk = Desk.at(tmp_path / "home", 'blocked_terms = ["coffee"]\n')
    number = desk.draft()
    code = desk.code(number)
    told = desk.answer(f"edit {code}\nTea is better than coffee.")
    assert not told.was_done and told.words.startswith("Nothing was done. ")
    assert desk.get(number).texts == TEXTS[:1]
    assert desk.answer(f"approve {code}").was_done


def test_a_draft_that_was_changed_since_is_not_what_was_seen(desk: Desk) -> None:
    """A code holds for one content: after an edit elsewhere it does nothing, and the next code says that it is void."""
    number = desk.draft()
    code = desk.code(number)
    decisions.edit(desk.db, desk.get(number), plain(["Other words."]), {}, desk.clock(), approved=False)
    told = desk.answer(f"approve {code}")
    assert not told.was_done and "was changed since" in told.words
    assert desk.status(number) == "pending"
    again, is_void = issue(desk.db, desk.get(number), timedelta(hours=1), desk.clock())
    assert is_void and desk.answer(f"approve {again}").was_done


@pytest.mark.parametrize("longest", [timedelta(hours=1), timedelta(hours=500)])
def test_a_code_ends_with_its_draft_or_before(desk: Desk, longest: timedelta) -> None:
    """It is good for as long as the setting says, and never longer than the draft."""
    number = desk.draft()
    code = desk.code(number, longest)
    desk.clock.now += min(longest, timedelta(hours=48)) + timedelta(seconds=1)
    told = desk.answer(f"approve {code}")
    assert not told.was_done and "out of date" in told.words and desk.status(number) == "pending"
    assert answer_codes.wrong_since(desk.db, ANNA.name, ANNA.via, desk.clock() - PERIOD) == 0


@pytest.mark.parametrize("status", [DraftStatus.POSTED, DraftStatus.PUBLISHING, DraftStatus.EXPIRED])
def test_a_draft_that_went_its_way_meanwhile(desk: Desk, status: DraftStatus) -> None:
    """Where it stands is told, whatever the reply asks for."""
    number = desk.draft(status=DraftStatus.APPROVED)
    code = desk.code(number)
    with desk.db.transaction():
        if status is not DraftStatus.EXPIRED:
            drafts.move(desk.db, desk.get(number), DraftStatus.PUBLISHING, desk.clock())
        if status is not DraftStatus.PUBLISHING:
            drafts.move(desk.db, desk.get(number), status, desk.clock())
    for words in ("approve", "skip"):
        told = desk.answer(f"{words} {code}")
        assert not told.was_done and told.words.startswith(f"Nothing was done. Draft {number} is ")
    assert desk.status(number) == status


def test_wrong_codes_are_on_record_and_end_in_a_rest(desk: Desk) -> None:
    """Nobody can try codes: after a few wrong ones not even the right one counts for a day. The trail stays whole."""
    number = desk.draft()
    code = desk.code(number)
    for attempt in range(MOST_WRONG):
        assert "no such code" in desk.answer(f"approve 0000-000{attempt}").words
    assert "answers rest" in desk.answer(f"approve {code}").words
    assert desk.status(number) == "pending"
    assert desk.answer(f"skip {desk.code(desk.draft(TEXTS[1]))}", Actor("anna@example.org", "mail")).was_done
    recorded = events.newest(desk.db, "", "answer_refused")
    assert [(event["by"], event["via"]) for event in recorded] == [("4711", "telegram")] * MOST_WRONG
    assert "0000" not in f"{recorded}" and events.verify(desk.db) == []
    desk.clock.now += PERIOD + timedelta(seconds=1)
    assert desk.answer(f"approve {code}").was_done


def test_a_code_of_another_bots_draft_is_none(desk: Desk) -> None:
    """Who is told of one bot's drafts can't decide on another's."""
    number = desk.draft()
    told = desk.answer(f"approve {desk.code(number)}", bots=("coffee",))
    assert not told.was_done and "no such code" in told.words and desk.status(number) == "pending"


def test_a_code_stands_for_its_own_draft(desk: Desk) -> None:
    """Of several drafts that wait the one is meant whose code it is."""
    first, second = desk.draft(TEXTS[0]), desk.draft(TEXTS[1])
    code, _ = desk.code(second), desk.code(first)
    assert desk.answer(f"skip {code}").words == f"Draft {second} is skipped."
    assert desk.status(first) == "pending"


@pytest.mark.parametrize("words", ["approve {}", "skip {}", "edit {}\nOther words."])
def test_a_reply_that_comes_again_after_a_crash(desk: Desk, words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Cut off between the action and the code's end, the same reply is carried out when it comes again: to the same
    end, and once."""
    number = desk.draft()
    reply = words.format(desk.code(number))

    def dies(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as cut:
        cut.setattr(answer_codes, "use_up", dies)
        with pytest.raises(KeyboardInterrupt):
            desk.answer(reply)
    before, trail = desk.get(number), events.of_draft(desk.db, number)
    assert desk.answer(reply).was_done
    assert desk.get(number) == before and events.of_draft(desk.db, number) == trail
    assert not desk.answer(reply).was_done


def test_codes_are_kept_hashed_and_not_for_ever(desk: Desk) -> None:
    """Nowhere in the database stands a code, with its hyphen or without."""
    number = desk.draft()
    code = desk.code(number)
    stored = desk.home.database.read_bytes()
    for form in (code, code.replace("-", ""), code.lower()):
        assert form.encode() not in stored
    desk.clock.now += timedelta(days=30)
    desk.code(desk.draft(TEXTS[1]))
    assert [kept.draft_id for kept in answer_codes.known(desk.db)] == [number + 1]


def test_no_answer_of_before_a_restore_counts(desk: Desk) -> None:
    """What was approved and went out after a backup is not approved once more by the same mail, which is read again."""
    number = desk.draft(status=DraftStatus.NEEDS_ATTENTION)
    code, copy = desk.code(number), desk.home.path / "copy.db"
    desk.db.copy_to(copy)
    assert desk.answer(f"approve {code}").was_done
    desk.db.close()
    restore.restore(desk.home.database, copy, [], desk.clock)
    desk.db = desk.app.session.open_store()
    assert desk.status(number) == "needs_attention"
    assert not desk.answer(f"approve {code}").was_done
    assert desk.status(number) == "needs_attention"
    assert desk.answer(f"approve {desk.code(number)}").was_done

"""What a person does with comments: one answer each, in words that were checked, on record with who said so."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.home import Home
from tests.review.filled import opened, set_up
from tests.review.talk import draft_answer, hear, publish
from twitter_manager.domain import Actor, Draft, DraftStatus
from twitter_manager.errors import Meanwhile, TextKnown, TwitterManagerError, UsageError
from twitter_manager.review import answering
from twitter_manager.review.actions import Actions
from twitter_manager.store import amendments, comments, drafts
from twitter_manager.store.comments import Status


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return set_up(Home(tmp_path / "home"))


@contextmanager
def acting(home: Home) -> Iterator[Actions]:
    with opened(home) as (app, db):
        yield Actions(app, db, Actor("anna", "console"))


def stands(actions: Actions, number: int) -> tuple[Status, str]:
    comment = comments.get(actions.db, number)
    assert comment is not None
    return comment.status, comment.reason


def answer_of(actions: Actions, number: int) -> Draft:
    draft = drafts.answer_to(actions.db, number)
    assert draft is not None
    return draft


def test_a_persons_words_become_the_one_answer(home: Home) -> None:
    """An approved draft of theirs for that platform alone, which never expires; a second answer is refused by name."""
    number = hear(home)
    with acting(home) as actions:
        draft = answering.answer(actions, number, "  At ten.  ")
        assert (draft.status, draft.origin, draft.platforms) == (DraftStatus.APPROVED, "person", ("mastodon",))
        assert (draft.texts, draft.comment_id, draft.expires_at) == (("At ten.",), number, None)
        assert stands(actions, number) == (Status.DRAFTED, "")
        with pytest.raises(Meanwhile, match=f"has an answer already: draft {draft.id} is ready"):
            answering.answer(actions, number, "At eleven.")
    assert home.rows("SELECT count(*) FROM drafts") == [(1,)]


@pytest.mark.parametrize("text", ["", "  \n ", "word " * 200, "Use token-of-nobody-either to log in."])
def test_words_that_no_post_may_hold_are_no_answer_either(home: Home, text: str) -> None:
    """Nothing, more than the platform takes, a secret: refused with nothing kept, and the comment waits on."""
    number = hear(home)
    with acting(home) as actions:
        with pytest.raises(TwitterManagerError):
            answering.answer(actions, number, text)
        assert stands(actions, number) == (Status.NEW, "")
    assert home.rows("SELECT count(*) FROM drafts") == [(0,)]


def test_two_people_may_be_thanked_alike_where_the_platform_allows_it(home: Home) -> None:
    """On Mastodon the same words go out twice; X takes no text twice, so the second is refused before it is sent."""
    on_mastodon, on_x = [hear(home) for _ in range(2)], [hear(home, platform="x") for _ in range(2)]
    with acting(home) as actions:
        assert len({answering.answer(actions, number, "Thank you!").id for number in on_mastodon}) == 2
        answering.answer(actions, on_x[0], "Many thanks!")
        with pytest.raises(TextKnown):
            answering.answer(actions, on_x[1], "Many thanks!")


def test_a_drafted_answer_is_approved_through_its_comment(home: Home) -> None:
    """Exactly as it was seen; the draft is approved with the person's name, and told when it goes out."""
    number = hear(home)
    draft = draft_answer(home, number)
    with acting(home) as actions:
        with pytest.raises(Meanwhile):
            answering.approve(actions, number, seen="0" * 64)
        became = f"is answered by draft {draft}, which is approved, and goes out with the next run"
        assert answering.approve(actions, number) == became
        assert answer_of(actions, number).status is DraftStatus.APPROVED
    assert home.rows("SELECT data FROM events WHERE kind = 'draft_approved'")[0][0].count("anna") == 1
    assert hear(home) == 2
    with acting(home) as actions, pytest.raises(UsageError, match="No answer to comment 2 is drafted"):
        answering.approve(actions, 2)


def test_whoever_skips_a_drafted_answer_finds_the_comment_again(home: Home) -> None:
    """The comment waits for its person, who can answer in words of their own."""
    number = hear(home)
    draft = draft_answer(home, number)
    with acting(home) as actions:
        actions.skip(draft)
        assert stands(actions, number) == (Status.FLAGGED, "its answer was skipped: a person gave it up")
        assert answering.answer(actions, number, "At ten.").id != draft


def test_dismissing_gives_up_the_drafted_answer_and_can_be_taken_back(home: Home) -> None:
    """Nothing goes out to a comment that was dismissed; who did it stands in the audit trail; one that was answered or
    that nobody knows is refused."""
    number = hear(home)
    draft = draft_answer(home, number)
    with acting(home) as actions:
        assert f"(draft {draft}) is given up" in answering.dismiss(actions, number)
        assert stands(actions, number)[0] is Status.DISMISSED
        assert drafts.answer_to(actions.db, number) is None
        assert answering.dismiss(actions, number) == "is dismissed already"
        assert answering.reopen(actions, number) == "waits for you again"
        assert stands(actions, number)[0] is Status.FLAGGED
        with pytest.raises(UsageError, match="can't be reopened"):
            answering.reopen(actions, number)
        with pytest.raises(UsageError, match="There is no comment 99"):
            answering.dismiss(actions, 99)
        comment = comments.get(actions.db, number)
        assert comment is not None
        with actions.db.transaction():
            comments.move(actions.db, comment, Status.ANSWERED)
        with pytest.raises(UsageError, match="Comment 1 is answered: it can't be dismissed"):
            answering.dismiss(actions, number)
    told = home.rows("SELECT kind, json_extract(data, '$.by') FROM events WHERE kind LIKE 'comment_%' ORDER BY id")
    assert told == [("comment_dismissed", "anna"), ("comment_reopened", "anna")]


def test_an_answer_that_was_deleted_gets_no_second_one(home: Home) -> None:
    """The refusal says what became of it, and where the person can still say something."""
    number = hear(home)
    with acting(home) as actions:
        draft = answering.answer(actions, number, "At ten.")
    publish(home, draft.id, "79")
    with acting(home) as actions:
        with actions.db.transaction():
            amendments.notice_gone(actions.db, "mastodon", "79", actions.app.clock())
        assert stands(actions, number) == (Status.ANSWERED, "its answer was deleted")
        with pytest.raises(Meanwhile, match=f"draft {draft.id}, and its answer was deleted.*books.example/@mia/1"):
            answering.answer(actions, number, "At eleven.")


def test_what_is_gone_or_has_no_account_is_not_answered(home: Home) -> None:
    """A comment that was deleted there, and one on a platform that is not set up any more."""
    gone, elsewhere = hear(home, status=Status.GONE), hear(home, platform="bluesky")
    with acting(home) as actions:
        with pytest.raises(UsageError, match="it was deleted there"):
            answering.answer(actions, gone, "At ten.")
        with pytest.raises(UsageError, match="has no account on bluesky"):
            answering.answer(actions, elsewhere, "At ten.")

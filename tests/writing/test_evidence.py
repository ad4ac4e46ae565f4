"""What of a judge's answer counts: verified quotations, a whole post, and the form asked for."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.bounds import soon
from tests.writing.verdicts import claim, verdict
from twitter_manager.writing.evidence import Claim, Reading, claims, is_remark, read

MATERIAL = """Project: Stadtbücherei
Title: Hausordnung
Published: 2026-05-01

Hunde dürfen nicht hinein. Blindenhunde sind erlaubt, „solange sie angeleint sind“ – auch im Lesesaal.

The reading room opens at 10 o'clock, except on Mondays. Dogs may not enter the hall, and may not wait at the door."""


def said(post: str, quote: str, verdict_word: str = "supported") -> Reading:
    return read(verdict(claim(post, quote, verdict_word)), [post], MATERIAL)


@pytest.mark.parametrize(
    "quote",
    [
        "Blindenhunde sind erlaubt",
        'blindenhunde   sind erlaubt, "solange sie angeleint sind" - auch im Lesesaal',
        "“Blindenhunde sind erlaubt … auch im Lesesaal.”",
        "Blindenhunde sind erlaubt [...] auch im Lesesaal",
        "Title: Hausordnung",
    ],
)
def test_words_of_the_material_count_whatever_marks_stand_around(quote: str) -> None:
    """Case, blanks, quotation marks and dashes don't matter; pieces parted by an ellipsis are each looked up."""
    assert said("Blindenhunde dürfen hinein.", quote) == Reading()


@pytest.mark.parametrize(
    "quote",
    [
        "",
        "…",
        "erlaubt",
        "sind erlaubt",
        "Hunde dürfen hinein",
        "Hunde dürfen … hinein",
        "dürfen hinein … Hunde sind",
        "auch im Lesesaal … Blindenhunde sind erlaubt",
        "hunde sind erlaubt",
        "Blindenhunde sind willkommen",
        "Guide dogs are allowed",
        "enter the hall",
        "Dogs may … enter the hall",
        "Dogs may … wait at the door",
    ],
)
def test_what_the_material_does_not_say_like_that_is_no_evidence(quote: str) -> None:
    """Invented, translated, too short, put together anew, cut out of a word, or with the “not” left out."""
    assert "no such words" in said("Hunde dürfen hinein.", quote).unusable


@pytest.mark.parametrize("word", ["contradicted", "not said"])
def test_one_no_is_a_no(word: str) -> None:
    """With or without a quotation; the reason quotes the claim."""
    (reason,) = said("Hunde dürfen hinein.", "Hunde dürfen nicht hinein", word).reasons
    assert "Hunde dürfen hinein" in reason


def answer(**changes: object) -> str:
    return json.dumps(
        {**json.loads(verdict(claim("Blindenhunde sind erlaubt.", "Blindenhunde sind erlaubt"))), **changes}
    )


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "yes",
        "[]",
        "[" * 100_000,
        answer(extra=1),
        answer(misleading="false"),
        answer(harmful=0),
        answer(self_contained=None),
        answer(claims={}),
        answer(claims=["supported"]),
        answer(claims=[claim("Blindenhunde sind erlaubt.", "Blindenhunde sind erlaubt", "Supported")]),
        answer(claims=[claim("Blindenhunde sind erlaubt.", "Blindenhunde sind erlaubt", "probably")]),
        answer(claims=[{**claim("Blindenhunde sind erlaubt.", "Blindenhunde sind erlaubt"), "why": ""}]),
        answer(claims=[claim("", "Blindenhunde sind erlaubt")]),
        answer(claims=[claim("Blindenhunde sind erlaubt.", "Blindenhunde sind erlaubt")] * 41),
        f"Here you are: {answer()}",
        f"{answer()} I hope this helps.",
        answer()[:-1],
    ],
)
def test_another_form_is_no_answer(raw: str) -> None:
    """Extra keys, strings for a yes or no, prose around it, unknown verdicts, too many claims, cut off."""
    assert read(raw, ["Blindenhunde sind erlaubt."], MATERIAL).unusable


def test_fences_and_thoughts_around_the_form_are_no_prose() -> None:
    """The two wrappings that chat models can't leave out."""
    for raw in (f"```json\n{answer()}\n```", f"<think>Hm.</think>\n{answer()}"):
        assert read(raw, ["Blindenhunde sind erlaubt."], MATERIAL) == Reading()


POST = "Blindenhunde sind erlaubt. Andere Hunde dürfen nicht hinein."
FIRST = claim("Blindenhunde sind erlaubt.", "Blindenhunde sind erlaubt")


@pytest.mark.parametrize(
    "claims",
    [
        [],
        [FIRST],
        [FIRST, claim("Andere Hunde dürfen hinein.", "Hunde dürfen nicht hinein")],
        [FIRST, claim("Hunde dürfen nicht hinein. Blindenhunde sind erlaubt", "Hunde dürfen nicht hinein", "no claim")][
            :1
        ],
    ],
)
def test_what_no_claim_covers_is_left_out(claims: list[dict[str, str]]) -> None:
    """No claims, one sentence forgotten, or its “not” forgotten."""
    assert "left out" in read(verdict(*claims), [POST], MATERIAL).unusable


@pytest.mark.parametrize(
    "claimed",
    [
        "Hunde dürfen nicht hinein.",
        "Other dogs may enter.",
        f"{MATERIAL} Hunde dürfen hinein.",
    ],
)
def test_a_claim_is_the_post_s(claimed: str) -> None:
    """The material told instead of the post, in another language, or echoed with the post at its end, shows nothing."""
    post = "Hunde dürfen hinein."
    reading = read(verdict(claim(claimed, "Hunde dürfen nicht hinein")), [post], MATERIAL)
    assert "is not what the post says" in reading.unusable


def test_a_key_told_twice_is_no_answer() -> None:
    """Of two lists of claims nobody knows which counts: the first may hold a no."""
    whole = verdict(claim("Blindenhunde sind erlaubt.", "Blindenhunde sind erlaubt"))
    twice = '{"claims": [{"claim": "x", "quote": "", "verdict": "contradicted"}], ' + whole[1:]
    assert read(whole, ["Blindenhunde sind erlaubt."], MATERIAL) == Reading()
    assert read(twice, ["Blindenhunde sind erlaubt."], MATERIAL).unusable


def test_a_number_must_stand_in_a_claim() -> None:
    """Most words of a sentence are not enough where the number is missing."""
    post = "The reading room of the library opens for everybody at 9 o'clock."
    lazy = claim("The reading room of the library opens for everybody at o'clock", "The reading room opens at 10")
    assert "left out" in read(verdict(lazy), [post], MATERIAL).unusable


@pytest.mark.parametrize(
    ("sentence", "remark", "called"),
    [
        ("See you there!", True, True),
        ("Bis bald!", True, True),
        ("お楽しみに！", True, True),
        ("Wer kommt mit?", True, True),
        ("Hunde dürfen hinein.", True, False),
        ("It opens at 9!", False, False),
        ("Thanks to Ada Lovelace!", False, False),
        ("Every reader of the library may now bring any kind of dog along!", False, False),
    ],
)
def test_only_short_calls_may_be_no_claim(sentence: str, remark: bool, called: bool) -> None:
    """A greeting needs no claim; with a number or a name, or in length, it says something."""
    assert is_remark(sentence, 10) is remark and is_remark(sentence, 5, called=True) is called


def test_a_greeting_is_not_refused_for_its_lack_of_claims() -> None:
    """Without any claim, or called none; a statement with no claim is refused."""
    assert read(verdict(), ["See you there!"], MATERIAL) == Reading()
    greeting = claim("Wir freuen uns auf euch.", "", "no claim")
    assert (
        read(verdict(FIRST, greeting), ["Blindenhunde sind erlaubt. Wir freuen uns auf euch."], MATERIAL) == Reading()
    )
    assert read(verdict(), ["Hunde dürfen hinein."], MATERIAL).unusable
    long = "Alle Hunde der Stadt dürfen ab sofort in jeden Saal der Bücherei."
    assert read(verdict(claim(long, "", "no claim")), [long], MATERIAL).unusable


def test_what_is_said_of_the_whole_post_counts() -> None:
    """Misleading is a reason, harm is told apart, and a post may need its link."""
    post, found = ["Blindenhunde sind erlaubt."], verdict(FIRST, misleading="Others are not.")
    assert read(found, post, MATERIAL).reasons == ("It misleads: Others are not.",)
    assert read(verdict(FIRST, harmful="slur"), post, MATERIAL).harm == "slur"
    assert read(verdict(FIRST, alone=False), post, MATERIAL) == Reading(alone=False)


def test_scripts_without_spaces_are_quoted_and_covered() -> None:
    """Japanese: letters count in pairs, and a “not” that was left out shows."""
    material = "Title: 図書館のお知らせ\n\n犬は館内に入れません。開館時間は午前10時です。"
    post = "図書館は午前10時に開きます。"
    assert read(verdict(claim(post, "開館時間は午前10時です")), [post], material) == Reading()
    assert read(verdict(claim(post, "開館時間は午前9時です")), [post], material).unusable


@soon
def test_a_megabyte_of_material_keeps_nobody_waiting() -> None:
    """One paragraph of 1 MB and quotations that nearly stand in it."""
    material = "Dogs may not enter the hall and " * 32_000
    claims = [claim("Dogs may enter.", "Dogs may … enter the hall … and the door")] * 40
    assert read(verdict(*claims), ["Dogs may enter."], material).unusable


@given(st.text(max_size=300), st.text(max_size=100))
def test_whatever_comes_is_read_without_a_crash(raw: str, quote: str) -> None:
    """Any text is read, and never as a yes without words of the material."""
    assert read(raw, ["Hunde dürfen hinein."], MATERIAL).unusable
    read(verdict(claim(raw or "x", quote)), [raw], quote)


# -- where a quotation stands ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("quote", "marked"),
    [
        ("blindenhunde   sind erlaubt", ["Blindenhunde sind erlaubt"]),
        ('"solange sie angeleint sind" - auch', ["„solange sie angeleint sind“ – auch"]),
        ("Blindenhunde sind erlaubt … auch im Lesesaal", ["Blindenhunde sind erlaubt", "auch im Lesesaal"]),
        ("Title: Hausordnung", ["Title: Hausordnung"]),
        ("Guide dogs are allowed", []),
        ("Dogs may … enter the hall", []),
    ],
)
def test_a_quotation_is_marked_where_it_stands_in_the_material(quote: str, marked: list[str]) -> None:
    """The places are those of the words as the material has them; what the program could not verify has none."""
    [found] = claims(verdict(claim("Guide dogs may enter.", quote)), MATERIAL)
    trimmed = [MATERIAL[start:end].strip(" .„“") for start, end in found.spans]
    assert trimmed == [words.strip(" .„“") for words in marked]


def test_the_claims_of_what_is_no_answer_are_none() -> None:
    """Only an answer of the form asked for has claims to show."""
    assert claims("I think it is fine.", MATERIAL) == ()


@given(st.text(max_size=60), st.text(max_size=200))
def test_marks_never_leave_the_material(quote: str, material: str) -> None:
    """Whatever is quoted of whatever text, a mark is a piece of that text, and the pieces come in order."""
    for found in claims(verdict(claim("x", quote)), material):
        assert isinstance(found, Claim)
        ends = [0, *(place for span in found.spans for place in span), len(material)]
        assert ends == sorted(ends)

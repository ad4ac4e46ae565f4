"""Replies: what they say, what they quote, and that doubt does nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.bounds import soon
from twitter_manager.answers import codes, words
from twitter_manager.answers.quotes import own_words
from twitter_manager.answers.words import Answer, Unclear, Wish

CODE = "K7QF2M9A"
APPROVES, SKIPS = Answer(Wish.APPROVE, CODE), Answer(Wish.SKIP, CODE)
_CODES = st.builds(codes.new)


@pytest.mark.parametrize(
    "text",
    [
        "approve K7QF-2M9A",
        "Approve k7qf-2m9a",
        "APPROVE K7QF2M9A",
        "ok K7QF2M9A",
        "Ok, K7QF 2M9A!",
        "okay: k7qf2m9a.",
        "Yes K7QF-2M9A",
        "yes K7QF–2M9A",
        "ja K7QF‑2M9A",
        "please approve K7QF-2M9A",
        "approve draft 12 K7QF-2M9A",
        "Hi,\n\napprove K7QF-2M9A\n\nBest\nAnna",
        "“approve K7QF-2M9A”",
        "*approve* K7QF-2M9A",
        'approve "K7QF-2M9A"',
        "approve K7QF-2M9A please",
        "approve K7QF - 2M9A thanks!",
        "\n\n  approve\tK7QF-2M9A  \n",
        "approve K7QF-2M9A\n\nAnna Meier\nMarketing\nTel. +49 30 123456",
        "ＡＰＰＲＯＶＥ K7QF-2M9A",
        "approve\u00a0K7QF-2M9A",
        "approve K7QF-2M9A\u200b",
        "approved K7QF-2M9A",
    ],
)
def test_a_yes_in_a_persons_words(text: str) -> None:
    """However a phone, a mail program or a person writes it, a yes with its code is one."""
    assert words.read(text) == APPROVES


@pytest.mark.parametrize("text", ["skip K7QF-2M9A", "No, K7QF2M9A", "nein k7qf 2m9a", "drop K7QF-2M9A"])
def test_a_no_in_a_persons_words(text: str) -> None:
    """A no is not understood as anything else."""
    assert words.read(text) == SKIPS


@pytest.mark.parametrize(
    "text",
    [
        "",
        " \n\t",
        "hello",
        "K7QF-2M9A",
        "approve",
        "ok that looks good",
        "ok this post is fine",
        "yes whatever",
        "don't approve K7QF-2M9A",
        "do not approve K7QF-2M9A",
        "I approve of none K7QF-2M9A",
        "approve K7QF-2M9",
        "okra K7QF-2M9A",
        "approve K7QF-2M9AB",
        "approve K7QF-2M9A and skip ABCD-2345",
        "approve K7QF-2M9A\nskip ABCD-2345",
        "no-one K7QF-2M9A",
        "approve K7QF-2M9A but change the date",
        "approve K7QF-2M9A\nBut change the date",
        "approve K7QF-2M9A\n\nWait, no!",
        "approve K7QF-2M9A?",
        "approve K7QF-2M9A\nor is it too early?",
        "approve K7QF-2M9A\nAber erst morgen.",
        "approve K7QF-2M9A\nDon’t post it today",
        "edit K7QF-2M9A",
        "edit K7QF-2M9A new text",
        "edit K7QF-2M9A\n\n \n",
        "edit K7QF-2M9A\none\n---\n\n---\ntwo",
        "edit K7QF-2M9A\ntext\n—\nmore",
        "edit K7QF-2M9A\n" + "x\n---\n" * 30 + "x",
        "approve K7QF-2M9A\n" + "x" * 60_000,
        "yes",
        "no",
        "/start",
        "approve ILOO-1234",
        "approve ABCD-EFGH",
    ],
)
def test_doubt_does_nothing(text: str) -> None:
    """What is not surely an answer says nothing but why it is none, in a sentence without the code's place."""
    said = words.read(text)
    if text == "approve ILOO-1234":  # look-alikes are put right
        assert said == Answer(Wish.APPROVE, "11001234")
    else:
        assert isinstance(said, Unclear) and said.why.endswith((".", "please."))


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("edit K7QF-2M9A\nA better text.", ("A better text.",)),
        ("Edit k7qf2m9a:\n\nTwo lines,\n\nwith a blank between.\n", ("Two lines,\n\nwith a blank between.",)),
        ("edit K7QF-2M9A\nOne\n---\nTwo\n-----\nThree", ("One", "Two", "Three")),
        ("edit K7QF-2M9A\nOne\n—-\nTwo", ("One", "Two")),
        ("edit K7QF-2M9A\nIt’s “smart” – as typed. No? Don't skip!", ("It’s “smart” – as typed. No? Don't skip!",)),
        ("edit K7QF-2M9A\r\n- a list\r\n- of two", ("- a list\n- of two",)),
    ],
)
def test_an_edit_keeps_the_text_as_it_was_typed(text: str, parts: tuple[str, ...]) -> None:
    """The words below the code are the post, to the character; a line of hyphens begins the next part."""
    assert words.read(text) == Answer(Wish.EDIT, CODE, parts)


@given(_CODES, st.sampled_from(["approve", "ok", "Yes", "SKIP", "no", "Okay"]), st.sampled_from(["-", "", " ", "–"]))
def test_every_code_is_read_back(code: str, word: str, between: str) -> None:
    """Whatever code is drawn, however it is typed, it comes back the same."""
    typed = code.replace("-", between)
    for shown in (typed, typed.lower(), typed.replace("1", "l").replace("0", "o")):
        said = words.read(f"{word} {shown}")
        assert isinstance(said, Answer) and said.code == code.replace("-", "")


@given(st.text(max_size=400))
def test_no_text_breaks_the_reader(text: str) -> None:
    """Any text at all gives an answer or a sentence."""
    said = words.read(own_words(text))
    assert isinstance(said, Answer) or said.why
    words.may_be_meant(own_words(text), text)


@given(
    _CODES, st.lists(st.text(st.characters(exclude_characters="-\r\n", categories=["L", "Nd"]), min_size=1), min_size=1)
)
def test_parts_of_an_edit_come_back(code: str, parts: list[str]) -> None:
    """Texts joined by a line of --- come back as they were."""
    said = words.read(f"edit {code}\n" + "\n---\n".join(parts[:25]))
    texts = tuple(parts[:25])
    assert said == Answer(Wish.EDIT, code.replace("-", ""), texts) or texts != tuple(map(str.strip, texts))


NOTICE = "A draft is ready\n\nThe text of the post?\n\napprove K7QF-2M9A\nskip K7QF-2M9A"
MARKED = "\n".join(f"> {line}" for line in NOTICE.split("\n"))
QUOTATIONS = [
    MARKED,
    MARKED.replace("> ", ">"),
    MARKED.replace("> ", "> > "),
    f"On Fri, Nov 27, 2026 at 3:04 PM Poster <bot@example.org> wrote:\n\n{MARKED}",
    f"On Fri, Nov 27, 2026 at 3:04 PM A Poster With A Long Name\n<a.poster.with.a.name@example.org> wrote:\n{MARKED}",
    f"On 27 Nov 2026, at 15:04, Poster wrote:\n\n{NOTICE}",
    f"Am 27.11.2026 um 15:04 schrieb Poster:\n{MARKED}",
    f"Am Fr., 27. Nov. 2026 um 15:04 Uhr schrieb Poster <\nbot@example.org>:\n\n{MARKED}",
    f"Am Fr., 27. Nov. 2026 um 15:04 Uhr schrieb Poster <bot@example.org>:\n\n{NOTICE}",
    f"Poster <bot@example.org> schrieb am Fr., 27. Nov. 2026, 15:04:\n\n{NOTICE}",
    f"Le ven. 27 nov. 2026 à 15:04, Poster <bot@example.org> a écrit :\n{MARKED}",
    f"El vie, 27 nov 2026 a las 15:04, Poster (<bot@example.org>) escribió:\n{MARKED}",
    f"2026年11月27日(金) 15:04 Poster <bot@example.org>:\n{MARKED}",
    f"-----Original Message-----\nFrom: Poster\nSent: Friday\n\n{NOTICE}",
    f"-----Ursprüngliche Nachricht-----\nVon: Poster\nGesendet: Freitag\n\n{NOTICE}",
    f"____________________________\nVon: Poster <bot@example.org>\nGesendet: Freitag\nAn: Anna\nBetreff: x\n\n{NOTICE}",
    f"From: Poster <bot@example.org>\nSent: Friday, November 27, 2026 3:04 PM\nTo: Anna\nSubject: x\n\n{NOTICE}",
    f"*Von:* Poster <bot@example.org>\n*Gesendet:* Freitag, 27. November 2026 15:04\n*An:* Anna\n\n{NOTICE}",
    f"---------- Forwarded message ---------\nFrom: Poster\nDate: x\n\n{NOTICE}",
    f"De : Poster <bot@example.org>\nEnvoyé : vendredi 27 novembre 2026\nÀ : Anna\nObjet : x\n\n{NOTICE}",
]


@pytest.mark.parametrize("quotation", QUOTATIONS)
@pytest.mark.parametrize("own", ["", "Hm, let me think.", "-- \nAnna", "Sent from my iPhone"])
def test_what_is_only_quoted_does_nothing(quotation: str, own: str) -> None:
    """A yes that stands in the quoted notice alone is no answer, whatever the mail program's way to quote."""
    assert isinstance(words.read(own_words(f"{own}\n\n{quotation}")), Unclear)


@given(st.text(max_size=200), st.sampled_from(QUOTATIONS))
def test_nothing_above_a_quotation_makes_an_answer_of_it(own: str, quotation: str) -> None:
    """Whatever stands above it: unless that is an answer by itself, the reply is none."""
    assert isinstance(words.read(own_words(f"{own}\n\n{quotation}")), Unclear) or isinstance(words.read(own), Answer)


@pytest.mark.parametrize("quotation", QUOTATIONS)
@pytest.mark.parametrize("signature", ["", "\n\n-- \nAnna, who is not here?", "\n\nSent from my iPhone", "\n--\nno"])
def test_an_answer_above_a_quotation(quotation: str, signature: str) -> None:
    """The person's own words above the quotation count; their signature does not."""
    assert words.read(own_words(f"skip K7QF-2M9A{signature}\n\n{quotation}")) == SKIPS
    assert words.read(own_words(f"skip K7QF-2M9A{signature}\n{quotation}")) == SKIPS


@pytest.mark.parametrize("quotation", [each for each in QUOTATIONS if each.endswith(MARKED)])
def test_an_answer_below_a_quotation(quotation: str) -> None:
    """So do those below it, and between its lines."""
    assert words.read(own_words(f"{quotation}\n\nok K7QF-2M9A\n-- \nAnna")) == APPROVES
    assert words.read(own_words(f"{quotation}\nok K7QF-2M9A\n{MARKED}")) == APPROVES


def test_an_edit_in_a_reply_ends_with_the_persons_words() -> None:
    """Neither the signature nor the quotation becomes a part of the post."""
    reply = f"edit K7QF-2M9A\nNew words.\n---\nAnd more.\n\n-- \nAnna\n\nOn Fri, 27 Nov 2026 Poster wrote:\n{MARKED}"
    assert words.read(own_words(reply)) == Answer(Wish.EDIT, CODE, ("New words.", "And more."))


def test_what_was_not_understood_is_repeated_as_it_was_written() -> None:
    """The person finds their own words again, cut where they are many."""
    assert "“Looks good to Me!” was not understood" in str(words.read("Looks good to Me!"))
    assert "no code behind “ok”" in str(words.read("OK, that is fine"))
    assert "…” was not understood" in str(words.read("word " * 50))


def test_a_mail_about_something_else_is_known_as_such() -> None:
    """A person's other mail is not answered with what was not understood; one that may be meant is."""
    other = "Dear Bob,\nlunch at one?\nAnna"
    assert not words.may_be_meant(other, other)
    assert words.may_be_meant("Approve", "Approve")
    assert words.may_be_meant("Hm?", f"Hm?\n{MARKED}")


@soon
@pytest.mark.parametrize(
    "piece", ["On ", ">", "From: x\n", "On x wrote ", "a:\n", "approve ", "- ", "\n", "-----a", "1234-"]
)
def test_long_mails_keep_no_run_waiting(piece: str) -> None:
    """Reading is linear in the text's length, whatever repeats in it."""
    text = piece * (500_000 // len(piece))
    words.read(own_words(text))
    words.may_be_meant(text, text)


def test_codes_cannot_be_guessed() -> None:
    """A code has at least 40 bits, and no two are the same; its hash tells nothing without the installation."""
    letters_only = (len(codes.ALPHABET) - 10) ** codes.LENGTH
    assert len(codes.ALPHABET) ** codes.LENGTH - letters_only >= 2**40
    drawn = {codes.new() for _ in range(2000)}
    assert len(drawn) == 2000
    assert codes.hashed("k7qf2m9a", "a") == codes.hashed("K7QF-2M9A", "a") != codes.hashed("K7QF-2M9A", "b")

"""Plain text of what others wrote: markup that carries meaning, other people's words, what can't be shown."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.bounds import soon
from twitter_manager.sources import plain
from twitter_manager.sources.limits import Overgrown
from twitter_manager.sources.markup import from_html, is_html
from twitter_manager.sources.plain import UNUSABLE, clean, from_text, usable

PIECES = """< > </ p> sup> del> q> li> <ul> &amp; &lt; $x^2$ \\( \\) a 9 . \u200b \u200d \ufffc é 猫 \0"""
MARKUP = st.lists(st.sampled_from([*PIECES.split(" "), " ", "\n", "<a href='#fn1'>", "<img src=x>"]), max_size=60).map(
    "".join
)


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("It holds 10<sup>7</sup> owls.", "It holds 10⁷ owls."),
        ("A field of 40 m<sup>2</sup> and 10<sup>-3</sup> s.", "A field of 40 m² and 10⁻³ s."),
        ("CO<sub>2</sub> falls.", "CO₂ falls."),
        ("On the 2<sup>nd</sup> day M<sup>me</sup> Blanc came.", "On the 2nd day Mme Blanc came."),
        ("The owl sleeps.<sup>3</sup> It wakes<sup>[4]</sup> late.", "The owl sleeps. It wakes late."),
        ("The owl<sup><a href='#note7'>7</a></sup> sleeps.", "The owl sleeps."),
        ("The owl<a class='footnote-ref' href='#fn:1'>1</a> sleeps.", "The owl sleeps."),
        ("Now <del>40</del> <ins>20</ins> euros.", "Now 20 euros."),
        ("On <s>2 May</s> <strike>3 May</strike> 4 May.", "On 4 May."),
        ("It <span style='text-decoration: line-through'>never</span> ends.", "It ends."),
        ("He says <q>no</q>.", "He says “no”."),
        ("<p>Mine.</p><blockquote><p>Not mine.</p></blockquote><p>Mine too.</p>", "Mine.\n\nMine too."),
        ("Mine. <blockquote>Not mine.</blockquote> Mine too.", "Mine.\n\nMine too."),
        ("<p>Mine.</p><div class='testimonial'><p>Best tool ever!</p></div>", "Mine."),
        ("<aside class='wp-block-pullquote'>Loud words.</aside><p>Mine.</p>", "Mine."),
        ("<figure><img src='a.jpg'><figcaption>An owl in a tree</figcaption></figure><p>Mine.</p>", "Mine."),
        ("<p><img src='a.jpg'> The owl sleeps. <img src='b.jpg'></p>", "The owl sleeps."),
        ("I like owls <img class='emoji' alt='🦉' src='o.png'> a lot.", "I like owls 🦉 a lot."),
        ("A <ruby>梟<rt>ふくろう</rt></ruby> sleeps.", "A 梟 sleeps."),
        (
            "Line one of the poem<br>and line two<br><br>New paragraph.",
            "Line one of the poem\n\nand line two\n\nNew paragraph.",
        ),
        ("<p>Own words here.</p><p><a href='/next'>Next post</a> | <a href='/all'>All</a></p>", "Own words here."),
        ("<p>Run it:</p><p><code>make owls</code></p>", "Run it:"),
        ("An Either&lt;L, R&gt; or a Set<Owl> holds it.", "An Either<L, R> or a Set<Owl> holds it."),
        ("&lt;![CDATA[&lt;p&gt;Framed twice.&lt;/p&gt;]]&gt;", "Framed twice."),
        ("R&amp;amp;D costs 5 &amp;euro;.", "R&D costs 5 €."),
    ],
)
def test_markup_keeps_its_meaning(markup: str, text: str) -> None:
    """What stands above, below, struck or quoted reads as its author meant it, or is left out."""
    assert from_html(markup) == text


@pytest.mark.parametrize(
    "markup",
    [
        "Sorting takes \\(n \\log n\\) steps.",
        "Sorting takes $n \\log n$ steps.",
        "It is $$\\sum_i x_i$$ long.",
        "The value of $x^2$ grows.",
        "Write \\frac{1}{2} of it.",
        "<p>It holds <math><mi>n</mi></math> owls.</p>",
        "<p>It holds <span class='katex'>n2n^2n2</span> owls.</p>",
        "<p>Press <img src='key.png'> to go on.</p>",
        "<p>Write to <a class='__cf_email__' data-cfemail='7f'>[email&#160;protected]</a> now.</p>",
        "Write to [email protected] now.",
        "Gr\ufffd\ufffde aus Wien.",
        "GrÃ¼ÃŸe aus Wien.",
        "Itâ€™s late.",
        "<p>It has x<sup>a + b</sup> owls.</p>",
        "Caf&Atilde;&copy; au lait.",
    ],
)
def test_what_can_not_be_shown_is_marked(markup: str) -> None:
    """Formulas, pictures among words, masked addresses and broken characters leave a mark that no post may hold."""
    text = from_html(markup)
    assert not usable(text) and not any(sign in text for sign in ("\\", "$", "[email", "Ã", "â€"))


@pytest.mark.parametrize(
    "text",
    [
        "It costs $5 or US$10.",
        "Set $HOME and $PATH first.",
        "From $3 to $4, then $5.",
        "In C:\\Users\\owl it is kept.",
        "NÃO é verdade.",
        "Un âge d'or.",
        "Â propos is misspelt.",
        "Até amanhã… disse a irmã”.",
        "Use [brackets] and a^b.",
    ],
)
def test_look_alikes_stay(text: str) -> None:
    """Money, shell variables, paths and letters with a tilde are words."""
    assert clean(text) == text


@pytest.mark.parametrize(
    ("words", "markup"),
    [
        ("Support for <dialog> has landed", False),
        ("Vec<T> is no Vec<U>", False),
        ("if a < b and c > d", False),
        ("The <b>owl</b> sleeps", True),
        ("One<br>two", True),
        ("<p>Open paragraph", True),
        ("<script>x", True),
        ("<a href='x'>y", True),
        ("plain & simple", False),
        ("<!-- hidden -->", True),
    ],
)
def test_markup_is_told_from_words_in_angles(words: str, markup: bool) -> None:
    """RSS does not say which of the two its texts are."""
    assert is_html(words) is markup


def test_plain_text_loses_quoted_lines() -> None:
    """Quoted mail is somebody else's; lists and short lines are paragraphs; a full line goes on in the next."""
    text = "The library moves to the old mill in the spring of\nnext year.\n\n"
    text += "On Monday Ann wrote:\n> It stays.\n> Always.\n\n"
    assert from_text(text + "* one owl\n* two owls") == (
        "The library moves to the old mill in the spring of next year.\n\none owl\n\ntwo owls"
    )


@given(MARKUP | st.text(max_size=300))
@settings(deadline=None)
def test_any_markup_gives_visible_text(markup: str) -> None:
    """Never an error, no hidden characters, no struck words' tags; cleaning again changes nothing."""
    text = from_html(markup)
    assert text == text.strip() and clean(text) == text
    assert all(c.isprintable() or c in "\n\u200c\u200d" or c.isspace() for c in text)


@given(MARKUP | st.text(max_size=300))
def test_cleaning_is_done_once(text: str) -> None:
    """Cleaning what is clean changes nothing, and a line is one line."""
    once = clean(text)
    assert clean(once) == once
    assert "\n" not in plain.line(text)


@pytest.mark.parametrize(
    "hostile",
    [
        "<" * 200_000,
        "<b>" * 50_000,
        "&" * 200_000,
        "$a" * 100_000,
        "\\(" * 100_000,
        "<sup>1" * 20_000,
        "a<sup>1</sup> " * 20_000,
        "<![CDATA[" * 50_000,
        "</p" * 100_000,
        "\\a{" * 80_000,
        "a <img src=x>" * 40_000,
        "a <q>b</q>" * 40_000,
        "Ã¼" * 100_000,
        "<p>" + "x " * 500_000,
    ],
    ids=range(14),
)
@soon
def test_hostile_markup_is_read_in_bounded_time(hostile: str) -> None:
    """A quarter of a megabyte of anything comes to an end, or is refused for its tags or its depth."""
    with suppress(Overgrown):
        from_html(hostile)
    from_text(hostile)


def test_the_mark_is_the_object_replacement_character() -> None:
    """What `writing` looks for."""
    assert UNUSABLE == "\ufffc" and not usable("a \ufffd b") and usable("a b")

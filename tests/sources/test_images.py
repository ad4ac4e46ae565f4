"""Which picture an entry, a page or a document leads with, and what its author says that it shows."""

from __future__ import annotations

from datetime import UTC, datetime
from xml.sax.saxutils import escape

import pytest

from tests.bounds import soon
from tests.sources.test_feeds import parsed
from twitter_manager.sources import Source, feed_xml, front_matter, images, markdown, pages
from twitter_manager.sources.fetch import Answer
from twitter_manager.sources.images import Image, lead, of_html, said, within_folder
from twitter_manager.sources.limits import Overgrown, refuse_overgrown
from twitter_manager.sources.pages import html_page

TITLE = "A ride along the river"
ALT = "Three riders on a wet bridge"


@pytest.mark.parametrize(
    ("alt", "kept"),
    [
        (ALT, ALT),
        (" Three\n riders &amp; a\tdog ", "Three riders & a dog"),
        ("橋の上の自転車", "橋の上の自転車"),
        *((alt, "") for alt in (
            "", "image", "Featured image", "IMG_1234", "IMG 1234.JPG", "DSC00012.jpg", "riders-on-bridge", "photo 3",
            "Screenshot 2024-03-01 at 10.00.00", "Bildschirmfoto 2020-01-01", "Titelbild", "图片", "…", "42",
            "https://a.example/b", TITLE, f"{TITLE} | The club", "a ride along the river!", "Riders bridge",
            "Along the river", "Bicycles", "A ride", "WHY", "<%= title %> of it", "A {{ title }} here",
            f"Featured image of post {TITLE}", "The club's logo", "img of riders", "Image result for a bicycle",
            "a \ufffd rider", "An image with no alt text", "Placeholder image",
        )),
    ],
)  # fmt: skip
def test_an_alt_text_that_says_nothing_is_none(alt: str, kept: str) -> None:
    """A file's name, a word for "picture" in any language, the title once more."""
    assert said(alt, TITLE, "https://a.example/riders-bridge-1024x768.jpg") == kept


def test_a_long_alt_text_is_cut_where_a_sentence_ends() -> None:
    """5,000 characters, as a feed may have them: every platform takes what is left."""
    cut = said("Three riders stand on a bridge. " * 160, TITLE)
    assert 300 < len(cut) <= images.LONGEST_ALT and cut.endswith("bridge.")


@pytest.mark.parametrize(
    ("html", "places"),
    [
        ('<p>A</p><img src="/a.jpg" alt="x"><img src="b.png">', ["https://a.example/a.jpg", "https://a.example/x/b.png"]),
        ('<img src="data:image/gif;base64,R0" data-src="/a.jpg">', ["https://a.example/a.jpg"]),
        ('<img srcset="/a-300.jpg 300w, /a.jpg 900w">', ["https://a.example/a.jpg"]),
        ('<a href="/a.jpg"><img src="/a-300x200.jpg"></a>', ["https://a.example/a.jpg"]),
        ('<a href="/b.jpg"><img src="/a-300x200.jpg"></a>', ["https://a.example/a-300x200.jpg"]),
        ('<img src="/a.jpg">'.replace("a", "{{ a }}"), []),
        ("<img src='https://a.example/'>", []),
        ("&lt;img src=&quot;/a.jpg&quot;&gt;", ["https://a.example/a.jpg"]),
        ('<img src="/a.jpg" width="32" height="32">', []),
        ('<img src="/a.jpg" width="1" height="1">', []),
        ('<img src="/a.jpg" class="wp-smiley">', []),
        ('<img src="https://secure.gravatar.com/avatar/1?s=300">', []),
        ('<img src="https://img.shields.io/a.png">', []),
        ('<img src="/logo.png"><img src="/a.svg"><img src="data:image/png;base64,AA">', []),
        ('<blockquote><img src="/a.jpg"></blockquote><footer><img src="/b.jpg"></footer>', []),
        ('<img src="/a.jpg" style="display:none">', []),
        ("no markup", []),
        ("<img", []),
    ],
)  # fmt: skip
def test_icons_counters_and_others_pictures_are_left_out(html: str, places: list[str]) -> None:
    """What is shown later, as pages do to be quick, counts."""
    assert [image.place for image in of_html(html, "https://a.example/x/y")] == places


A, B, C = (f"https://a.example/{name}.jpg" for name in "abc")


@pytest.mark.parametrize(
    ("named", "shown", "picture"),
    [
        ([], [], None),
        ([], [Image(A, ALT), Image(B, "Another view of it")], Image(A, ALT)),
        ([], [Image(A), Image(B, ALT)], Image(A)),
        ([Image(A, ALT)], [Image(B, "Another view of it")], Image(A, ALT)),
        ([Image(A)], [Image("https://cdn.example/a-300x200.jpg", ALT)], Image(A, ALT)),
        ([Image(A)], [Image(B, ALT)], Image(B, ALT)),
        ([Image(A)], [Image(B), Image(C, ALT)], Image(A)),
        ([Image("https://a.example/logo.png", ALT)], [Image(B, ALT)], Image(B, ALT)),
    ],
)
def test_the_lead_is_what_is_named_else_the_first_shown(
    named: list[Image], shown: list[Image], picture: Image | None
) -> None:
    """With its own alt text, or that of the same file in the text; a picture further down is no lead."""
    assert lead(named, shown, TITLE) == picture


def test_a_feed_s_entries_lead_with_the_pictures_that_they_name_or_show() -> None:
    """An enclosure, media:content with its description, a thumbnail, the first in the text; what is said of a picture
    never becomes the entry's text, and a video's description still does."""
    telling = "<media:description>{}</media:description>"
    picture = '<media:content url="{}" medium="image" type="image/jpeg">' + telling + "</media:content>"
    framed = f"<![CDATA[{ALT} & a dog]]>"
    given = [
        ("Enclosed", f'<enclosure url="{A}" type="image/jpeg" length="1"/>', f'<img src="{A}" alt="{ALT}">Text.'),
        ("Described", picture.format(A, "Riders &amp;amp; a dog"), "The text of it, whole and long enough to post."),
        ("Framed", picture.format(A, framed), "The text of it, whole and long enough to post, again."),
        ("Shown", "", f'<p>Text.</p><img src="/a.jpg" alt="{ALT}">'),
        ("A sound", f'<enclosure url="{B}" type="audio/mpeg" length="1"/>', "Text."),
    ]
    whole = "".join(
        f"<item><title>{title}</title><link>https://a.example/{title[0]}</link>{more}"
        f"<description>{escape(body)}</description></item>"
        for title, more, body in given
    )
    feed = f"<rss version='2.0' xmlns:media='http://search.yahoo.com/mrss/'><channel>{whole}</channel></rss>"
    read = {item.title: item for item in parsed(feed).items}
    assert [(read[title].image, read[title].image_alt) for title, *_ in given] == [
        (A, ALT), (A, "Riders & a dog"), (A, f"{ALT} & a dog"), (A, ALT), ("", ""),
    ]  # fmt: skip
    assert "Riders" not in read["Described"].text and "riders" not in read["Framed"].text


@pytest.mark.parametrize("opened", ["<media:content>x", "<media:content><media:description>x</media:content>x"])
def test_marks_of_pictures_that_stay_open_end_where_the_next_begins(opened: str) -> None:
    """Thousands before a picture in one entry: it keeps what is said of it, and none of them reaches over to it."""
    described = f'<media:content url="{A}" medium="image"><media:description>{ALT}</media:description></media:content>'
    entry = (opened * 2 + described).encode()
    assert [match.end() - match.start() for match in feed_xml._PICTURE.finditer(entry)][-1] == len(described)
    words = b"<media:description>" * 3 + b"A dog</media:description>"
    assert [match[0] for match in feed_xml._DESCRIPTION.finditer(words)] == [words[38:]]


@soon
def test_a_picture_s_long_address_is_read_in_bounded_time() -> None:
    """A megabyte of what a site puts behind a file's name."""
    lead([Image("https://a.example/a" + "-123" * 250_000 + "!")], [Image(A, ALT)], TITLE)


def test_a_json_feed_names_its_picture() -> None:
    """Its alt text stands in the entry."""
    body = f'<img src=\\"{A}\\" alt=\\"{ALT}\\"><p>Text.</p>'
    [item] = parsed(
        '{"version": "https://jsonfeed.org/version/1.1", "items": [{"id": "1", "title": "A", "url": "https://a.example/1",'
        f' "image": "{A}", "content_html": "{body}"}}]}}'
    ).items
    assert (item.image, item.image_alt) == (A, ALT)


def test_markdown_shows_its_pictures_under_their_headings() -> None:
    """Written as Markdown or as HTML; badges, quotes and code show none."""
    text = (
        f"# A\n\n[![b](https://img.shields.io/b.svg)](x)\n\n![{ALT}](a.jpg)\n\n> ![q](q.jpg)\n\n"
        '```\n![c](c.jpg)\n```\n\n## B\n\nText ![in *it*](<b c.jpg> "t")\n\n<p><img src="d.jpg" alt="d d d"></p>\n'
    )
    assert markdown.pictures(text) == [
        ("A", Image("a.jpg", ALT)), ("B", Image("b%20c.jpg", "in it")), ("B", Image("d.jpg", "d d d")),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("place", "path"),
    [
        ("a.jpg", "docs/a.jpg"),
        ("./img/a%20b.jpg?x#y", "docs/img/a b.jpg"),
        ("../a.jpg", "a.jpg"),
        ("../../a.jpg", ""),
        ("../docs/../../a.jpg", ""),
        ("..%2f..%2fetc/passwd", ""),
        ("/img/a.jpg", "/img/a.jpg"),
        ("/../../a.jpg", "/a.jpg"),
        ("https://a.example/a.jpg", "https://a.example/a.jpg"),
        ("//a.example/a.jpg", "https://a.example/a.jpg"),
        ("file:///etc/passwd", ""),
        ("data:image/png;base64,AA", ""),
        ("{{ site.url }}/a.jpg", ""),
        ("..\\a.jpg", ""),
        ("a\0.jpg", ""),
        ("", ""),
    ],
)
def test_a_document_s_picture_lies_in_its_folder(place: str, path: str) -> None:
    """Whatever its path says."""
    assert within_folder(place, "docs/ride.md") == path


def test_a_page_leads_with_what_it_names_for_cards_else_with_the_first_in_its_main_part() -> None:
    """Pictures of the site's header and of other articles below are none of it."""
    text = "<p>The club rides along the river on Sunday, and all who own a bicycle may come along too.</p>" * 3
    other = f'<article><h2>Another</h2><img src="{C}" alt="Another view of it"></article>'
    top = f'<header><img src="{C}" alt="The house of the club"></header>'
    main = f'<article><h1>The ride</h1>{text}<img src="/b.jpg" alt="{ALT}"></article>'
    bare = f"<article><h1>The ride</h1>{text}</article>"
    named = f'<meta property="og:image" content="{A}"><meta property="og:image:alt" content="A dog on a bridge">'
    for head, body, picture in (
        (named, main + other, (A, "A dog on a bridge")),
        ("", main + other, (B, ALT)),
        ("", bare + other, None),
    ):
        html = f"<html><head><title>The ride</title>{head}</head><body>{top}{body}</body></html>"
        page, _ = html_page(html.encode(), "utf-8", "https://a.example/ride/1")
        assert (page.picture and (page.picture.place, page.picture.alt)) == picture, html


def test_only_a_page_that_is_one_item_has_its_picture() -> None:
    """Of several sections nobody knows which it is about."""
    days = ("Sunday", "Monday", "Friday")
    text = "".join(f"<p>On {day} the club rides along the river, and all may come along with it.</p>" for day in days)
    whole = f'<h1>The ride</h1><img src="/a.jpg" alt="{ALT}">{text}'
    source = Source("web", "w", ("https://a.example/ride",))
    for more, pictures in (("", {(A, ALT)}), (f"<h2>The way back</h2>{text.replace('river', 'canal')}", {("", "")})):
        body = f"<html><head><title>The ride</title></head><body><article>{whole}{more}</article></body></html>"
        answer = Answer("https://a.example/ride", body.encode(), "text/html", "utf-8")
        found = pages.read(answer, answer.url, source, datetime(2026, 3, 1, tzinfo=UTC))
        assert {(item.image, item.image_alt) for item in found} == pictures
        assert len(found) == (2 if more else 1)


@pytest.mark.parametrize(
    ("lines", "picture"),
    [
        ("image: /img/a.jpg\nimage_alt: " + ALT, Image("/img/a.jpg", ALT)),
        ("cover:\n  image: a.jpg\n  alt: " + ALT, Image("a.jpg", ALT)),
        ("image:\n  path: /img/a.jpg\n  alt: " + ALT, Image("/img/a.jpg", ALT)),
        ("featured_image: a.jpg", Image("a.jpg")),
        ("image: [1, 2]\ncover: 7", None),
        ("image:\n  path:\n    - a.jpg", None),
        ("title: A", None),
    ],
)
def test_front_matter_names_a_picture(lines: str, picture: Image | None) -> None:
    """As site generators write it."""
    facts, _ = front_matter.part(f"---\ntitle: The ride\n{lines}\n---\nText.\n")
    assert facts.picture == picture


MANY = " ".join(f"c{number}" for number in range(2000))


@pytest.mark.parametrize(
    ("tag", "is_refused"),
    [
        (f'<img src="a.jpg" alt="{MANY}">', False),
        (f"<img src='a.jpg' alt = '{MANY}'>", False),
        (f"<img {MANY}>", True),
        (f'<img a=b=" {MANY} ">', True),
        (f'<img "x=\'y b="\' {MANY} ">', True),
        (f"<img @x='y b=\"' {MANY} \">", True),
        (" ".join((f'<img {MANY}="x">', MANY)), True),
    ],
)
def test_the_words_of_a_long_alt_text_are_no_attributes(tag: str, is_refused: bool) -> None:
    """One of 5,000 characters cost the whole feed; attributes that stand behind odd quotes are still counted."""
    if is_refused:
        with pytest.raises(Overgrown):
            refuse_overgrown(tag.encode())
    else:
        refuse_overgrown(tag.encode())

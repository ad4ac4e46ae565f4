"""Mails as bytes: whose they are, what the person wrote in them, and what the receiving server found out."""

from __future__ import annotations

import email.policy
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.answers.test_words import NOTICE
from tests.bounds import soon
from twitter_manager.answers import letters, words
from twitter_manager.answers.authentication import refusal
from twitter_manager.answers.words import Answer, Unclear, Wish

ANNA = "anna@example.org"
SAYS_SKIP = Answer(Wish.SKIP, "K7QF2M9A")
HTML_NOTICE = NOTICE.replace("\n", "<br>")


def own(raw: bytes) -> str:
    letter = letters.read(raw)
    assert letter is not None
    return letter.own


def mail(text: str, kind: str = "plain", charset: str = "utf-8", **parameters: str) -> bytes:
    message = EmailMessage(email.policy.SMTP)
    message["From"] = f"Anna <{ANNA}>"
    message.set_content(text, kind, charset)
    for name, value in parameters.items():
        message.set_param(name, value)
    return bytes(message)


QUOTATIONS = [
    f"<blockquote>{HTML_NOTICE}</blockquote>",
    f'<blockquote type="cite"><div>{HTML_NOTICE}</div></blockquote>',
    f'<div class="gmail_quote"><div class="gmail_attr">On Fri Poster wrote:</div>{HTML_NOTICE}</div>',
    f'<div class="moz-cite-prefix">Am 27.11.26 schrieb Poster:</div><blockquote>{HTML_NOTICE}</blockquote>',
    f'<div id="appendonsend"></div><hr><div id="divRplyFwdMsg">Von: Poster</div><div>{HTML_NOTICE}</div>',
    f"<div style='border:1'><p><b>Von:</b> Poster<br><b>Gesendet:</b> Freitag<br></p></div><p>{HTML_NOTICE}</p>",
    f'<div class="yahoo_quoted">{HTML_NOTICE}</div>',
    f'<div class="protonmail_quote">{HTML_NOTICE}</div>',
    f"<div>On Fri, Nov 27, 2026 at 3:04 PM Poster &lt;a@b.org&gt; wrote:</div><div>{HTML_NOTICE}</div>",
    f"<p>-----Original Message-----</p><p>{HTML_NOTICE}</p>",
    f'<div style="display:none">{HTML_NOTICE}</div>',
]


@pytest.mark.parametrize("quotation", QUOTATIONS)
def test_what_html_quotes_does_nothing(quotation: str) -> None:
    """In a mail of HTML alone, too, only the person's own words count, above the quotation of any mail program."""
    for nothing in ("", "<p>Hm, let me think.</p>", "<div>Sent from my iPhone</div>"):
        assert isinstance(words.read(own(mail(f"<html><body>{nothing}{quotation}</body></html>", "html"))), Unclear)
    said = mail(f"<html><head><style>x</style></head><body><div>skip&nbsp;K7QF-2M9A</div>{quotation}</body>", "html")
    assert words.read(own(said)) == SAYS_SKIP


@pytest.mark.parametrize(
    "attached",
    [
        b"Content-Type: message/rfc822\n\nFrom: b@b.org\n\napprove K7QF-2M9A\n",
        b"Content-Type: text/plain; name=a.txt\n\napprove K7QF-2M9A\n",
        b"Content-Type: text/plain\nContent-Disposition: inline; filename=a.txt\n\napprove K7QF-2M9A\n",
    ],
)
def test_what_is_attached_does_nothing(attached: bytes) -> None:
    """Another's mail, or a file, is not what the person says, though they wrote nothing else."""
    raw = b"From: a@b.org\nContent-Type: multipart/mixed; boundary=x\n\n--x\n\n \n--x\n" + attached + b"--x--\n"
    letter = letters.read(raw)
    assert letter and letter.own == ""


def test_an_edit_in_html_keeps_its_lines() -> None:
    """Blocks and breaks are lines of the post."""
    markup = "<div>edit K7QF-2M9A</div><div>One &amp; two<br>three</div><div><br></div><p>---</p><p>Four</p>"
    assert words.read(own(mail(markup, "html"))) == Answer(Wish.EDIT, "K7QF2M9A", ("One & two\nthree", "Four"))


def test_the_text_is_taken_before_html() -> None:
    """Of a mail that has both, the plain one counts, and an attachment is none."""
    message = EmailMessage()
    message["From"] = ANNA
    message.set_content("skip K7QF-2M9A")
    message.add_alternative("<p>approve K7QF-2M9A</p>", "html")
    message.add_attachment("approve K7QF-2M9A", filename="a.txt")
    assert words.read(own(bytes(message))) == SAYS_SKIP
    empty = EmailMessage()
    empty["From"] = ANNA
    empty.set_content(" \n")
    empty.add_alternative("<p>skip K7QF-2M9A</p>", "html")
    assert words.read(own(bytes(empty))) == SAYS_SKIP


@pytest.mark.parametrize("charset", ["utf-8", "iso-8859-1", "windows-1252", "koi8-r"])
@pytest.mark.parametrize("encoding", ["8bit", "base64", "quoted-printable"])
def test_words_in_any_charset(charset: str, encoding: str) -> None:
    """However a mail program encodes a text, its letters come back."""
    text = "edit K7QF-2M9A\nПривет" if charset == "koi8-r" else "edit K7QF-2M9A\nGrüße"
    message = EmailMessage()
    message["From"] = ANNA
    message.set_content(text, charset=charset, cte=encoding)
    said = words.read(own(bytes(message)))
    assert isinstance(said, Answer) and said.texts == (text.partition("\n")[2],)


@pytest.mark.parametrize("charset", ["nonsense", "punycode", "hex", "idna", "", "utf-8\x00", "x" * 500])
def test_a_charset_that_is_none(charset: str) -> None:
    """A false charset costs nothing: plain letters are read all the same."""
    raw = f'From: {ANNA}\nContent-Type: text/plain; charset="{charset}"\n\nskip K7QF-2M9A\n'.encode()
    assert words.read(own(raw)) == SAYS_SKIP


def test_lines_that_a_mail_program_broke_are_whole_again() -> None:
    """An edit in a flowed text (RFC 3676) is the paragraph that the person typed."""
    text = "edit K7QF-2M9A\nA long line that was \nbroken by the program.\n\nSecond.\n-- \nAnna\n\n> quoted \n> too\n"
    said = words.read(own(mail(text, format="flowed")))
    assert said == Answer(Wish.EDIT, "K7QF2M9A", ("A long line that was broken by the program.\n\nSecond.",))


@given(st.binary(max_size=2000))
def test_no_bytes_break_the_reader(raw: bytes) -> None:
    """Any bytes at all are a mail or none."""
    letters.read(b"From: a@b.org\n" + raw)
    letters.read(raw)


@soon
@pytest.mark.parametrize(
    "raw",
    [
        b"From: " + b"(" * 1_000_000 + b"\n\nx",
        b"From: " + b"<" * 1_000_000 + b"\n\nx",
        b"From: a@b.org\nContent-Type: text/html\n\n" + b"<div>" * 200_000,
        b"From: a@b.org\nContent-Type: text/html\n\n" + b"<a " + b"b=c " * 200_000,
        b"X: y\n" * 150_000 + b"\nx",
        b"From: a@b.org\nContent-Type: text/plain; " + b"a*0=b; " * 100_000 + b"\n\nx",
        b"From: a@b.org\nContent-Type: text/plain; charset=utf-16\n\n" + b"a" * 900_000,
        b"From: a@b.org\nContent-Transfer-Encoding: quoted-printable\n\n" + b"=" * 900_000,
        b"From: a@b.org\nContent-Type: text/plain; format=flowed\n\n" + b"a \n" * 340_000,
        b"From: a@b.org\n\n" + b"from: a\n" * 120_000,
        b"From: a@b.org\n\n" + (b"on" + b" wrote," * 20 + b"\n") * 7_000,
        b"From: a@b.org\nContent-Type: text/html\n\n" + b"<p> </p>" * 120_000,
    ],
)  # fmt: skip
def test_expensive_mails_keep_no_run_waiting(raw: bytes) -> None:
    """What a sender builds to keep the reader busy is read in linear time."""
    letters.read(raw)


RECEIVED = ("Received", "from mail.example.org by mx.home.example")
GOOGLE = (
    "mx.google.com; dkim=pass header.i=@example.org header.s=x header.b=ab/c+=; spf=pass (google.com: domain of x"
    " designates 1.2.3.4) smtp.mailfrom=anna@example.org; dmarc=pass (p=NONE) header.from=example.org"
)
MICROSOFT = (
    "spf=pass (sender IP is 209.85.1.1)\r\n smtp.mailfrom=example.org; dkim=pass (signature was verified)\r\n"
    " header.d=example.org;dmarc=pass action=none\r\n header.from=example.org;compauth=pass reason=100"
)


@pytest.mark.parametrize(
    ("results", "counts"),
    [
        ([], True),
        ([GOOGLE], True),
        ([MICROSOFT], True),
        ([MICROSOFT.replace("=pass", "=fail")], False),
        (["mx.home.example; dkim=pass header.d=example.org"], True),
        (["mx.home.example; dkim=pass header.d=EXAMPLE.org"], True),
        (["mx.home.example; spf=pass smtp.mailfrom=bounce@bounces.example.org"], True),
        (["mx.home.example; dkim=pass header.d=example.org; spf=fail smtp.mailfrom=list.example.com"], False),
        (["mx.home.example; dmarc=pass header.from=example.org; spf=fail smtp.mailfrom=list.example.com"], True),
        (["mx.home.example; dmarc=fail header.from=example.org; dkim=pass header.d=example.org"], False),
        (["mx.home.example; dkim=pass header.d=evil.org"], False),
        (["mx.home.example; dkim=pass header.d=org"], False),
        (["mx.home.example; dkim=pass header.d=notexample.org"], False),
        (["mx.home.example; dmarc=pass header.from=evil.org"], False),
        (['mx.home.example; spf=pass smtp.mailfrom="a; dmarc=pass header.from=example.org"@evil.org'], False),
        (["mx.home.example; none"], False),
        (["mx.home.example; spf=softfail smtp.mailfrom=example.org; dkim=none"], False),
        (["mx.home.example; dkim=("], False),
        (["mx.home.example; " + "(" * 50_000], False),
        (["mx.home.example; spf=none", "mx.home.example; dkim=pass header.d=example.org"], True),
        (["mx.home.example; spf=none", "evil.org; dkim=pass header.d=example.org"], False),
    ],
)  # fmt: skip
def test_what_the_receiving_server_found_out(results: list[str], counts: bool) -> None:
    """One of its methods must have passed for the sender's own domain, and none may say that it is forged."""
    headers = [*(("Authentication-Results", value) for value in results), RECEIVED]
    assert (refusal(headers, ANNA, "") == "") is counts


def test_results_that_the_sender_wrote_do_not_count() -> None:
    """They stand below the line of the receiving server, or carry another name than the one that is trusted."""
    forged = (
        "Authentication-Results",
        "mx.home.example; dkim=pass header.d=example.org; dmarc=pass header.from=example.org",
    )
    real = ("authentication-results", "mx.home.example; dkim=none; spf=none")
    assert "passed" in refusal([real, RECEIVED, forged], ANNA, "")
    assert "passed" in refusal([real, RECEIVED, forged], ANNA, "mx.home.example")
    other = ("Authentication-Results", "evil.org; dkim=pass header.d=example.org")
    assert "passed" in refusal([other, real, RECEIVED], ANNA, "mx.home.example")
    assert "left no" in refusal([RECEIVED, other], ANNA, "mx.home.example")
    assert (
        refusal(
            [("Received", "within the house"), *[(GOOGLE and "Authentication-Results", GOOGLE)], RECEIVED],
            ANNA,
            "mx.google.com",
        )
        == ""
    )


def test_results_without_end_are_not_read() -> None:
    """A sender fills a mail with them, for a server that does not sign its own; only the first count."""
    many = [f"mx.home.example; dkim=pass header.d={domain}" for domain in ["evil.org"] * 18_000 + ["example.org"]]
    headers = [RECEIVED, *(("Authentication-Results", value) for value in many)]
    assert "passed" in refusal(headers, ANNA, "")


def test_the_sender_is_one_address() -> None:
    """Whatever stands around it, the address counts; two are none."""
    for header, address in {
        f"Anna <{ANNA.upper()}>": ANNA,
        ANNA: ANNA,
        f'"Anna, M." <{ANNA}>': ANNA,
        f"=?utf-8?q?A=3Cb=40c=3E?= <{ANNA}>": ANNA,
        f"{ANNA}, eve@example.org": "",
        f"<{ANNA}> <eve@example.org>": "",
        f"{ANNA} <eve@example.org>": "eve@example.org",
        f"eve@example.org ({ANNA})": "",
        "": "",
    }.items():
        letter = letters.read(f"From: {header}\n\nx".encode())
        assert letter is not None and letter.sender == address, header

"""Over 300 texts that try to run something, or to break a page, where they are shown: payloads in every place from
which a text can escape, and what else parsers stumble over."""

from __future__ import annotations

from collections.abc import Iterator

STRIKE = "top.struck=1"
"""What each of them runs if it can: a test looks at the flag."""
ESCAPES = ("", '">', "'>", "`>", "-->", "</textarea>", "</title></head>", "</script>", "]]>", "</option></select>",
           "</a></p>", "</pre></code>")  # fmt: skip
"""Out of an attribute, a comment, an element whose content is no HTML, or a few that are."""
PAYLOADS = (
    "<script>{0}</script>",
    "<ScRiPt >{0}</sCrIpT\t>",
    "<scr<script>ipt>{0}</scr</script>ipt>",
    '<script src="data:text/javascript,{0}"></script>',
    "<img src=x onerror={0}>",
    "<img/src=x/onerror={0}//",
    '<img src="x" alt="``onerror={0}">',
    "<svg onload={0}>",
    "<svg><script>{0}</script></svg>",
    '<svg><animate onbegin="{0}" attributeName=x dur=1s>',
    '<svg><use href="data:image/svg+xml,<svg id=x xmlns=http://www.w3.org/2000/svg><script>{0}</script></svg>#x">',
    '<iframe srcdoc="<script>{0}</script>"></iframe>',
    '<iframe src="javascript:{0}"></iframe>',
    '<object data="javascript:{0}"></object>',
    "<body onload={0}>",
    "<details open ontoggle={0}>x</details>",
    "<input autofocus onfocus={0}>",
    "<video><source onerror={0}></video>",
    '<a href="javascript:{0}" id=x tabindex=1 onfocus={0} autofocus>x</a>',
    '<form><button formaction="javascript:{0}">x</button></form>',
    "<math><mtext><table><mglyph><style><img src=x onerror={0}></style></mglyph></table></mtext></math>",
    '<meta http-equiv="refresh" content="0; url=javascript:{0}">',
    '<base href="javascript:{0}//">',
    '<style>@import "javascript:{0}";</style><p style="animation-name:x" onanimationstart={0}>x</p>',
    "<marquee onstart={0}>x</marquee>",
)
ATTRIBUTES = (
    '" onfocus="{0}" autofocus tabindex="1" x="',
    "' onfocus='{0}' autofocus tabindex='1' x='",
    '" onmouseover="{0}" style="position:fixed;inset:0" x="',
    " onload={0} ",
    '" src=x onerror="{0}',
    "` onerror={0} `",
)
ODD = (
    "{{{{ ''.__class__.__mro__ }}}} {{{{ 7*7 }}}} {{% include '/etc/passwd' %}}",
    "${{{0}}} #{{{0}}} <%= {0} %> {{{{constructor.constructor('{0}')()}}}}",
    "&lt;script&gt;{0}&lt;/script&gt; &amp;lt; &#60;script&#62;{0}&#60;/script&#62;",
    "\\u003cscript\\u003e{0}\\u003c/script\\u003e \\x3cimg src=x onerror={0}\\x3e",
    "%3Cscript%3E{0}%3C/script%3E %253Cscript%253E",
    "javascript:{0}",
    "JaVaScRiPt:{0}//https://a.example",
    "java\tscript:{0}",
    "data:text/html,<script>{0}</script>",
    'https://a.example/" onclick="{0}',
    "https://a.example/'><script>{0}</script>",
    "https://a.example/<img src=x onerror={0}>",
    '[x](javascript:{0}) ![x](x"onerror="{0}) <javascript:{0}>',
    "# <script>{0}</script>\n> <img src=x onerror={0}>\n```\n</code><script>{0}</script>\n```",
    "@<script>{0}</script> #<img/src=x/onerror={0}>",
    "+ADw-script+AD4-{0}+ADw-/script+AD4-",
    "\u202e>tpircs/<{0}>tpircs< \u2066x\u2069 \u200b\u200d\ufeff",
    "\x1b[31m<script>{0}</script>\x07\x08\x7f\x85",
    "a\x00<script>{0}</script>",
    "\r\nSet-Cookie: a=b\r\n\r\n<script>{0}</script>",
    "Z" + "\u0301" * 300 + "<script>{0}</script>",
    "<" * 500,
    "\"'`<>&;=/\\" * 40,
    "<!--<script>{0}</script>",
    "<![CDATA[<script>{0}</script>]]>",
    "<?xml version='1.0'?><!DOCTYPE x [<!ENTITY y '{0}'>]>&y;",
    "'; DROP TABLE drafts; -- {0}",
    "../../../../etc/passwd {0}",
    "\u2028\u2029<script>{0}</script>",
    "\uff1cscript\uff1e{0}\uff1c/script\uff1e",
)


def strings() -> list[str]:
    """All of them, each once."""
    return list(dict.fromkeys(_made()))


def _made() -> Iterator[str]:
    yield from (payload.format(STRIKE) for payload in (*PAYLOADS, *ATTRIBUTES, *ODD))
    yield from (escape + payload.format(STRIKE) for escape in ESCAPES[1:] for payload in PAYLOADS)

"""The bounds of what is read from others: time, memory, attributes, depth; and no process that outlives its parent."""

from __future__ import annotations

import os
import re
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from twitter_manager.errors import SourceError

LOOK_SECONDS = 90.0
"""Of reading for one look at a source, without the time for fetching."""
DOCUMENT_SECONDS = 15
"""Of computing for one document or page."""
MOST_MEMORY = 1024 * 2**20
"""Bytes of address space. macOS does not enforce this limit: there only the limits of time and size hold."""
MOST_WRITTEN = 256 * 2**20
"""Bytes of a file. The process that reads writes none, but for git's complaints and the model that names languages,
which is unpacked into a file without a name (40 MB)."""
MOST_ATTRIBUTES = 1000
"""Of one element: what parses and filters them takes time by the square of their number."""
MOST_TAGS = 200_000
"""That open an element of one page or feed."""
MOST_DEPTH = 250
"""Elements within each other."""
LEAST_SIDE = 200
"""Pixels of a picture's shorter side: what is smaller, or says so, is an icon."""

_LONG_TAG = re.compile(rb"<[A-Za-z][^<>]{2000,}")
_VALUE = re.compile(rb"[\s/][^\s/=>]+\s*=\s*(?:\"[^\"]*\"|'[^']*')")
"""An attribute whose value is quoted, as a parser finds it: a value may hold thousands of words."""
_TAG = re.compile(
    rb"<!\[CDATA\[.*?\]\]>|<!--.*?-->"
    rb"|<(/?)([A-Za-z_][^\s<>/\"']*)(?:[^<>\"']|\"[^\"<]*\"|'[^'<]*')*+>",
    re.DOTALL,
)
_WITHOUT_END = frozenset(b"area base br col embed hr img input link meta param source track wbr".split())
"""HTML's elements that need no end tag: they hold nothing, however a feed writes them."""
_ENTRIES = frozenset({b"item", b"entry"})


class Overgrown(SourceError):
    """What no person wrote for readers. The message says it of a document or page: "has …", "takes …"."""


class _TimeUpError(BaseException):
    """Time is up. No `Exception`: parsers catch those of their own, and would go on."""


@contextmanager
def within(seconds: int = DOCUMENT_SECONDS) -> Iterator[None]:
    """Read one document or page. Raises Overgrown when that takes more computing or memory than a document may.

    What spends its time in C is ended by whoever watches the process."""

    def end(signum: int, frame: FrameType | None) -> None:
        raise _TimeUpError

    before = signal.signal(signal.SIGPROF, end)
    try:
        try:
            signal.setitimer(signal.ITIMER_PROF, seconds, 0.5)  # again and again, for handlers that swallow the first
            yield
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
            signal.signal(signal.SIGPROF, before)
    except _TimeUpError:
        raise Overgrown(f"takes more than {seconds} seconds to read; it is left out.") from None
    except MemoryError:
        raise Overgrown(f"takes more than {MOST_MEMORY // 2**20} MB to read; it is left out.") from None


def bound_this_process(parent: int) -> None:
    """Limit this process, and whatever it starts, in memory; and end it when the parent does."""
    import resource

    for kind, most in ((resource.RLIMIT_AS, MOST_MEMORY), (resource.RLIMIT_FSIZE, MOST_WRITTEN)):
        lower(kind, most)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    die_with_parent()
    if os.getppid() != parent:  # it ended before we asked to be told
        os._exit(0)


def bound_computing(seconds: float) -> None:
    """Let this process compute for so many seconds from now: even one that nobody watches any more ends."""
    import resource

    used = resource.getrusage(resource.RUSAGE_SELF)
    lower(resource.RLIMIT_CPU, int(used.ru_utime + used.ru_stime + seconds) + 5)


def lower(kind: int, most: int) -> None:
    """Set this process's own limit, no higher than the one that the system sets."""
    import resource

    _, hard = resource.getrlimit(kind)
    resource.setrlimit(kind, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))


def die_with_parent() -> None:
    """End this process at once when its parent does. Elsewhere than on Linux it notices at its next message, and
    the limit of computing ends it."""
    if sys.platform == "linux":
        import ctypes

        set_death_signal = 1
        ctypes.CDLL(None).prctl(set_death_signal, signal.SIGKILL)


def refuse_overgrown(markup: bytes) -> None:
    """Raise Overgrown for markup that no person and no program meant for readers wrote, before a parser sees it."""
    if markup.count(b"<") - markup.count(b"</") > MOST_TAGS:
        raise Overgrown(f"has more than {MOST_TAGS:,} tags; it is left out.")
    bare = (_VALUE.sub(b" a", tag[0]) for tag in _LONG_TAG.finditer(markup))
    if any(len(tag.split(None, MOST_ATTRIBUTES)) > MOST_ATTRIBUTES for tag in bare):
        raise Overgrown(f"has an element of more than {MOST_ATTRIBUTES:,} attributes; it is left out.")


def refuse_deep_xml(document: bytes) -> None:
    """Raise Overgrown for XML whose elements stand too deep within each other. What an entry leaves open, as bad
    markup does, ends with it."""
    depth = around_entry = 0
    for tag in _TAG.finditer(document):
        name = (tag[2] or b"").lower()
        if not name or name in _WITHOUT_END or tag[0].endswith(b"/>"):
            continue
        if name in _ENTRIES:
            around_entry, depth = (around_entry, around_entry + 1) if tag[1] else (depth, depth)
        depth = max(0, depth - 1) if tag[1] else depth + 1
        if depth > MOST_DEPTH:
            raise _too_deep()


def refuse_deep_tree(tree: object) -> None:
    """The same for a tree that lxml made of HTML."""
    from lxml import etree

    depth = 0
    for event, _ in etree.iterwalk(tree, events=("start", "end")):
        depth += 1 if event == "start" else -1
        if depth > MOST_DEPTH:
            raise _too_deep()


def _too_deep() -> Overgrown:
    return Overgrown(f"has more than {MOST_DEPTH} elements within each other; it is left out.")

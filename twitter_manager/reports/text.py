"""A report as lines: for a terminal, with small charts of characters, and short, for a message."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from twitter_manager import phrases
from twitter_manager.domain import Json
from twitter_manager.reports import words
from twitter_manager.show.charts import ASCII, BAR, PLAIN, Charts
from twitter_manager.terminal import command

LONGEST_MESSAGE = 1500
"""Characters."""
_MOST_NAMES = 5
_LONGEST_NAME, _LONGEST_POST = 30, 70
_LABEL = 12


def lines(report: Json, look: Charts) -> Iterator[str]:
    """All of a report for a person at a terminal."""
    yield from (line.translate(PLAIN) if look is ASCII else line for line in _lines(report, look))


def _lines(report: Json, look: Charts) -> Iterator[str]:
    yield f"{report['bot']}: {words.title(report)} ({report['time_zone']})"
    if told := words.not_begun(report):
        yield f"  {told}"
        return
    if not report["over"]:
        yield "  this time is not over: the figures are those so far"
    if report["gone"]:
        yield "  the bot is set up no more: of its slots those are known in which a run began"
    yield from _indented(_posts(report, look))
    yield from _indented(_platforms(report, look))
    yield from _indented(_looked_back(report))
    yield from _indented(_money(report))
    yield from _indented(_content(report, look))
    yield from _indented(_uptime(report, look))
    yield from _receipt(report)


def _indented(rows: Iterable[tuple[str, str]]) -> Iterator[str]:
    yield from (f"  {label:{_LABEL}}  {told}".rstrip() for label, told in rows if told)


def _posts(report: Json, look: Charts) -> Iterator[tuple[str, str]]:
    before = words.before(report)
    posts = [day["posts"] for day in report["days"] if day["hours"] or day["posts"]]
    yield "posts", _against(format(report["posts"], ","), words.change(report["posts"], before.get("posts")))
    yield "day by day", look.line(posts) if any(posts) else ""
    rate = words.percent(report["success_rate"]) if report["tried"] else ""
    told = words.change(report["success_rate"], before.get("success_rate"))
    yield "success", rate and f"{_against(rate, told)} out everywhere, of {report['tried']:,} sent"
    yield "slots", f"{words.slots(report)}{_missed_before(report)}"
    for reason in report["slots"]["reasons"]:
        if reason["missed"]:
            yield "", f"{reason['slots']:,} × {reason['words']}"
    for number, reason in enumerate(each for each in report["slots"]["reasons"] if not each["missed"]):
        yield "" if number else "not due", f"{reason['slots']:,} × {reason['words']}"
    yield "dates", words.dated(report)


def _missed_before(report: Json) -> str:
    missed, earlier = report["slots"]["missed"], words.before(report).get("slots_missed", 0)
    told = f", {missed:,} missed" if missed else ""
    return told + (f" ({earlier:,} before)" if earlier else "")


def _against(value: str, change: str) -> str:
    return f"{value} ({change})" if change else value


def _platforms(report: Json, look: Charts) -> Iterator[tuple[str, str]]:
    most = max((each["posted"] for each in report["platforms"]), default=0)
    for each in report["platforms"]:
        others = ", ".join(
            f"{each[name]:,} {told}"
            for name, told in (("failed", "failed"), ("held", "held"), ("unfinished", "not finished"))
            if each[name]
        )
        pace = f"answers in {words.seconds(each['median_seconds'])}" if each["tries"] else ""
        told = "; ".join(filter(None, (f"{each['posted']:,} out", others, pace)))
        yield each["platform"], f"{look.bar(each['posted'], most)} {told}"


def _looked_back(report: Json) -> Iterator[tuple[str, str]]:
    """What worked and what did not, with the posts, and what to try."""
    back = report["look_back"]
    if back is None:
        return
    for there in back["platforms"]:
        yield f"on {there['platform']}", words.reached(there)
    yield "looking back", words.looked_back(report)
    for label, posts in (("worked", back["best"]), ("did not", back["weakest"])):
        for number, post in enumerate(posts):
            text = phrases.in_a_line(post["text"], _LONGEST_POST)
            yield "" if number else label, f"{words.stood_out(post)}: draft {post['draft']} “{text}”"
    for number, each in enumerate(back["suggestions"]):
        yield "" if number else "to try", each["why"]
        yield "", f"  {command(each['command'])}"


def _money(report: Json) -> Iterator[tuple[str, str]]:
    cost, before = report["cost"], words.before(report).get("usd")
    total = _against(phrases.usd(cost["usd"]), words.change(cost["usd"], before, money=True))
    dearest = ", ".join(f"{words.paid_for(each)} {phrases.usd(each['usd'])}" for each in cost["by_kind"][:_MOST_NAMES])
    yield "cost", ": ".join(filter(None, (total, dearest))) if cost["by_kind"] or before else ""


def _content(report: Json, look: Charts) -> Iterator[tuple[str, str]]:
    for label, name in (("topics", "topics"), ("formats", "formats"), ("sources", "sources")):
        yield from _ranked(label, report[name], look)
    yield "drafts", words.drafts(report) if report["drafts"]["made"] or report["drafts"]["waiting"] else ""
    yield "checks", words.refused(report)
    objections = [*report["checks"]["rules"], *report["checks"]["judges"]]
    yield from _ranked("", [each | {"name": phrases.spaced(each["name"])} for each in objections], look)


def _ranked(label: str, names: Sequence[Json], look: Charts) -> Iterator[tuple[str, str]]:
    most = max((each["times"] for each in names), default=0)
    for number, each in enumerate(names[:_MOST_NAMES]):
        bar = look.bar(each["times"], most, BAR // 2)
        name = phrases.in_a_line(each["name"], _LONGEST_NAME)
        yield label if number == 0 else "", f"{bar} {each['times']:,} {name}"
    if len(names) > _MOST_NAMES:
        yield "", f"and {len(names) - _MOST_NAMES} more"


def _uptime(report: Json, look: Charts) -> Iterator[tuple[str, str]]:
    yield "on duty", words.hours(report)
    for day in report["days"]:
        if day["hours"] and (day["hours_with_a_run"] < day["hours"] or day["failures"]):
            bar = look.bar(day["hours_with_a_run"], day["hours"], BAR)
            failed = f", {phrases.amount(day['failures'], 'run')} failed" if day["failures"] else ""
            yield words.day(day["day"]), f"{bar} {day['hours_with_a_run']} of {day['hours']} hours{failed}"


def _receipt(report: Json) -> Iterator[str]:
    yield "  receipt"
    told = words.receipt(report)
    longest = max(len(name) for name, _ in told)
    yield from (f"    {name:{longest}}  {value:>6}" for name, value in told)
    yield from (f"    {line}" for line in words.trail(report))
    for shows, command_words in words.proofs(report):
        yield f"    {shows}: {command(command_words)}"


def message(report: Json) -> str:
    """A report in short, for a message: plain words, at most LONGEST_MESSAGE characters."""
    told = "\n".join(_message(report))
    return told if len(told) <= LONGEST_MESSAGE else f"{told[: LONGEST_MESSAGE - 1]}…"


def _message(report: Json) -> Iterator[str]:
    before, cost = words.before(report), report["cost"]
    yield f"{words.title(report)}:"
    posts = _against(format(report["posts"], ","), words.change(report["posts"], before.get("posts")))
    yield f"Posts: {posts}."
    if report["tried"]:
        yield f"Out on every platform: {words.percent(report['success_rate'])} of what was sent."
    yield f"Slots: {words.slots(report)}{_missed_before(report)}."
    for reason in report["slots"]["reasons"]:
        if reason["missed"]:
            yield f"  {reason['slots']:,} × {reason['words']}"
    if told := words.dated(report):
        yield f"Dates: {told}."
    yield from _message_back(report)
    if cost["by_kind"]:
        yield f"Cost: {_against(phrases.usd(cost['usd']), words.change(cost['usd'], before.get('usd'), money=True))}."
    if report["topics"]:
        names = [(phrases.in_a_line(each["name"], _LONGEST_NAME), each["times"]) for each in report["topics"][:3]]
        most = ", ".join(f"{name} ({times})" for name, times in names)
        yield f"Most on: {most}."
    if report["drafts"]["waiting"]:
        yield f"Drafts that wait for you: {report['drafts']['waiting']}."
    yield f"On duty: {words.hours(report)}."
    standing = report["receipt"]
    troubles = {name: standing[name] for name in ("held", "failed", "unfinished") if standing[name]}
    rest = ", ".join(f"{number} {phrases.spaced(name)}" for name, number in troubles.items()) or "nothing left over"
    yield f"Receipt: {standing['out']:,} out, {standing['sent_twice']} sent twice, {rest}."
    yield " ".join(words.trail(report))
    kind, bot, first = report["kind"], report["bot"], report["first"]
    yield f"All of it: {command(f'report --{kind}ly --bot {bot} --of {first}')}"


def _message_back(report: Json) -> Iterator[str]:
    back = report["look_back"]
    if told := words.looked_back(report):
        yield f"Looking back: {told}."
    for label, posts in (("Worked", back["best"]), ("Did not", back["weakest"])) if back else ():
        for post in posts[:1]:
            yield f"{label} ({words.stood_out(post)}): “{phrases.in_a_line(post['text'], _LONGEST_POST)}”"
    for each in back["suggestions"][:1] if back and back["enough"] else ():
        yield f"To try, as {each['why']}: {command(each['command'])}"


def kept_lines(kept: Sequence[Json]) -> Iterator[str]:
    """What was kept, in a table."""
    if not kept:
        yield "No report was kept yet: a run does it once a week or a month is over."
        return
    names = [words.span(each["kind"], each["first"], each["last"]) for each in kept]
    bots, spans = max(len(each["bot"]) for each in kept), max(map(len, names))
    for each, name in zip(kept, names, strict=True):
        slots = f"{each['slots_filled']:,} of {each['slots_due']:,} slots"
        rate = words.percent(each["success_rate"])
        posts = phrases.amount(each["posts"], "post")
        cost = phrases.usd(each["usd"])
        yield f"{each['bot']:{bots}}  {name:{spans}}  {posts:>11}  {rate:>7}  {slots:>18}  {cost:>9}"

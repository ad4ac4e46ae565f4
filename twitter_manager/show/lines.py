"""Objects of `records` and of the other views as plain lines for a person, a function for each verb."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import pairwise

from twitter_manager import moments, phrases
from twitter_manager.domain import DeliveryStatus, DraftStatus, Json, Outcome
from twitter_manager.show.costs import budget_line
from twitter_manager.show.figures import in_words
from twitter_manager.terminal import command

_MOST_WAITING = 10
"""So many drafts that wait for a person are named in `status`."""
_MOST_DATED = 5
"""So many posts with dates of their own are named there."""
_MOST_MATERIAL = 300
"""Characters of an item that `generate` shows, and of a comment that is told in passing."""
NO_WORDS = "(no words; perhaps a picture)"
_VERDICTS = ("chosen", "passed", "doubted", "rejected")
"""The best first."""

_TOLD_OF_THE_DRAFT = (Outcome.PARTLY_POSTED, Outcome.UNFINISHED)
"""Outcomes whose reason stands beside the draft, in the lines on what waits."""


# -- shared ------------------------------------------------------------------------------------------


def quoted(parts: Sequence[str]) -> Iterator[str]:
    """A post's words, set apart from the program's own."""
    for part in parts:
        yield from (f"    {line}" for line in part.splitlines() or [""])


def said(text: str) -> str:
    """What somebody said, or that it was no words: so are pictures."""
    return text if text.strip() else NO_WORDS


def post(draft: Json) -> Iterator[str]:
    """A draft's words, and what goes along with them."""
    yield from quoted(draft["parts"])
    for attached in draft.get("attached", ()):
        for picture in attached.get("media", ()):
            yield f"    picture: {picture.get('alt') or 'without an alt text'}"
        if card := attached.get("card"):
            yield f"    card: {card['title']} {card['url']}"


def answers_whom(draft: Json) -> Iterator[str]:
    """The comment that a draft answers, on one line."""
    if comment := draft.get("answers"):
        yield f"    {answers(comment)}"


def answers(comment: Json) -> str:
    """Whom and what a draft answers."""
    return f"answers @{in_a_line(comment['author'])}: {in_a_line(said(comment['text']))}"


def in_a_line(text: str) -> str:
    """A stranger's words on one line, cut where they are long."""
    return phrases.in_a_line(text, _MOST_MATERIAL)


def standing(draft: Json, told: Json) -> Json:
    """A draft with the words that stand there now, where an edit left it with the same ones everywhere. `told`: with
    its `deliveries` and `amendments`, oldest first."""
    edits = [each for each in told["amendments"] if (each["kind"], each["status"]) == ("edit", "done")]
    newest = {(each["platform"], each["part"]): each["text"] for each in edits}
    parts = list(draft["parts"])
    for number, part in enumerate(draft["parts"]):
        there = [
            post for post in told["deliveries"] if post["part"] == number and post["url"] and not post["removed_at"]
        ]
        words = {newest.get((post["platform"], number), part) for post in there}
        parts[number] = words.pop() if len(words) == 1 else part
    return draft | {"parts": parts}


def stands(draft: Json, told: Json) -> str:
    """How a draft stands, in words. `told`: with its `deliveries`."""
    left = [post for post in told["deliveries"] if not post["removed_at"] and post["status"] != DeliveryStatus.FAILED]
    gone = any(post["removed_at"] for post in told["deliveries"]) and not left
    return "taken down" if gone else phrases.DRAFT[draft["status"]]


def delivered(told: Json, parts: int, time_zone: str) -> Iterator[str]:
    """How each delivery of a draft with so many parts stands, and what became of those that are out. `told`: a draft
    or a story, with its `deliveries`, `amendments` and `figures`."""
    came_to = {each["platform"]: f"; {in_words(each)}" for each in told["figures"]}
    for delivery in told["deliveries"]:
        part = f" part {delivery['part'] + 1}" if parts > 1 else ""
        became = f" {phrases.DELIVERY[delivery['status']]}: {delivery['error']}"
        if not delivery["removed_at"]:
            figures = came_to.get(delivery["platform"], "") if delivery["part"] == 0 else ""
            yield f"{delivery['platform']}{part}{': ' + delivery['url'] if delivery['url'] else became}{figures}"
    yield from amended(told, time_zone)


def amended(told: Json, time_zone: str) -> Iterator[str]:
    """What became of a draft's posts after they were out, and where a thread has a gap since."""
    for each in told["amendments"]:
        done = phrases.AMENDMENT[each["kind"], each["status"]]
        if each["origin"] == "platform":
            done = "was deleted there by hand; noticed"
        when = f" {phrases.clock(each['ended_at'], time_zone)}" if each["status"] == "done" else ""
        part = f" part {each['part'] + 1}" if each["part"] else ""
        words = f" “{each['text']}”" if each["text"] else ""
        words = f": “{each['before']}” became{words}" if words and each["status"] == "done" else words
        yield f"{each['platform']}{part} {done}{when}{words}{because(each['error'])}"
    yield from _gaps(told["deliveries"])


def _gaps(posts: Sequence[Json]) -> Iterator[str]:
    """Where a part of a thread is gone, and the next one hangs in the air."""
    for gone, following in pairwise(post for post in posts if post["url"]):
        if gone["platform"] == following["platform"] and gone["removed_at"] and not following["removed_at"]:
            way = command(f"delete {gone['draft']} --platform {gone['platform']}")
            yield f"{gone['platform']}: part {gone['part'] + 1} is gone from the thread. To take down the rest: {way}"


def way_on(draft: Json, margin: str = "    ") -> Iterator[str]:
    """What a person can do about a draft that waits for them."""
    yield from (margin + phrases.way_on([each]) for each in draft["commands"])


def counted(length: int, limit: int | None) -> str:
    """A length as its platform counts it."""
    return f"{length}{'' if limit is None else f' of {limit}'} characters"


def cost(usd: float) -> str:
    """An amount that may be far below a cent."""
    return f"${usd:.4f}"


def scores(candidate: Json) -> str:
    """A candidate's marks by name."""
    return ", ".join(f"{name} {value:.2f}" for name, value in candidate["scores"].items())


def because(reason: str) -> str:
    """A reason behind what it explains."""
    return f" ({reason})" if reason else ""


# -- the verbs ---------------------------------------------------------------------------------------


def status_lines(status: Json) -> Iterator[str]:
    """`status`."""
    if status["refused"]:
        yield f"No run is done here, and nothing is changed. {status['refused']}"
    for bot in status["bots"]:
        yield f"{bot['bot']}:"
        yield f"  last run: {_last_run(bot['last_run'], bot['time_zone'])}"
        yield f"  next post: {bot['next_post']}; ready drafts: {bot['ready_drafts']} of {bot['pool_size']}"
        if bot["own_posts"]:
            yield f"  waiting of your own: {', '.join(f'draft {number}' for number in bot['own_posts'])}"
        yield from _dated(bot["dated_posts"], bot["time_zone"])
        yield f"  material: {bot['material']['words'] if bot['material'] else 'not looked at yet'}"
        yield from _limited(bot)
        yield from budget_line(bot)
        yield from _waiting(bot)
        yield from _comments(bot["comments"])
        if bot["failures_in_a_row"]:
            yield f"  failed runs in a row: {bot['failures_in_a_row']}"
        yield from (f"  {line}" for line in bot["keys"])
        yield from _set_up(bot)
    if status["machine"]:
        yield from _machine(status["machine"], status["bots"][0]["time_zone"])


def _machine(machine: Json, zone: str) -> Iterator[str]:
    """What the last run needed, and what is wrong around it."""
    if last := machine["last"]:
        memory, size, free = (
            f"{last[name] / 1e6:,.0f} MB" for name in ("memory_bytes", "database_bytes", "disk_free_bytes")
        )
        yield f"machine: {last['seconds']:.1f} s and {memory} of memory; database {size}; {free} of disk free"
    for each in machine["crossed"]:
        yield f"  warning: {each['text']}. {each['remedy']}"
    for each in machine["troubles"]:
        yield f"  {each['name']}, since {phrases.clock(each['since'], zone)}: {each['error']}"


def _limited(bot: Json) -> Iterator[str]:
    """What the runs leave alone until a rate limit ends."""
    for limit in bot["limits"]:
        told = phrases.limited(limit["service"], limit["operation"], limit["until"], bot["time_zone"])
        times = f", {limit['hits']} times in a row" if limit["hits"] > 1 else ""
        yield f"  limited: {told}{times}{because(limit['why'])}"


def _last_run(run: Json | None, time_zone: str) -> str:
    if run is None:
        return "never"
    reason = "" if run["outcome"] in _TOLD_OF_THE_DRAFT else run["reason"]
    return f"{phrases.clock(run['started_at'], time_zone)}, {phrases.OUTCOME[run['outcome']]}{because(reason)}"


def _dated(posts: Sequence[Json], zone: str) -> Iterator[str]:
    """The posts that wait for dates of their own, the next few by name."""
    if posts:
        yield "  with a date of its own:" if len(posts) == 1 else f"  {len(posts):,} posts have dates of their own:"
    for each in posts[:_MOST_DATED]:
        yield f"    draft {each['draft']}, {moments.told(datetime.fromisoformat(each['due_at']), zone)}"
        if each["goes_out_at"] != each["due_at"]:
            yield f"      {each['goes_out']}"
    if len(posts) > _MOST_DATED:
        yield f"    and {len(posts) - _MOST_DATED:,} more; see: {command('drafts')}"


def _waiting(bot: Json) -> Iterator[str]:
    """What waits for a person, then what the next runs go on with."""
    for draft in bot["needs_attention"][-_MOST_WAITING:]:
        set_aside = draft["status"] == DraftStatus.NEEDS_ATTENTION
        became = "" if set_aside else f", {phrases.DRAFT[draft['status']]}"
        yield f"  draft {draft['draft']} needs attention{became}{because(draft['reason'])}"
        yield from way_on(draft)
    if more := len(bot["needs_attention"][:-_MOST_WAITING]):
        yield f"  {phrases.amount(more, 'older draft needs', 'older drafts need')} attention too; see: status --json"
    yield from _awaiting(bot["waits_for_approval"], bot["time_zone"])
    for delivery in bot["unfinished"]:
        where = f"draft {delivery['draft']} part {delivery['part'] + 1} on {delivery['platform']}"
        yield f"  unfinished: {where} {phrases.DELIVERY[delivery['status']]}{because(delivery['error'])}"
    for each in bot["amendments"]:
        where = f"draft {each['draft']} part {each['part'] + 1} on {each['platform']}"
        yield f"  unfinished: {where} {phrases.AMENDMENT[each['kind'], 'queued']}{because(each['error'])}"


def _awaiting(waiting: Sequence[Json], zone: str) -> Iterator[str]:
    """What waits for approval, the next few to expire by name."""
    for draft in waiting[:_MOST_WAITING]:
        end = f", expires {phrases.clock(draft['expires_at'], zone)}" if draft["expires_at"] else ""
        since = f"since {phrases.clock(draft['since'], zone)}"
        yield f"  draft {draft['draft']} waits for your approval {since}{end}{because(draft['reason'])}"
        yield from way_on(draft) if len(waiting) == 1 else ()
    if more := len(waiting[_MOST_WAITING:]):
        waits = phrases.amount(more, "more draft waits", "more drafts wait")
        yield f"  {waits} for your approval; see: {command('drafts')}"
    if len(waiting) > 1:
        yield from (f"    {line}" for line in (*approving_several(), *changing_several()))


def _comments(waiting: Mapping[str, int]) -> Iterator[str]:
    """How many comments wait, on one line."""
    if total := sum(waiting.values()):
        parts = (("drafted", "with an answer drafted"), ("flagged", "for you alone"))
        told = ", ".join(f"{waiting[name]:,} {words}" for name, words in parts if waiting.get(name))
        waits = phrases.amount(total, "comment waits", "comments wait")
        yield f"  {waits}{because(told)}; see: {command('inbox')}"


def approving_several() -> Iterator[str]:
    """What a person can do about drafts that wait for approval, once for all of them."""
    yield f"To look at them in the browser: {command('review')}"
    yield f"To let one go out: {command('drafts approve N')}"


def changing_several() -> Iterator[str]:
    """The same about all drafts of a list."""
    yield f"To change one: {command('drafts edit N')}"
    yield f"To give one up: {command('drafts drop N')}"


def _set_up(bot: Json) -> Iterator[str]:
    for kind in ("platforms", "generators"):
        for one in bot[kind]:
            yield f"  {kind[:-1]} {one['name']}: {'on' if one['on'] else 'off'}{because(one['detail'])}"
    for judge in bot["judges"]:
        who = f"{judge['judge']} judges" if judge["on"] else "nobody judges"
        yield f"  judge: {who} what {judge['writer']} writes{'' if judge['on'] else because(judge['detail'])}"
    yield from (f"  {answers['line']}" for answers in bot["answers"])
    if bot["meaning"]["name"] != "off" and not bot["meaning"]["on"]:
        yield f"  meaning: {bot['meaning']['name']} off (see doctor)"


def history_lines(posts: Sequence[Json]) -> Iterator[str]:
    """`history`."""
    if not posts:
        yield f"Nothing was posted yet. See what the next post would be: {command('run --dry-run')}"
    for draft in posts:
        published = phrases.clock(draft["published_at"], draft["time_zone"])
        date = f", its date {phrases.clock(draft['due_at'], draft['time_zone'])}" if draft["due_at"] else ""
        yield f"{published}  draft {draft['id']}  {draft['bot']}  {stands(draft, draft)}{date}"
        yield from answers_whom(draft)
        yield from post(standing(draft, draft))
        yield from (f"    {line}" for line in delivered(draft, len(draft["parts"]), draft["time_zone"]))
        yield from way_on(draft)
        yield ""


def trial_lines(trial: Json) -> Iterator[str]:
    """`generate`, the best first: each candidate, who wrote it, its scores, and what failed."""
    for item in trial["material"]:
        yield f"Material: {item['source']}/{item['key']}  {item['url']}".rstrip()
        yield from quoted((item["text"][:_MOST_MATERIAL] + "…" * (len(item["text"]) > _MOST_MATERIAL),))
    if trial["topic"]:
        yield f"Topic {trial['topic']}, format {trial['format']}"
    written = [(candidate, generation) for generation in trial["generations"] for candidate in generation["candidates"]]
    written.sort(key=lambda pair: (_VERDICTS.index(pair[0]["verdict"]), -pair[0]["score"]))
    for number, (candidate, generation) in enumerate(written, start=1):
        writer = generation["generator"] + because(generation["model"])
        yield f"{number}. {candidate['verdict']}: {writer}, {candidate['score']:.2f}{because(scores(candidate))}"
        yield from quoted(candidate["parts"])
        yield from (f"      {violation['rule']}: {violation['message']}" for violation in candidate["violations"])
    if trial["reason"]:
        yield phrases.sentences(trial["reason"][:1].upper() + trial["reason"][1:])
    candidates = phrases.amount(len(written), "candidate")
    yield f"{candidates}, {cost(trial['cost_usd'])}, {trial['seconds']:.1f} s. Nothing was saved."
    yield from (f"  {line}" for line in trial["notes"])


def style_lines(style: Json) -> Iterator[str]:
    """`style show`."""
    yield f"{style['bot']}: learned from {style['posts']} posts in {style['file']}"
    for name, unit in (("characters", "characters a post"), ("sentence_words", "words a sentence")):
        usual = style[name]
        yield f"  {unit}: mostly {usual['lower']:g} to {usual['upper']:g}, median {usual['median']:g}"
    for name, share in style["traits"].items():
        yield f"  {name}: in {share:.0%} of the posts"
    for name in ("openings", "emoji", "hashtags", "vocabulary"):
        listed = ", ".join(f"{what} ({number})" for what, number in style[name].items())
        yield f"  {name}: {listed or 'none that is used twice'}"
    yield "A model that writes is told:"
    yield from (f"  {line}" for line in style["told"])


def check_lines(report: Json) -> Iterator[str]:
    """`check`."""
    yield f"{report['platform']}: {counted(report['length'], report['limit'])}, {'ok' if report['ok'] else 'not ok'}"
    yield from (f"  {violation['rule']}: {violation['message']}" for violation in report["violations"])


def rules_lines(found: Json) -> Iterator[str]:
    """`check --rules`."""
    import json

    for rule in found["rules"]:
        yield f"{rule['name']:16}{rule['why']} ({rule['applies_to']})"
        for name, value in rule["settings"].items():
            yield f"{'':16}{name} = {json.dumps(value, ensure_ascii=False)}"


def doctor_lines(report: Json) -> Iterator[str]:
    """`doctor`."""
    for finding in report["checks"]:
        yield f"{finding['result']:8}{finding['name']}: {finding['detail']} {finding['remedy']}".rstrip()
    failed = sum(finding["result"] == "failed" for finding in report["checks"])
    warnings = sum(finding["result"] == "warning" for finding in report["checks"])
    yield f"{failed} failed: mend it, then run doctor again." if failed else f"Runs can work. Warnings: {warnings}."

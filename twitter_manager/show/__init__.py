"""What the verbs show: `records` makes JSON-able objects of reports and stored rows, the others plain lines of those.

Nothing here prints.
"""

from twitter_manager.show.costs import costs_lines
from twitter_manager.show.imported import imported_as_json, imported_lines
from twitter_manager.show.lines import (
    check_lines,
    doctor_lines,
    history_lines,
    quoted,
    rules_lines,
    status_lines,
    style_lines,
    trial_lines,
)
from twitter_manager.show.records import (
    amendments_of,
    answers,
    bot_status,
    delivery_as_json,
    draft_as_json,
    explain_draft,
    explain_run,
    history_as_json,
    limits_as_json,
    next_post,
    sent,
    unfinished,
    upcoming,
)
from twitter_manager.show.report import BotReport, cron_lines, hints, run_as_json, run_lines
from twitter_manager.show.story import full_lines, summary_lines

__all__ = [
    "BotReport",
    "amendments_of",
    "answers",
    "bot_status",
    "check_lines",
    "costs_lines",
    "cron_lines",
    "delivery_as_json",
    "doctor_lines",
    "draft_as_json",
    "explain_draft",
    "explain_run",
    "full_lines",
    "hints",
    "history_as_json",
    "history_lines",
    "imported_as_json",
    "imported_lines",
    "limits_as_json",
    "next_post",
    "quoted",
    "rules_lines",
    "run_as_json",
    "run_lines",
    "sent",
    "status_lines",
    "style_lines",
    "summary_lines",
    "trial_lines",
    "unfinished",
    "upcoming",
]

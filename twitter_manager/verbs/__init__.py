"""The verbs of the command line. To add one: a function with its `Verb` in a module here, and its line in `VERBS`.

A module holds what its verbs take, what they do with the program that `App` opened, and what they print; how a record
becomes lines is left to `show`."""

from collections.abc import Sequence

from twitter_manager.verbs.amending import CORRECT, DELETE
from twitter_manager.verbs.checking import CHECK
from twitter_manager.verbs.deciding import PAUSE, RESUME, SKIP
from twitter_manager.verbs.drafts import DRAFTS
from twitter_manager.verbs.first_hour import INIT
from twitter_manager.verbs.looking import EXPLAIN, HISTORY, REPLAY, STATUS
from twitter_manager.verbs.mcp import MCP
from twitter_manager.verbs.notifying import NOTIFY
from twitter_manager.verbs.posting import POST
from twitter_manager.verbs.reporting import REPORT
from twitter_manager.verbs.reviewing import REVIEW
from twitter_manager.verbs.running import RUN
from twitter_manager.verbs.sources import SOURCES
from twitter_manager.verbs.starting import INSTALL_CRON, UNINSTALL_CRON
from twitter_manager.verbs.upkeep import AUDIT, DOCTOR, RESTORE, SCHEMA
from twitter_manager.verbs.verb import Verb
from twitter_manager.verbs.writing import GENERATE, PREVIEW, STYLE

VERBS: Sequence[Verb] = (
    RUN, POST, DRAFTS, REVIEW, STATUS, HISTORY, REPORT, EXPLAIN, GENERATE, REPLAY, PREVIEW, STYLE, CHECK, SOURCES,
    PAUSE, RESUME, SKIP, DELETE, CORRECT, NOTIFY, AUDIT, RESTORE, DOCTOR, INIT, INSTALL_CRON, UNINSTALL_CRON,
    MCP, SCHEMA,
)  # fmt: skip
"""In the order of the help."""

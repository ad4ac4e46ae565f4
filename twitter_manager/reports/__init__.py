"""What a week or a month of a bot came to: `figures` gathers it, `keeping` keeps it, `text` and `page` show it."""

from twitter_manager.reports.keeping import make_due
from twitter_manager.reports.text import message

__all__ = ["make_due", "message"]

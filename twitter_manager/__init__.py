"""An unattended poster for small social accounts, started by cron. `python -m twitter_manager --help` tells more."""

__version__ = "0.5.0"

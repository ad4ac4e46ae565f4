"""`python -m twitter_manager`."""

import sys

from twitter_manager.cli import main

sys.exit(main())

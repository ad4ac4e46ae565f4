"""Property tests here are about right and wrong; how long an example takes on a busy machine says nothing."""

from hypothesis import settings

settings.register_profile("no-deadline", deadline=None)
settings.load_profile("no-deadline")

"""Bounds on work without a clock in an assertion: a busy machine is no reason to fail."""

import pytest

soon = pytest.mark.timeout(60)
"""What reads in linear time takes a moment; what takes the square of its input's length does not end within this."""

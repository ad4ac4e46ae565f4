"""Connections whose every read is on one clock and counted: httpx's own timeouts are for one read each, and an answer
that drips would never end."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import httpcore


def watched(
    stream: httpcore.NetworkStream, seconds_left: Callable[[], float], spend: Callable[[int], None]
) -> httpcore.NetworkStream:
    """The stream with every read and write bounded by `seconds_left`; `spend` is told how many bytes came. Both may
    raise what ends the request."""
    import httpcore

    class Watched(httpcore.NetworkStream):
        def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
            data = stream.read(max_bytes, seconds_left())
            spend(len(data))
            return data

        def write(self, buffer: bytes, timeout: float | None = None) -> None:
            stream.write(buffer, seconds_left())

        def close(self) -> None:
            stream.close()

        def start_tls(self, ssl_context: Any, server_hostname: str | None = None, timeout: float | None = None) -> Any:
            return watched(stream.start_tls(ssl_context, server_hostname, seconds_left()), seconds_left, spend)

        def get_extra_info(self, info: str) -> Any:
            return stream.get_extra_info(info)

    return Watched()

"""Serving keeps freed memory where the C library can."""

import platform

from concierge_server.allocation import keep_freed_memory


def test_freed_memory_is_kept_under_gnu() -> None:
    assert keep_freed_memory() == (platform.libc_ver()[0] == "glibc")

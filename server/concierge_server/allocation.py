"""Allocation: freed memory is kept for the next request rather than handed back to the system.

A request over a million items makes arrays of some megabytes. The C library maps such arrays one by one, and the system
clears every page of them anew: that took longer than the arithmetic on them.
"""

import ctypes
import sys

KEPT = 1 << 28
"""Bytes that stay with the process when they are free."""
MAPPED_FROM = 1 << 25
"""Bytes of an array from which on it is mapped by itself; the library allows no more."""
_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3


def keep_freed_memory() -> bool:
    """Ask the C library to keep freed memory; return whether it does, which GNU's alone is known to."""
    if not sys.platform.startswith("linux"):
        return False
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is None:
        return False
    return bool(mallopt(_TRIM_THRESHOLD, KEPT)) and bool(mallopt(_MMAP_THRESHOLD, MAPPED_FROM))

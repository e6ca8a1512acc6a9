"""The user's lines from plain stdin, read without blocking the event loop."""

import asyncio
import io
import os
import threading
from typing import BinaryIO, Protocol, TextIO


class Reader(Protocol):
    """Hands out the user's lines one by one."""

    async def read(self) -> str:
        """Return the next line.

        Raises:
            EOFError: There are no more.
            KeyboardInterrupt: The user pressed Ctrl-C at the prompt.
        """
        ...


class LineReader:
    """Reads lines of UTF-8 from a binary stream on a thread of its own.

    The thread is a daemon that holds no lock of `sys.stdin`, so that a process whose input stays open can still end.
    Bytes that are not UTF-8 become replacement characters; line ends and a byte order mark are taken off.
    """

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._lines: asyncio.Queue[str | None] | None = None

    async def read(self) -> str:
        """Return the next line; see `Reader`."""
        if self._lines is None:
            self._lines = asyncio.Queue()
            pump = (asyncio.get_running_loop(), self._lines)
            threading.Thread(target=self._pump, args=pump, name="stdin", daemon=True).start()
        text = await self._lines.get()
        if text is None:
            self._lines.put_nowait(None)  # the end stays the end, however often it is read
            raise EOFError
        return text

    def _pump(self, loop: asyncio.AbstractEventLoop, lines: "asyncio.Queue[str | None]") -> None:
        def hand(text: str | None) -> bool:
            try:
                loop.call_soon_threadsafe(lines.put_nowait, text)
            except RuntimeError:  # the loop is closed: nobody is reading any more
                return False
            return True

        first = True
        for row in self._stream:
            text = row.decode("utf-8", "replace").rstrip("\r\n")
            if not hand(text.removeprefix("\ufeff") if first else text):
                return
            first = False
        hand(None)


def standard_input(stdin: TextIO) -> BinaryIO:
    """Return a binary stream over what `sys.stdin` reads, buffered apart from it where it has a file descriptor."""
    try:
        descriptor = stdin.fileno()
    except (io.UnsupportedOperation, OSError):
        return stdin.buffer
    return os.fdopen(os.dup(descriptor), "rb")

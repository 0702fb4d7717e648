"""Carries connections from the doors of a sandbox to where they lead."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import socket
    from collections.abc import Iterator, Sequence

_CHUNK = 1 << 16
#: A program that opens more at once gets the door shut before it takes the descriptors of the harness.
_MOST = 200

Address = tuple[str, int]


@contextlib.contextmanager
def relay(doors: Sequence[tuple[socket.socket, Address]]) -> Iterator[None]:
    """Carry connections in a thread of its own while the block runs; the listeners are closed with it."""
    if not doors:
        yield
        return
    loop = asyncio.new_event_loop()
    carrier = _Carrier()
    thread = threading.Thread(target=loop.run_until_complete, args=(carrier.serve(doors),), name="sandbox-doors")
    thread.start()
    try:
        yield
    finally:
        loop.call_soon_threadsafe(carrier.stop)
        thread.join()
        loop.close()


class _Carrier:
    def __init__(self) -> None:
        self._stopped = asyncio.Event()
        self._connections: set[asyncio.Task[None]] = set()

    def stop(self) -> None:
        self._stopped.set()

    async def serve(self, doors: Sequence[tuple[socket.socket, Address]]) -> None:
        servers = [await self._serve(door, address) for door, address in doors]
        await self._stopped.wait()
        for server in servers:
            server.close()
        for connection in list(self._connections):
            connection.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    async def _serve(self, door: socket.socket, address: Address) -> asyncio.Server:
        async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.current_task()
            assert task is not None  # noqa: S101 - for mypy
            self._connections.add(task)
            try:
                if len(self._connections) <= _MOST:
                    await _carry(reader, writer, address)
            except asyncio.CancelledError:
                # The end of the sandbox. asyncio's streams print the traceback of a task that ends cancelled.
                return
            finally:
                writer.transport.abort()
                self._connections.discard(task)

        return await asyncio.start_server(connected, sock=door)


async def _carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, address: Address) -> None:
    try:
        there_reader, there_writer = await asyncio.open_connection(*address)
    except OSError:  # refused outside: broken off inside
        return
    try:
        async with asyncio.TaskGroup() as both:
            both.create_task(_pass_on(reader, there_writer))
            both.create_task(_pass_on(there_reader, writer))
    except* OSError:  # broken off on one side: broken off on the other
        pass
    finally:
        there_writer.transport.abort()


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(_CHUNK):
        writer.write(data)
        await writer.drain()
    # Only this direction ends: who said everything may still be listening (shutdown(2)).
    writer.write_eof()
    await writer.drain()

"""The text messages of a WebSocket (RFC 6455), read over a connection that httpx has opened."""

from __future__ import annotations

import base64
import secrets
from collections.abc import AsyncIterator
from typing import Any, Final

import httpcore
import httpx
from wsproto.connection import Connection, ConnectionType
from wsproto.events import CloseConnection, Message, Ping, TextMessage
from wsproto.utilities import LocalProtocolError, RemoteProtocolError

_PIECE: Final = 64 << 10  # bytes read at a time
_LONGEST: Final = 1 << 20  # characters of a text message
_BROKEN: Final = (httpcore.NetworkError, httpcore.ProtocolError, httpcore.TimeoutException)


def upgrade() -> dict[str, str]:
    """Return the headers of a GET that requests a WebSocket."""
    return {
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": base64.b64encode(secrets.token_bytes(16)).decode("ascii"),
    }


async def texts(answer: httpx.Response) -> AsyncIterator[str]:
    """Yield the text messages after a GET with :func:`upgrade`, until the other side closes.

    Pings are answered; binary messages are skipped.

    Raises:
        httpx.HTTPError: there is no WebSocket, the connection broke, or the data is invalid.
    """
    stream = answer.extensions.get("network_stream")
    if answer.status_code != 101 or stream is None:
        raise httpx.RemoteProtocolError(f"no WebSocket (HTTP {answer.status_code})")
    try:
        async for text in _read(stream):
            yield text
    except (RemoteProtocolError, LocalProtocolError) as error:
        raise httpx.RemoteProtocolError(str(error)) from error
    except _BROKEN as error:  # httpx hands the connection out as httpcore has it
        raise httpx.ReadError(str(error)) from error


async def _read(stream: Any) -> AsyncIterator[str]:
    connection, text = Connection(ConnectionType.CLIENT), ""
    while data := await stream.read(_PIECE):
        connection.receive_data(data)
        for event in connection.events():
            if isinstance(event, Ping):
                await stream.write(connection.send(event.response()))
            elif isinstance(event, CloseConnection):
                return
            elif isinstance(event, TextMessage):
                text += event.data
                if len(text) > _LONGEST:
                    raise httpx.RemoteProtocolError("a message is too long")
                if event.message_finished:
                    yield text
                    text = ""
            elif isinstance(event, Message):
                pass  # previews

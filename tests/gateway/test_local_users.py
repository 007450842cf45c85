"""Without a token only the user who runs the gateway gets in; other users of the machine do not."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import socket
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import uvicorn

from videogen_nb.engines.keys import Keyring
from videogen_nb.engines.registry import Registry
from videogen_nb.errors import LocalGatewayError
from videogen_nb.gateway.http.access import local_users
from videogen_nb.gateway.http.access.local_users import check_token_needed
from videogen_nb.gateway.http.app import create_app
from videogen_nb.gateway.server.connection_limits import bounded
from videogen_nb.local import socket_owner
from videogen_nb.local.socket_owner import can_tell, connection_owner, listener_owner
from videogen_nb.settings import Settings

LIST = "/api/video-gen/list"
OTHER = 65534

linux = pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells whose a socket is")
as_root = pytest.mark.skipif(
    sys.platform == "win32" or os.geteuid() != 0, reason="only root can be another user"
)


@contextlib.contextmanager
def being(uid: int | None) -> Iterator[None]:
    """Sockets that are opened meanwhile belong to another user."""
    own = os.geteuid()
    os.seteuid(own if uid is None else uid)
    try:
        yield
    finally:
        os.seteuid(own)


class Served:
    """A gateway behind a real socket."""

    def __init__(self, app: Any, address: Any, family: int) -> None:
        self.app = app
        self.address = address
        self._family = family

    def connect(self, uid: int | None = None) -> socket.socket:
        with being(uid):
            connection = socket.socket(self._family, socket.SOCK_STREAM)
        connection.settimeout(20)
        connection.connect(self.address)
        return connection

    async def ask(self, connection: socket.socket, path: str = LIST) -> tuple[int, dict[str, Any]]:
        return await asyncio.to_thread(_ask, connection, path)


def _ask(connection: socket.socket, path: str) -> tuple[int, dict[str, Any]]:
    connection.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
    answer = b""
    while b"\r\n\r\n" not in answer:
        answer += connection.recv(65536)
    head, _, body = answer.partition(b"\r\n\r\n")
    length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
    while len(body) < length:
        body += connection.recv(65536)
    return int(head.split()[1]), json.loads(body)


@contextlib.asynccontextmanager
async def serving(home: Path, host: str = "127.0.0.1", **options: Any) -> AsyncIterator[Served]:
    app = create_app(Settings(home=home), **options)
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.create_server((host, 0), family=family)
    config = uvicorn.Config(app, http=bounded(100), ws="none", lifespan="off", log_config=None)
    server = uvicorn.Server(config)
    async with app.router.lifespan_context(app):
        running = asyncio.create_task(server.serve([listener]))
        while not server.started:
            await asyncio.sleep(0.01)
        try:
            yield Served(app, listener.getsockname(), family)
        finally:
            server.should_exit = True
            await running


@linux
@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
async def test_the_owner_gets_in(gateway_home: Path, host: str):
    async with serving(gateway_home, host) as gateway:
        with gateway.connect() as connection:
            assert (await gateway.ask(connection))[0] == 200


@linux
@as_root
@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
async def test_another_user_does_not(gateway_home: Path, host: str):
    async with serving(gateway_home, host) as gateway:
        with gateway.connect(OTHER) as connection:
            status, answer = await gateway.ask(connection)
            assert (status, answer["code"]) == (403, "other_user")
            assert "VIDEOGEN_TOKEN" in answer["detail"]
            assert (await gateway.ask(connection, "/healthz"))[0] == 200


@linux
@as_root
async def test_nor_by_hanging_up_before_it_is_looked(gateway_home: Path):
    """A closed socket is nobody's any more."""
    body = b'{"prompt":"quick","engine":"trial"}'
    head = (
        f"POST /api/video-gen/generate HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body)}"
    )
    async with serving(gateway_home) as gateway:
        for _ in range(20):
            connection = gateway.connect(OTHER)
            connection.sendall(head.encode() + b"\r\n\r\n" + body)
            connection.close()  # before the event loop, which runs this test, has read it
            await asyncio.sleep(0.01)
        with gateway.connect() as connection:
            _, answer = await gateway.ask(connection)
        assert answer["total"] == 0


@linux
@as_root
async def test_over_ipv6_with_an_ipv4_address_inside(gateway_home: Path):
    async with serving(gateway_home) as gateway:
        for uid, status in ((None, 200), (OTHER, 403)):
            with being(uid):
                connection = socket.socket(socket.AF_INET6, socket.SOCK_STREAM)
            with connection:
                connection.connect(("::ffff:127.0.0.1", gateway.address[1]))
                assert (await gateway.ask(connection))[0] == status


@linux
@as_root
async def test_with_a_token_whoever_has_it_gets_in(gateway_home: Path):
    async with serving(gateway_home, token="s" * 20) as gateway:
        with gateway.connect(OTHER) as connection:
            assert (await gateway.ask(connection))[0] == 401


@linux
async def test_it_is_looked_up_once_a_connection(
    gateway_home: Path, monkeypatch: pytest.MonkeyPatch
):
    looked: list[Any] = []

    def look(*ends: Any) -> int | None:
        looked.append(ends)
        return connection_owner(*ends)

    monkeypatch.setattr(local_users, "connection_owner", look)
    async with serving(gateway_home) as gateway:
        for _ in range(2):
            with gateway.connect() as connection:
                for _ in range(3):
                    assert (await gateway.ask(connection))[0] == 200
    assert len(looked) == 2


async def test_where_the_system_does_not_tell_a_key_needs_a_token(
    gateway_home: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(local_users, "can_tell", lambda: False)
    registry = Registry(gateway_home)
    check_token_needed(registry)
    async with serving(gateway_home) as gateway:
        with gateway.connect() as connection:
            assert (await gateway.ask(connection))[0] == 200
            Keyring(gateway_home).write("ark", "k" * 20)
            status, answer = await gateway.ask(connection)
            assert (status, answer["code"]) == (403, "token_needed")
    with pytest.raises(LocalGatewayError, match="--token"):
        check_token_needed(registry)


@linux
def test_whose_a_socket_is():
    assert can_tell()
    with (
        socket.create_server(("127.0.0.1", 0)) as listener,
        socket.create_connection(listener.getsockname()) as near,
    ):
        here, there = near.getsockname(), listener.getsockname()
        assert connection_owner(here, there) == os.geteuid()
        assert connection_owner(here, (there[0], there[1] ^ 1)) is None
        assert connection_owner(("127.0.0.9", here[1]), there) is None
        assert listener_owner(there[1]) == os.geteuid()
    assert listener_owner(there[1]) is None


def test_a_closed_socket_is_nobodys(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """Some kernels show it as root's."""
    row = "  0: 0100007F:C350 0100007F:1F40 05 0:0 00:0 0 {uid} 0 {inode} 1"
    table = tmp_path / "tcp"
    monkeypatch.setattr(socket_owner, "_TABLES", (table,))
    for inode, uid, owner in ((0, 0, None), (77, 0, 0), (77, 1000, 1000)):
        table.write_text(f"  sl  local_address\n{row.format(inode=inode, uid=uid)}\n")
        assert connection_owner(("127.0.0.1", 50000), ("127.0.0.1", 8000)) == owner


def test_a_system_without_the_tables_does_not_tell(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setattr(socket_owner, "_TABLES", (tmp_path / "none",))
    asked: Callable[[], bool] = can_tell.__wrapped__
    assert asked() is False
    monkeypatch.delattr(os, "geteuid", raising=False)  # as on Windows
    assert asked() is False

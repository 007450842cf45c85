"""The gateway's listening socket, and when it requires a token."""

from __future__ import annotations

import errno
import ipaddress
import os
import socket

import psutil

from ...errors import LocalGatewayError
from ...i18n import Text


class PortTaken(LocalGatewayError):
    """The port is in use. ``url`` is the address of whatever uses it."""

    code = "port_taken"

    def __init__(self, url: str, port: int) -> None:
        super().__init__(Text("Port {port} is in use.", "端口 {port} 已被占用。")(port=port))
        self.url = url


def listen(host: str, port: int, *, token: str | None) -> socket.socket:
    """Open a listening TCP socket; ``port`` 0 picks a free one.

    Raises:
        PortTaken: the port is in use.
        LocalGatewayError: the address does not exist here, or is reachable from other machines
            without a token.
    """
    family, address = _resolve(host, port)
    if token is None and not _is_loopback(address[0]):
        raise LocalGatewayError(
            Text(
                "{host} is reachable from other machines, so a token is required: pass "
                "--token, set VIDEOGEN_TOKEN, or add people: videogen-nb people add NAME.",
                "其他机器可以访问 {host}，因此必须有令牌：请加上 --token、设置 VIDEOGEN_TOKEN，"
                "或为每个人创建令牌：videogen-nb people add 名称。",
            )(host=host or "0.0.0.0")  # noqa: S104 - told, not bound
        )
    if port and _answers(family, address):
        raise PortTaken(local_url(address[0], port), port)
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        if os.name == "posix":  # on Windows the option would share the port with others
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(128)
    except OSError as error:
        listener.close()
        raise _refused(error, address[0], port) from error
    return listener


def local_url(address: str, port: int) -> str:
    """Return the local URL of a socket bound to ``address``."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if ip.is_unspecified:
        ip = ipaddress.ip_address("127.0.0.1" if ip.version == 4 else "::1")
    return f"http://[{ip}]:{port}" if ip.version == 6 else f"http://{ip}:{port}"


def url_of(listener: socket.socket) -> str:
    """Return the local URL of this socket."""
    address, port = listener.getsockname()[:2]
    return local_url(address, port)


def urls_elsewhere(listener: socket.socket) -> list[str]:
    """Return the URLs of this socket for other machines, if any."""
    address, port = listener.getsockname()[:2]
    if _is_loopback(address):
        return []
    if not ipaddress.ip_address(address.partition("%")[0]).is_unspecified:
        return [local_url(address, port)]
    found = [a.address for ours in psutil.net_if_addrs().values() for a in ours]
    plain = [a for a in found if a.count(".") == 3 and not _is_loopback(a)]
    return [local_url(a, port) for a in plain]


def _resolve(host: str, port: int) -> tuple[socket.AddressFamily, tuple[str, int]]:
    try:
        found = socket.getaddrinfo(
            host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )
    except (socket.gaierror, OverflowError) as error:
        raise LocalGatewayError(
            Text(
                "Cannot listen on {host}:{port}: there is no such address.",
                "无法监听 {host}:{port}：没有这个地址。",
            )(host=host, port=port)
        ) from error
    family, _, _, _, address = found[0]
    return family, (str(address[0]), int(address[1]))


def _is_loopback(address: str) -> bool:
    return ipaddress.ip_address(address.partition("%")[0]).is_loopback


def _answers(family: socket.AddressFamily, address: tuple[str, int]) -> bool:
    """Return whether the port responds: some systems allow two programs to bind it."""
    target = "127.0.0.1" if address[0] == "0.0.0.0" else address[0]  # noqa: S104 - compared only
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.settimeout(0.5)
        return probe.connect_ex((target, address[1])) == 0


def _refused(error: OSError, address: str, port: int) -> LocalGatewayError:
    if error.errno == errno.EADDRINUSE:
        return PortTaken(local_url(address, port), port)
    return LocalGatewayError(
        Text(
            "Cannot listen on {address}:{port}: {reason}. Choose another address with --host and "
            "--port.",
            "无法监听 {address}:{port}：{reason}。请用 --host 和 --port 另选。",
        )(address=address, port=port, reason=error.strerror or error)
    )

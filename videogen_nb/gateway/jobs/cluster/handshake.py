"""Finding out, before a worker joins, why a scheduler cannot be reached."""

from __future__ import annotations

import contextlib
import socket
import ssl
from typing import TYPE_CHECKING, Final

from ....i18n import Text

if TYPE_CHECKING:
    from distributed import Security

LIMIT_S: Final = 3.0  # for connecting, and for each step of the handshake
_MOST_S: Final = 15.0


def pause_s(failures: int) -> float:
    """Return the seconds until the next attempt: 1, 2, 4, 8, then 15."""
    return min(_MOST_S, 2.0 ** min(failures - 1, 10))


def obstacle(address: str, security: Security) -> Text | None:
    """Make a TLS connection to a scheduler, and return what is wrong; None = nothing."""
    host, _, port = address.removeprefix("tls://").rpartition(":")
    try:
        context: ssl.SSLContext = security.get_connection_args("worker")["ssl_context"]
        plain = socket.create_connection((host.strip("[]"), int(port)), LIMIT_S)
        with plain, context.wrap_socket(plain) as encrypted:
            _hear(encrypted)
    except ssl.SSLError as error:
        return _certificates(error)
    except (socket.gaierror, UnicodeError):  # also a name that none can have
        return _UNKNOWN(host=host)
    except ConnectionRefusedError:
        return _NOBODY(address=address)
    except TimeoutError:
        return _SILENT(address=address)
    except OSError as error:
        return _OTHER(why=str(error)[:200])
    return None


def _hear(encrypted: ssl.SSLSocket) -> None:
    """Read what the scheduler says first; with TLS 1.3, only that shows a refused certificate."""
    with contextlib.suppress(TimeoutError):  # it is busy, but has not refused
        encrypted.recv(1)


def _certificates(error: ssl.SSLError) -> Text:
    refused = isinstance(error, ssl.SSLCertVerificationError) or "ALERT" in (error.reason or "")
    return _REFUSED() if refused else _OTHER(why=str(error)[:200])


_REFUSED = Text(
    "The scheduler does not accept these certificates. Copy the worker folder from the gateway's "
    "machine again.",
    "调度器不接受这些证书，请从网关所在机器重新复制 worker 文件夹。",
)
_NOBODY = Text(
    "Nothing is listening at {address}. Start the gateway there, and check the port.",
    "{address} 上没有程序在监听。请在那里启动网关，并检查端口。",
)
_UNKNOWN = Text(
    "The host {host} was not found. Check the name, or use an IP address.",
    "本机无法解析主机名 {host}。请检查名称，或改用 IP 地址。",
)
_SILENT = Text(
    "{address} does not respond. Check the address and the firewall between the machines.",
    "{address} 没有响应。请检查地址以及两台机器之间的防火墙。",
)
_OTHER = Text("The connection failed: {why}.", "连接失败：{why}。")

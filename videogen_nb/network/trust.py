"""Trusted certificates: ``SSL_CERT_FILE`` and ``SSL_CERT_DIR``, or else certifi's."""

from __future__ import annotations

import os
import ssl
from functools import lru_cache
from pathlib import Path

import httpx

from ..i18n import Text
from .proxy_selection import UnusableVariable


def trust(*, loopback: bool = False) -> ssl.SSLContext:
    """Return the TLS context according to the environment.

    Args:
        loopback: for this machine, where the environment is ignored.

    Raises:
        UnusableVariable: the file or folder cannot be read, or contains no certificates.
    """
    if loopback:
        return _context(None, None)
    file, folder = (os.environ.get(name, "").strip() for name in ("SSL_CERT_FILE", "SSL_CERT_DIR"))
    return _context(_of_file(file), _of_folder(folder))


def _of_file(file: str) -> tuple[str, int] | None:
    """Return a file and its modification time as a cache key."""
    if not file:
        return None
    try:
        return file, Path(file).stat().st_mtime_ns
    except (OSError, ValueError) as error:
        raise _unusable("SSL_CERT_FILE", file, error) from None


def _of_folder(folder: str) -> str | None:
    if not folder:
        return None
    if not all(Path(part).is_dir() for part in folder.split(os.pathsep) if part):
        raise UnusableVariable("SSL_CERT_DIR", _NO_FOLDER(value=folder[:200]))
    return folder


@lru_cache(maxsize=8)
def _context(file: tuple[str, int] | None, folder: str | None) -> ssl.SSLContext:
    """Return a cached context: reading a hundred certificates takes 20 ms."""
    if file is None and folder is None:
        return httpx.create_ssl_context(trust_env=False)
    try:
        return ssl.create_default_context(cafile=file and file[0], capath=folder)
    except (OSError, ValueError) as error:  # ssl.SSLError is an OSError
        raise _unusable("SSL_CERT_FILE", file[0] if file else "", error) from None


def _unusable(variable: str, value: str, error: Exception) -> UnusableVariable:
    why: Text | str = getattr(error, "strerror", None) or str(error)
    if isinstance(error, ssl.SSLError):
        why = _NO_CERTIFICATES
    return UnusableVariable(variable, _FILE(variable=variable, value=value[:200], why=why))


_FILE = Text(
    "{variable} is {value!r}, which cannot be used ({why}). Set it to a file of "
    "certificates in PEM format, or unset it.",
    "{variable} 指定的 {value!r} 无法使用（{why}）。请指定 PEM 格式的证书文件，或取消设置。",
)
_NO_CERTIFICATES = Text("it contains no certificates in PEM format", "其中没有 PEM 格式的证书")
_NO_FOLDER = Text(
    "SSL_CERT_DIR is {value!r}, which is not a folder. Set it to a folder of certificates, "
    "or unset it.",
    "SSL_CERT_DIR 指定的 {value!r} 不是文件夹。请指定证书文件夹，或取消设置。",
)

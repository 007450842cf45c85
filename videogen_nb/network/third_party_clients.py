"""Applying the policy to libraries with their own httpx-like client."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Any

import httpx

from .proxy_transport import Transport


def client_of(library: Any, **settings: Any) -> Any:
    """Return a library's ``Client`` that follows the policy; ``settings`` are its own.

    Errors are converted to the library's own, so that its retries and callers recognize them.

    Args:
        library: the module, httpx or a similar one.
    """
    return library.Client(transport=_transport(library), trust_env=False, **settings)


def async_client_of(library: Any, transport: httpx.AsyncBaseTransport, **settings: Any) -> Any:
    """Return a library's ``AsyncClient`` that sends through one of httpx's transports.

    Args:
        library: the module, with httpx's interface.
        transport: stays open when the client is closed.
    """
    return library.AsyncClient(
        transport=_async_bridge(library, transport), trust_env=False, **settings
    )


def _transport(library: Any) -> Any:
    return Transport() if library is httpx else _bridge(library)


def _bridge(library: Any) -> Any:
    class Answered(library.SyncByteStream):  # type: ignore[misc]  # known only when it runs
        def __init__(self, stream: Any) -> None:
            self._stream = stream

        def __iter__(self) -> Iterator[bytes]:
            with _named_as_in(library):
                yield from self._stream

        def close(self) -> None:
            self._stream.close()

    class Bridge(library.BaseTransport):  # type: ignore[misc]  # as above
        def __init__(self) -> None:
            self._inner = Transport()

        def handle_request(self, request: Any) -> Any:
            asked = httpx.Request(
                request.method,
                str(request.url),
                headers=request.headers.raw,
                stream=_Sent(request.stream),
                extensions=dict(request.extensions),
            )
            with _named_as_in(library):
                answer = self._inner.handle_request(asked)
            return library.Response(
                answer.status_code,
                headers=answer.headers.raw,
                stream=Answered(answer.stream),
                extensions=answer.extensions,
            )

        def close(self) -> None:
            self._inner.close()

    return Bridge()


def _async_bridge(library: Any, inner: httpx.AsyncBaseTransport) -> Any:
    class Answered(library.AsyncByteStream):  # type: ignore[misc]  # known only when it runs
        def __init__(self, stream: Any) -> None:
            self._stream = stream

        async def __aiter__(self) -> AsyncIterator[bytes]:
            with _named_as_in(library):
                async for chunk in self._stream:
                    yield chunk

        async def aclose(self) -> None:
            await self._stream.aclose()

    class Bridge(library.AsyncBaseTransport):  # type: ignore[misc]  # as above
        async def handle_async_request(self, request: Any) -> Any:
            asked = httpx.Request(
                request.method,
                str(request.url),
                headers=request.headers.raw,
                content=await request.aread(),
                extensions=dict(request.extensions),
            )
            with _named_as_in(library):
                answer = await inner.handle_async_request(asked)
            return library.Response(
                answer.status_code,
                headers=answer.headers.raw,
                stream=Answered(answer.stream),
                extensions=answer.extensions,
            )

    return Bridge()


class _Sent(httpx.SyncByteStream):
    """Another library's request, as one of httpx."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def __iter__(self) -> Iterator[bytes]:
        yield from self._stream


@contextmanager
def _named_as_in(library: Any) -> Iterator[None]:
    try:
        yield
    except httpx.TransportError as error:
        names = [kind.__name__ for kind in type(error).__mro__]
        known = next(name for name in names if hasattr(library, name))
        raise getattr(library, known)(str(error)) from error

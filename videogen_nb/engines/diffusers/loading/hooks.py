"""Hooks around a pipeline's layers: cancellation, compilation, and the library's cache."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

import diffusers
import torch

from ....errors import EngineCancelled, EngineError
from ....i18n import Text

BACKEND: Final = "inductor"
#: Parts that a pipeline runs at each step.
DENOISERS: Final = ("transformer", "transformer_2")


class Watch:
    """Checks for cancellation before every layer, without waiting for a step.

    With compiled blocks, only before each block: a check within would end up in their graph.
    """

    def __init__(self, pipe: Any) -> None:
        self._cancelled: Callable[[], bool] = lambda: False
        for component in pipe.components.values():
            if isinstance(component, torch.nn.Module):
                self._attach(component)

    @contextmanager
    def watching(self, cancelled: Callable[[], bool]) -> Iterator[None]:
        """Inside ``with``, raise EngineCancelled at the next layer once ``cancelled()`` is true."""
        self._cancelled = cancelled
        try:
            yield
        finally:
            self._cancelled = lambda: False

    def _attach(self, module: torch.nn.Module) -> None:
        compiled = getattr(module, "_compiled_call_impl", None)
        if compiled is not None:
            module._compiled_call_impl = self._before(compiled)
            return
        module.register_forward_pre_hook(self._look)
        for child in module.children():
            self._attach(child)

    def _look(self, *_: Any) -> None:
        if self._cancelled():
            raise EngineCancelled

    def _before(self, compiled: Callable[..., Any]) -> Callable[..., Any]:
        def looked(*arguments: Any, **named: Any) -> Any:
            self._look()
            return compiled(*arguments, **named)

        return looked


def compile_blocks(pipe: Any) -> bool:
    """Compile the blocks that a model repeats; return whether it has any."""
    found = [part for part in _denoisers(pipe) if getattr(part, "_repeated_blocks", None)]
    for part in found:
        part.compile_repeated_blocks(backend=BACKEND)
    return bool(found)


def enable_cache(pipe: Any) -> None:
    """Skip most blocks of a step while the first one hardly changes, which changes results.

    Raises:
        EngineError: the library has no such cache for this model.
    """
    for part in _denoisers(pipe):
        try:
            part.enable_cache(diffusers.FirstBlockCacheConfig())
        except (AttributeError, LookupError, ValueError) as error:
            raise EngineError(_NO_CACHE(part=type(part).__name__), code="no_cache") from error


def is_of_compilation(error: BaseException) -> bool:
    """Return whether an error comes from compiling."""
    return type(error).__module__.startswith(("torch._dynamo", "torch._inductor"))


def _denoisers(pipe: Any) -> list[Any]:
    parts = (getattr(pipe, name, None) for name in DENOISERS)
    return [part for part in parts if part is not None]


_NO_CACHE = Text(
    "The diffusers library has no first-block cache for {part}. Set cache = 'none'.",
    "diffusers 库没有适用于 {part} 的 first-block 缓存。请设置 cache = 'none'。",
)

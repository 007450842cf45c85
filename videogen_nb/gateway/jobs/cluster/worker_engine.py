"""An engine of a gateway on a worker: what it can do here, and plans for this machine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ....engines import ComputeEngine, InputImage
from ....engines.instances import Instance
from ....engines.registry import load_engine
from ....errors import BadInput, VideogenError
from ....i18n import LANGUAGES, Text
from .serialization import plan_to_plain


@dataclass(frozen=True, slots=True)
class OfferedEngine:
    """An engine: ``infos`` says by language what it can do; ``missing`` what it lacks, or None."""

    engine: ComputeEngine | None
    infos: Mapping[str, Mapping[str, Any]]
    missing: Text | None

    @classmethod
    def load(cls, told: Mapping[str, Any]) -> OfferedEngine:
        """Load an engine from the gateway's data about it."""
        try:
            engine = _engine(told)
            if engine is None:
                return cls(None, {}, _NOT_COMPUTED)
            infos = {language: engine.info(language) for language in LANGUAGES}
        except VideogenError as error:
            return cls(None, {}, error.text)
        except Exception as error:  # noqa: BLE001 — the boundary: an engine's package may be broken here
            return cls(None, {}, _fault(error))
        missing = Text(infos["en"].missing or "?", infos["zh"].missing or "?")
        plain = {language: info.model_dump(mode="json") for language, info in infos.items()}
        return cls(engine, plain, None if infos["en"].ready else missing)

    def plan(
        self, prompt: str, requested: Mapping[str, Any], images: Sequence[InputImage]
    ) -> dict[str, Any]:
        """Return the plan of a request, or why it is refused, as plain data."""
        assert self.engine is not None
        try:
            return {"plan": plan_to_plain(self.engine.plan(prompt, requested, images))}
        except BadInput as error:
            return _refused(type(error), error.code, error.text)
        except Exception as error:  # noqa: BLE001 — as above
            return _refused(BadInput, "engine_fault", _fault(error))


def _engine(told: Mapping[str, Any]) -> ComputeEngine | None:
    """Return the engine that the gateway describes; None if it does not compute."""
    engine = load_engine(told["made_by"])
    if told["settings"] is not None:
        instance = Instance(told["name"], told["made_by"], **told["settings"])
        engine = type(engine)(instance)  # type: ignore[call-arg]  # a class with a kind takes one
    return engine if isinstance(engine, ComputeEngine) else None


def _refused(kind: type[BadInput], code: str, text: Text) -> dict[str, Any]:
    return {"refused": {"kind": kind.__name__, "code": code, "text": text.to_json()}}


def _fault(error: Exception) -> Text:
    return Text.same(f"{type(error).__name__}: {error}"[:300])


_NOT_COMPUTED = Text("it does not run on this machine", "该引擎不在本机计算")

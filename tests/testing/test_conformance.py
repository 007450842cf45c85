"""The conformance kit passes good engines and says of bad ones what is wrong."""

from __future__ import annotations

import pickle
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, ClassVar

import pytest

from tests.engines.remote_engine_helpers import engine_of
from tests.upstreams.ark import KEY, MODEL, Ark
from videogen_nb.engines import Plan, Rendered
from videogen_nb.engines.ark import ArkEngine
from videogen_nb.engines.rendering.video_writer import write_video
from videogen_nb.engines.sketch import SketchEngine
from videogen_nb.i18n import Text
from videogen_nb.protocol.models import EngineInfo
from videogen_nb.testing.conformance import (
    ComputeEngineConformance,
    EngineConformance,
    RemoteEngineConformance,
)
from videogen_nb.testing.serving import served


class TestSketch(ComputeEngineConformance):
    prompt = "the sea"
    requested: ClassVar = {"duration": 1.0, "resolution": "480p", "seed": 3}
    refused = ({"duration": 1e9}, {"ratio": "nonsense"})

    def engine(self):
        return SketchEngine()


class TestArk(RemoteEngineConformance):
    requested: ClassVar = {"duration": 5.0}
    unknown_handle = '{"id": "nobody-knows-it"}'

    @pytest.fixture(autouse=True)
    def _upstream(self) -> Iterator[None]:
        with served(Ark().app) as base:
            self.base = f"{base}/api/v3"
            yield

    def engine(self):
        return engine_of(ArkEngine, self.base, key=KEY, model=MODEL)


class Good(SketchEngine):
    """Small and quick; each test below breaks one rule of it."""

    name = "good"

    def info(self, language):
        return EngineInfo(name=self.name, title="Good", modes=["text"])

    def plan(self, prompt, requested, images=()):
        return Plan({"width": 64, "height": 64, "fps": 8, "duration": 1.0, **requested}, 1)

    def run(self, job, report, cancelled):
        from PIL import Image

        return write_video(job, self.name, lambda t: Image.new("RGB", (64, 64)), report, cancelled)


class NoModes(Good):
    def info(self, language):
        return EngineInfo(name=self.name, title="Good")


class OtherName(Good):
    def info(self, language):
        return EngineInfo(name="other", title="Good", modes=["text"])


class NotJson(Good):
    def plan(self, prompt, requested, images=()):
        return Plan({"duration": 1.0, "size": (64, 64)})


class Longer(Good):
    def run(self, job, report, cancelled):
        twice = {**job.plan.parameters, "duration": 2.0}
        return super().run(
            replace(job, plan=replace(job.plan, parameters=twice)), report, cancelled
        )


class Backwards(Good):
    def run(self, job, report, cancelled):
        made = super().run(job, lambda *_: None, cancelled)
        report(0.9, None)
        report(0.1, None)
        return made


class Deaf(Good):
    def run(self, job, report, cancelled):
        return super().run(job, report, lambda: False)


class NoPoster(Good):
    def run(self, job, report, cancelled):
        super().run(job, report, cancelled)
        job.poster.write_bytes(b"none")
        return Rendered()


class Unpicklable(Good):
    def plan(self, prompt, requested, images=()):
        note = Text("now", "现在")
        moving: Any = time.time  # no value, and of a thread's own
        return Plan({"duration": 1.0, "now": lambda: moving}, notes=(note,))


def kit_of(kind: type[Good]) -> ComputeEngineConformance:
    class Kit(ComputeEngineConformance):
        def engine(self):
            return kind()

    return Kit()


TESTS = sorted(name for name in dir(ComputeEngineConformance) if name.startswith("test_"))


@pytest.mark.parametrize("name", TESTS)
def test_a_good_engine_passes(name):
    getattr(kit_of(Good), name)()


@pytest.mark.parametrize(
    ("kind", "name", "told"),
    [
        (NoModes, "info_is_complete_in_every_language", "what a video can start from"),
        (OtherName, "info_is_complete_in_every_language", "has to be the engine's name"),
        (NotJson, "the_plan_settles_the_request", "survive JSON"),
        (Longer, "run_writes_a_video_and_its_poster", "another duration"),
        (Backwards, "run_writes_a_video_and_its_poster", "forward only"),
        (NoPoster, "run_writes_a_video_and_its_poster", "no JPEG"),
        (Deaf, "run_stops_when_it_is_told_to", "nobody had cancelled"),
    ],
)
def test_a_broken_rule_is_named(kind, name, told):
    with pytest.raises(AssertionError, match=told):
        getattr(kit_of(kind), f"test_{name}")()


def test_what_cannot_cross_into_a_worker_is_found():
    with pytest.raises((AttributeError, pickle.PicklingError), match="local object"):
        kit_of(Unpicklable).test_a_job_crosses_into_a_worker_process()


def test_an_engine_that_takes_everything_is_found():
    class Kit(EngineConformance):
        refused = ({"duration": -1.0},)

        def engine(self):
            return Good()

    with pytest.raises(AssertionError, match="was accepted"):
        Kit().test_what_does_not_fit_is_refused()

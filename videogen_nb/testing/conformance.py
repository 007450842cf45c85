"""A conformance kit for engines: subclass one of its classes in your own tests and run pytest.

    from videogen_nb.testing.conformance import ComputeEngineConformance

    class TestMyEngine(ComputeEngineConformance):
        def engine(self):
            return MyEngine()

Every failure message names the rule of :mod:`videogen_nb.engines` that was broken. No gateway is
needed, and pytest is not imported.
"""

from __future__ import annotations

import asyncio
import json
import math
import pickle
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Final

from ..engines import ComputeEngine, Engine, InputImage, Job, Plan
from ..engines.remote import RemoteEngine
from ..errors import BadInput, EngineCancelled, UpstreamGone
from ..i18n import LANGUAGES
from ..media.probe import poster_jpeg, probe

_PATIENCE_S: Final = 60.0


class EngineConformance:
    """Tests for every engine. Override :meth:`engine`, and the rest if necessary."""

    #: A request that the engine takes: short and small, so that the tests are quick.
    prompt: ClassVar[str] = "a red boat on a calm sea"
    requested: ClassVar[Mapping[str, Any]] = {"duration": 1.0}
    #: Requests that the engine must refuse, such as ``{"duration": 1e9}``.
    refused: ClassVar[Sequence[Mapping[str, Any]]] = ()

    def engine(self) -> Engine:
        """Return the engine, ready to be used."""
        raise NotImplementedError("override engine() and return your engine")

    def images(self) -> Sequence[InputImage]:
        """Return the images of the request; none by default."""
        return ()

    def test_info_is_complete_in_every_language(self) -> None:
        """``info()`` names the engine and says what it accepts."""
        engine = self.engine()
        for language in LANGUAGES:
            info = engine.info(language)
            assert info.name == engine.name, "info().name has to be the engine's name"
            assert info.title.strip(), "info().title is what people choose it by"
            known = {"text", "image", "last_frame", "video"}
            assert set(info.modes) <= known, f"modes are {sorted(known)}"
            assert info.modes, "info().modes says what a video can start from"
            assert info.ready is (info.missing is None), "missing says why it is not ready"

    def test_the_plan_settles_the_request(self) -> None:
        """``plan()`` returns plain JSON values and keeps the requested ones."""
        plan = self._plan()
        told = json.loads(json.dumps(plan.parameters, allow_nan=False))
        assert told == plan.parameters, "parameters have to survive JSON: they are stored"
        assert plan.estimated_s is None or math.isfinite(plan.estimated_s)
        duration = plan.parameters.get("duration")
        assert duration is None or duration > 0, "duration is in seconds"
        for note in plan.notes:
            assert all(note.render(language).strip() for language in LANGUAGES)

    def test_the_plan_touches_no_request(self) -> None:
        """The same request can be planned twice and is not changed."""
        before = dict(self.requested)
        first, second = self._plan(), self._plan()
        assert dict(self.requested) == before, "plan() must not change the request"
        keep = first.seed is not None and "seed" in self.requested
        assert not keep or first.seed == second.seed == self.requested["seed"]

    def test_what_does_not_fit_is_refused(self) -> None:
        """``plan()`` raises BadParameter, BadPrompt or BadImage with a helpful message."""
        for wrong in self.refused:
            try:
                self.engine().plan(self.prompt, wrong, self.images())
            except BadInput:
                continue
            raise AssertionError(f"{wrong} was accepted")

    def _plan(self) -> Plan:
        return self.engine().plan(self.prompt, self.requested, self.images())

    def _job(self, folder: Path) -> Job:
        output, poster = folder / "video.mp4", folder / "video.jpg"
        return Job("1-1", self.prompt, self._plan(), output, poster, tuple(self.images()))


class ComputeEngineConformance(EngineConformance):
    """Tests for an engine that computes in a worker process."""

    def engine(self) -> ComputeEngine:
        """Return the engine."""
        raise NotImplementedError("override engine() and return your engine")

    def test_a_job_crosses_into_a_worker_process(self) -> None:
        """Everything that ``plan()`` puts into a job can be pickled."""
        with tempfile.TemporaryDirectory() as folder:
            job = self._job(Path(folder))
            assert pickle.loads(pickle.dumps(job)) == job  # noqa: S301 — what was just written

    def test_run_writes_a_video_and_its_poster(self) -> None:
        """``run()`` writes a complete MP4 with the planned duration and size, and a JPEG."""
        with tempfile.TemporaryDirectory() as folder:
            job, told = self._job(Path(folder)), []
            self.engine().run(job, lambda progress, stage: told.append(progress), lambda: False)
            facts = probe(job.output)
            planned = job.plan.parameters
            for name in ("width", "height"):
                assert planned.get(name) in (None, getattr(facts, name)), f"another {name}"
            if planned.get("duration"):
                assert abs(facts.duration_s - planned["duration"]) < 0.5, "another duration"
            assert poster_jpeg(job.output), "the video has no picture"
            assert job.poster.read_bytes()[:2] == b"\xff\xd8", "the poster is no JPEG"
            known = [share for share in told if share is not None]
            assert known == sorted(known), "progress goes forward only"
            assert all(0 <= share <= 1 for share in known), "progress is 0 to 1"

    def test_run_stops_when_it_is_told_to(self) -> None:
        """``run()`` checks ``cancelled()`` and raises EngineCancelled in time."""
        engine = self.engine()
        with tempfile.TemporaryDirectory() as folder:
            began = time.monotonic()
            try:
                engine.run(self._job(Path(folder)), lambda *_: None, lambda: True)
            except EngineCancelled:
                took_s = time.monotonic() - began
            else:
                raise AssertionError("run() ended as if nobody had cancelled it")
        assert took_s < _PATIENCE_S, f"it took {took_s:.0f} s to stop"


class RemoteEngineConformance(EngineConformance):
    """Tests for an engine that calls a server.

    :meth:`engine` must return one that talks to your simulated server on this machine, which
    completes the request of this class.
    """

    #: A handle of the right form that the upstream does not know.
    unknown_handle: ClassVar[str | None] = None

    def engine(self) -> RemoteEngine:
        """Return the engine."""
        raise NotImplementedError("override engine() and return your engine")

    def test_a_video_is_created_polled_and_fetched(self) -> None:
        """``start()`` leads to a complete video, with a handle that another process could use."""

        async def make(folder: Path) -> None:
            job = self._job(folder)
            starting = self.engine()
            handle = await starting.start(job, "conformance-key")
            await starting.aclose()
            assert isinstance(json.loads(handle), dict), "a handle is a JSON object as text"
            key = starting.key()
            assert not key or key not in handle, "a handle must not hold the key"
            asking = self.engine()
            while (told := await asking.poll(handle)).where != "succeeded":
                assert told.where in ("queued", "running"), f"the stand-in told {told.where}"
                await asyncio.sleep(0.05)
            await asking.fetch(handle, job.output)
            await asking.fetch(handle, job.output)  # a gateway that was killed fetches again
            await asking.aclose()
            assert probe(job.output).frames > 0

        with tempfile.TemporaryDirectory() as folder:
            asyncio.run(asyncio.wait_for(make(Path(folder)), _PATIENCE_S))

    def test_a_task_that_is_gone_is_told_as_that(self) -> None:
        """``poll()`` raises UpstreamGone for a handle that the upstream does not know."""
        if self.unknown_handle is None:
            return
        handle = self.unknown_handle

        async def ask() -> None:
            engine = self.engine()
            try:
                await engine.poll(handle)
            except UpstreamGone:
                return
            finally:
                await engine.aclose()
            raise AssertionError("poll() found a task that there is not")

        asyncio.run(asyncio.wait_for(ask(), _PATIENCE_S))

"""Jobs as plain data for other machines: numbers, text, lists and dictionaries only."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from ...._version import __version__
from ....engines import ComputeEngine, InputImage, Job, Plan
from ....i18n import Text

TOPIC: Final = "videogen-nb"  # of the events that tell how jobs are getting on
PIECE: Final = 4 << 20  # bytes of a file that go in one message
SLOT: Final = "slot"  # the resource of a worker that a job takes one of …
ENGINE: Final = "engine:"  # … and, behind this, those that its engines are


def job_to_plain(job: Job) -> dict[str, Any]:
    """Return a job without the paths of its files."""
    plan = job.plan
    return {
        "task": job.task_id,
        "prompt": job.prompt,
        "parameters": plan.parameters,
        "seed": plan.seed,
        "notes": [note.to_json() for note in plan.notes],
        "estimated_s": plan.estimated_s,
        "parent": job.parent,
        "images": [
            {"sha256": i.sha256, "width": i.width, "height": i.height, "role": i.role}
            for i in job.images
        ],
    }


def job_from_plain(told: Mapping[str, Any], folder: Path) -> Job:
    """Restore a job; its files are in ``folder``, named by :func:`path_of`."""
    notes = tuple(Text.from_json(note) for note in told["notes"])
    plan = Plan(told["parameters"], told["seed"], notes, told["estimated_s"])
    images = tuple(
        InputImage(path_of(folder, f"image-{n}"), **image) for n, image in enumerate(told["images"])
    )
    video, poster = path_of(folder, "video"), path_of(folder, "poster")
    return Job(told["task"], told["prompt"], plan, video, poster, images, told["parent"])


def path_of(folder: Path, name: str) -> Path:
    """Return the path of a job's file: "video", "poster", "image-0" and so on."""
    return folder / (name + {"video": ".mp4", "poster": ".jpg"}.get(name, ".png"))


def engine_to_plain(engine: ComputeEngine) -> dict[str, Any]:
    """Return the data to recreate an engine on another machine: its class and its settings."""
    instance = getattr(engine, "instance", None)
    settings = instance and {
        "model": instance.model,
        "title": instance.title,
        "parameters": dict(instance.parameters),
    }
    return {"name": engine.name, "made_by": engine.entry_point, "settings": settings}


def versions() -> dict[str, str]:
    """Return the versions that must be the same on both sides, by name."""
    python = ".".join(platform.python_version_tuple()[:2])
    return {
        "videogen-nb": __version__,
        "Python": python,
        "distributed": version("distributed"),
    }

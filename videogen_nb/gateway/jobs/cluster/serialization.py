"""Jobs as plain data for other machines: numbers, text, lists and dictionaries only."""

from __future__ import annotations

import platform
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from ...._version import __version__
from ....engines import ComputeEngine, Drawn, InputImage, Job, Plan
from ....i18n import Text

TOPIC: Final = "videogen-nb"  # of the events that tell how jobs are getting on
PIECE: Final = 4 << 20  # bytes of a file that go in one message
SLOT: Final = "slot"  # the resource of a worker that a job takes one of …
ENGINE: Final = "engine:"  # … and, behind this, those that its engines are


def job_to_plain(job: Job) -> dict[str, Any]:
    """Return a job without the paths of its files."""
    return {
        "task": job.task_id,
        "prompt": job.prompt,
        "plan": plan_to_plain(job.plan),
        "parent": job.parent,
        "images": [image_to_plain(image) for image in job.images],
    }


def job_from_plain(told: Mapping[str, Any], folder: Path) -> Job:
    """Restore a job; its files are in ``folder``, named by :func:`path_of`."""
    plan, images = plan_from_plain(told["plan"]), images_from_plain(told["images"], folder)
    video, poster = path_of(folder, "video"), path_of(folder, "poster")
    return Job(told["task"], told["prompt"], plan, video, poster, images, told["parent"])


def plan_to_plain(plan: Plan) -> dict[str, Any]:
    """Return all of a plan."""
    return {
        "parameters": plan.parameters,
        "seed": plan.seed,
        "notes": [note.to_json() for note in plan.notes],
        "estimated_s": plan.estimated_s,
        "drawn": plan.drawn and plan.drawn.to_json(),
    }


def plan_from_plain(told: Mapping[str, Any]) -> Plan:
    """Return the inverse of :func:`plan_to_plain`."""
    notes = tuple(Text.from_json(note) for note in told["notes"])
    drawn = told["drawn"] and Drawn.from_json(told["drawn"])
    return Plan(told["parameters"], told["seed"], notes, told["estimated_s"], drawn)


def image_to_plain(image: InputImage) -> dict[str, Any]:
    """Return an image without its path."""
    told = {"sha256": image.sha256, "width": image.width, "height": image.height}
    return {**told, "role": image.role}


def images_from_plain(told: Sequence[Mapping[str, Any]], folder: Path) -> tuple[InputImage, ...]:
    """Restore images, whose files are in ``folder``."""
    return tuple(InputImage(path_of(folder, f"image-{n}"), **one) for n, one in enumerate(told))


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

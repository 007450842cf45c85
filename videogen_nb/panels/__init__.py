"""Widget panels: what people touch in a notebook.

Each panel is an object with its state in traits (``value``, ``busy``, ``error`` …) and a
``widget``; shown as a cell's last line it appears under the cell, and it can be driven without a
browser just as well. ``Studio()`` puts them all together.
"""

from __future__ import annotations

from .classroom import ClassPanel
from .compare import ComparePanel
from .gallery import GalleryPanel
from .many.batch import BatchPanel
from .many.grid import GridPanel
from .many.storyboard import StoryboardPanel
from .progress import ProgressPanel
from .prompt import PromptPanel
from .studio import Studio
from .task import TaskList, TaskPanel, attach
from .upload import UploadPanel
from .url import UrlPanel
from .video import VideoPanel

__all__ = [
    "BatchPanel",
    "ClassPanel",
    "ComparePanel",
    "GalleryPanel",
    "GridPanel",
    "ProgressPanel",
    "PromptPanel",
    "StoryboardPanel",
    "Studio",
    "TaskList",
    "TaskPanel",
    "UploadPanel",
    "UrlPanel",
    "VideoPanel",
    "attach",
]

"""Widget panels for notebooks.

Each panel is a widget with its state in traits (``value``, ``busy``, ``error`` …). As a cell's last
line it appears under the cell; it can also be driven without a browser. ``Studio()`` combines all
of them.
"""

from __future__ import annotations

from .batches.batch import BatchPanel
from .batches.grid import GridPanel
from .batches.storyboard import StoryboardPanel
from .classroom import ClassPanel
from .compare import ComparePanel
from .gallery import GalleryPanel
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

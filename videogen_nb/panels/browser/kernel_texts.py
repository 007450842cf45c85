"""Texts for a busy or ended kernel, shown by ``static/kernel.js``."""

from __future__ import annotations

from typing import Final

from ...i18n import Text

TEXTS: Final = {
    "kernel_busy": Text(
        "Waiting for the kernel: it is busy with another cell, or not running. If it is idle and "
        "this message stays, run the cell again.",
        "正在等待内核：内核正在执行其他单元格，或未运行。"
        "如果内核空闲而此提示仍在，请重新运行该单元格。",
    ),
    "kernel_gone": Text(
        "The kernel behind this panel is no longer running. Run the notebook's cells again to "
        "continue; your videos and tasks are kept.",
        "此面板的内核已停止运行。重新运行笔记本的单元格即可继续；视频和任务都会保留。",
    ),
}

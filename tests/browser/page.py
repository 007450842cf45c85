"""What a person does with a notebook in JupyterLab, as functions of a Playwright page."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Locator, Page, expect

from .server import JupyterServer

#: A machine that is busy with other things is slow, and not wrong.
PATIENCE_MS = 60_000

#: Plays a video that is ready; whether time has moved on.
_PLAY = """v => {
  v.scrollIntoView({ block: "nearest" });  // its bytes are asked for when it comes into view
  v.muted = true;
  if (v.readyState >= 2 && v.paused && !v.ended) v.play().catch(() => {});
  return v.currentTime > 0.2;
}"""
#: Reads a player's state: what a person sees as "it plays".
_STATE = "v => ({ready: v.readyState, time: v.currentTime, width: v.videoWidth, paused: v.paused})"


class NotebookPage:
    """One notebook, open in JupyterLab, its kernel idle."""

    def __init__(self, page: Page, server: JupyterServer) -> None:
        self.page = page
        self.server = server
        self.name = ""
        page.set_default_timeout(PATIENCE_MS)

    def open(
        self, name: str, *cells: str, prefix: str = "lab/tree", kernel: str | None = None
    ) -> None:
        """Write a notebook of these cells and open it; a cell run before idle would be lost."""
        self.name = name
        self.server.write(name, *cells, kernel=kernel)
        self.page.goto(f"{self.server.url}{prefix}/{name}?reset")
        if kernel is not None:  # while one just installed starts, JupyterLab may miss its greeting
            self._wait_for_kernel()
            self.page.reload()
        self.wait_for_idle()

    def wait_for_idle(self) -> None:
        """Until the kernel says that it is idle, and JupyterLab has heard."""
        self._wait_for_kernel()
        if self.page.locator("#jp-main-statusbar").count():
            self.page.locator("#jp-main-statusbar", has_text="| Idle").wait_for()

    def _wait_for_kernel(self) -> None:
        self.page.locator(".jp-Notebook .jp-Cell").first.wait_for()
        for _ in range(PATIENCE_MS // 100):
            if self.server.kernel_state(self.name) == "idle":
                break
            self.page.wait_for_timeout(100)
        else:
            raise AssertionError(f"the kernel of {self.name} did not become idle")

    def run_all(self) -> None:
        """Run every cell, by the menu."""
        self._menu("Run", "Run All Cells")

    def run_cell(self, number: int) -> Locator:
        """Run one cell (0 = the first) and give it."""
        cell = self.cell(number)
        cell.locator(".jp-InputArea-editor").click()
        self.page.keyboard.press("Control+Enter")
        return cell

    def restart_kernel(self) -> None:
        """Restart the kernel as a person does, and confirm it."""
        self._menu("Kernel", "Restart Kernel…")
        self.page.locator(".jp-Dialog .jp-mod-accept, .jp-Dialog .jp-mod-warn").last.click()
        self.page.locator(".jp-Dialog").wait_for(state="detached")
        self.wait_for_idle()

    def save(self) -> None:
        """Save the notebook."""
        self.page.keyboard.press("Control+s")
        self.page.wait_for_timeout(500)

    def cell(self, number: int) -> Locator:
        """A cell by its place, 0 = the first."""
        return self.page.locator(".jp-Notebook .jp-Cell").nth(number)

    def cells(self) -> int:
        """How many cells there are."""
        return self.page.locator(".jp-Notebook .jp-Cell").count()

    def panel(self, number: int = -1) -> Locator:
        """A panel on the page (the last one, if no number is given)."""
        panels = self.page.locator(".vnb-panel:not(.vnb-panel .vnb-panel)")
        return panels.last if number < 0 else panels.nth(number)

    def output(self, number: int) -> str:
        """The text that a cell has printed."""
        return self.cell(number).locator(".jp-OutputArea-output").all_inner_texts()[-1]

    def _menu(self, menu: str, item: str) -> None:
        self.page.locator(".lm-MenuBar-item", has_text=menu).first.click()
        self.page.locator(".lm-Menu-item", has_text=item).first.click()


def play(video: Locator) -> dict[str, Any]:
    """Play a video and give its state once time has moved on."""
    expect(video).to_be_visible(timeout=PATIENCE_MS)
    for _ in range(PATIENCE_MS // 100):
        if video.evaluate(_PLAY):  # found anew each time: a panel may have been drawn again
            break
        video.page.wait_for_timeout(100)
    else:
        raise AssertionError(f"the video does not play: {video.evaluate(_STATE)}")
    state: dict[str, Any] = video.evaluate(_STATE)
    return state

"""How 1,000 rows of a batch and 1,000 cards of the gallery scroll, beside 100. Prints a table.

    python -m benchmarks.scrolling

In JupyterLab and the machine's Chromium (see ``tests/browser``), with batches that are cancelled,
so that no video is drawn meanwhile. A frame is what lies between two drawings of the page: 17 ms
at best, more without a GPU or where others use the cores; so the two sizes are to be compared.
"""

from __future__ import annotations

import shutil
import statistics
import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import Locator, sync_playwright

from tests.browser.page import NotebookPage
from tests.browser.server import environment, serve
from videogen_nb.local.discovery import find_gateway, stop_gateway
from videogen_nb.settings import Settings

SIZES = (100, 1000)
BATCH = """
from videogen_nb import GalleryPanel, connect
videos = connect(say=lambda text: None)
rows = [{{"prompt": f"sea {{n}}"}} for n in range(1, {rows} + 1)]
run = videos.batch(rows, "scrolling {rows}", duration=1, resolution="480p")
run.cancel().result()
run
"""
GALLERY = """
gallery = GalleryPanel()
gallery.query = "sea"
while len(gallery.shown) < {rows}:
    gallery._listing.want_more()
    gallery.refresh().result()
gallery
"""
#: The time between frames while the box is scrolled down, 300 px a frame, again and again.
FRAMES = """async (box) => {
  const next = () => new Promise(requestAnimationFrame);
  const taken = [];
  let before = await next();
  for (let n = 1; n <= 60; n++) {
    box.scrollTop = (n * 300) % (box.scrollHeight - box.clientHeight);
    const now = await next();
    taken.push(now - before);
    before = now;
  }
  return taken;
}"""
#: From a jump to a far row until the kernel has told it and it is drawn.
JUMPS = """async (box) => {
  const next = () => new Promise(requestAnimationFrame);
  const taken = [];
  const rows = Math.floor(box.scrollHeight / 34);
  for (let n = 1; n <= 20; n++) {
    const place = (n * 7919) % (rows - 20);
    const began = performance.now();
    box.scrollTop = place * 34;
    while (!box.querySelector(`[aria-rowindex="${place + 5}"]`)) await next();
    taken.push(performance.now() - began);
  }
  return taken;
}"""
BOX = """(list) => {
  let box = list;
  while (box.parentElement && !(box.scrollHeight > box.clientHeight + 50
      && /auto|scroll/.test(getComputedStyle(box).overflowY))) box = box.parentElement;
  return box;
}"""


def told(name: str, times: list[float]) -> None:
    """Print one line of the table: median, 95th percentile and the longest, in ms."""
    times = sorted(times)
    late = times[int(len(times) * 0.95) - 1]
    middle = statistics.median(times)
    print(f"| {name} | {middle:.0f} ms | {late:.0f} ms | {times[-1]:.0f} ms |", flush=True)


def scrolled(panel: Locator, within: str) -> Any:
    """The element that scrolls a part of the panel."""
    return panel.locator(within).first.evaluate_handle(BOX)


def measure(notebook: NotebookPage, rows: int) -> None:
    """Open a notebook with a batch of this size, and a gallery; scroll both."""
    notebook.open(f"{rows}.ipynb", BATCH.format(rows=rows), GALLERY.format(rows=rows))
    notebook.run_cell(0)
    table = notebook.panel(0)
    table.locator("[aria-rowindex='5']").wait_for()
    box = scrolled(table, ".vnb-line-space")
    told(f"{rows} rows: a frame", box.evaluate(FRAMES))
    told(f"{rows} rows: from a jump to the drawn row", box.evaluate(JUMPS))
    notebook.run_cell(1)
    gallery = notebook.panel(1)
    gallery.locator(".vnb-card").nth(rows - 1).wait_for(state="attached")
    told(f"{rows} cards: a frame", scrolled(gallery, ".vnb-grid").evaluate(FRAMES))


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        env = environment(Path(folder))
        path = next(filter(None, map(shutil.which, ("chromium", "google-chrome"))))
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        try:
            with serve(Path(folder), env=env) as lab:
                print("| | median | 95 % | longest |\n|---|---|---|---|")
                for rows in SIZES:
                    page = browser.new_page(viewport={"width": 1280, "height": 1000})
                    measure(NotebookPage(page, lab), rows)
                    page.close()
                    lab.end_kernels()
        finally:
            browser.close()
            address = find_gateway(Settings.from_environment(env))
            if address is not None:
                stop_gateway(address, force=True)


if __name__ == "__main__":
    main()

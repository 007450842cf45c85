"""A JupyterLab of our own in the machine's own Chromium."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from .page import PATIENCE_MS, NotebookPage
from .server import JupyterServer, environment, serve

expect.set_options(timeout=PATIENCE_MS)

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What stands in this folder needs a browser, and one server serves it all."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.xdist_group("browser"))


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium; skipped where there is none, but never in CI.

    It ends with its file: while it is there no async test can run in the same process.
    """
    path = next((found for name in _NAMES if (found := shutil.which(name))), None)
    if path is None:
        if os.environ.get("CI"):
            pytest.fail("CI has to have Chromium: apt install chromium")
        pytest.skip("no Chromium here: apt install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path,
            args=[
                "--no-sandbox",
                "--autoplay-policy=no-user-gesture-required",
                "--host-resolver-rules=MAP *.rebound.test 127.0.0.1",  # a hostile page's own name
            ],
        )
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def jupyter_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where everything of the servers lies."""
    return tmp_path_factory.mktemp("jupyter")


@pytest.fixture(scope="session")
def lab(jupyter_folder: Path) -> Iterator[JupyterServer]:
    """JupyterLab below a URL prefix, as behind a hub."""
    env = environment(jupyter_folder)
    with serve(jupyter_folder, base_url="/user/someone/", env=env) as server:
        yield server
    _end_gateway(env)


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A fresh browser window; an uncaught error in a script fails the test."""
    context = browser.new_context(viewport={"width": 1280, "height": 1000}, locale="en-US")
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = context.new_page()
    yield page
    context.close()


@pytest.fixture
def notebook(page: Page, lab: JupyterServer) -> Iterator[NotebookPage]:
    """A page on which a notebook can be opened; its kernels end with the test."""
    yield NotebookPage(page, lab)
    lab.end_kernels()


def _end_gateway(env: dict[str, str]) -> None:
    """End the local gateway that the notebooks of this session have shared."""
    from videogen_nb.local.discovery import find_gateway, stop_gateway
    from videogen_nb.settings import Settings

    address = find_gateway(Settings.from_environment(env))
    if address is not None:
        stop_gateway(address)

"""The link panel: what is typed is checked, and looked at."""

from __future__ import annotations

import asyncio
import gc
import threading
from urllib.parse import urlsplit

import pytest

from tests.panels.conftest import Page, texts, type_into, until
from videogen_nb.blocking.call import submit
from videogen_nb.client.images.references import name_in
from videogen_nb.errors import BadInput
from videogen_nb.panels import UrlPanel
from videogen_nb.panels.url import wrong_with


@pytest.mark.parametrize(
    ("url", "says"),
    [
        pytest.param("lake.jpg", "start with http", id="no-scheme"),
        pytest.param("file:///etc/passwd", "start with http", id="a-file"),
        pytest.param("http://", "has no host name", id="no-host"),
        pytest.param("http://[", "has no host name", id="half-an-address"),
        pytest.param("http://a b/c.jpg", "a space", id="a-space"),
        pytest.param("https://example.org/a.jpg", None, id="good"),
        pytest.param("HTTP://EXAMPLE.ORG/a.jpg", None, id="good-in-capitals"),
    ],
)
def test_what_can_be_seen_while_typing(url, says):
    wrong = wrong_with(url)
    assert (wrong is None) if says is None else (wrong is not None and says in wrong.en)


def test_the_image_is_looked_at(link, videos):
    panel = UrlPanel(link)
    assert panel.view()["wrong"] is False
    panel.value = f"{videos.url}/samples/lake.jpg"
    seen = until(lambda: panel.seen)
    assert seen.facts.format == "JPEG"
    assert "This image will be used." in texts(panel)
    key = panel.view()["seen"]["key"]
    answer, [data] = Page(panel).send({"op": "pull", "key": key, "offset": 0})
    assert answer["type"] == "image/jpeg"
    assert bytes(data) == seen.data
    assert "lake.jpg" in texts(panel)


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST", "127.0.0.1", "127.0.0.2", "[::1]"])
def test_the_gateways_own_sample_is_not_private_by_any_name_of_this_machine(link, videos, host):
    panel = UrlPanel(link, value=f"http://{host}:{urlsplit(videos.url).port}/samples/lake.jpg")
    panel.check().exception(20)  # where nothing listens at that address, there is no preview
    assert "private" not in panel.error
    task = videos.create_task("push in", duration=1, **submit(panel.inputs()).result(20)).result(20)
    assert task.images


def test_what_is_not_there_is_told_and_may_still_be_tried(link, videos):
    panel = UrlPanel(link, value=f"{videos.url}/samples/none.jpg")
    with pytest.raises(Exception, match="404"):
        panel.check().result(20)
    assert "404" in panel.error
    assert "the gateway downloads the image itself" in texts(panel)


@pytest.mark.parametrize("host", ["192.168.1.1", "[::1]:9", "localhost:9", "169.254.169.254"])
def test_a_private_address_is_told_and_not_looked_at(link, host):
    panel = UrlPanel(link, value=f"http://{host}/lake.jpg")
    with pytest.raises(BadInput, match="private or local"):
        panel.check().result(20)
    assert "private" in panel.view()["alert"]


def test_a_page_that_is_no_image_is_told(link, videos):
    panel = UrlPanel(link, value=f"{videos.url}/openapi.json")
    with pytest.raises(BadInput, match="JSON"):
        panel.check().result(20)
    assert "Allowed" in panel.error


def test_typing_on_clears_what_was_seen(link, videos):
    panel = UrlPanel(link, value=f"{videos.url}/samples/lake.jpg")
    panel.check().result(20)
    type_into(panel, "value", f"{videos.url}/samples/lak")
    assert panel.seen is None
    assert panel.value.endswith("lak")
    assert panel.view()["seen"] is None


def test_a_name_in_an_address():
    assert name_in("https://example.org/a/lake.jpg?x=1") == "lake.jpg"
    assert name_in("https://example.org/") == "example.org"


def test_a_look_that_ends_before_it_began_leaves_nothing_behind(link):
    """Cancelled before its first step, as Python 3.14 does: nothing may stay un-awaited."""
    panel = UrlPanel(link)
    go_on = threading.Event()

    async def hold_up() -> None:
        go_on.wait(20)

    submit(hold_up())
    panel.value = "http://example.org/lake.jpg"
    panel.value = ""
    go_on.set()
    submit(asyncio.sleep(0.1)).result(20)
    gc.collect()

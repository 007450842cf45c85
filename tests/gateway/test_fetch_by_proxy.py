"""Downloads where the way out is a proxy: still to addresses that were checked, and no others."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme

from videogen_nb.errors import BadParameter
from videogen_nb.gateway.outgoing.fetcher import Fetcher

from ..network.proxies import proxy, speaking_tls
from .test_fetcher import IMAGE, Dns, origin, refused

__all__ = ["origin"]  # a fixture

PUBLIC = "93.184.216.34"
WAYS = [("http", "http://{}"), ("socks5", "socks5://{}"), ("socks5", "socks5h://{}")]


@pytest.mark.parametrize(("kind", "value"), WAYS)
async def test_it_is_asked_for_the_very_address_that_was_checked(kind, value, origin, monkeypatch):
    origin.serve("/a.jpg", IMAGE)
    fetcher = Fetcher(lookup=Dns({"images.test": [PUBLIC]}))
    with proxy(kind, origin.port) as between:
        monkeypatch.setenv("http_proxy", value.format(between.address))
        assert await fetcher.fetch("http://images.test/a.jpg") == IMAGE
    assert between.asked == [f"{PUBLIC}:80"]
    [(_, headers)] = origin.requests
    assert headers["host"] == "images.test"


async def test_an_address_of_ipv6_is_asked_for_in_brackets(origin, monkeypatch):
    origin.serve("/a.jpg", IMAGE)
    fetcher = Fetcher(lookup=Dns({"six.test": ["2606:2800:220:1::1"]}))
    with proxy("http", origin.port) as between:
        monkeypatch.setenv("all_proxy", f"http://{between.address}")
        assert await fetcher.fetch("http://six.test/a.jpg") == IMAGE
    assert between.asked == ["[2606:2800:220:1::1]:80"]


@pytest.mark.parametrize("kind", ["http", "socks5"])
async def test_tls_is_spoken_with_the_name(kind, origin, monkeypatch, tmp_path: Path):
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "authority.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))
    origin.serve("/a.jpg", IMAGE)
    fetcher = Fetcher(lookup=Dns({"images.test": [PUBLIC]}))
    with (
        speaking_tls(authority.issue_cert("images.test"), origin.port) as port,
        proxy(kind, port) as between,
    ):
        monkeypatch.setenv("https_proxy", f"{kind}://{between.address}")
        assert await fetcher.fetch("https://images.test/a.jpg") == IMAGE
    assert between.asked == [f"{PUBLIC}:443"]


@pytest.mark.parametrize(
    "url",
    [
        "http://inner.test/a.jpg",
        "http://10.0.0.1/a.jpg",
        "http://169.254.169.254/",
        "http://[::1]/",
    ],
)
@pytest.mark.parametrize("trusted", ["", "proxy"])
async def test_private_addresses_are_refused_and_the_proxy_hears_nothing(
    url, trusted, origin, monkeypatch
):
    fetcher = Fetcher(trusted, lookup=Dns({"inner.test": ["10.9.8.7"]}))
    with proxy("http", origin.port) as between:
        monkeypatch.setenv("http_proxy", f"http://{between.address}")
        assert (await refused(fetcher, url)).code == "url_not_public"
    assert between.asked == []


async def test_a_redirect_inside_is_refused_behind_a_proxy_too(origin, monkeypatch):
    origin.redirect("/a.jpg", "http://10.0.0.1/secret")
    fetcher = Fetcher(lookup=Dns({"images.test": [PUBLIC]}))
    with proxy("http", origin.port) as between:
        monkeypatch.setenv("http_proxy", f"http://{between.address}")
        assert (await refused(fetcher, "http://images.test/a.jpg")).code == "url_not_public"
    assert between.asked == [f"{PUBLIC}:80"]


@pytest.mark.parametrize(("kind", "value"), WAYS)
async def test_a_name_that_only_the_proxy_can_look_up_is_refused_unless_it_is_trusted(
    kind, value, origin, monkeypatch
):
    origin.serve("/a.jpg", IMAGE)
    with proxy(kind, origin.port) as between:
        monkeypatch.setenv("http_proxy", value.format(between.address))
        error = await refused(Fetcher(lookup=Dns({})), "http://outside.test/a.jpg")
        assert "VIDEOGEN_ALLOW_NETWORKS" in error.text.render("en")
        assert "http_proxy" in error.text.render("en")
        assert between.asked == []
        trusting = Fetcher("10.0.0.0/8, Proxy", lookup=Dns({}))
        assert await trusting.fetch("http://outside.test/a.jpg") == IMAGE
    assert between.asked == ["outside.test:80"]


@pytest.mark.parametrize("host", ["intranet", "db.internal", "printer.LOCAL.", "nas.home.arpa"])
async def test_names_that_mean_a_place_inside_are_left_to_no_proxy(host, origin, monkeypatch):
    with proxy("http", origin.port) as between:
        monkeypatch.setenv("http_proxy", f"http://{between.address}")
        error = await refused(Fetcher("proxy", lookup=Dns({})), f"http://{host}/a.jpg")
    assert error.code == "url_not_public"
    assert between.asked == []


async def test_what_no_proxy_names_is_fetched_straight(origin, monkeypatch):
    url = origin.serve("/a.jpg", IMAGE).replace("127.0.0.1", "near.test")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("no_proxy", ".test")
    fetcher = Fetcher("127.0.0.0/8", lookup=Dns({"near.test": ["127.0.0.1"]}))
    assert await fetcher.fetch(url) == IMAGE


@pytest.fixture(params=["rude", "garbled", "closed", "mute"])
def fault(request) -> Iterator[str]:
    if request.param == "closed":
        yield "127.0.0.1:9"
        return
    with proxy(request.param) as between:
        yield between.address


@pytest.mark.parametrize("scheme", ["http", "socks5"])
async def test_a_proxy_that_fails_is_named_by_its_variable(fault, scheme, monkeypatch):
    monkeypatch.setenv("http_proxy", f"{scheme}://me:s3cret@{fault}")
    fetcher = Fetcher(lookup=Dns({"images.test": [PUBLIC]}), total_s=0.5)
    error = await refused(fetcher, "http://images.test/a.jpg")
    words = error.text.render("en")
    assert "http_proxy" in words or error.code == "url_timeout"
    assert "s3cret" not in words


async def test_a_variable_that_is_no_use_is_told(monkeypatch):
    monkeypatch.setenv("http_proxy", "gopher://x")
    error = await refused(Fetcher(lookup=Dns({"a.test": [PUBLIC]})), "http://a.test/a.jpg")
    assert error.text.render("en").startswith("http_proxy is ")


def test_a_setting_that_cannot_be_read_is_told():
    with pytest.raises(BadParameter, match="VIDEOGEN_ALLOW_NETWORKS"):
        Fetcher("proxies")

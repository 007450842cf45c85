"""Which way requests go: ``*_proxy`` in all forms, ``no_proxy``, and what of them is no use."""

import httpx
import pytest

from videogen_nb.network import UnusableVariable, is_loopback, proxy_for

PROXY = "http://127.0.0.1:7890"


def way(url: str) -> str | None:
    found = proxy_for(httpx.URL(url))
    return None if found is None else found.url


@pytest.mark.parametrize(
    ("value", "url"),
    [
        ("http://127.0.0.1:7890", "http://127.0.0.1:7890"),
        ("127.0.0.1:7890", "http://127.0.0.1:7890"),
        (" http://127.0.0.1:7890/ \r\n", "http://127.0.0.1:7890/"),
        ("HTTP://proxy.example", "http://proxy.example"),
        ("https://proxy.example:8443", "https://proxy.example:8443"),
        ("socks5://127.0.0.1:7890", "socks5://127.0.0.1:7890"),
        ("socks5h://127.0.0.1:7890", "socks5h://127.0.0.1:7890"),
        ("socks://127.0.0.1:7890/", "socks5://127.0.0.1:7890/"),
        ("http://[::1]:7890", "http://[::1]:7890"),
        ("http://user:pass@proxy.example:1", "http://user:pass@proxy.example:1"),
    ],
)
def test_a_proxy_in_every_form(value, url, monkeypatch):
    monkeypatch.setenv("https_proxy", value)
    assert way("https://ark.example/v1") == url
    assert way("http://ark.example/v1") is None


def test_the_lower_case_name_goes_first_and_the_schemes_own_before_all(monkeypatch):
    monkeypatch.setenv("ALL_PROXY", "http://all:1")
    assert way("http://a.example") == "http://all:1"
    monkeypatch.setenv("HTTP_PROXY", "http://upper:1")
    assert way("http://a.example") == "http://upper:1"
    monkeypatch.setenv("http_proxy", "http://lower:1")
    assert way("http://a.example") == "http://lower:1"
    monkeypatch.setenv("http_proxy", "")
    assert way("http://a.example") == "http://all:1"  # switched off, as for curl and urllib


def test_a_strangers_header_is_no_proxy(monkeypatch):
    monkeypatch.setenv("REQUEST_METHOD", "GET")
    monkeypatch.setenv("HTTP_PROXY", "http://evil:1")
    assert way("http://a.example") is None


@pytest.mark.parametrize(
    "host",
    ["localhost", "LOCALHOST.", "a.localhost", "127.0.0.1", "127.8.9.1", "[::1]", "0.0.0.0",
     "[::ffff:127.0.0.1]"],
)  # fmt: skip
def test_this_machine_is_always_asked_directly(host, monkeypatch):
    monkeypatch.setenv("all_proxy", "gopher://nonsense")
    monkeypatch.setenv("no_proxy", "10.0.0.0/99")
    assert is_loopback(host)
    assert way(f"http://{host}:8000/x") is None


@pytest.mark.parametrize(
    ("listed", "url"),
    [
        ("*", "http://a.example"),
        ("a.example", "http://a.example"),
        ("example", "http://a.example"),
        (".example", "http://a.example"),
        ("*.example", "http://a.example"),
        ("*.a.example", "http://a.example"),
        ("A.EXAMPLE.", "http://a.example"),
        ("x, a.example:8080", "http://a.example:8080"),
        ("a.example:443", "https://a.example"),
        ("http://a.example/", "http://a.example"),
        ("b.example a.example", "http://a.example"),
        ("10.1.2.3", "http://10.1.2.3"),
        ("10.0.0.0/8", "http://10.1.2.3"),
        ("10.1.2.9/255.0.0.0", "http://10.1.2.3"),
        ("192.168.*", "http://192.168.4.5"),
        ("fd00::1", "http://[fd00::1]:8000"),
        ("[fd00::1]", "http://[fd00::1]:8000"),
        ("[fd00::1]:8000", "http://[fd00::1]:8000"),
        ("fd00:0:0::0001", "http://[fd00::1]"),
        ("::1,fd00::/8", "http://[fd12::9]"),
        ("[fd00::]/8", "http://[fd12::9]"),
    ],
)
def test_what_no_proxy_lists_is_asked_directly(listed, url, monkeypatch):
    monkeypatch.setenv("all_proxy", PROXY)
    monkeypatch.setenv("NO_PROXY", listed)
    assert way(url) is None


@pytest.mark.parametrize(
    ("listed", "url"),
    [
        ("", "http://a.example"),
        ("a.example", "http://ba.example"),
        ("a.example:8080", "http://a.example"),
        ("10.0.0.0/8", "http://11.1.2.3"),
        ("10.0.0.0/8", "http://10.example"),
        ("fd00::/8", "http://[fe80::1]"),
        ("[fd00::1]:8000", "http://[fd00::1]:9000"),
        ("127.0.0.1,localhost,::1", "http://a.example"),
    ],
)
def test_and_nothing_else(listed, url, monkeypatch):
    monkeypatch.setenv("all_proxy", PROXY)
    monkeypatch.setenv("no_proxy", listed)
    assert way(url) == PROXY


@pytest.mark.parametrize(
    "value",
    ["socks4://127.0.0.1:1", "ftp://a", "http://", '"http://127.0.0.1:1"', "http://a b:1",
     "http://a:port", "http://a:65536", "http://me:secret@[::", "http://me:secret/#?@a",
     "http://me:my secret@a", "://"],
)  # fmt: skip
@pytest.mark.parametrize("name", ["https_proxy", "ALL_PROXY"])
def test_a_value_that_is_no_use_is_told_in_one_sentence_with_its_name(name, value, monkeypatch):
    monkeypatch.setenv(name, value)
    with pytest.raises(UnusableVariable) as caught:
        way("https://ark.example")
    assert str(caught.value).startswith(f"{name} is ")
    assert "secret" not in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "entry", ["10.0.0.0/99", "fd00::/300", "[fd00::1", "a/b", "1:2:3", "a:123456"]
)
def test_so_is_an_entry_of_no_proxy(entry, monkeypatch):
    monkeypatch.setenv("all_proxy", PROXY)
    monkeypatch.setenv("No_Proxy", f"a.example,{entry}")
    with pytest.raises(UnusableVariable, match="No_Proxy contains"):
        way("http://a.example")


def test_a_proxys_password_stands_in_no_repr(monkeypatch):
    monkeypatch.setenv("https_proxy", "http://me:secret@proxy.example:1")
    assert "secret" not in repr(proxy_for(httpx.URL("https://a.example")))

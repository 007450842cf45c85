"""docs/recipes/nginx.conf with a real nginx: links lead through it, whatever it is called."""

from __future__ import annotations

import os
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from videogen_nb.gateway.http.app import create_app
from videogen_nb.settings import Settings
from videogen_nb.testing.serving import served

from .conftest import Api, image_bytes

RECIPE = Path(__file__).parents[2] / "docs" / "recipes" / "nginx.conf"
TOKEN = "the-token-of-the-owner-of-the-gateway"

pytestmark = pytest.mark.skipif(
    not (shutil.which("nginx") and shutil.which("openssl")), reason="needs nginx and openssl"
)


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[Path, Path]:
    cert, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
    kind = ["-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    files = ["-out", str(cert), "-keyout", str(key)]
    subprocess.run(["openssl", "req", *kind, *subject, *files], check=True, capture_output=True)
    return cert, key


def free_ports() -> tuple[int, int]:
    with (
        socket.create_server(("127.0.0.1", 0)) as one,
        socket.create_server(("127.0.0.1", 0)) as other,
    ):
        return one.getsockname()[1], other.getsockname()[1]


@pytest.fixture
def proxy(tmp_path: Path, certificate: tuple[Path, Path]) -> Iterator[tuple[str, str]]:
    """The recipe in use before a real gateway; gives its URLs over HTTPS and HTTP."""
    plain, tls = free_ports()
    app = create_app(Settings(home=tmp_path / "home", prefix="/videogen"), token=TOKEN)
    with served(app) as gateway:
        recipe = RECIPE.read_text("utf-8")
        for words, others in {
            "listen 80;": f"listen 127.0.0.1:{plain};",
            "listen 443 ssl;": f"listen 127.0.0.1:{tls} ssl;",
            "videos.example.org;": "localhost;",
            "/etc/letsencrypt/live/videos.example.org/fullchain.pem": str(certificate[0]),
            "/etc/letsencrypt/live/videos.example.org/privkey.pem": str(certificate[1]),
            "http://127.0.0.1:8000": gateway,
        }.items():
            assert words in recipe
            recipe = recipe.replace(words, others)
        temporary = "\n".join(
            f"{kind}_temp_path {tmp_path}/{kind};"
            for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        config = tmp_path / "nginx.conf"
        config.write_text(
            f"{'user root; ' if os.geteuid() == 0 else ''}daemon off;\n"
            f"pid {tmp_path}/nginx.pid; error_log {tmp_path}/error.log;\n"
            f"events {{}}\nhttp {{ access_log off;\n{temporary}\n{recipe}}}\n"
        )
        process = subprocess.Popen(["nginx", "-p", tmp_path, "-c", config, "-e", "stderr"])
        try:
            wait_for(tls, process)
            yield f"https://localhost:{tls}/videogen", f"http://localhost:{plain}/videogen"
        finally:
            process.terminate()
            process.wait(20)


def wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 20
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.02)
        else:
            return


async def test_links_lead_through_tls_and_the_path(
    proxy: tuple[str, str], certificate: tuple[Path, Path]
):
    base, plain = proxy
    trusted = ssl.create_default_context(cafile=str(certificate[0]))
    headers = {"Authorization": f"Bearer {TOKEN}"}
    async with httpx.AsyncClient(
        base_url=base, headers=headers, verify=trusted, trust_env=False, timeout=30
    ) as http:
        api = Api.__new__(Api)
        api.http = http
        attachment = await api.upload(image_bytes(), "lake.jpg")
        created = await api.create("quick")
        done = await api.finished(created)
        link = done["video_urls"][0]
        assert link.startswith(f"{base}/api/video-gen/videos/")
        assert done["thumbnail_url"].startswith(f"{base}/")
        part = await http.get(link, headers={"Range": "bytes=0-99"})
        assert (part.status_code, len(part.content)) == (206, 100)
        assert attachment["key"]
        assert (await http.get("/")).json()["docs"] == "/videogen/docs"
        large = await http.post("/api/video-gen/batch", content=b" " * (9 * 2**20))
        assert large.status_code in (413, 422), "the gateway refuses it, in its own words"
        assert large.json()["code"]
        redirected = await http.get(f"{plain}/healthz")
        assert redirected.headers["location"] == "https://localhost/videogen/healthz"

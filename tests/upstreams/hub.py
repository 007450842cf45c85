"""A stand-in for a model hub: it tells of one model and hands out its files."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

COMMIT = "0123456789abcdef0123456789abcdef01234567"


class Hub:
    """A hub that has the files of ``folder`` as the model ``name``."""

    def __init__(self, name: str, folder: Path, licence: str = "apache-2.0") -> None:
        self.name = name
        self.folder = folder
        self.licence = licence
        self.downloads: list[str] = []
        self.app = Starlette(
            routes=[
                Route("/api/models/{owner}/{name}", self._about),
                Route("/api/models/{owner}/{name}/revision/{revision}", self._about),
                Route("/api/models/{owner}/{name}/tree/{revision}", self._tree),
                Route("/{owner}/{name}/resolve/{revision}/{path:path}", self._file),
            ]
        )

    def _files(self) -> list[dict[str, Any]]:
        paths = sorted(path for path in self.folder.rglob("*") if path.is_file())
        return [
            {
                "rfilename": path.relative_to(self.folder).as_posix(),
                "size": path.stat().st_size,
                "blobId": _digest(path),
            }
            for path in paths
        ]

    def _is_it(self, request: Request) -> bool:
        return f"{request.path_params['owner']}/{request.path_params['name']}" == self.name

    async def _about(self, request: Request) -> Response:
        if not self._is_it(request):
            return _missing("RepoNotFound")
        about = {
            "_id": "1",
            "id": self.name,
            "modelId": self.name,
            "sha": COMMIT,
            "tags": [f"license:{self.licence}"],
            "cardData": {"license": self.licence},
            "siblings": self._files(),
        }
        return JSONResponse(about)

    async def _tree(self, request: Request) -> Response:
        files = self._files()
        return JSONResponse(
            [
                {"type": "file", "path": f["rfilename"], "size": f["size"], "oid": f["blobId"]}
                for f in files
            ]
        )

    async def _file(self, request: Request) -> Response:
        path = self.folder / request.path_params["path"]
        if not (self._is_it(request) and path.is_file()):
            return _missing("EntryNotFound")
        if request.method == "GET":
            self.downloads.append(request.path_params["path"])
        headers = {"ETag": f'"{_digest(path)}"', "X-Repo-Commit": COMMIT}
        return Response(path.read_bytes(), headers=headers)


def _digest(path: Path) -> str:
    return hashlib.sha1(path.read_bytes(), usedforsecurity=False).hexdigest()


def _missing(code: str) -> Response:
    return Response("missing", 404, headers={"X-Error-Code": code})

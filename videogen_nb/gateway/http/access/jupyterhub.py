"""The gateway as a service of a JupyterHub, which authenticates its users.

A hub sets environment variables for its services: where to listen, and the proxy's path (JupyterHub
documentation, "Services").
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final
from urllib.parse import urlsplit

from ....errors import LocalGatewayError
from ....i18n import Text
from ....people.person import Person, Role
from ....settings import Settings
from ...refusals import Refusal
from .auth import names

CACHED_S: Final = 60  # how long the hub's word holds: a user who is removed is refused after that


@dataclass(frozen=True, slots=True)
class Service:
    """The configuration from a hub: ``host``, ``port``, ``prefix``, and its public name."""

    host: str
    port: int
    prefix: str
    public_host: str

    def settings(self, settings: Settings) -> Settings:
        """Return a gateway's settings with those of the hub."""
        hosts = ",".join(word for word in (settings.allowed_hosts, self.public_host) if word)
        return replace(
            settings, host=self.host, port=self.port, prefix=self.prefix, allowed_hosts=hosts
        )

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Service | None:
        """Return the configuration; None if this process is not a hub's service."""
        listen = urlsplit(environment.get("JUPYTERHUB_SERVICE_URL", ""))
        prefix = environment.get("JUPYTERHUB_SERVICE_PREFIX", "")
        if not (listen.hostname and prefix and environment.get("JUPYTERHUB_API_TOKEN")):
            return None
        public = urlsplit(environment.get("JUPYTERHUB_PUBLIC_URL", "")).hostname or ""
        return cls(listen.hostname, listen.port or 80, prefix.rstrip("/"), public)


class Hub:
    """Looks up tokens at the hub, and caches results for a minute.

    Args:
        teachers: groups of the hub whose members are teachers, separated by commas.

    Raises:
        LocalGatewayError: the ``hub`` extra is not installed.
    """

    def __init__(self, teachers: str) -> None:
        try:
            from jupyterhub.services.auth import HubAuth
        except ImportError as error:
            raise LocalGatewayError(_NOT_INSTALLED, code="hub_not_installed") from error
        self._auth: Any = HubAuth(cache_max_age=CACHED_S)
        self._teachers = names(teachers)

    async def of_token(self, token: str) -> Person | None:
        """Return the person with this token, or None.

        Raises:
            Refusal: they may not use this service, or the hub cannot be reached.
        """
        from tornado.web import HTTPError

        try:
            model = await self._auth.user_for_token(token, sync=False)
        except HTTPError as error:
            raise Refusal("hub_unreachable", retry_after_s=2) from error
        if model is None:
            return None
        # Any token of the hub is somebody's; only its scopes say that it is good for this service.
        if not self._auth.check_scopes(self._auth.access_scopes, model):
            raise Refusal("no_access")
        return self._person(model)

    def _person(self, model: Mapping[str, Any]) -> Person:
        if model["kind"] != "user":
            return Person(f"service:{model['name']}", "service")
        groups = {group.lower() for group in model.get("groups", ())}
        role: Role = "teacher" if groups & self._teachers else "student"
        return Person(model["name"], role)


_NOT_INSTALLED: Final = Text(
    "JupyterHub started this gateway, but the jupyterhub package is missing: pip install "
    '"jupyterhub>=5.3".',
    '该网关由 JupyterHub 启动，但缺少其库：pip install "jupyterhub>=5.3"。',
)

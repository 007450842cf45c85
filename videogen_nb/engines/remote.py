"""Engines that call a server: create at most once, then poll until the video is ready.

The gateway records that it is about to call :meth:`RemoteEngine.start` before it does, and stores
the handle right after; all other methods may be called repeatedly.
"""

from __future__ import annotations

import re
from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

from ..errors import BadParameter, EngineError
from ..i18n import Text
from ..protocol.models import EngineInfo
from .authentication import Scheme
from .base import Engine, Job, Plan
from .error_codes import Codes, ErrorCodes
from .http_client import Caller, Transport
from .instances import Instance
from .prices import Price

Where = Literal["queued", "running", "succeeded", "failed", "cancelled"]


@dataclass(frozen=True, slots=True)
class Upstream:
    """The state of a task at the provider; values that were not reported are None.

    ``progress`` is 0 to 1, ``stage`` the current step if more than ``where`` is known,
    ``position`` its place in the queue there (0 = next), ``eta_s`` seconds until it is done,
    ``expires_at`` (of the result) in seconds since 1970, ``usage`` and ``cost`` plain JSON values.
    """

    where: Where
    progress: float | None = None
    stage: Text | None = None
    position: int | None = None
    eta_s: float | None = None
    error: Text | None = None
    error_code: str | None = None
    usage: Mapping[str, Any] | None = None
    cost: Mapping[str, Any] | None = None
    expires_at: float | None = None
    poll_after_s: float | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)


def is_id(value: Any) -> bool:
    """Return whether a provider's task id can be used in the path of a URL."""
    return isinstance(value, str) and bool(re.fullmatch(r"(?!\.+$)[!-~]{1,1000}", value))


@dataclass(frozen=True, slots=True)
class Candidate:
    """A task found at the provider after a lost response; ``sure`` if it is certainly the one."""

    handle: str
    sure: bool


@dataclass(frozen=True, slots=True)
class Stopped:
    """The result of cancelling a task at the provider; ``note`` is for the user.

    ``charged``: the provider charges for it anyway.
    """

    done: bool
    note: Text | None = None
    charged: bool = False


class RemoteEngine(Engine):
    """An engine that calls a server. One object per instance, on one event loop.

    A handle is JSON text with everything needed to poll a task, even from another process. It never
    contains a key.
    """

    kind: str
    heading: Text
    default_url: str | None = None
    default_variable: str | None = None  # the provider's own, for its own address only
    scheme: Scheme = Scheme()  # how its key is sent
    codes: Codes = MappingProxyType({})  # the provider's own error codes, by what they mean
    costs: bool = True
    lifetime_s: float = 24 * 3600.0  # after so long the upstream has forgotten a task
    at_once: int = 2
    first_look_s: float = 2.0

    def __init__(
        self, instance: Instance | None = None, *, transport: Transport | None = None
    ) -> None:
        self.instance = instance or Instance(self.kind, self.kind)
        self.name = self.instance.name
        self.title = self._title()
        self.calls = Caller(self._base, self.key, scheme=self.scheme, transport=transport)
        self.errors = ErrorCodes(self.name, self.codes)

    @property
    def paid(self) -> bool:
        """Whether videos cost money, so that identical requests are not repeated."""
        return self.costs if self.instance.paid is None else self.instance.paid

    @property
    def needs_key(self) -> bool:
        """Whether it needs a key."""
        return True

    @property
    def address(self) -> str | None:
        """The base URL of its server."""
        url = self._url()
        return None if url is None else url.rstrip("/")

    @property
    def concurrency(self) -> int:
        """How many tasks it gets at the same time."""
        return self.instance.at_once or self.at_once

    @property
    def price(self) -> Price | None:
        """The price of a video, if configured."""
        return self.instance.price

    def expected_cost(self, plan: Plan) -> float | None:
        """Return the expected cost of a planned video in the price's currency, or None."""
        return None if self.price is None else self.price.expected(plan.parameters)

    def key(self) -> str | None:
        """Return the current key. It is read at each call, so a new one takes effect immediately.

        Raises:
            EngineError: others can read the key's file, or it does not contain a key.
        """
        own = self.default_variable if self.instance.url is None else None
        return self.instance.keyring.read(self.name, self.instance.key_variable or own)

    def missing(self) -> Text | None:
        """Return what it still needs and how to get it, or None."""
        if self._url() is None:
            return _NO_URL(name=self.name, variable=self.instance.variable("url"))
        try:
            key = self.key()
            self.scheme.credential(key)
        except EngineError as error:
            return error.text
        if self.needs_key and not key:
            return _NO_KEY(name=self.name, variable=self.instance.keyring.variable(self.name))
        return None

    def described(self, language: str, **abilities: Any) -> EngineInfo:
        """Return an :class:`EngineInfo` with the values common to remote engines."""
        missing = self.missing()
        return EngineInfo(
            name=self.name,
            title=self.title.render(language),
            ready=missing is None,
            missing=missing and missing.render(language),
            cost=self._cost_in_words(language),
            key=self._key_state(),
            **abilities,
        )

    async def learn(self) -> None:
        """Ask the server what it can do, if it reports that, for :meth:`info` and :meth:`plan`.

        Called when the gateway starts and once in a while.

        Raises:
            UpstreamError: the provider could not be reached.
        """

    async def before(self, now: float) -> float | None:
        """Return the time just before a create request, in seconds since 1970.

        :meth:`look_for` needs it. ``now`` is our own time; None if the provider's is unknown.

        Raises:
            UpstreamError: the provider could not be reached.
        """
        return now

    @abstractmethod
    async def start(self, job: Job, key: str) -> str:
        """Create the task at the provider and return its handle.

        Args:
            job: its ``output`` and ``poster`` are not used.
            key: our identifier for this attempt, sent if the provider supports idempotency keys.

        Raises:
            UpstreamRefused: it was refused; nothing was created.
            UpstreamBusy, UpstreamAway: nothing was created; it can be sent later.
            UpstreamUnsure: it may have been created.
        """

    @abstractmethod
    async def poll(self, handle: str) -> Upstream:
        """Return the state of the task.

        Raises:
            UpstreamAway: the provider could not be reached; try again later.
            UpstreamGone: the provider no longer knows the task.
        """

    @abstractmethod
    async def fetch(self, handle: str, path: Path) -> dict[str, Any]:
        """Download the result to ``path``, byte for byte; return information about it.

        If the result is images instead of a video, ``path`` is not created: ``images`` then
        lists the files (frames in order, or one animated image) that are to become the video, and
        ``images_fps`` is their frame rate; None if the file specifies it. They are in the folder
        ``path.with_suffix("")``, which the gateway removes.

        Raises:
            UpstreamAway: the download was incomplete; try again later.
            UpstreamRefused: the provider refuses to deliver it, for example after moderation.
            UpstreamGone: the result is no longer available.
        """

    async def cancel(self, handle: str) -> Stopped:
        """Cancel the task at the provider. Raises UpstreamAway if it cannot be reached."""
        return Stopped(done=False)

    async def look_for(self, job: Job, since: float) -> list[Candidate]:
        """Return tasks at the provider, created after ``since``, that could be this job.

        Args:
            since: the result of :meth:`before`.

        Raises:
            UpstreamAway: the provider could not be reached.
        """
        return []

    def handle_of(self, name: str) -> str | None:
        """Return the handle for a provider's task id; None if a handle needs more than the id."""
        return None

    async def aclose(self) -> None:
        """Close its connections. The engine can be used again afterwards."""
        await self.calls.aclose()

    def _url(self) -> str | None:
        return self.instance.url or self.default_url

    def _base(self) -> str:
        url = self._url()
        if url is None:
            raise BadParameter(
                _NO_URL(name=self.name, variable=self.instance.variable("url")),
                code="engine_not_ready",
            )
        return url.rstrip("/")

    def _title(self) -> Text:
        if self.instance.title:
            return Text.same(self.instance.title)
        same = self.name == self.kind
        return self.heading if same else _INSTANCE(name=self.name, kind=self.heading)

    def _key_state(self) -> str | None:
        try:
            kept = bool(self.key())
        except EngineError:
            return "missing"  # what lies there is not used
        return "kept" if kept else ("missing" if self.needs_key else None)

    def _cost_in_words(self, language: str) -> str | None:
        if self.price is not None:
            return self.price.text.render(language)
        return _PAID.render(language) if self.paid else None


_INSTANCE = Text("{name}: {kind}", "{name}：{kind}")
_NO_URL = Text(
    "it needs the address of its server: set url under [{name}] in engines.toml, or {variable}",
    "缺少服务地址：请在 engines.toml 的 [{name}] 中设置 url，或设置环境变量 {variable}",
)
_NO_KEY = Text(
    "it needs a key: run “videogen-nb key {name}”, or set {variable}",
    "缺少密钥：请运行“videogen-nb key {name}”，或设置环境变量 {variable}",
)
_PAID = Text("the provider charges for each video", "服务商按视频收费")

"""Engines that ask elsewhere: a create that is sent at most once, then questions until it is done.

The gateway stores that it is about to call :meth:`RemoteEngine.start` before it does, and the
handle right after; everything else here may be asked as often as one likes.
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
from .instances import Instance
from .prices import Price
from .transport import Caller, Transport

Where = Literal["queued", "running", "succeeded", "failed", "cancelled"]


@dataclass(frozen=True, slots=True)
class Upstream:
    """Where a task stands upstream, as it was told; what was not told is None.

    ``progress`` is 0 to 1, ``position`` its place in the queue there (0 = next), ``eta_s`` seconds
    until it is done, ``expires_at`` (of the result) in seconds since 1970, ``usage`` and ``cost``
    are plain JSON values.
    """

    where: Where
    progress: float | None = None
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
    """Return whether an upstream's name of a task can be asked for again, in a URL's path."""
    return isinstance(value, str) and bool(re.fullmatch(r"(?!\.+$)[!-~]{1,1000}", value))


@dataclass(frozen=True, slots=True)
class Candidate:
    """A task found upstream after a lost answer; ``sure`` where nothing else could be it."""

    handle: str
    sure: bool


@dataclass(frozen=True, slots=True)
class Stopped:
    """What came of asking the upstream to stop; ``note`` is what a person should know of it.

    ``charged``: it costs what it would have cost.
    """

    done: bool
    note: Text | None = None
    charged: bool = False


class RemoteEngine(Engine):
    """An engine whose videos are made elsewhere. One object an instance, on one event loop.

    A handle is JSON text that holds all that is needed to ask again, from another process too; it
    holds no key.
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
        """Whether a video here costs something, so that none is made twice unasked."""
        return self.costs if self.instance.paid is None else self.instance.paid

    @property
    def needs_key(self) -> bool:
        """Whether it cannot be used without a key."""
        return True

    @property
    def address(self) -> str | None:
        """The URL below which it asks."""
        url = self._url()
        return None if url is None else url.rstrip("/")

    @property
    def concurrency(self) -> int:
        """How many tasks it is given at the same time."""
        return self.instance.at_once or self.at_once

    @property
    def price(self) -> Price | None:
        """What a video costs, where a person has said so."""
        return self.instance.price

    def expected_cost(self, plan: Plan) -> float | None:
        """What a planned video will cost, in the price's currency; None where it is not known."""
        return None if self.price is None else self.price.expected(plan.parameters)

    def key(self) -> str | None:
        """The key as it is now: read anew at each call, so that a new one counts at once.

        Raises:
            EngineError: there is a file that others can read, or one that is no key.
        """
        own = self.default_variable if self.instance.url is None else None
        return self.instance.keyring.read(self.name, self.instance.key_variable or own)

    def missing(self) -> Text | None:
        """Return what it needs before it can be used, and how to get it; None where nothing is."""
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
        """Return an :class:`EngineInfo` with what all of these tell alike."""
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
        """Ask what it can do, where it tells, for :meth:`info` and :meth:`plan`.

        Called when the gateway starts and once in a while.

        Raises:
            UpstreamError: it could not be asked.
        """

    async def before(self, now: float) -> float | None:
        """Return the moment just before a create, in seconds since 1970, for :meth:`look_for`.

        ``now`` by our clock, where the upstream's is as good; None where nothing can be said.

        Raises:
            UpstreamError: it could not be asked.
        """
        return now

    @abstractmethod
    async def start(self, job: Job, key: str) -> str:
        """Create the task upstream; gives its handle.

        Args:
            job: its ``output`` and ``poster`` are not used.
            key: our own name of this attempt, sent where the upstream knows such a thing.

        Raises:
            UpstreamRefused: it said no; nothing was made.
            UpstreamBusy, UpstreamAway: nothing was made; it may be sent later.
            UpstreamUnsure: it may have been made.
        """

    @abstractmethod
    async def poll(self, handle: str) -> Upstream:
        """Return where it stands.

        Raises:
            UpstreamAway: it could not be asked; ask again later.
            UpstreamGone: it is no longer known there.
        """

    @abstractmethod
    async def fetch(self, handle: str, path: Path) -> dict[str, Any]:
        """Write the result to ``path``, its bytes as they came; gives facts of it.

        Raises:
            UpstreamAway: it did not come whole; fetch again later.
            UpstreamRefused: it said no to giving it out, such as by its moderation.
            UpstreamGone: it is no longer there.
        """

    async def cancel(self, handle: str) -> Stopped:
        """Ask the upstream to stop. Raises UpstreamAway: it could not be asked."""
        return Stopped(done=False)

    async def look_for(self, job: Job, since: float) -> list[Candidate]:
        """Tasks upstream, made after ``since``, that could be this job.

        Args:
            since: what :meth:`before` gave.

        Raises:
            UpstreamAway: it could not be asked.
        """
        return []

    def handle_of(self, name: str) -> str | None:
        """Return the handle of what the provider calls so; None where it takes more than that."""
        return None

    async def aclose(self) -> None:
        """Close its connections. It may be used again afterwards."""
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

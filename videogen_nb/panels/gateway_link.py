"""``Link``: the panels' gateway, its features and the language."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, ClassVar
from weakref import WeakValueDictionary

from traitlets import HasTraits, Instance, Unicode

from ..blocking import Connection, connect
from ..blocking.call import Call, submit
from ..client.capabilities import OURS, Capabilities
from ..errors import AnswerUnreadable, RequestRefused
from ..i18n import LANGUAGES, current_language, set_language
from ..protocol.models import EngineInfo, EngineList

if TYPE_CHECKING:
    from ..client import VideoClient


class Link(HasTraits):
    """The connection of panels to a gateway. Opening it takes a moment but does not block.

    Panels of one gateway share one link: changing the language in one changes it in all.
    """

    engines = Instance(EngineList, allow_none=True, help="what the gateway can do, once it told")
    language = Unicode(help='"en" or "zh"')
    url = Unicode(help="the gateway's address, once it is known")

    _shared: ClassVar[WeakValueDictionary[str, Link]] = WeakValueDictionary()
    _chosen: ClassVar[Connection | None] = None

    def __init__(self, connection: Connection | None = None) -> None:
        super().__init__(language=current_language())
        self._connection = connection
        self._opening: asyncio.Task[Connection] | None = None
        #: What may be asked of the gateway: everything, until it is known to be an older one.
        self.capabilities: Capabilities = OURS
        if connection is not None:
            self.url = connection.url

    @classmethod
    def of(cls, where: Connection | Link | None) -> Link:
        """Return the link for a connection; None = the chosen one, or else ``connect()``."""
        if isinstance(where, Link):
            return where
        connection = where or cls._chosen
        key = connection.url if connection else ""
        link = cls._shared.get(key)
        if link is None or (connection and link._connection is not connection):
            link = cls._shared[key] = cls(connection)
        return link

    @classmethod
    def choose(cls, connection: Connection | None) -> None:
        """Make new panels use this connection (None = ``connect()``)."""
        cls._chosen = connection

    async def client(self) -> VideoClient:
        """Return the client, opened if necessary (on the private loop).

        Raises:
            GatewayError, LocalGatewayError: it cannot be opened; the next call tries again.
        """
        if self._connection is None:
            if self._opening is None:
                self._opening = asyncio.create_task(asyncio.to_thread(_connect))
                self._opening.add_done_callback(self._opened)
            self._connection = await asyncio.shield(self._opening)
            self.url = self._connection.url
        return self._connection.client

    def _opened(self, _opening: asyncio.Task[Connection]) -> None:
        self._opening = None

    def load_engines(self) -> Call[EngineList]:
        """Ask the gateway for its engines; ``engines`` is set when it has responded."""
        return submit(self._load_engines())

    async def _load_engines(self) -> EngineList:
        while self.engines is None:
            language = self.language
            client = await self.client()
            try:
                told = await client.engines()
            except (RequestRefused, AnswerUnreadable):
                told = EngineList(default="")  # an older gateway, which does not tell
            self.capabilities = await client.capabilities()
            if language == self.language:  # else another one was chosen meanwhile
                self.engines = told
        return self.engines

    async def refresh_engines(self) -> None:
        """Ask for the engines again, after a key was set or money was spent."""
        self.engines = await (await self.client()).engines()

    def engine(self, name: str | None) -> EngineInfo | None:
        """Return what is known about an engine; None = the gateway's default."""
        if self.engines is None:
            return None
        wanted = name or self.engines.default
        return next((e for e in self.engines.engines if e.name == wanted), None)

    def code_for(self, task_id: str) -> str:
        """Return a line of Python that gets a task's video."""
        known = self._connection
        return known.code_for(task_id) if known is not None else f'show("{task_id}")'

    def speak(self, language: str) -> None:
        """Change the language of this link's panels and of the gateway's responses."""
        if language not in LANGUAGES:
            raise ValueError(f"language must be one of {LANGUAGES}, not {language!r}")
        set_language(language)
        self.language = language
        self.engines = None  # titles of scenes and moves come in the requester's language
        self.load_engines()

    def __repr__(self) -> str:
        return f"Link({self.url or 'not yet opened'!r})"


def _connect() -> Connection:
    """Connect silently: the panel shows which gateway it is."""
    return connect(say=lambda _: None)

"""Looking up people by token in a running gateway, following changes to the file."""

from __future__ import annotations

import logging
import os
from pathlib import Path

from ..errors import LocalGatewayError
from ..i18n import Text
from ..security.file_stamp import Stamp, file_stamp
from ..settings import Settings
from .people_file import BLANK, FILE, Roster, read_roster
from .person import OWNER, Limits, Person
from .tokens import digest_of, new_token

logger = logging.getLogger(__name__)


class People:
    """Everyone who may use a gateway: its owner, and the people in the file.

    ``asks`` says whether a token is required; ``problem`` is the error in the current file (None =
    valid): until it is corrected, the previous version is used.

    Args:
        file: ``people.toml``, which may not exist.
        token: the gateway's own token, if any.

    Raises:
        LocalGatewayError: the file is invalid; the message says why.
    """

    def __init__(self, file: Path, token: str | None = None) -> None:
        self.file = file
        self.problem: Text | None = None
        self._own = digest_of(token) if token else None
        self._changed = False  # since the last refresh
        self._seen = _stamp(file)
        self._roster = Roster() if self._seen is None else self._checked()
        self.asks = self._own is not None or self._seen is not None

    @property
    def total(self) -> Limits:
        """The limits for everyone together."""
        return self._roster.total

    def of_token(self, given: str) -> Person | None:
        """Return the person with this token according to the current file, or None."""
        self._follow()
        digest = digest_of(given)  # looked up by digest: the time it takes tells nothing of a token
        if digest == self._own:
            return OWNER
        name = self._roster.tokens.get(digest)
        return None if name is None else self._roster.people[name]

    def named(self, name: str) -> Person:
        """Return a person by name; an unknown one, whose tasks still exist, as a student."""
        if name == OWNER.name:
            return OWNER
        known = self._roster.people.get(name)
        return known or Person(name, limits=self._roster.defaults, revoked=True)

    def everybody(self) -> list[Person]:
        """Return the people in the file, in order."""
        return list(self._roster.people.values())

    def refresh(self) -> bool:
        """Reload the file if it has changed; return whether it has since the last call."""
        self._follow()
        changed, self._changed = self._changed, False
        return changed

    def _follow(self) -> None:
        """Reload the file if it has changed; keep the previous version if it is invalid or empty.

        Editors empty a file before they write it, and requests arrive in between.
        """
        seen = _stamp(self.file)
        if seen == self._seen:
            return
        self._seen = seen
        try:
            roster = self._checked()
            if roster.blank and not self._roster.blank:
                raise LocalGatewayError(BLANK(file=self.file), code="people_invalid")
            self._roster = roster
        except LocalGatewayError as error:
            self.problem = error.text
            logger.warning("%s", _KEPT(why=error.text))
        else:
            self.problem = None
            self._changed = True

    def _checked(self) -> Roster:
        roster = read_roster(self.file)
        if self._own in roster.tokens:
            raise LocalGatewayError(_OWN(name=roster.tokens[self._own or ""]))
        return roster


def own_token(settings: Settings) -> str | None:
    """Return the token of a served gateway.

    With a people file, there is always one, generated if necessary: notebooks on this machine read
    it from the info file.

    Raises:
        LocalGatewayError: people are listed in a file of earlier versions.
    """
    if former := os.environ.get("VIDEOGEN_TOKENS_FILE"):  # else nobody would be asked for a token
        raise LocalGatewayError(_FORMER(file=former), code="tokens_file")
    if settings.token is None and (settings.data_folder / FILE).exists():
        return new_token()
    return settings.token


def _stamp(file: Path) -> Stamp | None:
    try:
        return file_stamp(file)
    except (FileNotFoundError, NotADirectoryError):  # whose folder it is in says what is wrong
        return None


_KEPT = Text(
    "{why} The previous list stays in effect.",
    "{why} 之前的名单继续有效。",
)
_OWN = Text(
    "{name} has the gateway's own token (VIDEOGEN_TOKEN). Give each person a token of their own.",
    "{name} 使用了网关自身的令牌（VIDEOGEN_TOKEN），每人应使用自己的令牌。",
)
_FORMER = Text(
    "VIDEOGEN_TOKENS_FILE is no longer used. Run `videogen-nb people import {file}` once, then "
    "unset the variable.",
    "不再使用 VIDEOGEN_TOKENS_FILE。请运行一次 `videogen-nb people import {file}`，"
    "然后取消设置该变量。",
)

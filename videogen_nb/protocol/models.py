"""The wire's models: what stands in the JSON between client and gateway, and nothing else.

Source: the project's protocol description, ``docs/protocol.md``. Both sides ignore fields they do
not know; an attachment keeps them, since it goes back to the gateway unchanged. Every field beyond
the first part of the protocol is optional here, because older gateways do not send it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timezone
from enum import StrEnum
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WrapSerializer

from ..i18n import Text


class TaskStatus(StrEnum):
    """Where a task stands."""

    PENDING = "pending"  # accepted and kept; the first attempt is not yet made
    PROCESSING = "processing"  # being made (or, in an older gateway, tried again)
    COMPLETED = "completed"  # the video is there
    FAILED = "failed"  # it will not come; `error` says why
    CANCELLED = "cancelled"  # a person stopped it

    @property
    def finished(self) -> bool:
        """Whether a task in this state never changes again."""
        return self in FINISHED


FINISHED = frozenset({TaskStatus.COMPLETED, TaskStatus.FAILED, TaskStatus.CANCELLED})

#: What may follow what. A gateway restart puts an interrupted local render back to pending.
TRANSITIONS: Mapping[TaskStatus, frozenset[TaskStatus]] = {
    TaskStatus.PENDING: frozenset({TaskStatus.PROCESSING, TaskStatus.FAILED, TaskStatus.CANCELLED}),
    TaskStatus.PROCESSING: frozenset(
        {TaskStatus.PENDING, TaskStatus.COMPLETED, TaskStatus.FAILED, TaskStatus.CANCELLED}
    ),
    TaskStatus.COMPLETED: frozenset(),
    TaskStatus.FAILED: frozenset(),
    TaskStatus.CANCELLED: frozenset(),
}


class TaskId(NamedTuple):
    """A task's two numbers. They are decimal strings: never do arithmetic with them."""

    conversation_id: str
    message_id: str

    def __str__(self) -> str:
        return f"{self.conversation_id}-{self.message_id}"

    @classmethod
    def parse(cls, words: str) -> TaskId:
        """The inverse of ``str(id)``. Raises ValueError where it is not two decimal numbers."""
        first, dash, second = words.strip().partition("-")
        if not (dash and words.isascii() and first.isdecimal() and second.isdecimal()):
            raise ValueError(f"not a task id: {words!r}")
        return cls(first, second)


def _status(value: Any) -> Any:
    """Take a word we do not know for a task that has not ended: keep watching it."""
    known = isinstance(value, str) and value in TaskStatus._value2member_map_
    return value if known else TaskStatus.PROCESSING


_ASSUMED = "assumed"  # the name of a zone that nobody told


def _aware(value: Any) -> Any:
    """Read a time without an offset, an older gateway's local time, as ours: an assumption."""
    if isinstance(value, str):
        value = datetime.fromisoformat(value)
    if isinstance(value, datetime) and value.tzinfo is None:
        try:
            offset = value.astimezone().utcoffset()
        except (OverflowError, OSError):  # the first and last years of the calendar
            raise ValueError(f"not a moment: {value}") from None
        assert offset is not None
        value = value.replace(tzinfo=timezone(offset, _ASSUMED))
    return value


def zone_known(moment: datetime) -> bool:
    """Return whether a moment's offset from UTC was told, rather than assumed to be ours."""
    return moment.tzname() != _ASSUMED


def _words(value: Any) -> Any:
    """Ids arrive as strings; a gateway that sends numbers is read all the same."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _as_told(value: datetime, write: Any) -> Any:
    """Written again as it came: a zone that nobody told is not told on."""
    return write(value) if zone_known(value) else value.replace(tzinfo=None).isoformat()


Moment = Annotated[
    datetime, BeforeValidator(_aware), WrapSerializer(_as_told, when_used="json-unless-none")
]
DecimalId = Annotated[str, BeforeValidator(_words)]


class WireModel(BaseModel):
    """What all models here share: unknown fields are ignored, values do not change."""

    model_config = ConfigDict(extra="ignore", frozen=True, defer_build=True)  # built when used


class OriginalImage(WireModel):
    """What an image was before a client shrank it: pixels, and bytes where it was a file."""

    width: int = Field(ge=1, le=10**6)
    height: int = Field(ge=1, le=10**6)
    size: int | None = Field(None, ge=1, le=10**12)


class Attachment(WireModel):
    """An uploaded image as the gateway described it; unknown keys are kept and sent back."""

    model_config = ConfigDict(extra="allow", frozen=True, defer_build=True)

    key: str
    name: str | None = None
    type: str | None = None
    identifier: str | None = None
    option: dict[str, Any] | None = None
    md5: str | None = None
    size: int | None = None
    shrunk_from: OriginalImage | None = None

    def to_wire(self) -> dict[str, Any]:
        """Return the dictionary as it came: set fields only, unknown ones included."""
        return self.model_dump(mode="json", exclude_unset=True)


class TaskRef(WireModel):
    """A task as a request names it."""

    conversation_id: DecimalId
    message_id: DecimalId

    @property
    def id(self) -> TaskId:
        """The task's name everywhere."""
        return TaskId(self.conversation_id, self.message_id)


class ImageRef(WireModel):
    """One image of a request: an attachment, a URL or a frame of a task's video; what it is for.

    ``frame`` is "last", or so many seconds from the beginning of the task's video.
    """

    attachment: Attachment | None = None
    url: str | None = None
    task: TaskRef | None = None
    frame: float | Literal["last"] = "last"
    role: Literal["first", "last", "reference"] = "first"

    @property
    def sources(self) -> int:
        """How many images it names, of which there should be one."""
        return sum(source is not None for source in (self.attachment, self.url or None, self.task))

    @property
    def source(self) -> str:
        """A word that is the same for the same image."""
        if self.attachment is not None:
            return self.attachment.key
        return f"{self.task.id} {self.frame}" if self.task is not None else self.url or ""

    def to_wire(self) -> dict[str, Any]:
        """Return the entry of ``images`` in a JSON body."""
        if self.attachment is not None:
            return {"attachment": self.attachment.to_wire(), "role": self.role}
        if self.task is not None:
            named = self.task.model_dump(mode="json")
            return {"task": named, "frame": self.frame, "role": self.role}
        return {"url": self.url, "role": self.role}


class GenerateRequest(WireModel):
    """The body of ``POST /api/video-gen/generate``. None = absent = the engine's default."""

    prompt: str
    image_url: str | None = None
    image_attachment: Attachment | None = None
    guest: bool = False
    conversation_id: DecimalId | None = None
    section_id: str | None = None
    images: list[ImageRef] | None = None
    group: str | None = None
    parent: str | None = None
    labels: list[str] | None = None
    engine: str | None = None
    duration: float | None = Field(None, description="seconds")
    ratio: str | None = Field(None, description='width to height, such as "16:9"')
    resolution: str | None = Field(None, description='such as "720p"')
    fps: float | None = None
    seed: int | None = None
    caption: bool | None = Field(None, description="false: no words are lettered on the video")
    extra: dict[str, Any] | None = Field(None, description="the engine's own parameters")
    again: bool | None = Field(
        None, description="make another video although a paid engine was asked for the same before"
    )

    def to_wire(self) -> dict[str, Any]:
        """The JSON body: what is None is left out, so that older gateways see what they know."""
        body = self.model_dump(
            mode="json", exclude_none=True, exclude={"image_attachment", "images"}
        )
        if self.image_attachment is not None:
            body["image_attachment"] = self.image_attachment.to_wire()
        if self.images is not None:
            body["images"] = [image.to_wire() for image in self.images]
        return body


class Drawn(WireModel):
    """What of the prompt a video shows and what not, as its engine tells it.

    ``line`` says it to people; ``link`` leads to a page about engines that can do more.
    """

    shown: list[str] = []
    missing: list[str] = []
    line: str
    link: str | None = None

    @property
    def with_link(self) -> Text:
        """The line for a place that shows plain text, such as a terminal."""
        if self.link is None:
            return Text.same(self.line)
        return _MORE(line=self.line, link=self.link)


class VideoTask(WireModel):
    """A task as its gateway tells it. Times are aware; durations are in seconds."""

    conversation_id: DecimalId
    message_id: DecimalId
    section_id: str | None = None
    status: Annotated[TaskStatus, BeforeValidator(_status)]
    video_urls: list[str] = []
    retry_count: int = 0
    max_retries: int | None = None
    created_at: Moment | None = None
    updated_at: Moment | None = None
    error: str | None = None
    # From here on: only gateways of ours send these.
    progress: float | None = Field(None, ge=0, le=1, description="0 to 1; null = not reported")
    stage: str | None = None
    queue_position: int | None = Field(None, description="0 = next")
    eta_seconds: float | None = None
    poll_after_ms: int | None = None
    prompt: str | None = None
    engine: str | None = None
    engine_title: str | None = Field(None, description="what people call the engine")
    parameters: dict[str, Any] | None = None
    requested: dict[str, Any] | None = Field(
        None, description="the parameters that were asked for, as a create takes them"
    )
    images: list[ImageRef] = []
    seed: int | None = None
    group: str | None = None
    parent: str | None = Field(None, description="the task id this one continues")
    labels: list[str] = []
    starred: bool = False
    title: str | None = Field(None, description="what a person calls it")
    notes: list[str] = []
    drawn: Drawn | None = Field(
        None, description="null where the engine cannot tell or there is no video"
    )
    started_at: Moment | None = None
    finished_at: Moment | None = None
    expires_at: Moment | None = None
    thumbnail_url: str | None = None
    last_frame_url: str | None = None
    sha256: str | None = None
    usage: dict[str, Any] | None = None
    cost: dict[str, Any] | None = None
    error_code: str | None = None

    @property
    def id(self) -> TaskId:
        """The task's name everywhere: ``str(task.id)`` is ``conversation_id-message_id``."""
        return TaskId(self.conversation_id, self.message_id)

    def age_s(self, now: datetime) -> float | None:
        """Return the seconds since it was created; None where the time is not told, or its zone."""
        if self.created_at is None or not zone_known(self.created_at):
            return None
        return max(0.0, (now - self.created_at).total_seconds())

    @property
    def queue_s(self) -> float | None:
        """Seconds between being accepted and being started; None where it is not told."""
        if self.created_at is None or self.started_at is None:
            return None
        return max(0.0, (self.started_at - self.created_at).total_seconds())

    @property
    def work_s(self) -> float | None:
        """Seconds between being started and being finished; None where it is not told."""
        if self.started_at is None or self.finished_at is None:
            return None
        return max(0.0, (self.finished_at - self.started_at).total_seconds())


class Spending(WireModel):
    """What an engine's videos have cost so far, by its price; ``expected`` is for those to come."""

    engine: str
    currency: str
    spent: float
    expected: float = 0.0
    budget: float | None = Field(None, description="beyond which videos are refused")

    @property
    def words(self) -> Text:
        """In a sentence's part: "3.26 of 100 CNY, 1.63 more expected"."""
        values = {"spent": f"{self.spent:.2f}", "currency": self.currency}
        text = _SPENT(**values)
        if self.budget is not None:
            text = _SPENT_OF(**values, budget=f"{self.budget:g}")
        return _EXPECTED(spent=text, more=f"{self.expected:.2f}") if self.expected else text


_MORE = Text("{line} Real video models: {link}", "{line}真正的视频模型：{link}")
_SPENT = Text("{spent} {currency}", "{spent} {currency}")
_SPENT_OF = Text("{spent} of {budget} {currency}", "{spent} {currency}（预算 {budget}）")
_EXPECTED = Text("{spent}, plus {more} expected", "{spent}，另预计 {more}")


class TaskPage(WireModel):
    """A page of ``GET /api/video-gen/list``, newest first; ``total`` counts all that match."""

    tasks: list[VideoTask] = []
    total: int = 0
    spending: list[Spending] = []


class Group(WireModel):
    """A group of tasks, which acts as a folder."""

    name: str
    tasks: int


class GroupList(WireModel):
    """The answer of ``GET /api/video-gen/groups``, the newest first."""

    groups: list[Group] = []


class Cleared(WireModel):
    """The answer of ``prune``: how many tasks, and the bytes of their files."""

    tasks: int
    bytes: int
    dry_run: bool = False


class Cancelled(WireModel):
    """The answer of ``cancel_all``; ``going_on`` ones cannot be stopped any more."""

    cancelled: int
    going_on: int = 0


class DiskUsage(WireModel):
    """What one's tasks and images take on the gateway's disk, and what is free there."""

    tasks: int
    video_bytes: int
    image_bytes: int
    free_bytes: int


class CreateAnswer(WireModel):
    """The answer of ``generate``."""

    success: bool = True
    message: str | None = None
    conversation_id: DecimalId
    message_id: DecimalId
    section_id: str | None = None
    task_status: str | None = None
    estimated_time: str | None = None
    estimated_seconds: float | None = None
    task: VideoTask | None = None


class Choice(WireModel):
    """Something an engine knows by name: a scene, a camera move. ``example`` is a prompt for it."""

    name: str
    title: str
    example: str | None = None


class EngineInfo(WireModel):
    """What an engine can do and whether it is ready here; ``missing`` says what it needs."""

    name: str
    title: str
    ready: bool = True
    missing: str | None = None
    modes: list[str] = []
    durations: tuple[float, float] | None = Field(None, description="shortest, longest, in seconds")
    ratios: list[str] = []
    resolutions: list[str] = []
    progress: bool = False
    cancel: str = Field("never", description="always | queued | never")
    cost: str | None = None
    key: str | None = Field(None, description="missing | kept; null = it needs none")
    spending: list[Spending] = []
    scenes: list[Choice] = []
    moves: list[Choice] = []


class EngineList(WireModel):
    """The answer of ``GET /api/video-gen/engines``."""

    default: str
    engines: list[EngineInfo] = []

"""The menu of the four examples, shown by ``videogen-nb`` without a command."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable

from ...blocking import connect
from ...blocking.examples import (
    TITLES,
    example_1_image_to_video_local,
    example_2_image_to_video_url,
    example_3_text_to_video,
    example_4_quick_test,
)
from ...errors import VideogenError
from ...i18n import Text
from ...text.console import say
from .exit_codes import tell
from .session import Session

_HEADING = Text("🎬 Video generation: examples", "🎬 视频生成示例")
_ALL = Text("Run all of them", "运行全部示例")
_LEAVE = Text("Quit", "退出")
_CHOOSE = Text("Choose (0-5): ", "请选择 (0-5): ")
_UNKNOWN = Text("Please type a number from 0 to 5.", "请输入 0 到 5 之间的数字。")
_URL = Text("Image URL: ", "图片链接: ")
_URL_OR_OWN = Text(
    "Image URL (Enter = the gateway's sample image): ", "图片链接（回车 = 网关自带的示例图片）: "
)
_BYE = Text("👋 Goodbye!", "👋 再见！")
_HINT = Text("`videogen-nb --help` lists the commands.", "`videogen-nb --help` 可查看所有命令。")


def menu(session: Session) -> None:
    """Show the menu until the user quits or the input ends."""
    while (choice := _ask()) not in ("0", None):
        if choice == "5":
            for number in _EXAMPLES:
                _run(session, number)
        elif choice in _EXAMPLES:
            _run(session, choice)
        else:
            say(_UNKNOWN)
    say(_BYE)


def _ask() -> str | None:
    """Show the menu and return the choice; None at the end of the input."""
    line = "=" * min(60, shutil.get_terminal_size().columns)
    say(f"\n{line}\n{_HEADING}\n{line}")
    for number in _EXAMPLES:
        say(f"  {number}. {TITLES[int(number)]}")
    say(f"  5. {_ALL}\n  0. {_LEAVE}\n{_HINT}\n")
    return _typed(_CHOOSE)


def _typed(question: Text) -> str | None:
    try:
        answer = input(str(question)).strip()
    except EOFError:
        say("")
        return None
    if not sys.stdin.isatty():
        say(answer)  # a terminal has shown what was typed
    return answer


def _by_url() -> object:
    """Run the second example with the user's image URL, or the gateway's own image."""
    own = connect().capabilities().result().samples
    return example_2_image_to_video_url(_typed(_URL_OR_OWN if own else _URL) or None)


def _run(session: Session, number: str) -> None:
    """Run one example; report errors and return to the menu."""
    say("")
    try:
        _EXAMPLES[number]()
    except VideogenError as error:
        tell(error, as_json=session.as_json)


_EXAMPLES: dict[str, Callable[[], object]] = {
    "1": example_1_image_to_video_local,
    "2": _by_url,
    "3": example_3_text_to_video,
    "4": example_4_quick_test,
}

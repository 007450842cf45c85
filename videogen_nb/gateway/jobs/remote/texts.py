"""What the gateway says of tasks that are made elsewhere."""

from __future__ import annotations

from ....i18n import Text

SENDING = Text("Sending it to the provider", "正在提交给服务商")
LOOKING = Text(
    "The answer was lost; looking for the task at the provider", "未收到答复，正在服务商处查找任务"
)
QUEUED = Text("Waiting at the provider", "在服务商处排队")
RUNNING = Text("Being made at the provider", "服务商生成中")
FETCHING = Text("Fetching the video", "正在下载视频")
DISK = Text(
    "The video is ready but cannot be kept here ({why}); free some space, it is fetched again",
    "视频已生成，但无法保存（{why}）；请释放磁盘空间，将自动重新下载",
)
FAILED = Text("The provider failed and gave no reason.", "服务商生成失败，未说明原因。")
STOPPED_THERE = Text("It was cancelled at the provider.", "任务已在服务商处被取消。")
CANNOT_STOP = Text(
    "The video is being made elsewhere and cannot be stopped there any more; it will come.",
    "视频正在其他服务处生成，已无法取消，完成后会自动下载。",
)
NOT_READY = Text(
    "The engine {name!r} is not ready here: {why}", "引擎 {name!r} 在本机尚不可用：{why}"
)
INTERRUPTED = Text(
    "The gateway was interrupted just when it sent this to the provider: the video may or may not "
    "be made, and paid for. It was not sent again. Look for it there; to send it anew, retry it.",
    "网关在向服务商提交该任务时中断：视频可能已在生成并计费，也可能没有。未自动重发。"
    "请先到服务商处查询；如需重新提交，请对该任务选择“重试”。",
)
NEVER_ENDED = Text(
    "The provider keeps tasks no longer than this and has told no end of it. Look for it there.",
    "已超过服务商保留任务的时间，仍未得知其结果，请到服务商处查询。",
)
FAULT = Text(
    "The gateway could not follow it at the provider, for a fault of its own that its log tells. "
    "Look for it there.",
    "网关因自身故障未能跟踪该任务，详情见其日志。请到服务商处查询。",
)
FOUND = Text(
    "The provider's answer was lost, but the task was found there.",
    "未收到服务商的答复，但已在其任务列表中找到该任务。",
)
MAYBE = Text("{why} It may be one of these there: {names}.", "{why}可能是其中之一：{names}。")
ORPHAN = Text(
    "The engine {name!r} is not set up here any more. Put it back into engines.toml and start the "
    "gateway anew: the video is then fetched ({upstream} is its name there).",
    "引擎 {name!r} 的配置已不存在。请在 engines.toml 中恢复并重启网关，之后会继续下载视频"
    "（服务商处的任务：{upstream}）。",
)
GIVEN_UP = Text(
    "{why} It was tried for {minutes} min and nothing was sent; try again later.",
    "{why}已尝试 {minutes} 分钟，未提交成功，请稍后重试。",
)

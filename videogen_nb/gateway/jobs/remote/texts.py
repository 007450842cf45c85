"""Texts about tasks at providers."""

from __future__ import annotations

from ....i18n import Text

SENDING = Text("Sending to the provider", "正在提交给服务商")
LOOKING = Text(
    "Response lost; looking for the task at the provider", "未收到响应，正在服务商处查找任务"
)
QUEUED = Text("Queued at the provider", "在服务商处排队")
RUNNING = Text("Rendering at the provider", "服务商生成中")
FETCHING = Text("Downloading the video", "正在下载视频")
DISK = Text(
    "The video is ready but cannot be saved ({why}); free some space and it will be downloaded "
    "again",
    "视频已生成，但无法保存（{why}）；请释放磁盘空间，之后会自动重新下载",
)
FAILED = Text("The provider failed without giving a reason.", "服务商生成失败，未说明原因。")
STOPPED_THERE = Text("The task was cancelled at the provider.", "任务已在服务商处被取消。")
CANNOT_STOP = Text(
    "The provider is already generating the video and can no longer cancel it; it will be "
    "downloaded when it is ready.",
    "视频正在服务商处生成，已无法取消，完成后会自动下载。",
)
NOT_READY = Text("The engine {name!r} is not ready: {why}", "引擎 {name!r} 在本机尚不可用：{why}")
INTERRUPTED = Text(
    "The gateway was interrupted while sending this to the provider: the video may have been "
    "created and billed. It was not sent again. Check with the provider; to send it again, "
    "retry the task.",
    "网关在向服务商提交该任务时中断：视频可能已在生成并计费，也可能没有。未自动重发。"
    "请先到服务商处查询；如需重新提交，请对该任务选择“重试”。",
)
GONE = Text(
    "{why} The video had been created there and may have been billed, so its expected cost "
    "counts as spent. Check the provider's bill; retrying generates and pays for another video.",
    "{why}该任务已在服务商处创建，可能已计费，因此其预计费用按已花费计算。"
    "请核对服务商账单；重试会另外生成并付费。",
)
NEVER_ENDED = Text(
    "The provider never reported a result, and it no longer has this task. Check with the "
    "provider.",
    "已超过服务商保留任务的时间，仍未得知其结果，请到服务商处查询。",
)
FAULT = Text(
    "The gateway lost track of the task at the provider because of an internal error; see its "
    "log. Check with the provider.",
    "网关因自身故障未能跟踪该任务，详情见其日志。请到服务商处查询。",
)
FOUND = Text(
    "The provider's response was lost, but the task was found there.",
    "未收到服务商的响应，但已在其任务列表中找到该任务。",
)
MAYBE = Text("{why} It may be one of these: {names}.", "{why}可能是其中之一：{names}。")
ORPHAN = Text(
    "The engine {name!r} is no longer configured as it was. Restore it in engines.toml and "
    "restart the gateway to get the video (its id there is {upstream}).",
    "引擎 {name!r} 的配置已不存在或已改变。请在 engines.toml 中恢复并重启网关，之后会继续下载视频"
    "（服务商处的任务：{upstream}）。",
)
GIVEN_UP = Text(
    "{why} Gave up after {minutes} min; nothing was sent. Try again later.",
    "{why}已尝试 {minutes} 分钟，未提交成功，请稍后重试。",
)
OVER_BUDGET = Text(
    "Over budget. It continues when the budget is raised; ask the gateway's owner.",
    "超出预算。提高预算后会继续，请联系网关管理者。",
)
BEHIND_BUDGET = Text(
    "Over budget: a video ahead of this one would exceed the budget. Both are waiting and were not "
    "sent; raise the budget (or ask the gateway's owner), or cancel them.",
    "超出预算：排在前面的视频会超出预算，本任务与它都在等待，尚未发送；请提高预算（或联系网关管理"
    "者），或取消任务。",
)

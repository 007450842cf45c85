"""Refusals: a stable code, and a message that says what to do.

HTTP statuses for the codes are in :mod:`videogen_nb.gateway.http.errors`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from ..errors import VideogenError
from ..i18n import Text
from ..local.installation import GONE


class Refusal(VideogenError):
    """The gateway refuses a request.

    Args:
        code: a stable code; its message is in :data:`SENTENCES`.
        text: a different message.
        retry_after_s: when to retry, in seconds.
        values: values for the message.
    """

    def __init__(
        self,
        code: str,
        text: Text | None = None,
        *,
        retry_after_s: int | None = None,
        **values: Any,
    ) -> None:
        super().__init__((text or SENTENCES[code])(**values), code=code)
        self.retry_after_s = retry_after_s


def task_missing() -> Refusal:
    """Return the refusal for an unknown task or another person's."""
    return Refusal("task_not_found")


def installation_gone() -> Refusal:
    """Return the refusal of a gateway whose code was deleted, and which is about to stop."""
    return Refusal("installation_gone", GONE, retry_after_s=15)


SENTENCES: Final[Mapping[str, Text]] = {
    "task_not_found": Text(
        "Task not found: you have no task with this id here. Check the id, and which gateway it "
        "was created on.",
        "没有该任务：你在此网关上没有这个 ID 的任务。请核对 ID，以及任务是在哪个网关创建的。",
    ),
    "id_missing": Text(
        "Missing {name}: a task is identified by conversation_id and message_id.",
        "缺少 {name}：任务由 conversation_id 与 message_id 共同标识。",
    ),
    "not_found": Text("Not found.", "该地址没有内容。"),
    "method_not_allowed": Text("Method not allowed.", "该地址不支持此请求方法。"),
    "model_not_found": Text(
        "No engine {name!r} is ready here. GET /v1/models lists those that are.",
        "没有可用的引擎 {name!r}。可用引擎见 GET /v1/models。",
    ),
    "query_unknown": Text(
        "Unknown query parameter {name!r}. Available: {known}.",
        "不支持查询参数 {name!r}。可用：{known}。",
    ),
    "video_not_found": Text(
        "Video not found. It may have been deleted.", "没有该视频，可能已被删除。"
    ),
    "video_changed": Text(
        "The stored video was changed by another program after it was generated, so it is no "
        "longer the video of this task. It may have been saved as a hard link and edited. "
        "Generate it again.",
        "该视频生成后，存储的文件被其他程序修改，已不是该任务的视频。"
        "它可能曾被保存为硬链接，之后被修改。请重新生成。",
    ),
    "video_not_ready": Text(
        "The video is not ready yet. Poll the job until it is completed.",
        "视频尚未生成，请继续查询任务，直到状态变为 completed。",
    ),
    "task_deleted": Text(
        "The task created with this Idempotency-Key was deleted. Use a new key to create another.",
        "此 Idempotency-Key 对应的任务已被删除，如需重新生成请使用新的键。",
    ),
    "idempotency_key_reused": Text(
        "This Idempotency-Key was used for a different request. Use a new key for a new request.",
        "此 Idempotency-Key 已用于另一个请求，新请求请使用新的键。",
    ),
    "idempotency_key_invalid": Text(
        "Invalid Idempotency-Key: use 1 to 255 visible ASCII characters, such as a UUID.",
        "Idempotency-Key 应为 1 至 255 个可见 ASCII 字符，例如 UUID。",
    ),
    "in_flight": Text(
        "A request with this Idempotency-Key is in progress. Try again in a moment.",
        "使用此 Idempotency-Key 的请求正在处理，请稍后再试。",
    ),
    "task_finished": Text(
        "The task has already finished ({state}); there is nothing to cancel.",
        "任务已结束（{state}），无需取消。",
    ),
    "task_unfinished": Text(
        "The task has not finished yet ({state}). Wait for it, or cancel it first.",
        "任务尚未结束（{state}），请等待完成或先取消。",
    ),
    "task_completed": Text(
        "The task is completed; there is nothing to retry. Create another task instead.",
        "任务已生成视频，无需重试。如需新视频请另建任务。",
    ),
    "queue_full": Text(
        "{count} {count:task is|tasks are} already waiting. Try again when some have finished.",
        "已有 {count} 个任务在排队，请等待部分任务完成后再试。",
    ),
    "budget_reached": Text(
        "This video would cost {amount} {currency}, but {taken} of the budget of {budget} "
        "{currency} for {name!r} is spent or reserved. Nothing was sent. Raise budget under "
        "[{name}] in engines.toml, or request a shorter or smaller video.",
        "该视频预计花费 {amount} {currency}，而引擎 {name!r} 的预算为 {budget} {currency}，"
        "已花费或预留 {taken}。未发送任何请求。"
        "请在 engines.toml 的 [{name}] 中提高 budget，或缩短时长、降低分辨率。",
    ),
    "over_budget": Text(
        "Over budget: {taken} of {budget} {currency} for {name!r} is spent or reserved, and this "
        "video would cost {amount}. It is waiting and was not sent; raise budget under [{name}] in "
        "engines.toml to continue, or cancel it.",
        "超出预算：引擎 {name!r} 的预算为 {budget} {currency}，已花费或预留 {taken}，"
        "该视频预计花费 {amount}。任务正在等待，尚未发送；"
        "在 engines.toml 的 [{name}] 中提高 budget 后继续，或取消任务。",
    ),
    "batch_budget_reached": Text(
        "These {count} videos would cost {amount} {currency}, but {taken} of the budget of "
        "{budget} {currency} for {name!r} is spent or reserved. Nothing was sent. Raise budget "
        "under [{name}] in engines.toml, or request fewer, shorter or smaller videos.",
        "这 {count} 个视频预计花费 {amount} {currency}，"
        "而引擎 {name!r} 的预算为 {budget} {currency}，已花费或预留 {taken}。未发送任何请求。"
        "请在 engines.toml 的 [{name}] 中提高 budget，或减少数量、缩短时长、降低分辨率。",
    ),
    "cost_not_agreed": Text(
        "This costs {cost}, so nothing was created. To pay for it, repeat the request with exactly "
        "expected_cost={cost!r}.",
        "该请求将花费 {cost}，因此未创建任何任务。如同意付费，请原样传入：expected_cost={cost!r}。",
    ),
    "mcp_missing": Text(
        "This gateway has no MCP library. On its machine, run: "
        'pip install "videogen-nb[mcp]" (in a clone: pip install -e ".[mcp]"), then restart it.',
        '该网关缺少供智能体使用的库。请在网关所在的环境中运行 pip install "videogen-nb[mcp]"'
        '（在源码目录中：pip install -e ".[mcp]"）后重启。',
    ),
    "collect_nothing": Text(
        "There is nothing to collect. Only tasks that failed after they were sent to a provider "
        "can be collected.",
        "没有可取回的视频：只能取回提交给服务商之后失败的任务。",
    ),
    "collect_engine": Text(
        "The settings of the engine {name!r} have changed since this task was sent. Restore them "
        "in engines.toml and try again.",
        "引擎 {name!r} 的配置与提交该任务时不同。请在 engines.toml 中恢复后重试。",
    ),
    "collect_not_found": Text(
        "The task was not found at the provider. If you see it there, pass its ID: "
        "videogen-nb collect {id} --upstream ID.",
        "在服务商处未找到该任务。如果你在那里能看到它，请提供其 ID："
        "videogen-nb collect {id} --upstream ID。",
    ),
    "collect_unsure": Text(
        "{count:This task|One of these tasks} at the provider may be it: {names}. Check there, "
        "then run: videogen-nb collect {id} --upstream ID.",
        "服务商处可能对应的任务：{names}。请在服务商处核对后运行："
        "videogen-nb collect {id} --upstream ID。",
    ),
    "collect_taken": Text(
        "This task at the provider belongs to another person.",
        "服务商处的该任务属于他人。",
    ),
    "budget_reached_of_person": Text(
        "This would cost {amount} {currency}, but {taken} of your {budget} {currency} {within} is "
        "spent or reserved. Nothing was sent. Ask the gateway's owner for more, or request "
        "fewer, shorter or smaller videos.",
        "预计花费 {amount} {currency}，而你的额度（{within}）为 {budget} {currency}，"
        "已花费或预留 {taken}。未发送任何请求。"
        "请向网关管理者申请提高额度，或减少数量、缩短时长、降低分辨率。",
    ),
    "budget_reached_of_all": Text(
        "This would cost {amount} {currency}, but {taken} of the {budget} {currency} that "
        "everyone together may spend {within} is spent or reserved. Nothing was sent. Raise the "
        "limit with `videogen-nb people limit total`.",
        "预计花费 {amount} {currency}，而所有人合计的额度（{within}）为 {budget} {currency}，"
        "已花费或预留 {taken}。未发送任何请求。可用 `videogen-nb people limit total` 提高。",
    ),
    "budget_reached_shared": Text(
        "This would cost {amount} {currency}, more than is left of the shared budget. Nothing was "
        "sent. Ask the gateway's owner.",
        "预计花费 {amount} {currency}，超出了大家共用的剩余额度。未发送任何请求。"
        "请联系网关管理者。",
    ),
    "over_budget_of_person": Text(
        "Over your limit: {taken} of {budget} {currency} {within} is spent or reserved, and this "
        "video would cost {amount}. It is waiting and was not sent; ask the gateway's owner for "
        "more, or cancel it.",
        "超出你的额度（{within}）：{budget} {currency} 中已花费或预留 {taken}，"
        "该视频预计花费 {amount}。任务正在等待，尚未发送；请向网关管理者申请提高额度，或取消任务。",
    ),
    "over_budget_of_all": Text(
        "Over the shared limit: {taken} of {budget} {currency} {within} is spent or "
        "reserved, and this video would cost {amount}. It is waiting and was not sent; raise the "
        "limit "
        "with `videogen-nb people limit total`, or cancel it.",
        "超出所有人合计的额度（{within}）：{budget} {currency} 中已花费或预留 {taken}，"
        "该视频预计花费 {amount}。任务正在等待，尚未发送；"
        "可用 `videogen-nb people limit total` 提高额度，或取消任务。",
    ),
    "over_budget_shared": Text(
        "The budget that everyone shares is used up for now. The video is waiting and was not "
        "sent; ask the gateway's owner, or cancel it.",
        "大家共用的额度目前已用完。任务正在等待，尚未发送；请联系网关管理者，或取消任务。",
    ),
    "videos_per_day": Text(
        "You have requested {count} {count:video|videos} in the last 24 hours; your limit is "
        "{limit}. Try again later.",
        "你在 24 小时内已请求 {count} 个视频，上限为 {limit}，请稍后再试。",
    ),
    "videos_per_day_of_all": Text(
        "The people who share this gateway have reached their shared limit of videos per 24 "
        "hours. Try again later.",
        "该网关所有人 24 小时内的视频总数已达上限，请稍后再试。",
    ),
    "teacher_required": Text(
        "Only teachers can do this. You can see your own tasks.",
        "仅教师可以执行此操作。你可以查看自己的任务。",
    ),
    "no_videos": Text("No videos match.", "没有符合条件的视频。"),
    "batch_not_found": Text("There is no batch {name!r}.", "没有名为 {name!r} 的批次。"),
    "rows_refused": Text(
        "{count} of {total} {total:row|rows} {count:is|are} invalid, so nothing was created. "
        "Row {row}: {why}",
        "{total} 行中有 {count} 行无效，因此未创建任何任务。第 {row} 行：{why}",
    ),
    "key_twice": Text(
        "The key {key!r} is already used by row {other}. Give each row a different key.",
        "键 {key!r} 已用于第 {other} 行，每行的键应各不相同。",
    ),
    "key_invalid": Text(
        "Invalid key {key!r}: use 1 to {limit} characters and no control characters.",
        "键 {key!r} 无效：应为 1 至 {limit} 个字符，且不含控制字符。",
    ),
    "too_many_rows": Text(
        "{count} rows are too many for one batch: at most {limit} are allowed.",
        "一个批次最多 {limit} 行，现有 {count} 行。",
    ),
    "too_many_links": Text(
        "{count} image links are too many for one batch: at most {limit} are downloaded. Upload "
        "the images instead.",
        "一个批次最多下载 {limit} 个图片链接，现有 {count} 个。请改为上传图片。",
    ),
    "cost_unknown": Text(
        "The cost of this video cannot be computed, and a budget or limit applies to {name!r}. Set "
        "duration and resolution (here, or under parameters in engines.toml). Nothing was sent.",
        "无法计算该视频的费用，而引擎 {name!r} 设有预算或额度。请指定时长和分辨率"
        "（在请求中或 engines.toml 的 parameters 中）。未发送任何请求。",
    ),
    "cancel_refused": Text(
        "The provider is already generating the video and can no longer cancel it; it will be "
        "downloaded when it is ready.",
        "视频正在服务商处生成，已无法取消，完成后会自动下载。",
    ),
    "too_many_tasks": Text(
        "You already have {count} unfinished tasks, the limit for one person. Wait for some to "
        "finish, or cancel some.",
        "你已有 {count} 个未完成的任务，已达每人上限。请等待或取消部分任务。",
    ),
    "too_much_at_once": Text(
        "Too many of your requests are in progress. Try again in a moment.",
        "你同时发出的请求过多，请稍后重新发送。",
    ),
    "uploads_full": Text(
        "Your stored images would exceed {limit}. Delete tasks that you no longer need; their "
        "images are removed within a day.",
        "你在网关中保存的图片总量将超过 {limit}。请删除不需要的任务，其图片会在一天内清除。",
    ),
    "body_too_large": Text(
        "The request is larger than {limit}.", "请求内容超过 {limit}，请减小后再发。"
    ),
    "body_too_slow": Text(
        "The request did not arrive within {seconds} s. Try again.",
        "请求未在 {seconds} 秒内传完，请重新发送。",
    ),
    "body_cut_short": Text(
        "The request body is incomplete. Try again.",
        "请求内容不完整，请重新发送。",
    ),
    "body_encoded": Text(
        "Compressed request bodies are not supported. Send the body uncompressed.",
        "不接受压缩的请求内容，请直接发送原始内容。",
    ),
    "not_json": Text("The body is not JSON: {why}.", "请求内容不是有效的 JSON：{why}。"),
    "json_expected": Text(
        "The body must be JSON with Content-Type: application/json.",
        "请求内容应为 JSON，并设置 Content-Type: application/json。",
    ),
    "malformed": Text("{where}: {what}", "{where}：{what}"),
    "disk_full": Text(
        "The gateway's disk is full. Delete videos that you no longer need, or free some "
        "space, and try again.",
        "网关磁盘已满。请删除不需要的视频或释放空间后重试。",
    ),
    "check_failed": Text(
        "The image could not be checked: the checking process ended unexpectedly, twice. "
        "The image itself may be fine. Try again soon; see the gateway's log for details.",
        "未能检查图片：检查进程两次意外结束。图片本身未必有问题，请稍后重试，详情见网关日志。",
    ),
    "frame_failed": Text(
        "The frame could not be taken from the video: {why} Try again soon.",
        "无法从视频中取出画面：{why}请稍后重试。",
    ),
    "store_unavailable": Text(
        "The gateway cannot save tasks at the moment. Try again soon; see its log for details.",
        "网关暂时无法写入任务，请稍后再试，详情见其日志。",
    ),
    "internal_error": Text(
        "Internal error. See the gateway's log for details.", "网关内部错误，详情见其日志。"
    ),
    "hub_unreachable": Text(
        "Cannot reach JupyterHub to check your token. Try again in a moment.",
        "暂时无法连接 JupyterHub 验证你的令牌，请稍后重试。",
    ),
    "no_access": Text(
        "Your token does not give access to this service. Ask the hub's administrator for the "
        "scope "
        "access:services.",
        "你的令牌无权使用该服务。请向 JupyterHub 的管理员申请 access:services 权限。",
    ),
    "not_for_students": Text(
        "Only teachers and services can read the metrics. Ask the gateway's owner for a token "
        "with the role service.",
        "只有教师和 service 角色可以读取监控指标，请向网关管理者申请 service 角色的令牌。",
    ),
    "owner_only": Text(
        "Only the gateway's owner can do this, on its machine or with its own token.",
        "只有网关管理者可以执行此操作：请在网关所在的机器上操作，或使用网关自身的令牌。",
    ),
    "token_required": Text(
        "This gateway requires a token: send Authorization: Bearer <token> (set VIDEOGEN_TOKEN "
        "for the client).",
        "该网关需要令牌：Authorization: Bearer <令牌>（客户端请设置 VIDEOGEN_TOKEN）。",
    ),
    "other_user": Text(
        "This gateway belongs to another user of this machine and has no token, so only "
        "that user can use it. Run your own gateway, or ask its owner to set "
        "VIDEOGEN_TOKEN.",
        "该网关属于本机的另一个用户且未设置令牌，因此只有该用户可以使用。"
        "请运行自己的网关，或请其管理者设置 VIDEOGEN_TOKEN。",
    ),
    "token_needed": Text(
        "An engine of this gateway now has a key, and this system cannot tell which user a "
        "request comes from. Restart the gateway with VIDEOGEN_TOKEN set.",
        "该网关的引擎已配置密钥，而本系统无法识别请求来自哪个用户。"
        "请设置 VIDEOGEN_TOKEN 后重新启动网关。",
    ),
    "host_not_allowed": Text(
        "This gateway does not serve the host name {host!r}. Use its address, or add the name "
        "to VIDEOGEN_ALLOWED_HOSTS where it runs.",
        "该网关不接受主机名 {host!r}。请使用其地址，或在网关的环境变量中将该名称加入 "
        "VIDEOGEN_ALLOWED_HOSTS。",
    ),
    "origin_not_allowed": Text(
        "Web pages from other origins are not allowed. To allow one, add its origin, such as "
        "{origin!r}, to VIDEOGEN_ALLOWED_ORIGINS where the gateway runs.",
        "不允许其他来源的网页使用该网关。如需允许，请在网关的环境变量中将其来源（如 {origin!r}）加"
        "入 VIDEOGEN_ALLOWED_ORIGINS。",
    ),
    "documents_not_taken": Text(
        "Documents (file_type=1) are not supported. Upload images with file_type=2.",
        "不支持上传文档（file_type=1），仅支持图片：请使用 file_type=2。",
    ),
    "file_type_unknown": Text("file_type must be 2 (image).", "file_type 应为 2（图片）。"),
    "form_not_taken": Text(
        "Send the image's bytes as the body (Content-Type: application/octet-stream), "
        "not as a form.",
        "请将图片字节直接作为请求体发送（Content-Type: application/octet-stream），不要使用表单。",
    ),
    "file_name_invalid": Text(
        "file_name must have 1 to 255 characters and no control characters.",
        "file_name 应为 1 至 255 个字符，且不含控制字符。",
    ),
    "unknown_attachment": Text(
        "Unknown attachment {key!r}. Upload the image to this gateway first.",
        "网关中没有附件 {key!r}，请先将图片上传到该网关。",
    ),
    "image_gone": Text(
        "The task's image is no longer stored. Upload it again and create a new task.",
        "任务所用的图片已不再保留，请重新上传并新建任务。",
    ),
}

"""``Batches``: generate many videos from a table, as variations, or like another one."""

from __future__ import annotations

import os
from typing import Any, Literal, overload

from ...protocol.values import as_path, as_text
from ..create.tasks import CreateTasks
from ..task_ids import TaskLike
from .estimate import Estimate
from .run import Batch
from .start import refuse_older, start
from .variations import like, name_of, variations


class Batches(CreateTasks):
    """Methods that create many tasks at once."""

    @overload
    async def batch(
        self, table: Any, name: str | None = None, *, dry_run: Literal[True], **given: Any
    ) -> Estimate: ...

    @overload
    async def batch(
        self,
        table: Any,
        name: str | None = None,
        *,
        prompt: str | None = None,
        image: Any = None,
        key: str | None = None,
        product: bool = False,
        path: str | os.PathLike[str] | None = None,
        dry_run: Literal[False] = False,
        **parameters: Any,
    ) -> Batch: ...

    async def batch(
        self,
        table: Any,
        name: str | None = None,
        *,
        prompt: str | None = None,
        image: Any = None,
        key: str | None = None,
        product: bool = False,
        path: str | os.PathLike[str] | None = None,
        dry_run: bool = False,
        **parameters: Any,
    ) -> Batch | Estimate:
        """Generate a video for every row, or none at all; ``await`` the batch to save the videos.

        Running it again with the same name generates only the missing videos.

        Args:
            table: a list of dictionaries, a dictionary of columns, the path of a CSV file, or a
                pandas or polars frame. Columns named like parameters set those parameters.
            name: name of the batch; None = the name of the CSV file.
            prompt, image: a column, or one value for all rows; None = the columns with these names.
                Images are anything that :meth:`upload_image` accepts, or URLs.
            key: the column that identifies each row, so that an edited row replaces the original;
                None = ``key``, if there is such a column. Otherwise a row is identified by its
                request.
            product: generate every combination of the columns' values and of lists in
                ``parameters``.
            path: a folder, or a template for file names with the fields ``row``, ``key``,
                ``prompt``, ``batch``, ``id``, parameters and columns; None =
                ``"{row:03}-{prompt:.20}-{seed}.mp4"`` in a folder named after the batch.
            dry_run: create nothing; return an estimate.
            parameters: for each, a column, or one value for all rows. A single webhook (``notify``)
                is called once, when all rows have ended; webhooks in a column are called for each
                row.

        Raises:
            BadRows: some rows are invalid, each with its number and reason; nothing was created.
            BadParameter: the table or template is invalid, or the gateway does not support batches.
        """
        if not await self.is_ours():
            raise refuse_older(self.url)
        begun = await start(
            self._exchange,
            self._downloader,
            self._reference,
            self.polling,
            table,
            name,
            engine=self._engine,
            path=None if path is None else str(as_path("path", path)),
            given=parameters,
            prompt=prompt,
            image=image,
            key=key,
            product=product,
        )
        if dry_run:
            return await begun.weigh()
        await begun.admit()
        return begun

    async def variations(
        self,
        prompt: str,
        n: int | None = None,
        *,
        image: Any = None,
        name: str | None = None,
        path: str | os.PathLike[str] | None = None,
        **axes: Any,
    ) -> Batch:
        """Generate several variations of one prompt, as a :meth:`batch`.

        Args:
            prompt: may contain alternatives in braces: ``"a {calm|stormy} sea"``.
            n: number of videos; None = every combination once, or 9 seeds if there is only one.
            image: the first frame of all videos.
            name: name of the batch; None = derived from the prompt.
            axes: parameters; a list gives alternatives: ``engine=["sketch", "ark"]``,
                ``seed=range(9)``. ``notify`` is called once, when all videos have ended.

        Raises:
            The errors of :meth:`batch`.
        """
        notify, prompt = axes.pop("notify", None), as_text("prompt", prompt) or ""
        rows = variations(prompt, n, axes)
        name = name or name_of(prompt)
        return await self.batch(rows, name, image=image, path=path, notify=notify)

    async def like(
        self,
        task: TaskLike,
        n: int = 4,
        *,
        name: str | None = None,
        path: str | os.PathLike[str] | None = None,
        **changes: Any,
    ) -> Batch:
        """Generate more videos like a given one: the same request, with new seeds and ``changes``.

        Args:
            task: the task to vary: a task, its id, or the protocol's dictionary.
            n: number of videos.
            name: name of the batch; None = derived from the task's id.
            changes: parameters to change: ``duration=10``, ``prompt="…"``; a list gives
                alternatives.

        Raises:
            TaskNotFound: the gateway does not know the task. The errors of :meth:`batch`.
        """
        known = await self.get_task(task)
        notify = changes.pop("notify", None)
        rows = like(known, n, changes)
        name = name or f"like-{known.message_id}"
        return await self.batch(rows, name, path=path, notify=notify)

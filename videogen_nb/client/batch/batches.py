"""``Batches``: make many videos, from a table, from variations, or like one."""

from __future__ import annotations

import os
from typing import Any, Literal, overload

from ..create.tasks import CreateTasks
from ..task_ids import TaskLike
from .estimate import Estimate
from .run import Batch
from .start import refuse_older, start
from .variations import like, name_of, variations


class Batches(CreateTasks):
    """Many tasks at once."""

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
        """Make a video of every row of a table, or of none; ``await`` the batch to have them saved.

        Run again, with the same name, it makes only what is missing.

        Args:
            table: a list of dictionaries, a dictionary of columns, the path of a CSV file, or a
                pandas or polars frame. Columns named as parameters are used as such.
            name: of the batch; None = the name of the CSV file.
            prompt, image: the column that holds them, or one for all rows; None = the columns of
                these names. Images are what :meth:`upload_image` takes, or URLs.
            key: the column that names each row, so that an edited row replaces its former self;
                None = ``key``, where there is one; else a row is known by its request.
            product: every combination of the columns' values, and of lists in ``parameters``.
            path: a folder, or a template for the files' names made of ``row``, ``key``,
                ``prompt``, ``batch``, ``id``, parameters and columns; None =
                ``"{row:03}-{prompt:.20}-{seed}.mp4"`` in a folder named as the batch.
            dry_run: make nothing, and tell what would be made.
            parameters: for each a column's name, or one value for all rows. A webhook
                (``notify``) for all rows is called once, when all have ended; a column's
                webhooks are called for each row.

        Raises:
            BadRows: rows do not fit, each with its number and reason; nothing was created.
            BadParameter: the table, the template or the gateway does not fit.
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
            path=None if path is None else os.fspath(path),
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
        """Several videos of one idea, as a :meth:`batch`: run again, it makes what is missing.

        Args:
            prompt: alternatives stand in braces: ``"a {calm|stormy} sea"``.
            n: how many; None = every combination once, or 9 with other seeds where there is one.
            image: the first frame of all of them.
            name: of the batch; None = made of the prompt.
            axes: parameters; a list is an axis: ``engine=["sketch", "ark"]``, ``seed=range(9)``.
                ``notify`` is called once, when all videos have ended.

        Raises:
            What :meth:`batch` raises.
        """
        notify = axes.pop("notify", None)
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
        """More videos like one: what it asked for, with its images, other seeds and ``changes``.

        Args:
            n: how many.
            name: of the batch; None = made of the task's id.
            changes: what is to differ: ``duration=10``, ``prompt="…"``; a list is an axis.

        Raises:
            TaskNotFound: the gateway does not know it. What :meth:`batch` raises.
        """
        known = await self.get_task(task)
        notify = changes.pop("notify", None)
        rows = like(known, n, changes)
        name = name or f"like-{known.message_id}"
        return await self.batch(rows, name, path=path, notify=notify)

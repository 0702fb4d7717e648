"""Where a handler's code is: what a project names, or what its template says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

    from harness.streams.mapping.function_settings import FunctionSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class HandlerCode:
    """A function in a Python file, as it would be deployed."""

    #: The folder that stands for /var/task: first on the import path, and the working directory.
    folder: Path
    #: `module.function`, or `folder/module.function`, as Lambda takes it.
    handler: str
    file: Path

    @property
    def reference(self) -> str:
        """`path/to/file.py:function`."""
        return f"{self.file}:{self.handler.rpartition('.')[2]}"

    @staticmethod
    def of_reference(reference: str, *, project: Path, name: str) -> HandlerCode:
        """Read `path/to/file.py:function`: the file's folder is the task root and its name the module."""
        path, colon, function = reference.rpartition(":")
        if not (colon and function and path.endswith(".py")):
            raise UsageError(
                f"{name}: {reference!r} names no handler: it should read path/to/file.py:function",
                hint=f'write {name} = "path/to/file.py:function" under [handlers] in harness.toml',
            )
        file = project / path
        return HandlerCode(folder=file.parent, handler=f"{file.stem}.{function}", file=file)

    @staticmethod
    def of_template(settings: FunctionSettings, *, name: str, hint: str) -> HandlerCode:
        """Take Handler and CodeUri. Raises UsageError, with the hint, where they are no Python file that is there."""
        where = f"{name}: {settings.logical_id} in {settings.template}"
        code = settings.code
        if code.elsewhere is not None or code.handler is None or code.folder is None:
            raise UsageError(f"{where} {code.elsewhere}", hint=hint)
        module = code.handler.rpartition(".")[0].replace(".", "/")
        files = (code.folder / f"{module}.py", code.folder / module / "__init__.py")
        there = next((file for file in files if file.is_file()), None)
        if there is None:
            looked = "".join(f"\n  - {file}" for file in files)
            raise UsageError(
                f"{where} has the Handler {code.handler}, and no file for it. Looked for:{looked}", hint=hint
            )
        return HandlerCode(folder=code.folder, handler=code.handler, file=there)

"""A folder of files that is written whole, or not at all.

Law: a file appears under its name when it is complete. Whatever fails, nothing half-written is
left, and what stood there before stands there still.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

_SUFFIX = ".part"


class OutputError(OSError):
    """A folder or file that cannot be written: where, and why."""

    def __init__(self, path: Path, why: str) -> None:
        self.path = path
        self.why = why
        super().__init__(f"{path}: cannot write captures: {why}")


class OutputFolder:
    """Collects files; ``commit`` gives them their names. Use as a context manager."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._made: list[Path] = []  # folders that were not there before, outermost first
        self._files: dict[Path, Path] = {}  # temporary name: final name

    def __enter__(self) -> OutputFolder:
        try:
            self._make()
        except OSError as error:
            self._clean()
            raise OutputError(self.path, error.strerror or str(error)) from None
        return self

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if error is None:
            self._commit()
        else:
            self._clean()
        if isinstance(error, OSError) and not isinstance(error, OutputError):
            raise OutputError(self.path, error.strerror or str(error)) from None

    def _make(self) -> None:
        """``mkdir -p``, remembering what was made."""
        missing = [p for p in (self.path, *self.path.parents) if not p.exists()]
        for folder in reversed(missing):
            folder.mkdir()
            self._made.append(folder)
        if not self.path.is_dir():
            raise NotADirectoryError(20, "it is a file, not a folder")

    @contextmanager
    def open(self, name: str) -> Iterator[BinaryIO]:
        """A new file; it takes its name at the end of the whole."""
        final = self.path / name
        part = self.path / f".{name}{_SUFFIX}"
        self._files[part] = final
        with part.open("wb") as file:
            yield file

    def _commit(self) -> None:
        try:
            for part, final in self._files.items():
                os.replace(part, final)
        except OSError as error:
            self._clean()
            raise OutputError(self.path, error.strerror or str(error)) from None

    def _clean(self) -> None:
        for part in self._files:
            part.unlink(missing_ok=True)
        for folder in reversed(self._made):
            if folder.exists() and not any(folder.iterdir()):
                folder.rmdir()

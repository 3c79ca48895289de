"""A folder of files that is written whole, or not at all.

Law: a file appears under its name when it is complete. Whatever fails, nothing half-written is
left, and what stood there before stands there still.
"""

from __future__ import annotations

import errno
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
    """A context manager: files opened in it get their names when it ends without an error.

    Raises OutputError where the folder cannot be made, or a file not be written (no permission,
    a full disk, a name that is too long, a folder in a file's place).
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._made: list[Path] = []  # folders that were not there before, outermost first
        self._files: dict[Path, Path] = {}  # temporary name: final name

    def __enter__(self) -> OutputFolder:
        try:
            self._make()
        except BaseException as error:  # an interrupt, too
            self._clean()
            if isinstance(error, OSError | ValueError):
                raise OutputError(self.path, _why(error)) from None
            raise
        return self

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        try:
            if error is None:
                self._commit()
            elif isinstance(error, OSError) and not isinstance(error, OutputError):
                raise error
        except OSError as failure:
            raise OutputError(self.path, _why(failure)) from None
        finally:
            self._clean()

    def _make(self) -> None:
        """``mkdir -p``, remembering what was made."""
        missing = [p for p in (self.path, *self.path.parents) if not p.exists()]
        for folder in reversed(missing):
            self._made.append(folder)
            folder.mkdir()
        if not self.path.is_dir():
            raise NotADirectoryError(errno.ENOTDIR, "it is a file, not a folder")

    @contextmanager
    def open(self, name: str) -> Iterator[BinaryIO]:
        """A new file; it takes its name at the end of the whole."""
        part = self.path / f".{name}.{os.getpid()}{_SUFFIX}"
        self._files[part] = self.path / name  # before it is there: an interrupt waits for nothing
        try:
            file = part.open("wb")
        except OSError:
            del self._files[part]
            raise
        with file:
            yield file

    def _commit(self) -> None:
        """Names first looked at, then taken: one that cannot be taken leaves them all."""
        for final in self._files.values():
            if final.is_dir():
                raise IsADirectoryError(errno.EISDIR, f"{final.name} is a folder")
        for part, final in self._files.items():
            os.replace(part, final)

    def _clean(self) -> None:
        """What was not committed, and the folders that were made for nothing."""
        for part in self._files:
            part.unlink(missing_ok=True)
        for folder in reversed(self._made):
            if folder.is_dir() and not any(folder.iterdir()):
                folder.rmdir()


def _why(error: OSError | ValueError) -> str:
    return getattr(error, "strerror", None) or str(error)

"""Errors that a person can act on.

Every foreseeable failure (bad input, a missing file, a full disk) is raised as a `LoomError` whose message says
what is wrong and where, and whose `hint` says what to do next. The command line prints both and exits with
`exit_code`; the app shows both in the panel concerned. Anything else that escapes is a defect.
"""

from __future__ import annotations

import errno
from pathlib import Path

INTERRUPTED = 130
"""The exit code after Ctrl-C, as shells have it."""


class LoomError(Exception):
    """A failure with a next step.

    Args:
        message: what is wrong and where (file, line, key, shape).
        hint: what the person can do now; may be empty.
    """

    exit_code = 1

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message}\n  {self.hint}" if self.hint else self.message


class UsageError(LoomError):
    """The command or its values cannot be understood: exit code 2."""

    exit_code = 2


class Stopped(LoomError):
    """The person asked to stop; everything done so far is kept."""


def from_os_error(error: OSError, doing: str) -> LoomError:
    """Put an operating system error into words.

    Args:
        error: what the system reported.
        doing: what was being done, as in "writing cached_latents/demo.h5".
    """
    reason = error.strerror or str(error)
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return LoomError(
            f"The disk is full while {doing}.",
            "Free some space and give the same command again (a training: with --resume); nothing earlier was lost.",
        )
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return LoomError(
            f"No permission for {doing}: {reason}.", "Choose a folder you may write to with --workspace DIR."
        )
    if (file := _instead_of_folder(error)) is not None:
        return in_the_way(file, doing)
    return LoomError(f"{doing[:1].upper()}{doing[1:]} failed: {reason}.")


def in_the_way(file: Path, doing: str) -> LoomError:
    """What to say of a file where a folder is needed; `doing` as of `from_os_error`."""
    return LoomError(
        f"{file} is a file, and a folder of that name is needed for {doing}.",
        "Move that file away or name another folder, then give the same command again.",
    )


def _instead_of_folder(error: OSError) -> Path | None:
    """The file that stands where a folder was to be made or looked into, if the error is of that."""
    if not isinstance(error, FileExistsError | NotADirectoryError) or not isinstance(error.filename, str):
        return None
    path = Path(error.filename)
    places = (path, *path.parents) if isinstance(error, FileExistsError) else path.parents
    return next((each for each in places if each.exists() and not each.is_dir()), None)


def writing_nowhere(path: Path) -> LoomError:
    """What to say of a file in a folder that is there and takes none, such as /proc."""
    return LoomError(f"{path} cannot be written: no file can be made in {path.parent}.", "Name another folder.")

"""Where things lie.

A workspace is a folder with `corpora/`, `runs/` and `cached_latents/`; `surveys/` and `selections/` hold what people
have made with them. The checkout is the default one. The run named `demo` is special in one way only: where the
workspace has no run of that name, the packaged one in `assets/demo` is used.
"""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from pathlib import Path

from engine.errors import LoomError, UsageError

CHECKOUT = Path(__file__).resolve().parent.parent
PACKAGED_DEMO = CHECKOUT / "assets" / "demo"
_ARGUMENT = r"""(?:'[^']*'|"[^"]*"|[^\s,;()`'"])+"""
_ADVISED = re.compile(rf"python main\.py [a-z]+(?:(?<!\S[.:]) (?!(?:then|and|or)\b){_ARGUMENT})*")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


@dataclass(frozen=True, slots=True)
class Workspace:
    """The folders of one workspace.

    Every method that takes a name raises a UsageError where that cannot be the name of a file, see `checked_name`.
    """

    root: Path = CHECKOUT

    def corpus(self, name: str) -> Path:
        """The folder of a prepared corpus."""
        return self.root / "corpora" / checked_name(name, "corpus")

    def new_run(self, name: str) -> Path:
        """The folder a training of that name writes to."""
        return self.root / "runs" / checked_name(name, "run")

    def run(self, name: str) -> Path:
        """The folder of an existing run.

        Raises:
            LoomError: there is no such run; the message lists those there are.
        """
        own = self.new_run(name)
        if (own / "run.json").is_file():
            return own
        if name == "demo" and (PACKAGED_DEMO / "run.json").is_file():
            return PACKAGED_DEMO
        known = ", ".join(self.run_names()) or "none yet"
        prepared = (self.corpus(name) / "corpus.json").is_file()
        first = "" if prepared else f"python main.py corpus FILE --name {name}, then "
        train = f"python main.py train {name}"
        why = f"Corpus {name!r} is prepared, but nothing is trained on it under this name. " if prepared else ""
        hint = f"{why}Runs there are: {known}. To make one: {first}{train}."
        if name == "demo":
            hint = "Get the packaged one back (git checkout -- assets/demo), or train it: python main.py train demo"
        raise LoomError(f"There is no run named {name!r} in {self.root / 'runs'}.", hint)

    def run_names(self) -> list[str]:
        """Every run that can be opened, the demo first."""
        own = sorted(path.parent.name for path in (self.root / "runs").glob("[!.]*/run.json"))
        packaged = ["demo"] if (PACKAGED_DEMO / "run.json").is_file() else []
        return packaged + [name for name in own if name not in packaged]

    def cache(self, run: str, step: int | None = None) -> Path:
        """The HDF5 file of a run's latents: of its newest checkpoints, or of those of a step.

        No run can have an "@" in its name, so that the two never meet.
        """
        at = f"@{step}" if step is not None else ""
        return self.root / "cached_latents" / f"{checked_name(run, 'run')}{at}.h5"

    def diagnosis(self, run: str) -> Path:
        """The document of what was diagnosed of a run, at whatever steps."""
        return self.root / "cached_latents" / f"{checked_name(run, 'run')}.diagnosis.json"

    def evaluation(self, run: str) -> Path:
        """The document of what was evaluated of a run; what was measured for it is in the folder of that name."""
        return self.root / "cached_latents" / f"{checked_name(run, 'run')}.evaluation.json"

    def selections(self, run: str) -> Path:
        """The document of the selections of a run's sentences that were saved under a name."""
        return self.root / "selections" / f"{checked_name(run, 'run')}.json"

    def survey(self, name: str) -> Path:
        """The folder of a survey: what is asked, and the responses."""
        return self.root / "surveys" / checked_name(name, "survey")


def naming(cache: Path) -> str:
    """How a command names the cache at a path, by its run and step: "demo", or "demo --step 500"."""
    run, _, step = cache.stem.partition("@")
    return shlex.quote(run) + (f" --step {step}" if step else "")


def checked_name(name: str, kind: str) -> str:
    """Return `name` if it can be the name of a file on every system.

    Raises:
        UsageError: it cannot.
    """
    if not _NAME.fullmatch(name):
        raise UsageError(
            f"{name!r} cannot be the name of a {kind}.",
            "Use letters, digits, '.', '_' and '-', starting with a letter or digit.",
        )
    return name


def repeated(text: str, workspace: Workspace | None) -> str:
    """`text` with the workspace in every command that it advises, so that it can be given as it stands.

    A command ends at a mark outside quotes, at the end of a sentence or a line, or before "then", "and" or "or".
    """
    if workspace is None or workspace.root == CHECKOUT or "--workspace" in text:
        return text
    place = shlex.quote(str(workspace.root))

    def with_place(found: re.Match[str]) -> str:
        command = found[0].rstrip(".:")
        return f"{command} --workspace {place}{found[0][len(command) :]}"

    return _ADVISED.sub(with_place, text)

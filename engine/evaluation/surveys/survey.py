"""A survey as its maker keeps it: every question with the models that wrote its sentences, which is the key.

What a respondent is given is made from it by `forms` and holds no key. The document is specified in
engine/storage/FORMAT.md.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError, model_validator

from engine.config import Settings
from engine.errors import LoomError, UsageError
from engine.evaluation.surveys.request import Group, Kind, SurveyRequest
from engine.evaluation.surveys.wrong_fields import wrong_field
from engine.storage.digests import sealed, unsealed
from engine.storage.files import read_json, write_json

KIND = "latent-loom-survey"
VERSION = 1
SHORT = 10
"""Tokens of the longest sentence that counts as short; the paper splits its table 4 there."""

Trial = Literal["copy", "real", "shuffled"]
"""What a catch trial shows: an exact copy beside another sentence, a sentence of the text, or its words shuffled."""


class Question(Settings):
    """A question of a survey.

    Attributes:
        id: which a respondent's file holds; tells nothing.
        group: the variants that are asked about; empty for a catch trial.
        sentence: the test sentence; "" where a sampled one is judged.
        texts: what is judged, in the order of `group`; of a catch trial, the right one first.
        tokens: of the test sentence, or of the sampled one.
        how: from what it can be made again.
        trial: of a catch trial.
    """

    id: str = Field(pattern="^[0-9a-f]{12}$")
    group: Group = ()
    sentence: str = ""
    texts: tuple[str, ...] = Field(min_length=1, max_length=2)
    tokens: int = Field(ge=1)
    how: str = ""
    trial: Trial | None = None

    @property
    def expected(self) -> str | None:
        """The right answer to a catch trial, "first" meaning its first text; None for a question."""
        return {"copy": "first", "real": "yes", "shuffled": "no"}[self.trial] if self.trial else None

    @property
    def short(self) -> bool:
        """Whether the sentence has at most 10 tokens."""
        return self.tokens <= SHORT


class LeftOut(Settings):
    """What was not asked of a group: of `tried` sentences, `same` came back alike from both models.

    For generated sentences, `tried` are the draws, and `same` those that the paper's filter threw away.
    """

    tried: int
    same: int


class Survey(Settings):
    """What survey.json holds.

    Attributes:
        name: of its folder when it was made.
        kind_of: of its questions.
        run, corpus: name of the run, and fingerprint of its text.
        models: fingerprints of the weights by variant; `steps` and `labels` likewise.
        each: questions of every group in a form.
        left_out: by the names of a group with ":" between.
        questions: without catch trials, which are in `trials`.
        fingerprint: of all that is asked and from which models; a response names it.
    """

    kind: Literal["latent-loom-survey"] = "latent-loom-survey"
    version: int = VERSION
    name: str
    created: str
    app_version: str = ""
    kind_of: Kind
    run: str
    corpus: str
    models: Mapping[str, str]
    steps: Mapping[str, int]
    labels: Mapping[str, str]
    groups: tuple[Group, ...]
    asked: int
    each: int = Field(ge=1)
    catch: int = Field(ge=0)
    respondents: int = Field(ge=1)
    repeats: int = Field(ge=1)
    seed: int
    how: str
    left_out: Mapping[str, LeftOut] = {}
    questions: tuple[Question, ...]
    trials: tuple[Question, ...] = ()
    fingerprint: str = ""

    @model_validator(mode="after")
    def _consistent(self) -> Survey:
        ids = [question.id for question in (*self.questions, *self.trials)]
        if len(set(ids)) != len(ids):
            raise ValueError("two questions have the same id")
        for group in self.groups:
            if sum(question.group == group for question in self.questions) < self.each:
                raise ValueError(f"{':'.join(group)} has fewer than {self.each} questions")
        for trial, count in wanted_trials(self.kind_of, self.catch).items():
            if sum(question.trial == trial for question in self.trials) < count:
                raise ValueError(f"there are fewer than {count} catch trials of the kind {trial!r}")
        width = 2 if self.kind_of == "reconstruction" else 1
        if any(len(question.texts) != width for question in (*self.questions, *self.trials)):
            raise ValueError(f"a question does not show {width} text{'s' * (width > 1)}")
        return self

    def fits(self, corpus: str, models: Mapping[str, str]) -> bool:
        """Whether it is of this text and these very models, by their fingerprints; of more models is fine."""
        return self.corpus == corpus and all(models.get(name) == print_ for name, print_ in self.models.items())

    def label(self, variant: str) -> str:
        """What people call a variant."""
        return self.labels.get(variant, variant)

    def question(self, id: str) -> Question | None:
        """The question or catch trial of an id."""
        return next((each for each in (*self.questions, *self.trials) if each.id == id), None)

    def of_group(self, group: Group) -> tuple[Question, ...]:
        """The questions about a group, in the maker's order."""
        return tuple(question for question in self.questions if question.group == group)


def wanted_trials(kind: Kind, catch: int) -> dict[Trial, int]:
    """How many catch trials of each kind a form has; of single sentences, shuffled ones come first where odd."""
    if kind == "reconstruction":
        return {"copy": catch}
    return {"shuffled": (catch + 1) // 2, "real": catch // 2}


def fingerprint_of(survey: Survey) -> str:
    """SHA-256 of what is asked and from which models; not of the name, the time or the version."""
    ignored = {"name", "created", "app_version", "fingerprint"}
    document = survey.model_dump(mode="json", exclude=ignored)
    return hashlib.sha256(json.dumps(document, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def opaque_id(secret: str, number: int) -> str:
    """An id that tells nothing of what it stands for to whoever has not the secret."""
    return hashlib.blake2b(str(number).encode(), key=secret.encode()[:64], digest_size=6).hexdigest()


def secret_of(request: SurveyRequest, models: Mapping[str, str], corpus: str) -> str:
    """What ids are made with: the same for the same request to the same models."""
    whole = json.dumps([asdict(request), dict(models), corpus], sort_keys=True)
    return hashlib.blake2b(whole.encode(), digest_size=32).hexdigest()


def write_survey(path: Path, survey: Survey) -> None:
    """Publish a survey whole.

    Raises:
        LoomError: it cannot be written.
    """
    write_json(path, sealed(survey.model_dump(mode="json")))


def read_survey(path: Path) -> Survey:
    """Read a survey as its maker keeps it.

    Raises:
        LoomError: it is missing, cut off, changed since it was written, or no survey of a version that is known.
    """
    again = "Restore it from a copy. Or move it away: made anew with the same seed from the same models it is the same."
    document = read_json(path, "a survey", again)
    if not isinstance(document, dict) or document.get("kind") != KIND:
        raise LoomError(f"{path} is no survey of Latent Loom.", "Name a survey that `survey make` has written.")
    if document.get("version") != VERSION:
        raise LoomError(
            f"{path} has version {document.get('version')!r}; this program reads version {VERSION}.",
            "Open it with the version of Latent Loom that wrote it.",
        )
    try:
        survey = Survey.model_validate(unsealed(document, path, again))
    except ValidationError as error:
        raise LoomError(f"{path}: {wrong_field(error)}.", again) from error
    if survey.fingerprint != fingerprint_of(survey):
        raise LoomError(f"{path}: its fingerprint is not that of its questions.", again)
    return survey


def group_name(group: Group) -> str:
    """A group as a key and for messages: "autogen-m1:vae"."""
    return ":".join(group)


def no_group(name: str, survey: Survey) -> UsageError:
    """What to say of a group that the survey has not."""
    return UsageError(
        f"The survey does not ask about {name!r}.", f"It asks about {', '.join(map(group_name, survey.groups))}."
    )

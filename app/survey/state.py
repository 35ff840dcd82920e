"""What the Survey page shows. Written by its controllers, on the GUI thread."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from psygnal import SignalGroupDescriptor

from app.core.values import Stage
from engine.evaluation.surveys.analysis import Analysis
from engine.evaluation.surveys.forms import Form
from engine.evaluation.surveys.request import Group, Kind
from engine.evaluation.surveys.response import Response
from engine.evaluation.surveys.survey import Survey
from engine.evaluation.tables import Table


@dataclass(frozen=True, slots=True)
class Known:
    """A survey with what was answered so far.

    Attributes:
        survey: with its key.
        analysis: of the responses that count, and `tables` made of it.
        responses: all that can be read, also those that an analysis leaves out.
        refused: what is wrong with files in its folder, in words.
        next_form: that of the next new respondent.
    """

    survey: Survey
    analysis: Analysis
    tables: tuple[Table, ...]
    responses: tuple[Response, ...]
    refused: tuple[str, ...]
    next_form: int

    @property
    def broken_off(self) -> tuple[Response, ...]:
        """Responses of this app that can be gone on with."""
        return tuple(each for each in self.responses if not each.finished and each.source == "app")


@dataclass(frozen=True, slots=True)
class Draft:
    """A survey that is to be made.

    Attributes:
        run: whose models are asked about; `labels` of its variants by name.
        pairs, singles: all that can be asked about, those of `kind` that are chosen in `chosen`.
        name: as typed; None for the usual one.
        problem: why it cannot be made like this; "" if it can.
    """

    run: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    kind: Kind = "reconstruction"
    chosen: tuple[Group, ...] = ()
    questions: int = 20
    catch: int = 2
    respondents: int = 6
    repeats: int = 2
    seed: int = 0
    name: str | None = None
    problem: str = ""

    @property
    def survey_name(self) -> str:
        """What it will be called."""
        return self.name if self.name is not None else f"{self.run}-{self.kind}"


@dataclass(frozen=True, slots=True)
class Taking:
    """A form that is being answered: the question in view, one past the last for the end, -1 for the beginning."""

    form: Form
    response: Response
    at: int = -1
    problem: str = ""
    """Why the last answers could not be kept; "" if they were."""


@dataclass
class SurveyState:
    """Observable."""

    events: ClassVar[SignalGroupDescriptor] = SignalGroupDescriptor()

    names: tuple[str, ...] = ()
    """The surveys of the workspace."""

    name: str = ""
    """The one that is shown."""

    most_failed: int | None = None
    """Catch trials that a respondent may fail whose answers count."""

    known: Known | None = None
    stage: Stage = Stage()
    """Of reading it: none, loading, failed or ready."""

    job: Stage = Stage()
    """Of making one: none, computing or failed."""

    draft: Draft = Draft()
    taking: Taking | None = None

"""Surveys without models, and respondents who answer by a rule."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from engine.evaluation.surveys.forms import Item, form_of
from engine.evaluation.surveys.request import Group, Kind
from engine.evaluation.surveys.response import Answer, Response, answered, begun
from engine.evaluation.surveys.survey import Question, Survey, fingerprint_of, opaque_id, wanted_trials
from engine.runs.run import Run

PAIRS = (("b", "a"), ("c", "b"), ("c", "a"))
TRICKY = (
    '</script><script>document.title="taken"</script>',
    'He said "1 < 2 & 3 > 2".',
    "=SUM(A1:A9) isn't 'mine'",
    "שלום, מה שלומך?",
    "\u2028 line \u2029 ends <!-- here \U0001f600",
)
"""Sentences that must be seen to the letter, wherever they are shown."""


def a_survey(
    kind: Kind = "reconstruction",
    groups: Sequence[Group] = PAIRS,
    each: int = 4,
    catch: int = 2,
    pool: int = 8,
    seed: int = 0,
    tricky: Sequence[str] = (),
) -> Survey:
    """A survey of `pool` questions about each group; every other sentence is long."""
    numbers = iter(range(10_000))
    pairs = kind == "reconstruction"

    def question(sentence: str, texts: tuple[str, ...], **more: object) -> Question:
        shown = {"sentence": sentence if pairs else "", "texts": texts if pairs else texts[:1]}
        return Question.model_validate({"id": opaque_id("secret", next(numbers)), "tokens": 8, **shown, **more})

    questions = []
    for group in groups:
        for number in range(pool):
            said = tricky[number % len(tricky)] if tricky else f"sentence {number}"
            texts = tuple(f"{name} wrote {said}" for name in group)
            questions.append(question(said, texts, group=group, tokens=8 + 5 * (number % 2)))
    trials = [
        question(f"known {number}", (f"known {number}", "another"), trial=trial)
        for trial, count in wanted_trials(kind, catch).items()
        for number in range(3 * count)
    ]
    names = dict.fromkeys(name for group in groups for name in group)
    survey = Survey(
        name="mine",
        created="2026-01-01T00:00:00+00:00",
        kind_of=kind,
        run="run",
        corpus="c" * 64,
        models={name: name * 8 for name in names},
        steps=dict.fromkeys(names, 10),
        labels={name: name.upper() for name in names},
        groups=tuple(groups),
        asked=each * len(groups) + catch,
        each=each,
        catch=catch,
        respondents=4,
        repeats=2,
        seed=seed,
        how="by hand",
        questions=tuple(questions),
        trials=tuple(trials),
    )
    return survey.model_copy(update={"fingerprint": fingerprint_of(survey)})


def about_run(survey: Survey, run: Run, **models: str) -> Survey:
    """The survey, as one of a run's models as they are, or of others that are named by their fingerprints."""
    steps = {name: run.checkpoints(name).steps()[-1] for name in survey.models}
    now = {name: run.model_fingerprint(name, step) for name, step in steps.items()}
    own = {"run": run.name, "corpus": run.settings.corpus.fingerprint, "models": {**now, **models}, "steps": steps}
    changed = survey.model_copy(update=own)
    return changed.model_copy(update={"fingerprint": fingerprint_of(changed)})


def respond(
    survey: Survey, number: int, choose: Callable[[Item], str], answers: int | None = None, who: str = ""
) -> Response:
    """Form `number`, answered by a rule that names "first", "second", or any other answer; all of it, or a part."""
    form = form_of(survey, number)
    response = begun(form, who)
    for item in form.items[: len(form.items) if answers is None else answers]:
        response = answered(response, form, item.question.id, as_shown(item, choose(item)), 2500)
    return response


def as_shown(item: Item, chosen: str) -> Answer:
    """What "first" or "second" is to a respondent: a side."""
    if chosen in ("first", "second"):
        return "left" if (chosen == "first") != item.turned else "right"
    return chosen  # type: ignore[return-value]


def attentive(rule: Callable[[Item], str]) -> Callable[[Item], str]:
    """The rule, with every catch trial answered right."""
    return lambda item: item.question.expected or rule(item)

"""The form of the Train page: what is typed becomes a document, which is validated at once."""

from __future__ import annotations

import re
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal

from app.core.file_names import with_ending
from app.train.form import fields
from app.train.form.fields import GROUPS, VARIANT_FIELDS
from app.train.form.state import CorpusChoice, Form, FormState
from engine.config import MAX_VARIANTS, known_variant
from engine.errors import LoomError
from engine.runs.run import holds_something_else
from engine.runs.warm_start import WeightsOf
from engine.storage.files import export_text, read_json
from engine.training.plan import Document, PlanError, document_of, make_plan, read_document, to_toml
from engine.workspace import Workspace, checked_name

_FIELDS = {field.key: field for group in GROUPS for field in group.fields}
_VARIANT_FIELDS = {field.key.removeprefix("variant."): field for field in VARIANT_FIELDS}
_SETTING = re.compile(r"\bmodel\.[a-z_]+\b")
_NOT_PREPARED = "the packaged text; prepared when the training starts"


class TrainFormController(QObject):
    """Keeps `state.form` true.

    Signals:
        told: something that went well.
        failed: message, hint.
    """

    told = Signal(str)
    failed = Signal(str, str)

    def __init__(self, state: FormState, workspace: Workspace) -> None:
        super().__init__()
        self.state, self._workspace = state, workspace
        self._named_as: dict[int, tuple[Document, Document]] = {}
        """By its place a variant that was renamed: what its last name stood for, and what is written of that now."""

    def open(self) -> None:
        """Look at the corpora and runs there are now, and validate. The name of a run that began since is not kept."""
        form = self.state.form
        corpora = self._corpora()
        corpus = form.corpus if form.corpus in {each.name for each in corpora} else corpora[0].name
        form = replace(form, corpora=corpora, corpus=corpus)
        begun = "run" not in form.problems and form.run in self._workspace.run_names()
        self._show(replace(form, run=self._free_name(corpus) if begun or not form.run else form.run))

    def set_corpus(self, name: str) -> None:
        """Another text; a run name that was only suggested follows it."""
        form = self.state.form
        suggested = form.run in ("", self._free_name(form.corpus))
        self._show(replace(form, corpus=name, run=self._free_name(name) if suggested else form.run))

    def set_run(self, name: str) -> None:
        """The name of the run."""
        self._show(replace(self.state.form, run=name.strip()))

    def set_device(self, name: str) -> None:
        """Where it is trained."""
        self._show(replace(self.state.form, device=name))

    def set_weights_from(self, given: str) -> None:
        """The run whose weights it starts from, or RUN:VARIANT; empty to draw them."""
        self._show(replace(self.state.form, weights_from=given.strip()))

    def set_preset(self, name: str) -> None:
        """Begin from a preset; the variants stay, what was set of model and training goes."""
        document = {key: value for key, value in self.state.form.document.items() if key == "variants"}
        self._show(replace(self.state.form, document={"preset": name, **document}))

    def set_value(self, key: str, text: str) -> None:
        """A field of the model or the training; empty for the preset's value."""
        value = fields.parsed(_FIELDS[key], text)
        self._change(fields.with_value(self.state.form.document, key, value))

    def set_variant(self, index: int, path: str, text: str) -> None:
        """A field of a variant; empty for what its name stands for."""
        tables = self._tables()
        if index >= len(tables):
            return
        field = _VARIANT_FIELDS.get(path)
        value = fields.parsed(field, text) if field is not None else text
        if path == "name":
            value = text.strip()
            self._keep_what_it_is(index, tables[index], value)
        tables[index] = fields.with_value(tables[index], path, value)
        part, _, kind = path.partition(".")
        if kind == "kind":  # what the new kind does not read was of the one before
            fields.drop_unread(tables[index], part)
        self._change_variants(tables)

    def _keep_what_it_is(self, index: int, table: Document, name: str) -> None:
        """Write what a variant is by its name into its table where its next name stands for nothing."""
        before, written = self._named_as.pop(index, ({}, {}))
        for key in [key for key, value in written.items() if table.get(key) == value]:
            del table[key]
        if not written and known_variant(str(table.get("name")), annealing=1) is not None:
            before = fields.standing_for(fields.usual_variant(str(table.get("name")), self.state.form.plan))
        if known_variant(name, annealing=1) is None:
            written = {key: value for key, value in before.items() if key not in table}
            table.update(deepcopy(written))
            self._named_as[index] = before, written

    def add_variant(self) -> None:
        """One more variant."""
        tables = self._tables()
        if len(tables) < MAX_VARIANTS:
            name = fields.new_variant_name({str(table.get("name")) for table in tables})
            self._change_variants([*tables, {"name": name}])

    def remove_variant(self, index: int) -> None:
        """One variant less; the last one stays."""
        tables = self._tables()
        if len(tables) > 1 and index < len(tables):
            del tables[index]
            self._named_as.clear()
            self._change_variants(tables)

    def read(self, path: Path) -> None:
        """Take the settings of a TOML file, the same as `train --config` takes."""
        try:
            document = read_document(path)
        except LoomError as error:
            self.failed.emit(error.message, error.hint)
            return
        unknown = _without_a_field(document, self.state.form.vocabulary)
        if unknown:
            told = "; ".join(f"{key}: {text}" for key, text in unknown.items())
            self.failed.emit(f"{path.name}: {told}", "Correct the file and open it again. The form is as it was.")
            return
        self._named_as.clear()
        self._show(replace(self.state.form, document=document))
        problems = {key: text for key, text in self.state.form.problems.items() if key not in ("run", "corpus", "from")}
        if problems:
            self.failed.emit(f"{path.name}: " + "; ".join(f"{key}: {text}" for key, text in problems.items()), "")
        else:
            self.told.emit(f"Settings of {path.name}")

    def save(self, path: Path) -> None:
        """Write the settings as a TOML file, whole, for `train --config`."""
        form = self.state.form
        if form.plan is None:
            return
        try:
            path = with_ending(path, ["toml"], "toml")
            export_text(path, to_toml(document_of(form.plan)))
        except LoomError as error:
            self.failed.emit(error.message, error.hint)
            return
        self.told.emit(f"Wrote {path}. On the command line: train {form.corpus} --config {path.name}")

    # within

    def _change(self, document: Mapping[str, Any]) -> None:
        self._show(replace(self.state.form, document=document))

    def _change_variants(self, tables: list[dict[str, Any]]) -> None:
        document = deepcopy(dict(self.state.form.document))
        document["variants"] = tables
        self._change(document)

    def _tables(self) -> list[dict[str, Any]]:
        return deepcopy(fields.variant_tables(self.state.form.document, self.state.form.plan))

    def _show(self, form: Form) -> None:
        problems: dict[str, str] = {}
        plan = form.plan
        try:
            plan = make_plan(form.document, form.vocabulary)
        except PlanError as error:
            problems.update(error.problems)
        problems.update(self._name_problems(form))
        if problem := next((each.problem for each in form.corpora if each.name == form.corpus), ""):
            problems["corpus"] = problem
        if form.weights_from and plan is not None:
            try:
                WeightsOf.named(form.weights_from, self._workspace).check(plan.model, plan.variants)
            except LoomError as error:
                problems["from"] = _SETTING.sub(_as_called, error.message)
        self.state.form = replace(form, plan=plan, problems=problems)

    def _name_problems(self, form: Form) -> dict[str, str]:
        try:
            path = self._workspace.new_run(form.run)
        except LoomError:
            return {"run": "letters, digits, '.', '_' and '-', starting with a letter or digit"}
        if any(path.glob("variants/*/step-*")):
            return {"run": "there is such a run already; open it to resume it, or take another name"}
        if holds_something_else(path):
            return {"run": f"{path} is something else than a run"}
        return {}

    def _free_name(self, corpus: str) -> str:
        """A name that no run has yet: the corpus's, or that with a number."""
        taken = set(self._workspace.run_names())
        names = (corpus, *(f"{corpus}-{number}" for number in range(2, 1000)))
        return next((name for name in names if name not in taken), corpus)

    def _corpora(self) -> tuple[CorpusChoice, ...]:
        """The prepared corpora, and the demo's text, which is prepared when it is needed."""
        found: dict[str, CorpusChoice] = {"demo": CorpusChoice("demo", _NOT_PREPARED)}
        for file in sorted((self._workspace.root / "corpora").glob("[!.]*/corpus.json")):
            name = file.parent.name
            try:
                checked_name(name, "corpus")
                document = read_json(file, f"corpus {name}")
                train, test = int(document["train"]), int(document["test"])
                words = f"{train:,} sentences to learn from, {test:,} to test"
                found[name] = CorpusChoice(name, words, int(document["vocabulary"]), _lack(train, test))
            except (LoomError, KeyError, TypeError, ValueError):
                continue  # it cannot be trained on; the command line says why
        return tuple(found.values())


def _lack(train: int, test: int) -> str:
    """Why a corpus of so many sentences cannot be trained on, or ""."""
    if train and test:
        return ""
    lacking = "no sentences" if not train and not test else "no test sentences" if train else "no training sentences"
    return f"has {lacking}; prepare it from more text, both parts need sentences"


def _as_called(setting: re.Match[str]) -> str:
    """The name over the field of a setting, where there is one."""
    field = _FIELDS.get(setting[0])
    return f"“{field.name}”" if field is not None else setting[0]


def _without_a_field(document: Document, vocabulary: int) -> dict[str, str]:
    """What is wrong with a document at places that the form has no field for, so that nobody could correct it there."""
    try:
        make_plan(document, vocabulary)
    except PlanError as error:
        names = [table["name"] for table in fields.variant_tables(document, None)]
        known = {*_FIELDS, "preset", "variants"}
        known |= {f"variants.{name}{path and '.'}{path}" for name in names for path in ("", *_VARIANT_FIELDS)}
        return {key: text for key, text in error.problems.items() if key not in known}
    return {}

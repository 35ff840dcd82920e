"""The tables of an analysis, in every format."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.evaluation.surveys.analysis import analyse
from engine.evaluation.surveys.results_tables import difference_table, preference_table, sense_table, tables_of
from engine.evaluation.tables import TABLE_FORMATS, write_table
from tests.engine.evaluation.surveys.rooms import a_survey, attentive, respond

PAPERS = (("vae-annealed", "vae"), ("autogen-m1", "vae-annealed"), ("autogen-m1", "autogen-m2"))
NAMES = ("vae", "vae-annealed", "autogen-m1", "autogen-m2")


def test_the_papers_percentages_stand_beside_ours_and_are_called_so() -> None:
    survey = a_survey(groups=PAPERS)
    table = preference_table(analyse(survey, [respond(survey, 1, attentive(lambda item: "first"))]))
    cells = [dict(zip(table.columns, row, strict=True)) for row in table.rows]
    assert [row["Paper %"] for row in cells if row["Tokens"] == "all"] == [66, 88, 12]  # the last pair turned round
    assert {row["Paper %"] for row in cells if row["Tokens"] != "all"} == {None}
    assert [row["Model 1 wins %"] for row in cells[:3]] == [100, 100, 100]
    assert any("reference" in note for note in table.notes)
    assert "Paper: table 2, VAE + annealing against VAE 66%" in table.notes[-1]


def test_table_4_has_its_lengths_and_no_number_where_the_paper_has_none() -> None:
    survey = a_survey("generation", tuple((name,) for name in NAMES), catch=2)
    table = sense_table(analyse(survey, [respond(survey, 1, attentive(lambda item: "yes"))]))
    cells = [dict(zip(table.columns, row, strict=True)) for row in table.rows]
    assert [row["Paper %"] for row in cells if row["Tokens"] == "up to 10"] == [75, 76, 50, 29]
    assert [row["Paper %"] for row in cells if row["Tokens"] == "over 10"] == [None, 32, 32, 5]


@pytest.mark.parametrize("format", TABLE_FORMATS)
def test_every_table_is_written_in_every_format(format: str, tmp_path: Path) -> None:
    for kind, groups in (("reconstruction", PAPERS), ("generation", tuple((name,) for name in NAMES))):
        survey = a_survey(kind, groups)  # type: ignore[arg-type]
        rule = attentive(lambda item: "first" if len(item.question.texts) == 2 else "no")
        for responses in ([], [respond(survey, n, rule, who="=1+1") for n in (1, 2)]):
            for table in tables_of(analyse(survey, responses)):
                write_table(table, tmp_path / f"{table.name}.{format}", format)
                assert (tmp_path / f"{table.name}.{format}").stat().st_size


def test_what_is_left_out_is_said() -> None:
    survey = a_survey()
    responses = [
        respond(survey, 1, attentive(lambda item: "first"), answers=7),
        respond(survey, 2, lambda item: "second"),
    ]
    notes = " ".join(preference_table(analyse(survey, responses, most_failed=1)).notes)
    assert "1 respondent," in notes
    assert "1 broke off" in notes
    assert "left out for failing too many: 1" in notes


def test_only_comparisons_with_an_answer_are_counted_as_corrected_for() -> None:
    survey = a_survey(groups=PAPERS)
    undecided = attentive(lambda item: "undecided" if item.question.group == PAPERS[0] else "first")
    table = preference_table(analyse(survey, [respond(survey, 1, undecided)]))
    assert "Holm: corrected for the 2 comparisons." in " ".join(table.notes)


def test_one_comparison_alone_is_not_called_corrected() -> None:
    for groups, corrected in ((PAPERS, True), (PAPERS[:1], False)):
        survey = a_survey(groups=groups)
        response = respond(survey, 1, attentive(lambda item: "first"))
        assert ("Holm" in " ".join(preference_table(analyse(survey, [response])).notes)) == corrected
    for names, corrected in ((NAMES, True), (NAMES[:2], False)):
        survey = a_survey("generation", tuple((name,) for name in names))
        assert ("Holm" in " ".join(difference_table(analyse(survey, [])).notes)) == corrected

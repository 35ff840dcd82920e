"""The page of a report: one file of HTML that needs nothing else, neither network nor scripts.

What comes from texts and labels is escaped here, and shown from right to left where it is written so.
"""

from __future__ import annotations

import html
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.evaluation.cell_text import printable
from engine.evaluation.figures.drawing import Drawing, on_paper
from engine.evaluation.figures.writing import FIGURES, inline
from engine.evaluation.measures.definitions import DEFINITIONS, GROUPS, Definition
from engine.evaluation.measures.result import Evaluation, Number, VariantResult
from engine.evaluation.measures.tables import notes
from engine.evaluation.report.look import CSS
from engine.evaluation.report.provenance import TRAINING
from engine.evaluation.report.words import Paired, standing
from engine.evaluation.tables import TABLE_FORMATS, Table
from engine.right_to_left import reads_right_to_left

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; font-src data:; img-src data:"


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the page.

    Attributes:
        key: of its anchor.
        title: its heading.
        text: a paragraph above, plain.
        tables: under it, with the formats that each is written in; those of the paper are marked as such.
        figures: under it, drawn as SVG.
        printed: names of tables that are of the paper.
    """

    key: str
    title: str
    text: str = ""
    tables: tuple[Table, ...] = ()
    figures: tuple[tuple[Drawing, bytes], ...] = ()
    printed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Contents:
    """What the page is made of.

    Attributes:
        evaluation: the numbers.
        short: the sentences of the first paragraph.
        warnings: to be read before anything else, such as that the evaluation was not finished.
        sections: figures and tables, in their order.
        diagnosis: the report of `diagnose` by variant, or nothing.
        settings, versions: as in their files.
        paired: as of `words.standing`.
        formats: in which tables were written.
    """

    evaluation: Evaluation
    short: tuple[str, ...]
    warnings: tuple[str, ...]
    sections: tuple[Section, ...]
    diagnosis: Mapping[str, Mapping[str, Any]]
    settings: Mapping[str, Any]
    versions: Mapping[str, Any]
    paired: Paired | None = None
    formats: tuple[str, ...] = tuple(TABLE_FORMATS)


def page(contents: Contents) -> str:
    """The page as text."""
    evaluation = contents.evaluation
    title = f"Models of run {evaluation.run} compared"
    parts = [
        ("numbers", "The numbers", _headlines(contents)),
        *((each.key, each.title, _section(each, contents.formats)) for each in contents.sections),
        ("all", "Every number, with how it was measured", _all_numbers(contents)),
    ]
    if contents.diagnosis:
        parts.append(("diagnosis", "Diagnosis: does z carry anything?", _diagnosis(contents)))
    parts.append(("repeat", "Where this comes from, and how to repeat it", _repeat(contents)))
    links = "".join(f'<li><a href="#{key}">{escaped(heading)}</a></li>' for key, heading, _ in parts)
    body = "".join(f'<section id="{key}"><h2>{escaped(heading)}</h2>{inner}</section>' for key, heading, inner in parts)
    warnings = "".join(f'<div class="warn" role="note">{escaped(each)}</div>' for each in contents.warnings)
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escaped(title)}</title><style>{CSS}</style></head>\n<body><main><header><h1>{escaped(title)}</h1>"
        f'<p class="under">{escaped(_under_title(contents))}</p>{warnings}'
        f'<div class="short">{"".join(f"<p>{escaped(each)}</p>" for each in contents.short)}</div>'
        f"<nav><ul>{links}</ul></nav></header>\n{body}</main></body></html>\n"
    )


def escaped(text: str) -> str:
    """Any text as a page shows it."""
    return html.escape(printable(text)).replace("\n", "<br>")


def _under_title(contents: Contents) -> str:
    evaluation, program = contents.evaluation, contents.versions["latent-loom"]
    return (
        f"Step {evaluation.step:,}. {evaluation.sentences:,} of {evaluation.of:,} test sentences with "
        f"{evaluation.tokens:,} tokens. Evaluated {evaluation.created[:16].replace('T', ' ')} UTC with Latent Loom"
        f"{'' if program == 'source' else f' {program}'}."
    )


def _headlines(contents: Contents) -> str:
    keys = [key for key, each in DEFINITIONS.items() if each.headline and _anywhere(contents.evaluation, key)]
    head = "".join(f'<th scope="col">{_named(each)}</th>' for each in contents.evaluation.variants)
    rows = "".join(f'<tr><th scope="row">{_titled(DEFINITIONS[key])}</th>{_cells(contents, key)}</tr>' for key in keys)
    return (
        "<p>Beneath each value stands its 95% interval, from a bootstrap over sentences, samples or pairs. An arrow "
        "points to where it is better; bold is the best, with all that are not to be told from it.</p>"
        f'<div class="wide"><table><thead><tr><th scope="col">Number</th>{head}</tr></thead><tbody>{rows}</tbody>'
        f"</table></div>{_files('evaluation', 'tables', contents.formats)}"
    )


def _all_numbers(contents: Contents) -> str:
    evaluation = contents.evaluation
    head = "".join(f'<th scope="col">{_named(each)}</th>' for each in evaluation.variants)
    made = []
    for group, heading in GROUPS.items():
        keys = [key for key, each in DEFINITIONS.items() if each.group == group and _anywhere(evaluation, key)]
        if not keys:
            continue
        rows = "".join(
            f'<tr><th scope="row">{_titled(DEFINITIONS[key])}</th>{_cells(contents, key)}'
            f'<td class="number">{_items(evaluation, key)}</td><td class="how">{_how(evaluation, key)}</td></tr>'
            for key in keys
        )
        made.append(
            f'<h3>{heading}</h3><div class="wide"><table><thead><tr><th scope="col">Number</th>{head}'
            f'<th scope="col">n</th><th scope="col">Estimator, seed</th></tr></thead><tbody>{rows}</tbody></table>'
            "</div>"
        )
        if group == "generation":
            made.append(_notes(notes(evaluation)))
    return "".join(made) + _files("numbers", "tables", contents.formats)


def _cells(contents: Contents, key: str) -> str:
    evaluation, definition = contents.evaluation, DEFINITIONS[key]
    several = len(evaluation.variants) > 1 and definition.better
    first = {each.name for each in standing(evaluation, key, contents.paired).first} if several else set()
    return "".join(
        f'<td class="number{" best" if each.name in first else ""}">{_number(definition, each.numbers.get(key))}</td>'
        for each in evaluation.variants
    )


def _number(definition: Definition, number: Number | None) -> str:
    if number is None:
        return "–"
    if not math.isfinite(number.value):
        return f'–<span class="small">{escaped(number.why)}</span>'
    value = definition.shown(number.value)
    if number.low is None or number.high is None:
        return f'{value}<span class="small">{escaped(number.why or "no interval")}</span>'
    return f'{value}<span class="small">{definition.shown(number.low)} to {definition.shown(number.high)}</span>'


def _titled(definition: Definition) -> str:
    unit = f" ({definition.unit})" if definition.unit not in ("", "share") else ""
    return (
        f'{escaped(definition.title)}{unit} {definition.arrow}<span class="small">{escaped(definition.meaning)}</span>'
    )


def _items(evaluation: Evaluation, key: str) -> str:
    counts = sorted({each.numbers[key].n for each in evaluation.variants if key in each.numbers})
    return " to ".join(f"{count:,}" for count in dict.fromkeys((counts[0], counts[-1])))


def _how(evaluation: Evaluation, key: str) -> str:
    numbers = [each.numbers[key] for each in evaluation.variants if key in each.numbers]
    return "; ".join(dict.fromkeys(escaped(f"{each.how}, seed {each.seed}") for each in numbers))


def _anywhere(evaluation: Evaluation, key: str) -> bool:
    return any(key in each.numbers for each in evaluation.variants)


def _named(variant: VariantResult) -> str:
    return f'<span class="dot" style="background:{on_paper(variant.colour)}"></span><bdi>{escaped(variant.label)}</bdi>'


def _section(section: Section, formats: Sequence[str]) -> str:
    made = [f"<p>{escaped(section.text)}</p>"] if section.text else []
    made += [_figure(drawing, svg) for drawing, svg in section.figures]
    for table in section.tables:
        inner = _table(table) + _files(table.name, "tables", formats)
        printed = table.name in section.printed
        made.append(f'<div class="printed"><span class="tag">the paper</span>{inner}</div>' if printed else inner)
    return "".join(made)


def _figure(drawing: Drawing, svg: bytes) -> str:
    return (
        f'<figure><div class="wide">{inline(svg, drawing)}</div>'
        f'<figcaption id="{drawing.name}-caption">{escaped(drawing.caption)}</figcaption>'
        f"{_files(drawing.name, 'figures', FIGURES)}</figure>"
    )


def _table(table: Table) -> str:
    head = "".join(f'<th scope="col"{_direction(each)}>{escaped(each)}</th>' for each in table.columns)
    rows = "".join(f"<tr>{''.join(map(_cell, row))}</tr>" for row in table.rows)
    caption = f"<caption>{escaped(table.caption)}</caption>" if table.caption else ""
    return (
        f'<div class="wide"><table>{caption}<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>'
        f"{_notes(table.notes)}"
    )


def _cell(value: Any) -> str:
    if value is None:
        return "<td></td>"
    if isinstance(value, str):
        return f'<td class="text"{_direction(value)}>{escaped(value)}</td>'
    return f'<td class="number">{f"{value:.6g}" if isinstance(value, float) else value}</td>'


def _direction(text: str) -> str:
    return ' dir="rtl"' if reads_right_to_left(text) else ""


def _notes(notes: Iterable[str]) -> str:
    lines = "".join(f"<li>{escaped(each)}</li>" for each in notes)
    return f'<ul class="notes">{lines}</ul>' if lines else ""


def _files(name: str, folder: str, kinds: Sequence[str]) -> str:
    links = " · ".join(f'<a href="{folder}/{name}.{kind}">{kind}</a>' for kind in kinds)
    return f'<p class="files">As a file: {links}</p>'


def _diagnosis(contents: Contents) -> str:
    made = ["<p>What <code>diagnose</code> says of each model, as it was kept.</p>"]
    for name, values in contents.diagnosis.items():
        report = values["report"]
        lines = [report["summary"], *report["findings"]]
        lines += [f"{each['what']}. {each['because']}" for each in report["suggestions"]]
        made.append(f"<h3><bdi>{escaped(values.get('label') or name)}</bdi>: {escaped(report['verdict'])}</h3>")
        made.append(_notes(lines))
    return "".join(made)


def _repeat(contents: Contents) -> str:
    settings, versions = contents.settings, contents.versions
    prints = settings["fingerprints"]
    facts = {
        "Run, step": f"{settings['run']}, {settings['step']:,}",
        "Seeds": ", ".join(f"{name} {seed}" for name, seed in settings["seeds"].items()),
        "Evaluation": ", ".join(
            f"{settings['evaluation'][name]:,} {words}"
            for name, words in (
                ("sentences", "sentences"),
                ("samples", "importance samples a sentence"),
                ("draws", "samples of the prior"),
                ("pairs", "pairs"),
            )
        )
        + f", beam {settings['evaluation']['beam']}",
        "Fingerprint of the text": prints["corpus"],
        "Fingerprint of the vocabulary": prints["vocabulary"],
        **{f"Fingerprint of {name}": value for name, value in prints["models"].items()},
        "Program": f"Latent Loom {versions['latent-loom']}, Python {versions['python']}, {versions['system']}",
    }
    listed = "".join(f"<dt>{escaped(name)}</dt><dd>{escaped(value)}</dd>" for name, value in facts.items())
    commands = "\n".join(map(html.escape, settings["commands"]))
    return (
        f"<dl>{listed}</dl><p>From the text on, in a folder with the text and <a href='{TRAINING}'>{TRAINING}</a>:</p>"
        f"<pre>{commands}</pre><p class='small'>All settings: <a href='settings.json'>settings.json</a>. "
        "Every library: <a href='versions.json'>versions.json</a>.</p>"
    )

"""The text of the Diagnosis window, as HTML in the colours of a theme. Pure functions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from app.core.theme import Theme
from app.core.values import Column, Verdict
from app.diagnosis.state import Known
from app.diagnosis.words import (
    COLLAPSE,
    NUMBERS,
    RULE,
    TITLES,
    advice,
    finding_of_estimate,
    labels,
    meaning_of,
    plain,
    shown,
    verdict_of,
)

_FIRST = 34
"""Percent of the width that the names and meanings take; the variants share the rest."""
_COLOURS: Mapping[Verdict, str] = {"collapsed": "danger", "weak": "warning", "healthy": "good"}
_UNITS = "Nats a sentence; beneath each number its 95% interval"

_KL = "How far the clouds of z are from the prior, mean over the test sentences. Near 0 is collapse."
_ACTIVE = "Dimensions of {latent} whose mean μ varies by more than 0.01. It counts and does not weigh."
_CARRYING = "Dimensions with more than 0.1 nats of KL each. Nats may still say nothing."
_REC = "Mean of log p(x|z): its opposite is what a sentence costs when it is read from its own z."


def measured_page(result: Mapping[str, Any], columns: Sequence[Column], theme: Theme) -> str:
    """Everything that `diagnose` has found."""
    shown_columns = labels(columns, list(result["variants"]))
    variants = [result["variants"][column.name] for column in shown_columns]
    verdicts = [_verdict(verdict_of(values["report"]), "", theme) for values in variants]
    summaries = [
        _small(_sentences(values["report"]["summary"])) + _small(f"<b>{_first(values)}</b>") for values in variants
    ]
    rows = [_row("Verdict", RULE, [f"{a}{b}" for a, b in zip(verdicts, summaries, strict=True)], theme)]
    for number in NUMBERS:
        cells = []
        for values in variants:
            value, interval = shown(number, values[number.key])
            cells.append(f"<b>{value}</b>{_quiet(interval, theme)}")
        rows.append(_row(number.name, meaning_of(number, result), cells, theme))
        if number.key == "nll":
            rows.append(_by_samples(variants, theme))
    rows.append(_dimensions(variants, theme))
    return _document(
        _head(shown_columns, _UNITS, theme) + "".join(rows) + "</table>" + _reports(shown_columns, variants, theme),
        theme,
    )


def estimated_page(known: Known, columns: Sequence[Column], theme: Theme) -> str:
    """What the maps alone say, before anything was measured."""
    names = [column.name for column in columns if column.name in known.estimates]
    shown_columns = labels(columns, names)
    estimates = [known.estimates[name] for name in names]
    cells = []
    for each in estimates:
        tried = f"{advice(each.what)} {each.because}" if each.what else ""
        reason = finding_of_estimate(each).details.split("\n")[0].partition(": ")[2]
        cells.append(
            _verdict(each.verdict, " (estimate)", theme) + _small(escape(reason)) + _small(f"<b>{escape(tried)}</b>")
        )
    rows = [_row("Verdict", RULE, cells, theme)]

    def number(name: str, meaning: str, values: list[str]) -> None:
        rows.append(_row(name, meaning, [f"<b>{value}</b>" for value in values], theme))

    latent = estimates[0].latent if estimates else 0
    number("KL", _KL, [f"{each.kl:.2f}" for each in estimates])
    number("Active units", _ACTIVE.format(latent=latent), [str(each.active_units) for each in estimates])
    number("Carrying units", _CARRYING, [str(each.carrying_units) for each in estimates])
    number("Reconstruction", _REC, [f"{-each.nll:.2f}".replace("-", "−") for each in estimates])
    return _document(_head(shown_columns, "Nats a sentence", theme) + "".join(rows) + "</table>", theme)


def _document(body: str, theme: Theme) -> str:
    lesson = f'<a href="lesson" style="color:{theme.accent}">What decides it: measured curves</a>'
    return f"<p>{COLLAPSE} {lesson}</p>{body}"


def _head(columns: Sequence[Column], said: str, theme: Theme) -> str:
    rest = (100 - _FIRST) / max(1, len(columns))
    cells = "".join(
        f'<td width="{rest:.2f}%"><span style="color:{theme.readable(column.colour or theme.muted)}">●</span> '
        f"<b>{escape(column.label)}</b></td>"
        for column in columns
    )
    head = f'<tr><td width="{_FIRST}%"><span style="font-size:11px; color:{theme.muted}">{said}</span></td>{cells}</tr>'
    return f'<table width="100%" cellpadding="6" cellspacing="0" style="border-collapse:collapse">{head}'


def _row(name: str, meaning: str, cells: Sequence[str], theme: Theme) -> str:
    edge = f'style="border-top:1px solid {theme.border_strong}"'
    lead = f"<td {edge}><b>{escape(name)}</b>{_quiet(escape(meaning), theme)}</td>"
    return f"<tr>{lead}{''.join(f'<td {edge}>{cell}</td>' for cell in cells)}</tr>"


def _by_samples(variants: Sequence[Mapping[str, Any]], theme: Theme) -> str:
    cells = [
        "<br>".join(f"K = {size}: {value:.1f}" for size, value in values["nll_by_samples"].items())
        for values in variants
    ]
    meaning = "With fewer draws. If the last step still falls by much, K is too small, and the true one is lower."
    return _row("NLL (IW) as K grows", meaning, cells, theme)


def _dimensions(variants: Sequence[Mapping[str, Any]], theme: Theme) -> str:
    cells = []
    for values in variants:
        order = sorted(enumerate(values["kl_per_dimension"]), key=lambda each: -each[1])
        listed = "<br>".join(f"{number}: {kl:.2f}" for number, kl in order[:5])
        cells.append(
            listed + _quiet(f"the other {max(0, len(order) - 5)}: {sum(kl for _, kl in order[5:]):.2f}", theme)
        )
    meaning = "The dimensions of z with most KL, by their number. Together with the others they are the KL above."
    return _row("KL by dimension", meaning, cells, theme)


def _reports(columns: Sequence[Column], variants: Sequence[Mapping[str, Any]], theme: Theme) -> str:
    parts = []
    for column, values in zip(columns, variants, strict=True):
        report = values["report"]
        found = "".join(f"<li>{escape(text)}</li>" for text in report["findings"])
        tried = "".join(
            f"<li><b>{escape(plain(each['what']))}.</b> {escape(each['because'])}</li>"
            for each in report["suggestions"]
        )
        chip = f'<span style="color:{theme.readable(column.colour or theme.muted)}">●</span>'
        title = f"{chip} {escape(column.label)}: {_verdict_word(verdict_of(report), theme)}"
        parts.append(f"<h3>{title}</h3><ul>{found}</ul><p><b>What to try</b></p><ul>{tried}</ul>")
    return "".join(parts)


def _verdict(verdict: Verdict, more: str, theme: Theme) -> str:
    return f"{_verdict_word(verdict, theme)}{more}"


def _verdict_word(verdict: Verdict, theme: Theme) -> str:
    return f'<b><span style="color:{getattr(theme, _COLOURS[verdict])}">{TITLES[verdict]}</span></b>'


def _sentences(summary: str) -> str:
    """A summary without the verdict in front, which stands above it."""
    text = summary.partition(": ")[2] or summary
    return escape(text[:1].upper() + text[1:])


def _first(values: Mapping[str, Any]) -> str:
    return escape(advice(values["report"]["suggestions"][0]["what"]))


def _small(text: str) -> str:
    return f'<br><span style="font-size:11px">{text}</span>' if text else ""


def _quiet(text: str, theme: Theme) -> str:
    return f'<br><span style="font-size:11px; color:{theme.muted}">{text}</span>'

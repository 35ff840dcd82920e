"""The page stands alone, and shows texts as they are."""

from __future__ import annotations

import html.parser
import re
from dataclasses import replace

from engine.evaluation.measures.definitions import DEFINITIONS
from engine.evaluation.report.page import Contents, Section, escaped, page
from engine.evaluation.tables import Table
from tests.engine.evaluation.values import LABELS, evaluation

ODD = ("=1+1", "<script>alert(1)</script>", "a\nb & c", "שלום עולם!", "😀 | * [3pt]", "#N/A", "007", None, 1.25)
SETTINGS = {
    "run": "tiny",
    "step": 20,
    "seeds": {"training": 1, "evaluation": 7, "tables": 3},
    "evaluation": {"sentences": 100, "samples": 50, "draws": 120, "pairs": 60, "beam": 10},
    "fingerprints": {"corpus": "c" * 64, "vocabulary": "d" * 64, "models": {"v0": "f" * 64}},
    "commands": ["python main.py evaluate tiny --limit 100", "python main.py report tiny && <odd>"],
}
DIAGNOSIS = {
    "v0": {
        "label": "VAE <b>",
        "report": {
            "verdict": "weak", "summary": "Weak: a & b.", "findings": ["One."],
            "suggestions": [{"what": "Try m=1", "because": "it helps."}],
        },
    }
}  # fmt: skip


def contents(**changes: object) -> Contents:
    table = Table("odd", ("n <b>", "text"), tuple(enumerate(ODD)), "Caption & more", ("note <i>",))
    made = Contents(
        evaluation(), ("First & foremost.",), (), (Section("odd", "Odd", "Text.", (table,), printed=("odd",)),),
        DIAGNOSIS, SETTINGS, {"latent-loom": "1.2", "python": "3.11", "system": "Linux", "libraries": {}},
    )  # fmt: skip
    return replace(made, **changes)  # type: ignore[arg-type]


class _Reader(html.parser.HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.links: list[str] = []
        self.cells: list[str] = []
        self.ids: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        facts = dict(attrs)
        self.links += [facts[name] or "" for name in ("href", "src") if name in facts]
        self.ids += [facts["id"] or ""] if "id" in facts else []
        if tag == "td":
            self.cells.append("")
        if tag == "br":
            self.cells[-1:] = [self.cells[-1] + "\n"] if self.cells else []
        elif tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "td" in self.open:
            self.cells[-1] += data


def read(text: str) -> _Reader:
    reader = _Reader()
    reader.feed(text)
    assert reader.open == []
    return reader


def test_every_text_of_a_table_is_shown_as_it_is_and_runs_nothing() -> None:
    text = page(contents())
    cells = read(text).cells
    for value in ODD:
        assert ("" if value is None else str(value)) in cells
    assert "<script" not in text
    assert 'dir="rtl">שלום' in text


def test_the_page_needs_no_network_and_its_links_lead_into_the_folder() -> None:
    reader = read(page(contents()))
    anchors = {f"#{each}" for each in reader.ids}
    files = re.compile(r"(tables|figures)/[\w-]+\.\w+|settings\.json|versions\.json|training\.toml")
    assert all(link in anchors or files.fullmatch(link) for link in reader.links)
    assert len(reader.ids) == len(set(reader.ids))
    assert "http" not in page(contents()).replace("http-equiv", "")


def test_every_number_stands_with_its_meaning_interval_n_estimator_and_seed() -> None:
    text = page(contents())
    assert all(escaped(each.meaning) in text for each in DEFINITIONS.values())
    for wanted in ("E_q[log p(x|z)]", "1.00", "0.60 to 1.40", "a mean, seed 7", ">100<", "Sentences that come back"):
        assert wanted in text, wanted
    for label in LABELS:
        assert label.replace("&", "&amp;") in text


def test_the_best_are_bold_with_those_not_to_be_told_from_them() -> None:
    rows = re.findall(r'<tr><th scope="row">ELBO.*?</tr>', page(contents()))
    assert rows[0].count('class="number best"') == 1
    assert rows[0].index("best") > rows[0].index("3.00")
    kl = re.findall(r'<tr><th scope="row">KL .*?</tr>', page(contents()))[0]
    assert "best" not in kl


def test_warnings_the_paper_and_the_diagnosis_are_marked() -> None:
    text = page(contents(warnings=("Not <finished>.",)))
    assert '<div class="warn" role="note">Not &lt;finished&gt;.</div>' in text
    assert '<span class="tag">the paper</span>' in text
    assert "<bdi>VAE &lt;b&gt;</bdi>: weak" in text
    assert "Try m=1. it helps." in text
    assert 'id="diagnosis"' not in page(contents(diagnosis={}))

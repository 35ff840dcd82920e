"""Chosen sentences written for other programs, read back as these read them and held against the cache."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path

import h5py
import numpy as np
import pyarrow.parquet as pq
import pytest

from engine.errors import LoomError
from engine.events import Done, Progress
from engine.selections import exporting
from engine.selections.exporting import FORMATS, export_chosen
from engine.storage.cache_writer import write_cache
from engine.storage.columns import Columns, KeptColumn
from engine.storage.columns_writer import begin_columns
from engine.storage.latent_cache import LatentCache
from tests.engine.storage.caches import arrays, info, make_cache, texts

N, LATENT = 40, 3
CHOSEN = [0, 3, 4, 17, 39]
MASK = np.isin(np.arange(N), CHOSEN)


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch):
    """So that a block ends within the sentences, and some have none that is chosen."""
    monkeypatch.setattr(exporting, "_AT_ONCE", 5)


@pytest.fixture
def values() -> dict[str, dict[str, np.ndarray]]:
    return {"vae": arrays(N, LATENT, 1), "autogen-m1": arrays(N, LATENT, 2)}


@pytest.fixture
def cache(tmp_path, values) -> Iterator[LatentCache]:
    with LatentCache.open(make_cache(tmp_path / "cache.h5", values)) as opened:
        yield opened


def export(cache: LatentCache, path: Path, format: str, mask=MASK, **how) -> dict:
    *steps, done = export_chosen(cache, mask, path, format, **how)
    assert all(isinstance(step, Progress) for step in steps)
    assert [step.done for step in steps] == sorted(step.done for step in steps)
    assert steps[-1].done == steps[-1].total == int(mask.sum())
    assert isinstance(done, Done)
    return dict(done.result)


def projector_reads_vectors(content: str) -> np.ndarray:
    """As `parseTensors` of the projector has it: a first cell that is no number would be a label."""
    rows = [line.strip().split("\t") for line in content.split("\n") if line.strip()]
    width = len(rows[0])
    assert all(len(row) == width > 1 for row in rows)
    return np.array([[float(cell) for cell in row] for row in rows], np.float32)


def projector_reads_metadata(content: str) -> list[dict[str, str | None]]:
    """As `parseMetadata` of the projector has it: a first line with a tab in it is the heading."""
    lines = [line for line in content.split("\n") if line.strip()]
    if "\t" not in lines[0]:
        return [{"label": line} for line in lines]
    names = lines[0].split("\t")
    return [dict(zip(names, [cell or None for cell in line.split("\t")], strict=True)) for line in lines[1:]]


@pytest.mark.parametrize("format", ["csv", "parquet"])
def test_a_table_has_a_line_for_each_sentence_of_each_variant(cache, values, tmp_path, format):
    path = tmp_path / f"chosen.{format}"
    assert export(cache, path, format) == {"path": str(path), "sentences": 5, "files": []}
    if format == "csv":
        lines = list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8"), newline="")))
    else:
        lines = pq.read_table(path).to_pylist()
        assert pq.read_schema(path).metadata[b"corpus_fingerprint"] == b"corpus"
    assert ",".join(lines[0]) == "test_sentence,sentence,tokens,variant,model,kl,nll,map,map_x,map_y"
    assert len(lines) == 10
    for number, line in enumerate(lines):
        index, name = CHOSEN[number // 2], ["vae", "autogen-m1"][number % 2]
        assert (int(line["test_sentence"]), line["sentence"], int(line["tokens"])) == (
            index + 1,
            texts(N)[index],
            index % 30,
        )
        assert (line["variant"], line["model"]) == (name, name.upper())
        assert np.float32(line["kl"]) == values[name]["kl"][index]
        assert np.float32(line["nll"]) == values[name]["nll"][index]
        assert line["map_x"] in ("", None)  # there are no maps


def test_what_stands_beside_sentences_and_the_places_on_a_map_are_in_the_table(tmp_path):
    from engine.config import ProjectionConfig
    from engine.maps.projection import project

    path = make_cache(tmp_path / "mapped.h5", {"vae": arrays(N, LATENT)})
    list(project(path, None, ProjectionConfig(method="pca")))
    with LatentCache.open(path) as cache:
        export(cache, tmp_path / "places.parquet", "parquet")
        places = cache.projection("vae", "pca")
    lines = pq.read_table(tmp_path / "places.parquet").to_pylist()
    assert [(line["map"], line["map_x"], line["map_y"]) for line in lines] == [
        ("pca", float(places[i, 0]), float(places[i, 1])) for i in CHOSEN
    ]


def test_places_are_of_one_map_for_all_variants(tmp_path):
    from engine.config import ProjectionConfig
    from engine.maps.projection import project

    path = make_cache(tmp_path / "mapped.h5", {"vae": arrays(N, LATENT), "autogen-m1": arrays(N, LATENT, seed=1)})
    list(project(path, ("vae",), ProjectionConfig(method="pca", name="a")))
    list(project(path, None, ProjectionConfig(method="pca", name="z")))
    with LatentCache.open(path) as cache:
        export(cache, tmp_path / "both.parquet", "parquet")
        export(cache, tmp_path / "one.parquet", "parquet", maps={"vae": "a", "autogen-m1": ""})
    for name, expected in (("both", {("vae", "z"), ("autogen-m1", "z")}), ("one", {("vae", "a"), ("autogen-m1", "")})):
        lines = pq.read_table(tmp_path / f"{name}.parquet").to_pylist()
        assert {(line["variant"], line["map"] or "") for line in lines} == expected
        assert all((line["map_x"] is None) == (not line["map"]) for line in lines)


def test_the_projector_reads_vectors_and_metadata_of_each_variant(cache, values, tmp_path):
    made = export(cache, tmp_path / "projector", "projector")
    assert made["files"] == [
        "autogen-m1/metadata.tsv",
        "autogen-m1/vectors.tsv",
        "projector_config.pbtxt",
        "vae/metadata.tsv",
        "vae/vectors.tsv",
    ]
    for name, of in values.items():
        folder = tmp_path / "projector" / name
        content = (folder / "vectors.tsv").read_text(encoding="utf-8")
        assert content.endswith("\n")
        assert np.array_equal(projector_reads_vectors(content), of["mu"][MASK])
        known = projector_reads_metadata((folder / "metadata.tsv").read_text(encoding="utf-8"))
        assert [(row["sentence"], row["test_sentence"]) for row in known] == [(texts(N)[i], str(i + 1)) for i in CHOSEN]
        assert [np.float32(row["kl"]) for row in known] == of["kl"][MASK].tolist()
    config = (tmp_path / "projector" / "projector_config.pbtxt").read_text()
    assert config.count("embeddings {") == 2
    assert '  tensor_name: "VAE"\n  tensor_path: "vae/vectors.tsv"\n  metadata_path: "vae/metadata.tsv"\n' in config


def label_and_stars(file: h5py.File) -> Columns:
    """A category and a number beside four sentences; the second has neither."""
    group = file.create_group("columns")
    label, stars = begin_columns(group, [KeptColumn("label", "category"), KeptColumn("stars", "number")])
    label.append_texts(["good", None, "bad", "good"])
    stars.append([1.5, np.nan, 3.0, 4.0])
    label.flush(), stars.flush()
    return Columns(group, 4, LoomError)


def test_columns_beside_the_sentences_are_written_and_breaks_in_texts_are_spaces_for_the_projector(tmp_path):
    sentences = ["One\ttab.", "Two\nlines \u2028 here.", '"Quoted", =1+1', ""]
    path = tmp_path / "beside.h5"
    settings = {"run": "test", "corpus_fingerprint": "corpus"}
    with write_cache(path, latent=2, sentences=sentences, words=np.arange(4), **settings) as writer:
        writer.add_variant(info("vae"), **arrays(4, 2))
    with LatentCache.open(path) as cache, h5py.File(tmp_path / "columns.h5", "w") as file:
        cache.columns = label_and_stars(file)
        export(cache, tmp_path / "all.csv", "csv", np.ones(4, bool))
        export(cache, tmp_path / "all", "projector", np.ones(4, bool))
    text = (tmp_path / "all.csv").read_text(encoding="utf-8")
    lines = list(csv.DictReader(io.StringIO(text, newline="")))
    assert [line["sentence"] for line in lines] == sentences
    beside = [(line["data.label"], line["data.stars"]) for line in lines]
    assert beside == [("good", "1.5"), ("", ""), ("bad", "3"), ("good", "4")]
    known = projector_reads_metadata((tmp_path / "all" / "vae" / "metadata.tsv").read_text(encoding="utf-8"))
    assert [row["sentence"] for row in known] == ["One tab.", "Two lines   here.", '"Quoted", =1+1', None]
    assert [(row["data.label"], row["data.stars"]) for row in known] == [
        ("good", "1.5"),
        (None, None),
        ("bad", "3.0"),
        ("good", "4.0"),
    ]


def test_numpy_reads_ids_from_zero_and_means_without_unpickling(cache, values, tmp_path):
    every = np.ones(N, bool)
    for name, mask in (("few", MASK), ("all", every)):
        made = export(cache, tmp_path / name, "npy", mask, variants=["autogen-m1"])
        assert made["files"] == ["autogen-m1-mu.npy", "ids.npy"]
        ids = np.load(tmp_path / name / "ids.npy", allow_pickle=False)
        mu = np.load(tmp_path / name / "autogen-m1-mu.npy", allow_pickle=False)
        assert (ids.dtype, mu.dtype) == (np.int64, np.float32)
        assert ids.tolist() == np.flatnonzero(mask).tolist()
        assert np.array_equal(mu, values["autogen-m1"]["mu"][ids])


@pytest.mark.parametrize("format", FORMATS)
def test_nothing_is_written_where_it_is_given_up_or_the_cache_turns_out_damaged(cache, tmp_path, format, monkeypatch):
    there = set(tmp_path.iterdir())
    steps = export_chosen(cache, MASK, tmp_path / "made", format)
    next(steps), next(steps)
    steps.close()
    monkeypatch.setattr(cache, "sentences", lambda rows: (_ for _ in ()).throw(LoomError("damaged")))
    monkeypatch.setattr(cache, "mu", lambda name, rows: (_ for _ in ()).throw(LoomError("damaged")))
    with pytest.raises(LoomError, match="damaged"):
        list(export_chosen(cache, MASK, tmp_path / "made", format))
    left = {path.name for path in set(tmp_path.iterdir()) - there}
    assert left <= {".made.lock"}


def test_what_cannot_be_written_is_refused_before_anything_is(cache, tmp_path):
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "theirs.txt").write_text("keep me")
    (tmp_path / "empty").mkdir()
    one = make_cache(tmp_path / "one.h5", {"vae": arrays(N, 1)})
    none = np.zeros(N, bool)
    with LatentCache.open(one) as flat:
        for opened, mask, name, format, why in (
            (cache, none, "a", "csv", "No sentence is selected"),
            (cache, MASK[:-1], "a", "csv", "of 39 sentences, and the cache holds 40"),
            (cache, MASK, "full", "npy", "is there already"),
            (cache, MASK, "full", "csv", "is a folder"),
            (cache, MASK, "cache.h5", "projector", "is there already"),
            (flat, MASK, "a", "projector", "no vectors of one dimension"),
        ):
            with pytest.raises((LoomError, ValueError), match=why):
                list(export_chosen(opened, mask, tmp_path / name, format))
    with pytest.raises(LoomError, match="gone"):
        list(export_chosen(cache, MASK, tmp_path / "a", "csv", ["gone"]))
    assert (tmp_path / "full" / "theirs.txt").read_text() == "keep me"
    assert not (tmp_path / "a").exists()
    export(cache, tmp_path / "empty", "npy")


def test_an_earlier_file_is_replaced_as_a_whole(cache, tmp_path):
    path = tmp_path / "chosen.csv"
    path.write_text("what was there")
    export(cache, path, "csv")
    assert path.read_text(encoding="utf-8").startswith('"test_sentence"')

"""Verification: every damaged file is named, nothing else is, and what it says makes the file anew does."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

import h5py
import pytest

from engine.cli.app import main
from engine.config import ProjectionConfig
from engine.corpus.demo.shipped import DEMO_TEXT
from engine.corpus.store import Corpus
from engine.encoding.encode import encode
from engine.errors import LoomError, Stopped
from engine.events import Done
from engine.maps.projection import project
from engine.runs.run import JUDGE, Run
from engine.storage.latent_cache import LatentCache
from engine.storage.locks import held
from engine.storage.maps.map_list import list_of, set_aside
from engine.verification import verify
from engine.workspace import PACKAGED_DEMO, Workspace
from tests.conftest import change_json


@pytest.fixture
def workspace(tiny_workspace: Workspace, tmp_path: Path) -> Workspace:
    shutil.copytree(tiny_workspace.root, tmp_path / "workspace")
    made = Workspace(tmp_path / "workspace")
    list(project(made.cache("tiny"), None, ProjectionConfig(method="pca")))
    return made


def files_of(workspace: Workspace, name: str = "") -> dict[str, dict[str, Any]]:
    (done,) = [event for event in verify(workspace, name) if isinstance(event, Done)]
    files = done.result["files"]
    assert done.result["damaged"] == sum(each["state"] == "damaged" for each in files)
    return {each["file"]: each for each in files}


def flip(path: Path, at: int | None = None) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2 if at is None else at] ^= 1
    path.write_bytes(content)


def test_a_whole_workspace_is_whole_and_the_packaged_run_is_part_of_it(workspace: Workspace) -> None:
    files = files_of(workspace)
    assert {each["state"] for each in files.values()} == {"whole"}
    shipped = {path for path in PACKAGED_DEMO.rglob("*") if path.suffix in (".h5", ".zst")} - {DEMO_TEXT}
    assert shipped <= {Path(file) for file in files}
    assert len(shipped) == 1 + 4 * 3
    read = {Path(file) for file in files}
    for path in workspace.root.rglob("*"):
        if path.is_file() and not path.name.startswith(".") and path.suffix in (".ids", ".safetensors", ".h5", ".text"):
            assert path in read


def test_a_flipped_bit_is_told_of_the_very_file_even_if_its_time_did_not_change(workspace: Workspace) -> None:
    for file in [
        "corpora/tiny/test.text",
        "corpora/tiny/train.ids",
        "runs/tiny/vocabulary.txt",
        "runs/tiny/variants/vae/step-000000040.safetensors",
        "runs/tiny/variants/vae/step-000000040.optimiser.safetensors",
    ]:
        path = workspace.root / file
        whole, about = path.read_bytes(), path.stat()
        flip(path)
        os.utime(path, ns=(about.st_atime_ns, about.st_mtime_ns))
        told = files_of(workspace, "tiny")
        assert [each for each, verdict in told.items() if verdict["state"] == "damaged"] == [str(path)], file
        assert told[str(path)]["mend"]
        path.write_bytes(whole)
    assert not [each for each in files_of(workspace, "tiny").values() if each["state"] == "damaged"]


@pytest.mark.parametrize("part", ["text", "variants/vae/mu", "variants/vae/projections/pca", "beside"])
def test_what_it_says_of_a_damaged_cache_mends_it(workspace: Workspace, part: str) -> None:
    path = place = workspace.cache("tiny")
    if "projections" in part:
        list(encode(Run.open(workspace.run("tiny")), workspace, (), "cpu"))
    if part == "beside":
        with LatentCache.open(path) as cache:
            place, part = cache.maps.file_of("vae", "pca"), "variants/vae"
    with h5py.File(place, "r") as file:
        at = file[part].id.get_chunk_info(0).byte_offset
    flip(place, at + 3)
    told = files_of(workspace, "tiny")
    assert [each for each, verdict in told.items() if verdict["state"] == "damaged"] == [str(place)]
    _do(told[str(place)]["mend"], workspace)
    assert not [each for each in files_of(workspace, "tiny").values() if each["state"] != "whole"]


def test_a_damaged_map_with_a_name_of_its_own_is_to_be_deleted(workspace: Workspace) -> None:
    list(project(workspace.cache("tiny"), None, ProjectionConfig(method="pca", seed=3, name="my own")))
    with LatentCache.open(workspace.cache("tiny")) as cache:
        place = cache.maps.file_of("vae", "my own")
    place.write_bytes(place.read_bytes()[:-500])
    mend = files_of(workspace, "tiny")[str(place)]["mend"]
    assert mend.startswith("Delete them: python main.py project tiny --delete 'my own', and make them anew")


def test_a_damaged_list_of_maps_is_named_with_what_to_do(workspace: Workspace) -> None:
    place = list_of(workspace.cache("tiny"))
    assert files_of(workspace, "tiny")[str(place)]["state"] == "whole"
    flip(place)
    verdict = files_of(workspace, "tiny")[str(place)]
    assert verdict["state"] == "damaged"
    assert "name the folder tiny.maps otherwise and make the maps anew: python main.py project tiny" in verdict["mend"]
    assert files_of(workspace, "tiny")[str(workspace.cache("tiny"))]["state"] == "whole"


def test_maps_whose_cache_is_gone_are_told_as_left_over(workspace: Workspace) -> None:
    cache = workspace.cache("tiny")
    folder = list_of(cache).parent
    assert str(folder) not in files_of(workspace, "tiny")
    cache.unlink()
    told = files_of(workspace, "tiny")[str(folder)]
    assert told["state"] == "left over"
    assert "Put tiny.h5 back" in told["mend"]
    set_aside(cache)
    told = files_of(workspace, "tiny")[f"{folder}.damaged"]
    assert (told["state"], told["mend"]) == ("left over", "Delete the folder.")


@pytest.mark.parametrize("name", ["test.text", "corpus.json"])
def test_what_it_says_of_a_damaged_corpus_mends_it(workspace: Workspace, name: str) -> None:
    path = workspace.root / "corpora" / "tiny" / name
    flip(path)
    verdict = files_of(workspace, "tiny")[str(path)]
    if name != "corpus.json":  # which says itself how it was made
        with pytest.raises(LoomError) as told:
            Corpus.open(path.parent)
        assert told.value.hint == verdict["mend"]
    _do(verdict["mend"], workspace)
    assert files_of(workspace, "tiny")[str(path)]["state"] == "whole"


def _do(mend: str, workspace: Workspace) -> None:
    with pytest.raises(SystemExit) as ended:
        main([*mend.partition("python main.py ")[2].split(), "--workspace", str(workspace.root)])
    assert not ended.value.code


def test_an_older_corpus_is_told_as_not_covered(workspace: Workspace) -> None:
    description = workspace.root / "corpora" / "tiny" / "corpus.json"
    document = json.loads(description.read_text())
    description.write_text(json.dumps({key: value for key, value in document.items() if not key.startswith("digest")}))
    assert files_of(workspace, "tiny")[str(description)]["state"] == "not covered"


def test_capitals_are_covered_where_they_were_written_and_told_where_they_are_damaged(workspace: Workspace) -> None:
    """Earlier corpora and runs have none."""
    corpus, run = workspace.corpus("tiny"), workspace.run("tiny")
    assert {str(folder / "capitals.txt") for folder in (corpus, run)} <= files_of(workspace).keys()
    for folder in (corpus, run):
        (folder / "capitals.txt").write_text("Zebra\n", "utf-8")
    damaged = [file for file, each in files_of(workspace).items() if each["state"] == "damaged"]
    assert damaged == [str(folder / "capitals.txt") for folder in (corpus, run)]
    for folder in (corpus, run):
        (folder / "capitals.txt").unlink()

    digests = json.loads((corpus / "corpus.json").read_text("utf-8"))["digests"]
    change_json(corpus / "corpus.json", digests={name: each for name, each in digests.items() if "capit" not in name})
    found = files_of(workspace)
    assert not {str(folder / "capitals.txt") for folder in (corpus, run)} & found.keys()
    assert {each["state"] for each in found.values()} == {"whole"}


def test_evaluations_and_surveys_are_read_and_damage_is_told(workspace: Workspace) -> None:
    common = ["--workspace", str(workspace.root), "--quiet"]
    small = ["--limit", "20", "--samples", "1", "--draws", "20", "--pairs", "2", "--beam", "1"]
    for command in (
        ["evaluate", "tiny", *small],
        ["survey", "make", "tiny", "--kind", "generation", "--respondents", "2", "--beam", "1"],
    ):
        with pytest.raises(SystemExit) as ended:
            main([*command, *common])
        assert ended.value.code == 0, command
    files = files_of(workspace)
    assert {each["state"] for each in files.values()} == {"whole"}
    parts = [Path(file) for file in files if file.endswith(".npz")]
    document = workspace.evaluation("tiny")
    (survey,) = [Path(file) for file in files if Path(file).is_relative_to(workspace.root / "surveys")]
    assert len(parts) > 10
    assert str(document) in files
    for path in (parts[0], document, survey):
        before = path.read_bytes()
        flip(path)
        damaged = {file for file, each in files_of(workspace).items() if each["state"] == "damaged"}
        assert damaged == {str(path)}
        path.write_bytes(before)
    document.unlink()
    assert {str(part) for part in parts} <= files_of(workspace).keys()  # as of sentences that were given back alone


def test_a_name_that_is_nowhere_is_told(workspace: Workspace) -> None:
    with pytest.raises(LoomError, match="neither a corpus nor a run nor a cache named 'nothing'"):
        list(verify(workspace, "nothing"))


def test_it_stops_when_asked(workspace: Workspace) -> None:
    with pytest.raises(Stopped):
        list(verify(workspace, "", lambda: True))


def test_packaged_latents_are_read_and_a_flipped_bit_is_told_with_two_ways_out(workspace: Workspace) -> None:
    packaged = workspace.run("demo")
    own = workspace.root / "runs" / "demo"
    shutil.copytree(packaged, own)
    assert {each["state"] for file, each in files_of(workspace, "demo").items() if "/latents." in file} == {"whole"}
    for name in ("latents.h5", "latents.json"):
        whole = (own / name).read_bytes()
        flip(own / name)
        verdict = files_of(workspace, "demo")[str(own / name)]
        assert verdict["state"] == "damaged"
        assert "delete both: encode then computes the latents" in verdict["mend"]
        (own / name).write_bytes(whole)


def test_the_language_model_of_a_run_is_read_and_a_flipped_bit_is_told(workspace: Workspace) -> None:
    packaged = workspace.run("demo")
    assert files_of(workspace, "demo")[str(packaged / JUDGE)]["state"] == "whole"
    own = workspace.root / "runs" / "demo"
    shutil.copytree(packaged, own)
    flip(own / JUDGE)
    verdict = files_of(workspace, "demo")[str(own / JUDGE)]
    assert verdict["state"] == "damaged"
    assert "evaluate demo --judge" in verdict["mend"]


def test_weights_whose_description_is_missing_are_told(workspace: Workspace) -> None:
    description = workspace.root / "runs" / "tiny" / "variants" / "vae" / "step-000000040.json"
    description.unlink()
    assert files_of(workspace, "tiny")[str(description)]["state"] == "missing"


def test_offsets_that_are_damaged_are_named_and_not_the_file_that_they_are_of(workspace: Workspace) -> None:
    offsets = workspace.root / "corpora" / "tiny" / "train.offsets"
    flip(offsets, offsets.stat().st_size - 8)
    damaged = [file for file, each in files_of(workspace, "tiny").items() if each["state"] == "damaged"]
    assert damaged == [str(offsets)]


def test_what_is_missing_of_a_variant_is_told(workspace: Workspace) -> None:
    variant = workspace.root / "runs" / "tiny" / "variants" / "vae"
    (variant / "metrics.jsonl").unlink()
    assert (
        "has not all it should have of step 10,"
        in files_of(workspace, "tiny")[str(variant / "metrics.jsonl")]["detail"]
    )
    shutil.rmtree(variant)
    assert files_of(workspace, "tiny")[str(variant)]["state"] == "damaged"


def test_a_workspace_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(LoomError, match="There is no workspace"):
        list(verify(Workspace(tmp_path / "typo")))


def test_settings_without_a_digest_are_told_as_not_covered(workspace: Workspace) -> None:
    change_json(workspace.root / "runs" / "tiny" / "run.json")
    assert files_of(workspace, "tiny")[str(workspace.root / "runs" / "tiny" / "run.json")]["state"] == "not covered"


def test_checkpoints_that_a_training_writes_and_deletes_are_no_damage(workspace: Workspace) -> None:
    description = workspace.root / "runs" / "tiny" / "variants" / "vae" / "step-000000040.json"
    with held(workspace.root / "runs" / "tiny", "training"):
        description.unlink()  # as at the moment between a checkpoint's weights and its description
        assert str(description) not in files_of(workspace, "tiny")


def test_a_corpus_without_a_run_says_itself_how_it_was_made(workspace: Workspace) -> None:
    shutil.rmtree(workspace.root / "runs")
    path = workspace.root / "corpora" / "tiny" / "test.ids"
    flip(path)
    mend = files_of(workspace, "tiny")[str(path)]["mend"]
    assert "SOURCE" not in mend
    _do(mend, workspace)
    assert files_of(workspace, "tiny")[str(path)]["state"] == "whole"


def test_a_corpus_whose_replacement_was_killed_is_put_back_and_read(workspace: Workspace) -> None:
    folder = workspace.root / "corpora" / "tiny"
    folder.rename(folder.with_name(".tiny.0123abcd-99999999-abcdef.old"))
    assert files_of(workspace, "tiny")[str(folder / "test.text")]["state"] == "whole"

"""The commands as a person runs them: real files, exit codes and messages.

A process of its own takes seconds to load everything, so only what one proves is tried in one: signals, bytes that are
no text, a full disk, and that a command works where nothing else was loaded. The others run in this process, by the
function that `main.py` calls.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tomllib
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path

import pytest

from engine.cli.app import app, main
from engine.events import Done
from engine.runs.metrics import read_lines
from engine.runs.run import Run
from engine.workspace import CHECKOUT, Workspace
from tests.conftest import write_sentences

ENVIRONMENT = {**os.environ, "OMP_NUM_THREADS": "1", "QT_QPA_PLATFORM": "offscreen"}


def command(*arguments: str | Path) -> list[str]:
    return [sys.executable, str(CHECKOUT / "main.py"), *map(str, arguments)]


Ended = subprocess.CompletedProcess[str]


def in_process_of_its_own(*arguments: str | Path) -> Ended:
    return subprocess.run(command(*arguments), capture_output=True, text=True, timeout=120, env=ENVIRONMENT)


def run(*arguments: str | Path) -> Ended:
    """Run a command in this process."""
    given = list(map(str, arguments))
    with redirect_stdout(StringIO()) as out, redirect_stderr(StringIO()) as err, pytest.raises(SystemExit) as ended:
        main(given)
    return Ended(given, int(ended.value.code or 0), out.getvalue(), err.getvalue())


def result(*arguments: str | Path, run: Callable[..., Ended] = run) -> dict:  # type: ignore[type-arg]
    ended = run(*arguments, "--json")
    assert ended.returncode == 0, ended.stderr
    return json.loads(ended.stdout)


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("commands")


def test_the_whole_way_from_a_text_file_to_a_table(workspace: Path) -> None:
    """Also the JSON fields that COMMANDS documents for callers. A command has nothing but the files of those before."""
    text = write_sentences(workspace / "mine.txt", 400)
    common = ("--workspace", workspace)
    made = result("corpus", text, "--name", "mine", "--vocabulary", "100", *common)
    assert made["sentences"] == made["train"] + made["test"] == 400
    assert {"name", "vocabulary", "tokens", "unknown_rate", "dropped", "fingerprint", "path"} <= made.keys()

    options = ("--variants", "vae,autogen-m0.5", "--steps", "30", "--batch", "16", "--checkpoint-every", "30")
    trained = result("train", "mine", *options, *common)
    assert set(trained["variants"]) == {"vae", "autogen-m0.5"}
    assert {"run", "corpus", "steps", "tokens_per_second", "path"} <= trained.keys()

    encoded = result("encode", "mine", *common)
    assert encoded["sentences"] == made["test"]
    assert encoded["latent"] == 32
    mapped = result("project", "mine", "--method", "pca", *common)
    assert (mapped["projection"], mapped["variants"]) == ("pca", ["vae", "autogen-m0.5"])
    assert list(Path(mapped["written"]).glob("*.h5"))
    assert 0 <= mapped["quality"]["vae"]["neighbours_kept"] <= mapped["quality"]["vae"]["trustworthiness"] <= 1
    assert result("project", "mine", "--rename", "pca", "--name", "plain axes", *common)["to"] == "plain axes"
    listed = result("project", "mine", "--list", *common)["maps"]
    assert [(each["name"], each["settings"]["method"], each["variants"]) for each in listed] == [
        ("plain axes", "pca", ["vae", "autogen-m0.5"])
    ]
    assert listed[0]["quality"] == mapped["quality"]

    said = result("reconstruct", "mine", "--text", "The cat sees a dragon today.", "--greedy", *common)["results"]
    assert [each["variant"] for each in said] == ["vae", "autogen-m0.5"]
    assert said[0]["unknown_words"] == ["dragon"]
    scores = {"log_probability", "input_log_probability", "kl"}
    assert said[0].keys() == {"variant", "input", "output", "ended", *scores, "unknown_words", "how"}

    diagnosed = result("diagnose", "mine", "--weighted", "5", "--samples", "4", "--threshold", "0.1", *common)
    assert (diagnosed["step"], diagnosed["sentences"]) == (30, made["test"])
    for values in diagnosed["variants"].values():
        assert values["mutual_information"].keys() == {"value", "low", "high", "n", "how"}
        assert len(values["kl_per_dimension"]) == 32
        assert values["report"]["suggestions"]

    target = workspace / "objective.csv"
    written = result("table", "mine", "objective", "-o", target, *common, run=in_process_of_its_own)
    assert written["path"] == str(target)
    assert target.read_text().splitlines()[0].startswith("Model,m,ELBO")


def test_how_long_a_training_takes_is_told_and_nothing_is_kept(tmp_path: Path) -> None:
    source = write_sentences(tmp_path / "text.txt", 200)
    where = ("--workspace", tmp_path)
    assert run("corpus", source, "--name", "text", *where).returncode == 0
    before = sorted(tmp_path.rglob("*"))
    small = ("--steps", "30", "--batch", "8", "--set", "model.hidden=8", "--set", "model.embedding=8")
    told = result("train", "text", "--variants", "vae", *small, "--device", "cpu", "--estimate", *where)
    assert told["pace"]["steps"] >= 3
    assert told["seconds"] > 30 * told["pace"]["step"] > 0
    assert sorted(tmp_path.rglob("*")) == before
    wrong = run("train", "nothing", "--estimate", "--set", "train.steps=0", *where)
    assert wrong.returncode == 2  # told before the corpus is looked for
    missing = run("train", "nothing", "--estimate", *where)
    assert (missing.returncode, "no prepared corpus 'nothing'" in missing.stderr) == (1, True)


def test_the_demo_is_prepared_and_timed_in_an_empty_workspace_without_a_name(tmp_path: Path) -> None:
    where = ("--workspace", tmp_path, "--device", "cpu")
    small = ("--variants", "vae", "--steps", "30", "--batch", "8", "--set", "model.hidden=8")
    told = result("train", "demo", "--estimate", *small, *where)
    assert told["pace"]["steps"] >= 3
    assert [path.name for path in (tmp_path / "corpora").glob("[!.]*")] == ["demo"]
    assert not list((tmp_path / "runs").glob("[!.]*"))
    prepared = run("corpus", "demo", "--workspace", tmp_path)
    assert prepared.returncode == 0
    assert f"Next: python main.py train demo --workspace {tmp_path}" in prepared.stdout
    longer = ("train", "demo", "--run", "demo-longer", "--from", "demo", "--variants", "vae", "--batch", "8")
    assert result(*longer, "--steps", "2", *where)["variants"].keys() == {"vae"}
    begun = Run.open(Workspace(tmp_path).run("demo-longer"))
    (origin,), demo = begun.settings.first_weights, Run.open(Workspace(tmp_path).run("demo"))
    assert (origin.run, origin.of, origin.step) == ("demo", "vae", demo.settings.train.steps)
    assert origin.weights_sha256 == demo.model_fingerprint("vae")
    last = [line for line in read_lines(demo.metrics_path("vae")) if line["split"] == "test"][-1]
    first = next(line for line in read_lines(begun.metrics_path("vae")) if line["split"] == "test")
    assert first["step"] == 0
    assert first["elbo"] == pytest.approx(last["elbo"], abs=0.05)  # measured before the weights were halved
    source = write_sentences(tmp_path / "my text.txt", 20)
    unnamed = run("corpus", source, "--workspace", tmp_path)
    assert unnamed.returncode == 2
    assert f"python main.py corpus '{source}' --name NAME" in unnamed.stderr


def test_an_earlier_corpus_is_replaced_only_when_asked(workspace: Path) -> None:
    common = ("--workspace", workspace)
    text = write_sentences(workspace / "kept.txt", 300)
    first = result("corpus", text, "--name", "kept", *common)
    assert run("train", "kept", "--steps", "1", "--variants", "vae", *common).returncode == 0
    assert result("corpus", text, "--name", "kept", *common)["fingerprint"] == first["fingerprint"]
    refused = run("corpus", text, "--name", "kept", "--seed", "1", *common)
    assert refused.returncode == 2
    assert "seed was 0, now 1" in refused.stderr
    assert "Trained on it: kept." in refused.stderr
    assert "--replace" in refused.stderr
    other = result("corpus", text, "--name", "kept", "--seed", "1", "--replace", *common)
    assert other["fingerprint"] != first["fingerprint"]


def test_sigterm_checkpoints_and_resume_ends_like_an_undisturbed_run(workspace: Path) -> None:
    text = write_sentences(workspace / "stop.txt", 300)
    run("corpus", text, "--name", "stop", "--workspace", workspace)
    options = ("--variants", "vae", "--steps", "40", "--batch", "4", "--log-every", "1", "--workspace", workspace)
    process = subprocess.Popen(
        command("train", "stop", *options, "--events"), stderr=subprocess.PIPE, text=True, env=ENVIRONMENT
    )
    assert process.stderr is not None
    for line in process.stderr:  # the first logged step: it trains
        if json.loads(line)["event"] == "trainstep":
            break
    process.send_signal(signal.SIGSTOP)  # it holds the run, before its first checkpoint, for as long as this takes
    begun = (workspace / "runs" / "stop" / "run.json").read_bytes()
    for again in ([], ["--resume"]):
        second = run("train", "stop", *options, *again)
        assert second.returncode == 1
        assert f"in use by another process (training, process {process.pid} on" in second.stderr
    assert (workspace / "runs" / "stop" / "run.json").read_bytes() == begun
    process.send_signal(signal.SIGCONT)
    process.send_signal(signal.SIGTERM)
    told = [json.loads(line) for line in process.stderr]
    assert process.wait(60) == 1
    assert told[-1]["event"] == "failed"
    assert "--resume" in told[-1]["hint"]

    stopped = Run.open(Workspace(workspace).run("stop"))
    assert 1 <= stopped.checkpoints("vae").newest().step < 40
    changed = ("m=1", "m_schedule={kind='linear', steps=9}", "kl_schedule.end=2", "encoder_steps=3")
    for other in (
        *(["--variants", "vae,autogen-m1"], ["--seed", "3"], ["--steps", "50"], ["--preset", "paper"]),
        *(["--set", f"variants.vae.{each}"] for each in (*changed, "free_bits={kind='total', nats=1}")),
    ):
        refused = run("train", "stop", "--resume", *other, "--workspace", workspace)
        assert (refused.returncode, "was begun with" in refused.stderr) == (2, True)
    assert run("train", "stop", "--resume", "--workspace", workspace).returncode == 0
    log = workspace / "runs" / "stop" / "variants" / "vae" / "metrics.jsonl"
    before, finished = log.read_bytes(), run("train", "stop", "--resume", "--workspace", workspace)
    assert "Run 'stop' has finished: all of its 40 steps were trained before" in finished.stderr
    longer = f"python main.py train stop --run NAME --steps 80 --workspace {workspace}; with --from stop beside"
    assert longer in finished.stderr
    assert (finished.returncode, "Going on" in finished.stderr, log.read_bytes()) == (0, False, before)
    assert run("train", "stop", "--run", "whole", *options).returncode == 0
    whole = Run.open(Workspace(workspace).run("whole"))
    assert stopped.model_fingerprint("vae") == whole.model_fingerprint("vae")


@pytest.mark.parametrize(
    ("arguments", "code", "message", "next_step"),
    [
        (["train", "nothing"], 1, "no prepared corpus 'nothing'", "python main.py corpus"),
        (["train", "demo", "--variants", "vea"], 2, "vea: is no known variant", "autogen-m<value>"),
        (["train", "demo", "--variants", "autogen-m-1"], 2, "autogen-m-1: needs an m above -1", "such as autogen-m0.5"),
        (["train", "demo", "--preset", "huge"], 2, "none of demo, small, paper, ptb", "--show-config"),
        (["train", "demo", "--variants", "", "--show-config"], 2, "--variants is empty", "leave it out"),
        (["train", "demo", "--variants", ",", "--show-config"], 2, "--variants ',' names nothing", "commas"),
        (["train", "demo", "--config", ""], 2, "--config is empty", "leave it out"),
        (["evaluate", "nothing", "--baseline="], 2, "--baseline is empty", "leave it out"),
        (["sample", "demo", "--variant", ""], 2, "--variant is empty", "leave it out"),
        (["corpus", "", "--name", "x"], 2, "SOURCE is empty", "Say what it is to be.\n"),
        (["corpus", "demo", "--keep", "a", "--keep", " "], 2, "--keep is empty", "leave it out"),
        (["corpus", "demo", "--valid", ""], 2, "--valid is empty", "leave it out"),
        (["survey", "merge", "nothing", "a.json", ""], 2, "FILES is empty", "leave it out"),
        (["curves", "demo", "-o", ""], 2, "--output is empty", "leave it out"),
        (["train", "demo", "--seed", str(2**64)], 2, "train.seed", "less than or equal to 18446744073709551615"),
        (["train", "demo", "--steps", "0"], 2, "'--steps'", ""),
        (["train", "nothing", "--resume"], 1, "no run 'nothing' to resume", "Leave out --resume"),
        (["encode", "../etc"], 2, "cannot be the name of a run", "letters"),
        (["encode", "nothing"], 1, "no run named 'nothing'", "Runs there are"),
        (["project", "nothing"], 1, "no run named 'nothing'", "Runs there are"),
        (["project", "demo"], 1, "no latents of run 'demo'", "python main.py encode demo"),
        (["project", "demo", "--step", "7"], 1, "no checkpoint of step 7", "There are steps 22000"),
        (["export", "demo", "--step", "7"], 1, "no checkpoint of step 7", "There are steps 22000"),
        (["project", "demo", "--step", "22000"], 1, "no latents of step 22000", "encode demo --step 22000"),
        (["project", "nothing", "--neighbours", "1"], 2, "--neighbours", ""),
        (["project", "nothing", "--name", "a/b"], 2, "A map cannot be called 'a/b'", "up to 40"),
        (["project", "nothing", "--delete", ""], 2, "--delete is empty", ""),
        (["project", "nothing", "--method", "pca", "--neighbours", "9"], 2, "has no --neighbours", "Leave it out"),
        (["project", "nothing", "--method", "pca", "--preset", "local"], 2, "has no --preset", "Leave it out"),
        (["project", "nothing", "--method", "tsne", "--min-dist", "0.2"], 2, "has no --min-dist", "Leave it out"),
        (["evaluate", "nothing", "--containing", " "], 2, "--containing is empty", ""),
        (["project", "nothing", "--rename", "umap"], 2, "--rename needs the new name", "--name NAME"),
        (["project", "nothing", "--list", "--delete", "umap"], 2, "three different things", "one of them"),
        (["project", "nothing", "--list"], 1, "no run named 'nothing'", "Runs there are"),
        (["project", "nothing", "--delete", "umap"], 1, "no run named 'nothing'", "Runs there are"),
        (["reconstruct", "demo"], 2, "No sentence was given", "--text"),
        (["sample", "nothing", "--beam", "0"], 2, "beam of 0", "width from 1"),
        (["sample", "nothing", "-n", "0"], 2, "0 samples", "Choose"),
        (["table", "nothing", "beauty"], 2, "no table 'beauty'", "objective"),
        (
            ["table", "demo"],
            2,
            "Which table of run 'demo' is meant?",
            "python main.py table demo objective --workspace",
        ),
        (["table", "beauty"], 2, "no table 'beauty', and no run of that name", "python main.py table RUN objective"),
        (["table", "demo", "objective", "-o", "."], 2, ". is a folder", "-o demo-objective.md"),
        (["corpus", "missing.txt", "--name", "x"], 2, "missing.txt", "Give a file"),
        (["corpus", "demo", "--name", "x", "--min-words", "9", "--max-words", "3"], 2, "No sentence", "--min-words"),
        (["train", "demo", "--device", "toaster"], 2, "Unknown device", "auto"),
    ],
)
def test_wrong_input_gets_one_clear_message_and_no_traceback(
    tmp_path: Path, arguments: list[str], code: int, message: str, next_step: str
) -> None:
    told_once(run(*arguments, "--workspace", tmp_path), code, message, next_step)
    assert [path for path in tmp_path.rglob("*") if path.is_file() and path.suffix != ".lock"] == []


@pytest.mark.parametrize(
    ("options", "annealed"),
    [
        ([], True),
        (["--variants", "vae,vae-annealed"], True),
        (["--variants", "autogen-m5", "--set", "variants.vae-annealed.m=1"], True),
        (["--variants", "autogen-m5"], False),
    ],
)
def test_annealing_is_for_a_variant_that_was_asked_for(tmp_path: Path, options: list[str], annealed: bool) -> None:
    ended = run("train", "demo", "--annealing", "50", *options, "--show-config", "--workspace", tmp_path)
    if annealed:
        assert (ended.returncode, ended.stderr) == (0, "")
        (found,) = [each for each in tomllib.loads(ended.stdout)["variants"] if each["name"] == "vae-annealed"]
        assert found["kl_schedule"]["warmup"] == 50
    else:
        told_once(ended, 2, "--annealing is the warm-up of vae-annealed, which is not among", "Add it to --variants")


@pytest.mark.parametrize("variants", ["3", '"vae"', "{vae = {m = 1}}"])
@pytest.mark.parametrize("option", [["--variants", "vae"], ["--set", "variants.vae.m=1"], ["--annealing", "5"]])
def test_a_file_whose_variants_are_no_list_is_refused_with_every_option(
    tmp_path: Path, variants: str, option: list[str]
) -> None:
    file = tmp_path / "plan.toml"
    file.write_text(f"variants = {variants}\n")
    ended = run("train", "demo", "--config", file, *option, "--show-config", "--workspace", tmp_path)
    told_once(ended, 2, "variants: is a list of 1 to 8 names or tables", "--show-config")


@pytest.mark.parametrize(
    ("arguments", "code", "message", "next_step"),
    [
        (["frobnicate"], 2, "No such command", ""),
        (["reconstruct", "nothing", "--text", "\udcff"], 1, "no run named", "Runs there are"),  # a byte that is no text
    ],
)
def test_wrong_input_is_told_by_a_process_of_its_own_too(
    arguments: list[str], code: int, message: str, next_step: str
) -> None:
    told_once(in_process_of_its_own(*arguments), code, message, next_step)


def told_once(ended: Ended, code: int, message: str, next_step: str) -> None:
    assert ended.returncode == code, ended.stderr
    assert message in ended.stderr
    assert next_step in ended.stderr
    assert "Traceback" not in ended.stderr
    assert ended.stdout == ""


def test_a_full_disk_is_told_and_leaves_nothing(tmp_path: Path) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("this system has no /dev/full")
    with open("/dev/full", "w") as full:
        ended = subprocess.run(command("--help"), stdout=full, stderr=subprocess.PIPE, text=True, env=ENVIRONMENT)
    assert ended.returncode == 1
    assert "disk is full" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_help_names_every_command_and_each_has_an_example() -> None:
    ended = run("--help")
    assert ended.returncode == 0
    for name in (
        "corpus",
        "train",
        "encode",
        "project",
        "reconstruct",
        "sample",
        "interpolate",
        "traverse",
        "arithmetic",
        "neighbours",
        "concept",
        "fill",
        "credit",
        "tree",
        "diagnose",
        "evaluate",
        "table",
        "curves",
        "survey",
        "verify",
        "doctor",
    ):
        assert name in ended.stdout
    commands = [command for command in app.registered_commands if command.callback]
    assert len(commands) == 22
    commands += [each for group in app.registered_groups for each in group.typer_instance.registered_commands]
    assert len(commands) == 26
    assert all("Example: python main.py" in (command.callback.__doc__ or "") for command in commands)


def test_doctor_looks_at_everything(tmp_path: Path) -> None:
    found = json.loads(run("doctor", "--json", "--workspace", tmp_path).stdout)
    assert {"Python", "torch", "Qt", "disk"} <= {check["name"] for check in found["checks"]}


@pytest.mark.parametrize(("options", "wanted"), [((), True), (("--no-graphs",), False)])
def test_the_graphs_of_a_gpu_are_declined_by_an_option(
    options: tuple[str, ...], wanted: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def trained(corpus: object, run: object, device: object, stop: object, processes: object, graphs: bool) -> object:
        asked.append(graphs)
        yield Done({"variants": {}})

    source = write_sentences(tmp_path / "text.txt", 200)
    where = ("--workspace", tmp_path)
    assert run("corpus", source, "--name", "text", *where).returncode == 0
    monkeypatch.setattr("engine.training.loop.train", trained)
    assert run("train", "text", *options, *where).returncode == 0
    assert run("train", "text", "--resume", *options, *where).returncode == 0
    assert asked == [wanted, wanted]


def test_options_before_a_command_are_told_where_they_go(workspace: Path) -> None:
    ended = in_process_of_its_own("--workspace", workspace, "evaluate", "demo")
    assert ended.returncode == 2
    assert "come after it, as in: python main.py evaluate --workspace DIR" in ended.stderr
    assert "come after" not in in_process_of_its_own("--workspace", workspace, "--nonsense").stderr

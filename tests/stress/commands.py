"""The commands that are tried, and what each of them reads and is to write."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

SENTENCE = "The cat sees a red boat today."
_CORPUS = ("corpora/tiny/*",)
_RUN = ("runs/tiny/run.json", "runs/tiny/vocabulary.txt")
_WEIGHTS = ("runs/tiny/variants/*/step-000000040.safetensors", "runs/tiny/variants/*/step-000000040.json")
_CHECKPOINTS = ("runs/tiny/variants/*/step-*",)
_LOGS = ("runs/tiny/variants/*/*.jsonl", "runs/tiny/*.json")
_CACHE = ("cached_latents/tiny.h5",)
_BESIDE = ("cached_latents/tiny.maps/*",)
_BOTH = (*_CACHE, *_BESIDE)
_DIAGNOSIS = ("cached_latents/tiny.diagnosis.json",)
_MODELS = (*_RUN, *_WEIGHTS, *_WEIGHTS)

FORMATS = ("md", "tex", "tsv", "json", "csv", "xlsx")
EXPORTS = tuple(f"t.{kind}" for kind in FORMATS)


@dataclass(frozen=True, slots=True)
class Command:
    """One command line.

    Attributes:
        key: what it is called in trials; words of one command share what stands before the slash.
        arguments: its words, `{W}` for the workspace and `{S}` for the folder of the source texts.
        reads: patterns of the files that damage is aimed at.
        writes: patterns of what it is to make or to replace; empty for one that only answers.
        umap: whether it needs UMAP.
    """

    key: str
    arguments: tuple[str, ...]
    reads: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()
    umap: bool = False

    @property
    def name(self) -> str:
        """The row of the table it is counted in."""
        return self.key.split("/")[0]

    def line(self, root: Path, sources: Path, *more: str) -> list[str]:
        """Its words, for one workspace."""
        words = [word.replace("{W}", str(root)).replace("{S}", str(sources)) for word in (*self.arguments, *more)]
        return [*words, "--workspace", str(root)]

    def is_to_write(self, name: str) -> bool:
        """Whether a file (or `file:array`) is among what it is to make or to replace."""
        return matches(name.split(":")[0], self.writes)


def matches(name: str, patterns: Sequence[str]) -> bool:
    """Whether a name fits one of the patterns."""
    return any(fnmatchcase(name, pattern) for pattern in patterns)


def _ask(key: str, *options: str, cache: bool = False, corpus: bool = False, writes: tuple[str, ...] = ()) -> Command:
    reads = (*_MODELS, *(_CACHE if cache else ()), *(_CORPUS if corpus else ()))
    return Command(key, (key.split("/")[0], "tiny", *options, "--device", "cpu", "--json"), reads, writes)


def _table(kind: str, name: str = "objective") -> Command:
    words = ("table", "tiny", name, "-o", f"{{W}}/out/t.{kind}", "--device", "cpu", "--json")
    return Command(f"table/{name}-{kind}", words, (*_MODELS, *_CACHE, *_CACHE), (f"out/t.{kind}",))


_SIZES = ("--set", "model.embedding=12", "--set", "model.hidden=16", "--set", "model.latent=4")
_TRAIN = ("--variants", "vae,autogen-m1", *_SIZES, "--steps", "40", "--batch", "32", "--checkpoint-every", "20")
_WRITES_RUN = ("runs/tiny/*",)
_SOURCE = ("--name", "tiny", "--vocabulary", "200", "--json")
_MAPS = ("project", "tiny", "--json", "--method")

ENCODE = Command("encode/all", ("encode", "tiny", "--device", "cpu", "--json"), (*_CORPUS, *_MODELS, *_BOTH), _BOTH)
ENCODE_ONE = Command(
    "encode/one",
    ("encode", "tiny", "--variants", "vae", "--device", "cpu", "--json"),
    (*_CORPUS, *_CACHE, *_BOTH, *_MODELS),
    _BOTH,
)
ENCODE_PACKED = Command(
    "encode/packed",
    ("encode", "packed", "--device", "cpu", "--json"),
    ("runs/packed/latents*", "runs/packed/latents*", "runs/packed/*", "corpora/tiny/*"),
    ("cached_latents/packed.h5",),
    umap=True,
)
PCA = Command("project/pca", (*_MAPS, "pca"), (*_BOTH, *_RUN, *_WEIGHTS), _BESIDE)
UMAP = Command("project/umap", (*_MAPS, "umap", "--seed", "1", "--neighbours", "9"), _BOTH, _BESIDE, umap=True)
UMAP_VAE = Command("project/umap-vae", (*UMAP.arguments, "--variants", "vae"), _BOTH, _BESIDE, umap=True)
UMAP_M1 = Command("project/umap-m1", (*UMAP.arguments, "--variants", "autogen-m1"), _BOTH, _BESIDE, umap=True)
RESUME = Command(
    "train --resume/tiny",
    ("train", "tiny", "--resume", "--device", "cpu", "--json"),
    (*_CORPUS, *_RUN, *_CHECKPOINTS, *_CHECKPOINTS, *_LOGS),
    _WRITES_RUN,
)
TRAIN = Command(
    "train/fresh",
    ("train", "tiny", "--run", "fresh", *_TRAIN, "--log-every", "10", "--device", "cpu", "--json"),
    _CORPUS,
    ("runs/fresh/*",),
)
TRAIN_OTHER = Command(
    "train/other",
    ("train", "tiny", "--run", "fresh", *_TRAIN, "--log-every", "10", "--seed", "3", "--device", "cpu", "--json"),
    _CORPUS,
    ("runs/fresh/*",),
)
CORPUS = Command("corpus/same", ("corpus", "{S}/tiny.txt", *_SOURCE), (*_CORPUS, *_RUN), _CORPUS)
CORPUS_OTHER = Command("corpus/other", ("corpus", "{S}/other.txt", *_SOURCE, "--replace"), (*_CORPUS, *_RUN), _CORPUS)
NEW = Command("corpus/new", ("corpus", "{S}/tiny.txt", "--name", "new", "--json"), (), ("corpora/new/*",))
NEW_OTHER = Command("corpus/new-other", ("corpus", "{S}/other.txt", "--name", "new", "--json"), (), ("corpora/new/*",))
CURVES = Command(
    "curves/svg",
    ("curves", "tiny", "-o", "{W}/out", "--json"),
    (*_RUN, *_LOGS, *_LOGS),
    ("out/tiny*", "out/figure*", "out/curves*"),
)
TABLE_COMMANDS = tuple(_table(kind) for kind in FORMATS)
MORE_TABLES = tuple(_table("json", name) for name in ("reconstruction", "generation", "interpolation"))

ASKING = (
    _ask("reconstruct/mean", "--text", SENTENCE),
    _ask("reconstruct/samples", "--text", SENTENCE, "--samples", "5", "--greedy"),
    _ask("sample/plain", "-n", "3"),
    _ask("sample/nearest", "-n", "2", "--nearest", corpus=True),
    _ask("interpolate/line", "--from", SENTENCE, "--to", "My old dog hides the winter again.", "--steps", "3"),
    _ask("traverse/rank", "--text", SENTENCE, "--values=-1,1", cache=True),
    _ask("traverse/principal", "--text", SENTENCE, "--principal", "1", "--values=-1,1", cache=True),
    _ask("arithmetic/plain", "--a", SENTENCE, "--b", "A teacher sees a red boat today.", "--c", "My old dog hides."),
    _ask("concept/search", "--with-search", "today", "--without-search", "again", "--resamples", "100", cache=True),
    _ask("neighbours/plain", "--text", SENTENCE, "-k", "3", cache=True),
    _ask("neighbours/kl", "--text", SENTENCE, "-k", "3", "--distance", "posterior-kl", cache=True),
    _ask("fill/plain", "--text", "The ___ sees a red boat today.", "--samples", "4", "--candidates", "8"),
    _ask("credit/plain", "--text", SENTENCE),
    _ask("tree/plain", "--text", SENTENCE, "--beam", "3"),
    _ask("diagnose/small", "--sentences", "40", "--weighted", "4", "--samples", "4", corpus=True, writes=_DIAGNOSIS),
)
WRITING = (ENCODE, ENCODE_ONE, PCA, UMAP, RESUME, TRAIN, CORPUS, CORPUS_OTHER, *TABLE_COMMANDS, CURVES)
DAMAGED = (
    *ASKING,
    ENCODE,
    ENCODE_ONE,
    ENCODE_PACKED,
    PCA,
    UMAP,
    RESUME,
    CORPUS,
    CURVES,
    *MORE_TABLES,
    *TABLE_COMMANDS[:1],
)
VERIFY = (
    Command("verify/all", ("verify",), ("*",)),
    Command("verify/tiny", ("verify", "tiny"), ("*",)),
)
EVERY = {
    each.key: each
    for each in (
        *ASKING,
        *WRITING,
        *MORE_TABLES,
        *VERIFY,
        ENCODE_PACKED,
        UMAP_VAE,
        UMAP_M1,
        TRAIN_OTHER,
        NEW,
        NEW_OTHER,
    )
}

"""All commands, by name."""

from __future__ import annotations

import sys

import typer
from typer.exceptions import TyperException

from engine.cli import (
    corpus_preparation,
    diagnosis,
    doctor,
    evaluation,
    exporting,
    latents_and_maps,
    report_folder,
    surveys,
    tables_and_curves,
    training,
    verification,
)
from engine.cli.command.options import Strict, StrictButSentences
from engine.cli.command.reporting import leave_it_to_the_first
from engine.cli.queries import (
    beam_tree,
    concepts,
    interpolation,
    latent_points,
    reconstruction,
    sampling,
    word_scores,
)
from engine.errors import from_os_error
from engine.training.distributed import first_of_machine

app = typer.Typer(
    name="main.py",
    add_completion=False,
    no_args_is_help=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="Latent Loom: see what a sentence VAE's latent space stores. Without a command, the window opens; it takes "
    "--workspace DIR, --run NAME and, to drive it offscreen, --tour DIR.",
)
_QUESTIONS = (
    reconstruction.reconstruct,
    sampling.sample,
    interpolation.interpolate,
    latent_points.traverse,
    latent_points.arithmetic,
    latent_points.neighbours,
    concepts.concept,
    word_scores.fill,
    word_scores.credit,
    beam_tree.tree,
)
for command in (
    corpus_preparation.corpus,
    training.train,
    latents_and_maps.encode,
    latents_and_maps.project,
    *_QUESTIONS,
    diagnosis.diagnose,
    evaluation.evaluate,
    tables_and_curves.table,
    tables_and_curves.curves,
    exporting.export,
    report_folder.report,
    verification.verify,
    doctor.doctor,
):
    app.command(cls=StrictButSentences if command in _QUESTIONS else Strict)(command)
app.add_typer(surveys.group)


def main(arguments: list[str] | None = None) -> None:
    """Run one command and exit with its code: 0 done, 1 failed, 2 wrong usage, 130 interrupted."""
    first = first_of_machine()
    try:
        code = app(
            args=sys.argv[1:] if arguments is None else arguments, prog_name="python main.py", standalone_mode=first
        )
        sys.exit(code)
    except TyperException as error:
        if first:
            raise
        leave_it_to_the_first()
        sys.exit(getattr(error, "exit_code", 2))
    except OSError as error:  # standard output is on a full disk, say
        print(f"error: {from_os_error(error, 'writing the output')}", file=sys.stderr)
        sys.stdout = None  # what could not be written is not tried again on the way out
        sys.exit(1)

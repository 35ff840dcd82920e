"""The one entry: `python main.py` opens the window, `python main.py COMMAND` runs a command without one.

Where there is no display, opening the window becomes a tour of it that leaves pictures and tables in `out/`.
"""

from __future__ import annotations

import os
import sys

# Before torch is loaded: its threads must sleep, not spin, while they wait for each other. Beside any other work on the
# same cores (a training and the window, say) spinning makes encoding ten times slower; alone it gains nothing here.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

WINDOW_OPTIONS = ("--workspace", "--run", "--tour")


def main() -> None:
    """Open the window, or run the command that the arguments name.

    All that takes long to import is imported in here, so that Ctrl-C ends without a traceback from the start.
    """
    try:
        for stream in (sys.stdout, sys.stderr):
            if hasattr(stream, "reconfigure"):  # what the terminal's encoding lacks is shown as ?, not an error
                stream.reconfigure(errors="replace")
        arguments = sys.argv[1:]
        if not arguments or arguments[0].split("=")[0] in WINDOW_OPTIONS:
            sys.exit(open_window(arguments))
        from engine.cli.app import main as run_command

        run_command(arguments)
    except KeyboardInterrupt:  # before the command has begun to listen for it, or when it has ended
        print("Interrupted; what was published before is intact.", file=sys.stderr)
        sys.exit(130)  # `engine.errors.INTERRUPTED`, which may not be there yet


def open_window(arguments: list[str]) -> int:
    """Open the window, or take the tour; returns the exit code."""
    import argparse
    from pathlib import Path

    from engine.display import X_LIBRARIES, display_problem, missing_for_x
    from engine.errors import LoomError, from_os_error
    from engine.workspace import CHECKOUT, Workspace

    parser = argparse.ArgumentParser(
        prog="python main.py", description="Open the window. For the commands: python main.py --help"
    )
    parser.add_argument("--workspace", type=Path, default=CHECKOUT, help="folder with corpora/, runs/, cached_latents/")
    parser.add_argument("--run", help="the run to open; the last one, or the demo, if not given")
    parser.add_argument(
        "--tour", type=Path, metavar="DIR", help="go through the window offscreen, leave pictures in DIR"
    )
    options, more = parser.parse_known_args(arguments)
    if more:
        hint = f"; options of a command come after it, as in: python main.py {more[0]} --workspace DIR"
        parser.error(f"unrecognized arguments: {' '.join(more)}{'' if more[0].startswith('-') else hint}")
    workspace = Workspace(options.workspace.resolve())
    problem = display_problem()
    out = options.tour or (workspace.root / "out" if problem else None)
    try:
        if options.run:
            workspace.run(options.run)
        if out is not None:
            if problem and not options.tour:
                print(f"There is no display ({problem}). Taking the tour offscreen; pictures and tables go to {out}.")
            os.environ["QT_QPA_PLATFORM"] = "offscreen"
            from app.tour import run_tour
            from app.walk import SIZES

            return run_tour(workspace, options.run, out, sizes=SIZES if options.tour else ())
        if missing := missing_for_x():
            install = f"sudo apt-get install {' '.join(X_LIBRARIES[name] for name in missing)}"
            raise LoomError(
                f"The window cannot start: Qt lacks {', '.join(missing)}.", f"{install}  (on Debian and Ubuntu)"
            )
        from app.launch import run_app

        return run_app(workspace, options.run)
    except LoomError as error:
        print(f"error: {error}", file=sys.stderr)
        return error.exit_code
    except OSError as error:
        print(f"error: {from_os_error(error, f'using {error.filename}')}", file=sys.stderr)
        return 1
    except ImportError as error:
        from engine.doctor import qt_mend

        print(f"error: The window cannot start: {error}\n  {qt_mend(str(error))}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    main()

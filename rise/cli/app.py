"""The command tree."""

from typing import Annotated

import typer

from rise.cli import data, environment, inspect, results, run, steps, student, teacher

# \b keeps the lines of a paragraph as they are.
HELP = """
Compare methods of domain generalization with a teacher: is A better than B on a domain that
neither has seen, and how sure may one be?

An experiment is one file. The way to its answer:

\b
  rise check config/demo.yaml    is the file right? how much work is it?
  rise plan config/demo.yaml     how many hours, how much disk?
  rise run config/demo.yaml      train what is missing, report (by snakemake)
  rise status config/demo.yaml   done, failed (why) or waiting, at any time
  rise show config/demo.yaml     the main table with verdicts

Killed, or a unit failed? The same command goes on where it stopped. One cell alone:

\b
  rise run --only method=rise --only held_out=noto --only seed=0

CONFIG is config/demo.yaml where it is left out.
"""

app = typer.Typer(
    help=HELP,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"rise {version('rise-bench')}")
        raise typer.Exit()


@app.callback()
def _top(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    pass


# In the order in which they are met.
for command in (
    inspect.check,
    inspect.plan,
    inspect.explain,
    run.run,
    inspect.status,
    inspect.show,
    inspect.compare,
    steps.report,
    results.trace,
    results.diff,
    results.merge,
    results.accept,
    inspect.methods,
    steps.unit,
    environment.about,
    environment.selftest,
):
    app.command()(command)
app.add_typer(data.app, name="data")
app.add_typer(student.app, name="student")
app.add_typer(teacher.app, name="teacher")

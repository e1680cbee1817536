"""The command tree."""

from typing import Annotated

import typer

from rise.cli import data, environment, inspect, results, run, steps, student, teacher

# \b keeps the lines of a paragraph as they are.
HELP = """
Compare methods for domain generalization that learn from a teacher: is A better than B on a domain
that neither has seen, and how certain is that?

An experiment is one file. The usual order of commands:

\b
  rise check config/demo.yaml    is the file valid? how many units?
  rise plan config/demo.yaml     how many hours, how much disk space?
  rise run config/demo.yaml      train what is missing (by snakemake), report
  rise status config/demo.yaml   units done, failed (why) or waiting
  rise show config/demo.yaml     the main table with verdicts

After a kill or a failed unit, the same command continues where it stopped. A single unit:

\b
  rise run --only method=rise --only held_out=noto --only seed=0

CONFIG is config/demo.yaml if it is left out.
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


# In the usual order of use.
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

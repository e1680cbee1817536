"""Write a report: the table of results, report.md, LaTeX tables, the figure, and a summary."""

from pathlib import Path

from rise.config import Experiment
from rise.files import digest, replacing, write_json, write_text
from rise.report import content, exploratory, terminal, text
from rise.report.escape import markdown_text
from rise.report.every import every_table
from rise.report.figure import write_differences
from rise.report.latex import NEEDS, article, latex
from rise.report.metrics import metrics
from rise.report.results import Results
from rise.report.sentences import protocol, sentences, short
from rise.report.tables import Table


def build_report(experiment: Experiment, out: Path) -> None:
    """Write the report of what lies on disk now into the folder `out`.

    Every file appears whole; report.json comes last and says that the others are there. The same
    records give the same bytes.
    """
    results = Results.read(experiment)
    with replacing(out / "results.parquet") as beside:
        results.frame.to_parquet(beside, index=False)
    tables = every_table(results)
    _write_latex(out / "tables", tables)
    write_differences(results, out / "figures")
    write_text(out / "report.md", _markdown(results, tables))
    write_json(out / "metrics.json", metrics(results))
    write_text(out / terminal.FILE, terminal.summary(results))
    write_json(out / "report.json", state(results))


def state(results: Results) -> dict[str, str | bool | int]:
    """What report.json says: the digest of the units (and statuses, if not all are done)."""
    counts = results.counts
    complete = counts["done"] == len(results.units)
    told = list(results.units["digest"])
    return {
        "digest": digest(told if complete else [*told, *results.units["status"]]),
        "complete": complete,
        "failed": counts["failed"],
        "missing": counts["missing"],
    }


def _write_latex(folder: Path, tables: dict[str, list[Table]]) -> None:
    """One file a kind of table, and all.tex, which shows them; a kind without a table has none."""
    for name, group in tables.items():
        if not group:
            (folder / f"{name}.tex").unlink(missing_ok=True)
            continue
        labels = [name, *(f"{name}-{at}" for at in range(2, len(group) + 1))]
        # What t says beside p and n has no room on a printed page.
        parts = [
            latex(table.without("t"), f"tab:{label}")
            for label, table in zip(labels, group, strict=True)
        ]
        write_text(folder / f"{name}.tex", NEEDS + "\n".join(parts))
    write_text(folder / "all.tex", article(name for name, group in tables.items() if group))


def _markdown(results: Results, tables: dict[str, list[Table]]) -> str:
    experiment = results.experiment
    parts = [
        f"# {markdown_text(experiment.title)}",
        text.other_rule(results),
        text.question(results),
        short(results),
        "## Accuracy",
        *_shown(tables, "main"),
        text.budget(results),
        *_declared(results, tables),
        *_section("## Terms of the loss", tables, "terms"),
        *_section("## Each held-out domain", tables, "domains", "macro"),
        *_section("## Drawn and not drawn by the teacher's vendors", tables, "parts"),
        *_section("## Every pair of methods", tables, "pairs"),
        *_protocol(results),
        "## Units without a result",
        _unfinished(results),
        "## How settings were chosen",
        experiment.settings_note.strip() or "The experiment file does not say.",
        *_section("## What the units took", tables, "cost"),
        *_section("## Where the results were made", tables, "revisions"),
        "## What the numbers do not say",
        text.scope(),
    ]
    return "\n\n".join(part.strip() for part in parts if part) + "\n"


def _shown(tables: dict[str, list[Table]], *names: str) -> list[str]:
    return [table.markdown() for name in names for table in tables[name]]


def _section(heading: str, tables: dict[str, list[Table]], *names: str) -> list[str]:
    """A heading and its tables; nothing if there are none."""
    shown = _shown(tables, *names)
    return [heading, *shown] if shown else []


def _declared(results: Results, tables: dict[str, list[Table]]) -> list[str]:
    if not results.decisions:
        return []
    return [
        "## Declared contrasts",
        *_shown(tables, "contrasts"),
        text.rule(results),
        "## What may be said",
        "\n".join(f"- {sentence}" for sentence in sentences(results)),
        "![Paired differences of the declared contrasts: seeds, mean and interval]"
        "(figures/differences.svg)",
    ]


def _protocol(results: Results) -> list[str]:
    if not results.decisions or not results.beside:
        return []
    table = exploratory.protocol_table(results).markdown()
    return ["## What the protocol changes", protocol(results), table]


def _unfinished(results: Results) -> str:
    if results.counts["done"] == len(results.units):
        return f"All {len(results.units)} units are done."
    return content.unfinished_table(results).markdown()

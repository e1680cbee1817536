"""Write a report: the table of results, report.md, LaTeX tables, the figure, and a summary."""

from pathlib import Path

from rise.config import Experiment
from rise.files import digest, replacing, write_json, write_text
from rise.report import content, exploratory, terminal, text
from rise.report.figure import write_differences
from rise.report.metrics import metrics
from rise.report.results import Results
from rise.report.sentences import protocol, sentences, short
from rise.report.tables import Table, markdown_text
from rise.report.tidy import tidy


def build_report(experiment: Experiment, out: Path) -> None:
    """Write the report of what lies on disk now into the folder `out`; see `write_report`."""
    write_report(Results.read(experiment), out)


def write_report(results: Results, out: Path) -> None:
    """Write a report into the folder `out`.

    Every file appears whole; report.json comes last and says that the others are there. The same
    records give the same bytes.
    """
    with replacing(out / "results.parquet") as beside:
        results.frame.to_parquet(beside, index=False)
    write_text(out / "results.csv", tidy(results).to_csv(index=False, lineterminator="\n"))
    main = [content.main_table(results, group) for group in results.groups]
    contrasts = [content.contrasts_table(results, [group]) for group in results.groups]
    domains = [exploratory.domains_table(results, group) for group in results.groups]
    _write_latex(out / "tables" / "main.tex", main)
    # What t says beside p and n has no room on a printed page.
    _write_latex(out / "tables" / "contrasts.tex", [table.without("t") for table in contrasts])
    _write_latex(out / "tables" / "domains.tex", domains)
    write_differences(results, out / "figures")
    write_text(out / "report.md", _markdown(results, main, contrasts, domains))
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


def _write_latex(path: Path, tables: list[Table]) -> None:
    names = [path.stem, *(f"{path.stem}-{at}" for at in range(2, len(tables) + 1))]
    parts = [table.latex(f"tab:{name}") for name, table in zip(names, tables, strict=False)]
    write_text(path, "% needs \\usepackage{booktabs}\n" + "\n".join(parts))


def _markdown(
    results: Results, main: list[Table], contrasts: list[Table], domains: list[Table]
) -> str:
    experiment = results.experiment
    parts = [
        f"# {markdown_text(experiment.title)}",
        text.other_rule(results),
        text.question(results),
        short(results),
        "## Accuracy",
        *(table.markdown() for table in main),
        text.budget(results),
        *_declared(results, contrasts),
        "## Each held-out domain",
        *(table.markdown() for table in domains),
        *_parts(results),
        *_protocol(results),
        "## Units without a result",
        _unfinished(results),
        "## How settings were chosen",
        experiment.settings_note.strip() or "The experiment file does not say.",
        *_surroundings(results),
        "## What the numbers do not say",
        text.scope(),
    ]
    return "\n\n".join(part.strip() for part in parts if part) + "\n"


def _declared(results: Results, contrasts: list[Table]) -> list[str]:
    if not results.decisions:
        return []
    return [
        "## Declared contrasts",
        *(table.markdown() for table in contrasts),
        text.rule(results),
        "## What may be said",
        "\n".join(f"- {sentence}" for sentence in sentences(results)),
        "![Paired differences of the declared contrasts: seeds, mean and interval]"
        "(figures/differences.svg)",
    ]


def _parts(results: Results) -> list[str]:
    if not results.parts:
        return []
    heading = "## Drawn and not drawn by the teacher's vendors"
    return [heading, *(exploratory.parts_table(results, at).markdown() for at in results.groups)]


def _protocol(results: Results) -> list[str]:
    if not results.decisions or not results.beside:
        return []
    table = exploratory.protocol_table(results).markdown()
    return ["## What the protocol changes", protocol(results), table]


def _surroundings(results: Results) -> list[str]:
    if not results.counts["done"]:
        return []
    return ["## Where the results were made", text.surroundings(results)]


def _unfinished(results: Results) -> str:
    if results.counts["done"] == len(results.units):
        return f"All {len(results.units)} units are done."
    return content.unfinished_table(results).markdown()

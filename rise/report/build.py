"""Write a report: the table of results, report.md and .html, LaTeX tables, figures, a summary."""

from pathlib import Path

from rise.report.analysis import Results
from rise.report.figures.base import Plot, write_plot
from rise.report.outline import report
from rise.report.prose.citations import bibtex
from rise.report.render import terminal
from rise.report.render.csv import tidy
from rise.report.render.html import page
from rise.report.render.json import metrics
from rise.report.render.latex import NEEDS, article, latex
from rise.report.render.markdown import markdown
from rise.report.render.table import Table
from rise.report.tables.registry import every_table
from rise.report.unit_links import traces
from rise.utils.io import digest, replacing, write_json, write_text


def write_report(results: Results, out: Path) -> None:
    """Write a report into the folder `out`.

    Every file appears whole; report.json comes last and says that the others are there. The same
    records give the same bytes.
    """
    with replacing(out / "results.parquet") as beside:
        results.frame.to_parquet(beside, index=False)
    write_text(out / "results.csv", tidy(results).to_csv(index=False, lineterminator="\n"))
    tables = every_table(results)
    _write_latex(out / "tables", tables)
    whole = report(results, tables)
    plots = [part for section in whole.sections for part in section.parts if type(part) is Plot]
    drawn = {plot.name: write_plot(plot, out / "figures") for plot in plots}
    write_text(out / "report.md", markdown(whole))
    write_text(out / "report.html", page(whole, drawn, traces(results, out), results.experiment))
    write_text(out / "citations.bib", bibtex(results.experiment))
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
            latex(table.without("t") if name == "contrasts" else table, f"tab:{label}")
            for label, table in zip(labels, group, strict=True)
        ]
        write_text(folder / f"{name}.tex", NEEDS + "\n".join(parts))
    write_text(folder / "all.tex", article(name for name, group in tables.items() if group))

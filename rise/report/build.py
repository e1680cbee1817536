"""Write a report: the table of results, report.md and .html, LaTeX tables, figures, a summary."""

from pathlib import Path

from rise.report.analysis.results import Results
from rise.report.figures.base import write_plot
from rise.report.kinds import Kind, kinds
from rise.report.metrics import metrics
from rise.report.outline import report
from rise.report.prose.citations import bibtex
from rise.report.render.document import Plot
from rise.report.render.html import page
from rise.report.render.latex import NEEDS, article, latex
from rise.report.render.markdown import markdown
from rise.report.render.table import Table
from rise.report.stamp import STAMP, stamp
from rise.report.tidy import tidy
from rise.report.unit_tables import traces
from rise.utils.io import replacing, write_json, write_text


def write_report(results: Results, out: Path) -> None:
    """Write a report into the folder `out`.

    Every file appears whole; report.json comes last and says that the others are there. The same
    records give the same bytes.
    """
    with replacing(out / "results.parquet") as beside:
        results.frame.to_parquet(beside, index=False)
    write_text(out / "results.csv", tidy(results).to_csv(index=False, lineterminator="\n"))
    tables = [(kind, kind.build(results)) for kind in kinds()]
    _write_latex(out / "tables", tables)
    whole = report(results, tables)
    plots = [part for section in whole.sections for part in section.parts if type(part) is Plot]
    drawn = {plot.name: write_plot(plot, out / "figures") for plot in plots}
    write_text(out / "report.md", markdown(whole))
    write_text(out / "report.html", page(whole, drawn, traces(results, out), results.experiment))
    write_text(out / "citations.bib", bibtex(results.experiment))
    # Of this project's results beside the records: DVC compares commits, and no report is in one.
    ours = out != results.expected.folder / "report"
    write_json((results.expected.folder if ours else out) / "metrics.json", metrics(results))
    write_json(out / STAMP, stamp(results))


def _write_latex(folder: Path, tables: list[tuple[Kind, list[Table]]]) -> None:
    """Write a file a kind of table that has any, and all.tex, which shows them."""
    for kind, found in tables:
        path = folder / f"{kind.name}.tex"
        if not found:
            path.unlink(missing_ok=True)
            continue
        labels = [kind.name, *(f"{kind.name}-{at}" for at in range(2, len(found) + 1))]
        parts = [latex(table, f"tab:{label}") for label, table in zip(labels, found, strict=True)]
        write_text(path, NEEDS + "\n".join(parts))
    write_text(folder / "all.tex", article(kind.name for kind, found in tables if found))

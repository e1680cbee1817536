"""The sections of a report, built once and written in more than one way."""

from collections.abc import Iterable, Sequence

from rise.report.analysis.results import Results
from rise.report.figures.classes import classes
from rise.report.figures.curves import LEAST, curves
from rise.report.figures.differences import differences
from rise.report.figures.domains import domains
from rise.report.figures.published import reproduced
from rise.report.kinds import Kind
from rise.report.prose import paragraphs
from rise.report.prose.citations import bibtex, licences_table
from rise.report.prose.claims import protocol, sentences, short
from rise.report.prose.departures import departures
from rise.report.prose.lacking import lacking
from rise.report.prose.methods_paragraph import methods_paragraph
from rise.report.render.document import Listing, Part, Report, Section
from rise.report.render.table import Table

# Order among all that a report shows, heading, and what stands there.
Piece = tuple[int, str, Iterable[Part | None]]

IMAGES = "Uncertainty over seeds and images"


def report(results: Results, tables: Sequence[tuple[Kind, list[Table]]]) -> Report:
    """Put together what report.md and report.html say.

    Args:
        results: of the experiment.
        tables: of each kind those that these results have.
    """
    covered = {kind.heading for kind, found in tables if found}
    pieces = [
        *_pieces(results, covered),
        *((kind.order, kind.heading, found) for kind, found in tables),
    ]
    sections: dict[str, list[Part]] = {}
    for _, heading, parts in sorted(pieces, key=lambda piece: piece[0]):
        if there := [part for part in parts if part]:
            sections.setdefault(heading, []).extend(there)
    return Report(
        results.experiment.title,
        tuple(filter(None, [paragraphs.other_rule(results), paragraphs.incomplete(results)])),
        (paragraphs.question(results), short(results)),
        tuple(Section(heading, tuple(parts)) for heading, parts in sections.items()),
    )


def _pieces(results: Results, covered: set[str]) -> list[Piece]:
    """Sentences and figures, which stand around the tables; some only where there is no table."""
    decided, groups = bool(results.decisions), results.groups
    no_images = decided and IMAGES not in covered
    return [
        (100, "Findings", [_claims(results), differences(results)]),
        (220, "Accuracy", [paragraphs.budget(results)]),
        (310, "Pre-specified contrasts", [paragraphs.rule(results) if decided else None]),
        (420, "Published numbers", [reproduced(results)]),
        (600, "Each held-out domain", [lacking(results, group) for group in groups]),
        (610, "Each held-out domain", [domains(results, group) for group in groups]),
        (700, "Gain by class", [classes(results, group) for group in groups]),
        (800, "Learning curves", [_curves(results)]),
        (1110, IMAGES, [paragraphs.why_no_interval(results) if no_images else None]),
        (1200, "Effect of the protocol", [_protocol(results)]),
        (1310, "Units without a result", [_all_done(results)]),
        (1400, "How settings were chosen", [_settings(results)]),
        (1410, "Departures from the released code", [departures(results.experiment)]),
        (1610, "Provenance", [paragraphs.carried(results)]),
        (1700, "Limitations", [paragraphs.scope(results)]),
        (1800, "Methods paragraph to copy", [methods_paragraph(results)]),
        (1900, "Citations", _citations(results)),
    ]


def _claims(results: Results) -> str:
    return "\n".join(f"- {sentence}" for sentence in sentences(results))


def _curves(results: Results) -> Part | None:
    none = f"Not drawn: no method was evaluated {LEAST} times or more in every one of its units."
    return (curves(results) or none) if results.counts["done"] else None


def _protocol(results: Results) -> str | None:
    return protocol(results) if results.decisions and results.beside else None


def _all_done(results: Results) -> str | None:
    units = len(results.units)
    return f"All {units} units are done." if results.counts["done"] == units else None


def _settings(results: Results) -> str:
    return results.experiment.settings_note.strip() or "The experiment file does not say."


def _citations(results: Results) -> list[Part | None]:
    experiment = results.experiment
    return [licences_table(experiment), Listing(bibtex(experiment), "bibtex")]

"""The sections of a report, built once and written in more than one way."""

from collections.abc import Iterable

from rise.report.analysis import Results
from rise.report.document import Linked, Listing, Part, Report, Section
from rise.report.figures.classes import classes
from rise.report.figures.curves import LEAST, curves
from rise.report.figures.differences import differences
from rise.report.figures.domains import domains
from rise.report.figures.published import reproduced
from rise.report.prose import paragraphs
from rise.report.prose.citations import bibtex, licences_table
from rise.report.prose.claims import protocol, sentences, short
from rise.report.prose.methods_paragraph import methods_paragraph
from rise.report.render.table import Table
from rise.report.tables import domains as domains_table
from rise.report.tables import main
from rise.report.tables.bootstrap import why_not
from rise.report.unit_links import links

Tables = dict[str, list[Table]]  # by name, as `rise.report.tables.registry` has them


def report(results: Results, tables: Tables) -> Report:
    """What report.md and report.html say.

    Args:
        results: of the experiment.
        tables: all of `rise.report.tables.registry`.
    """
    built = [
        _section("What may be said", _claims(results)),
        _section("Accuracy", [*_accuracy(results, tables), paragraphs.budget(results)]),
        _section("Declared contrasts", _contrasts(results, tables)),
        _section("Published numbers", _published(results, tables)),
        _section("Terms of the loss", map(Linked, tables["terms"])),
        _section("Each held-out domain", _domains(results, tables)),
        _section("Gain by class", [classes(results, group) for group in results.groups]),
        _section("Learning curves", _curves(results)),
        _section("Drawn and not drawn by the teacher's vendors", map(Linked, tables["parts"])),
        _section("Every pair of methods", map(Linked, tables["pairs"])),
        _section("Other seeds and other images", _images(results, tables)),
        _section("What the protocol changes", _protocol(results)),
        _section("Units without a result", [_unfinished(results)]),
        _section("How settings were chosen", [_settings(results)]),
        _section("What the units took", map(Linked, tables["cost"])),
        _section("Where the results were made", map(Linked, tables["revisions"])),
        _section("What the numbers do not say", [paragraphs.scope(results)]),
        _section("Methods, to paste", [methods_paragraph(results)]),
        _section("Citations", _citations(results)),
    ]
    return Report(
        results.experiment.title,
        tuple(filter(None, [paragraphs.other_rule(results), paragraphs.incomplete(results)])),
        (paragraphs.question(results), short(results)),
        tuple(section for section in built if section.parts),
    )


def _section(heading: str, parts: Iterable[Part | None]) -> Section:
    return Section(heading, tuple(part for part in parts if part))


def _claims(results: Results) -> list[Part | None]:
    if not results.decisions:
        return []
    said = "\n".join(f"- {sentence}" for sentence in sentences(results))
    return [said, differences(results)]


def _accuracy(results: Results, tables: Tables) -> list[Part]:
    return [*map(Linked, tables["overview"]), *_linked(results, tables["main"])]


def _linked(results: Results, tables: list[Table]) -> list[Part]:
    """Tables of the groups, one each, whose numbers lead to their units."""
    both = zip(results.groups, tables, strict=True)
    return [Linked(table, links(results, group, table)) for group, table in both]


def _contrasts(results: Results, tables: Tables) -> list[Part | None]:
    if not results.decisions:
        return []
    return [
        *map(Linked, tables["contrasts"]),
        paragraphs.rule(results),
        *map(Linked, tables["redrawn"]),
    ]


def _published(results: Results, tables: Tables) -> list[Part | None]:
    shown = map(Linked, [*tables["reproduction"], *tables["published"]])
    return [*shown, reproduced(results)]


def _images(results: Results, tables: Tables) -> list[Part | None]:
    if not results.decisions:
        return []
    return [*map(Linked, tables["images"])] or [why_not(results)]


def _domains(results: Results, tables: Tables) -> list[Part | None]:
    plain, macro = (_linked(results, tables[name]) for name in ("domains", "macro"))
    return [*plain, *(domains(results, group) for group in results.groups), *macro]


def _curves(results: Results) -> list[Part | None]:
    none = f"Not drawn: no method was evaluated {LEAST} times or more in every one of its units."
    return [curves(results) or none] if results.counts["done"] else []


def _protocol(results: Results) -> list[Part | None]:
    if not results.decisions or not results.beside:
        return []
    return [protocol(results), Linked(domains_table.protocol_table(results))]


def _unfinished(results: Results) -> Part:
    if results.counts["done"] == len(results.units):
        return f"All {len(results.units)} units are done."
    return Linked(main.unfinished_table(results))


def _settings(results: Results) -> str:
    return results.experiment.settings_note.strip() or "The experiment file does not say."


def _citations(results: Results) -> list[Part | None]:
    experiment = results.experiment
    return [Linked(licences_table(experiment)), Listing(bibtex(experiment), "bibtex")]

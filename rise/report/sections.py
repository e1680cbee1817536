"""The sections of a report, built once and written in more than one way."""

from collections.abc import Iterable

from rise.report import content, exploratory, text
from rise.report.citations import bibtex, licences_table
from rise.report.figure_classes import classes
from rise.report.figure_curves import LEAST, curves
from rise.report.figure_differences import differences
from rise.report.figure_domains import domains
from rise.report.figure_published import reproduced
from rise.report.images import why_not
from rise.report.paper import methods_paragraph
from rise.report.parts import Linked, Listing, Part, Report, Section
from rise.report.results import Results
from rise.report.sentences import protocol, sentences, short
from rise.report.tables import Table
from rise.report.trace import links

Tables = dict[str, list[Table]]  # by name, as `rise.report.every` has them


def report(results: Results, tables: Tables) -> Report:
    """What report.md and report.html say.

    Args:
        results: of the experiment.
        tables: all of `rise.report.every`.
    """
    built = [
        _section("What may be said", _claims(results)),
        _section("Accuracy", [*_accuracy(results, tables), text.budget(results)]),
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
        _section("What the numbers do not say", [text.scope(results)]),
        _section("Methods, to paste", [methods_paragraph(results)]),
        _section("Citations", _citations(results)),
    ]
    return Report(
        results.experiment.title,
        tuple(filter(None, [text.other_rule(results), text.incomplete(results)])),
        (text.question(results), short(results)),
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
    return [*map(Linked, tables["contrasts"]), text.rule(results), *map(Linked, tables["redrawn"])]


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
    return [protocol(results), Linked(exploratory.protocol_table(results))]


def _unfinished(results: Results) -> Part:
    if results.counts["done"] == len(results.units):
        return f"All {len(results.units)} units are done."
    return Linked(content.unfinished_table(results))


def _settings(results: Results) -> str:
    return results.experiment.settings_note.strip() or "The experiment file does not say."


def _citations(results: Results) -> list[Part | None]:
    experiment = results.experiment
    return [Linked(licences_table(experiment)), Listing(bibtex(experiment), "bibtex")]

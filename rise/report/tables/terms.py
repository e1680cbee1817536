"""The terms of the loss that each method has, beside its accuracy."""

from collections.abc import Mapping

from rise.catalog import lookup
from rise.catalog.methods import TermWeights
from rise.errors import RiseError
from rise.experiment.identity import Setting
from rise.planning.identities import settings
from rise.report.analysis.group import Group
from rise.report.analysis.results import Results
from rise.report.render.format import NOTHING
from rise.report.render.table import Table
from rise.report.tables._shared import mean_cell

NAME, HEADING, ORDER = "terms", "Terms of the loss", 500
CHECK = "\N{CHECK MARK}"
# Fewer rows show nothing that the main table does not.
FEWEST = 3
# What the suite's own terms stand for.
WORDS = {
    "CE": "cross-entropy",
    "Hint": "distillation of the teacher's zero-shot predictions",
    "AD": "absolute distance to the texts",
    "RD": "relative distance to the texts",
}


def build(results: Results) -> list[Table]:
    """Build a table a variant, if three methods or more declare their terms."""
    tables = [_table(results, variant) for variant in results.experiment.variants]
    return [table for table in tables if len(table.rows) >= FEWEST]


def _table(results: Results, variant: str) -> Table:
    groups = [group for group in results.groups if group.variant == variant]
    declared = {method: terms_of(results, method) for method in results.experiment.methods}
    names = list(dict.fromkeys(term for terms in declared.values() for term in terms))
    on = {
        method: [active_terms(results, group, method) for group in groups]
        for method, terms in declared.items()
        if terms
    }
    known = "; ".join(f"{name}: {WORDS[name]}" for name in names if name in WORDS)
    several = len(results.experiment.variants) > 1
    return Table(
        f"Terms of the loss{f' ({variant})' if several else ''}: accuracy in %, "
        f"{results.label(results.primary)}",
        ("Method", *names, *(group.label for group in groups)),
        [
            (
                results.method_label(method),
                *(_mark([name in one for one in on[method]]) for name in names),
                *(mean_cell(results, group, method, results.primary) for group in groups),
            )
            for method in sorted(on, key=lambda method: _plainness(on[method], names))
        ],
        "Methods that declare the terms of their loss, by the terms whose weight is not zero, from "
        f"plain to full; means and intervals as in the main table. {known and f'{known}. '}"
        "Nothing is tested here: see the pre-specified contrasts for what may be said of two "
        "methods.",
    )


def terms_of(results: Results, method: str) -> TermWeights:
    """Look up the terms that a method declares; none of one that is not here."""
    try:
        return lookup.method(method, results.experiment.methods[method].file).terms
    except RiseError:  # a results folder may speak of a method that is not here
        return {}


def active_terms(results: Results, group: Group, method: str) -> set[str]:
    """Find the terms of a method but for those of weight zero in every setting that it tries."""
    variant = results.experiment.variant_on(group.dataset, group.variant)
    choice = results.experiment.method_on(group.dataset, method)
    return {
        term
        for setting in settings(variant, method, choice)
        for term, weight in terms_of(results, method).items()
        if _value(weight, setting) != 0
    }


def _value(weight: str | list[str] | None, setting: Mapping[str, Setting]) -> Setting:
    """Look up a weight: of the named hyper-parameters the first that is not null, else 1."""
    names = [weight] if isinstance(weight, str) else weight or []
    return next((setting[name] for name in names if setting.get(name) is not None), 1.0)


def _plainness(on: list[set[str]], names: list[str]) -> tuple[int, list[int]]:
    """Few terms before many, and among as many, in the order of the columns."""
    some = set().union(*on)
    return len(some), [at for at, name in enumerate(names) if name in some]


def _mark(on: list[bool]) -> str:
    """Write a check mark; `in part` if it depends on the dataset."""
    return CHECK if all(on) else "in part" if any(on) else NOTHING

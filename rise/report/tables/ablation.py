"""Which terms of the loss a method has, beside its accuracy."""

import ast
import re

from rise.catalog import lookup
from rise.errors import RiseError
from rise.planning.identities import settings
from rise.report.analysis import Results, method_label
from rise.report.render.format import NOTHING
from rise.report.render.table import Table
from rise.report.tables.main import cell

CHECK = "\N{CHECK MARK}"
# Fewer rows show nothing that the main table does not.
FEWEST = 3
# Term of an equation -> its name in print, from plain to full.
TERMS = {"CE": "CE", "KD": "Hint", "AD": "AD", "RD": "RD"}
WEIGHTED = re.compile(rf"(?:(\w+) \* )?({'|'.join(TERMS)})(?:\([\w, ]+\))?")


def ablation_tables(results: Results) -> list[Table]:
    """One table a variant, if three methods or more add up terms on RISE's chain."""
    return [
        table
        for variant in results.experiment.variants
        if len((table := _ablation(results, variant)).rows) >= FEWEST
    ]


def _ablation(results: Results, variant: str) -> Table:
    groups = [group for group in results.groups if group.variant == variant]
    found = []
    for method in results.experiment.methods:
        on = [terms_of(results, group.dataset, variant, method) for group in groups]
        if all(terms is not None for terms in on):
            found.append((method, [terms or set() for terms in on]))
    found.sort(key=lambda one: _plainness(one[1]))
    several = len(results.experiment.variants) > 1
    return Table(
        f"Terms of the loss{f' ({variant})' if several else ''}: accuracy in %, "
        f"{results.label(results.headline)}",
        ("Method", *TERMS.values(), *(group.label for group in groups)),
        tuple(
            (
                method_label(method),
                *(_mark([term in terms for terms in on]) for term in TERMS),
                *(cell(results, group, method, results.headline) for group in groups),
            )
            for method, on in found
        ),
        "The methods on RISE's network by the terms whose weight is not zero, from plain to full; "
        "means and intervals as in the main table. CE: cross-entropy; Hint: distillation of the "
        "teacher's zero-shot predictions; AD, RD: absolute and relative distance to the texts. "
        "Nothing is tested here: what may be said of two methods stands with the declared "
        "contrasts.",
    )


def terms_of(results: Results, dataset: str, variant: str, method: str) -> set[str] | None:
    """The terms that a method adds up; None for one that is not on RISE's chain.

    A term is on unless its weight is zero in every setting. A weight that is null is that of the
    term before it (see rise/methods/rise.py).
    """
    experiment = results.experiment
    choice = experiment.method_on(dataset, method)
    try:
        info = lookup.method(method, choice.file)
    except RiseError:  # a results folder may speak of a method that is not here
        return None
    parts = [WEIGHTED.fullmatch(part) for part in info.equation.split(" + ")]
    found = [part.groups() for part in parts if part]
    if len(found) < len(parts) or not _on_chain(info.path.read_bytes()):
        return None
    on = set()
    for setting in settings(experiment.variant_on(dataset, variant), method, choice):
        weight: object = 1.0
        for name, term in found:
            given = setting.get(name, 1.0) if name else 1.0
            weight = weight if given is None else given
            if weight != 0:
                on.add(term)
    return on


def _on_chain(source: bytes) -> bool:
    """Whether a method's class is a ChainMethod, read without running it."""
    bases = [
        base
        for node in ast.parse(source).body
        if isinstance(node, ast.ClassDef)
        for base in node.bases
    ]
    return any(isinstance(base, ast.Name) and base.id == "ChainMethod" for base in bases)


def _plainness(on: list[set[str]]) -> tuple[int, list[int]]:
    """Few terms before many, and among as many, in the order of TERMS."""
    some = set().union(*on)
    return len(some), [at for at, term in enumerate(TERMS) if term in some]


def _mark(on: list[bool]) -> str:
    """A check mark; `in part` if it depends on the dataset."""
    return CHECK if all(on) else "in part" if any(on) else NOTHING

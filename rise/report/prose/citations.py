"""Cite what the results of an experiment rest on, as BibTeX, and name the licences."""

import re
from contextlib import suppress
from functools import cache
from pathlib import Path

from rise.catalog import lookup
from rise.catalog.schema import Dataset
from rise.config.load import Experiment
from rise.errors import RiseError
from rise.report.render.escape import latex_text
from rise.report.render.table import Table

ENTRIES = Path(__file__).with_name("citations.bib")
SUITE, METHOD, CLIP, DOMAINBED = (
    "rise_bench",
    "huang2023sentence",
    "radford2021learning",
    "gulrajani2021search",
)


def bibtex(experiment: Experiment) -> str:
    """Collect the BibTeX entries of the suite, the method, teachers, protocol and datasets used.

    A dataset has its own entry; the citation of a custom dataset becomes the note of one.
    """
    keys = [SUITE, METHOD]
    variants = experiment.variants_used
    if any(_has_images(one.teacher) for one in variants):
        keys.append(CLIP)
    if any(one.protocol == "domainbed" for one in variants):
        keys.append(DOMAINBED)
    used = [entries()[key] for key in keys]
    cited = dict.fromkeys(map(_entry, _datasets(experiment)))
    return "\n\n".join([*used, *filter(None, cited)]) + "\n"


@cache
def entries() -> dict[str, str]:
    """Read the entries that no dataset owns: key -> BibTeX."""
    texts = ENTRIES.read_text(encoding="utf-8").strip().split("\n\n")
    return {key_of(text): text for text in texts}


def key_of(entry: str) -> str:
    """Return the key of a BibTeX entry."""
    return entry[entry.index("{") + 1 : entry.index(",")]


def licences_table(experiment: Experiment) -> Table:
    """List the licence of each dataset, and the key under which it is cited."""
    rows = [
        (entry.title.partition(", ")[0], entry.licence, _key(entry) or "none given")
        for entry in _datasets(experiment)
    ]
    return Table("Licences of the datasets", ("Dataset", "licence", "cite"), tuple(rows))


def _has_images(teacher: str) -> bool:
    """Tell whether a teacher is a CLIP model; one that is not here counts as one."""
    try:
        return not lookup.teacher(teacher).text_only
    except RiseError:
        return True


def _datasets(experiment: Experiment) -> list[Dataset]:
    """Look up the datasets that are here; a results folder may speak of others."""
    found = []
    for name, choice in experiment.datasets.items():
        with suppress(RiseError):
            found.append(lookup.dataset(name, choice.folder))
    return found


def _key(dataset: Dataset) -> str:
    """Return the key of a dataset's BibTeX entry; empty if it has none."""
    if dataset.bibtex:
        return key_of(dataset.bibtex)
    return re.sub(r"[^A-Za-z0-9_-]", "", dataset.citation.partition(":")[0])


def _entry(dataset: Dataset) -> str:
    """Return a dataset's BibTeX entry, made from its citation if need be; empty if it has none."""
    if dataset.bibtex or not dataset.citation:
        return dataset.bibtex.strip()
    note = dataset.citation.partition(":")[2].strip() or dataset.citation
    return f"@misc{{{_key(dataset)},\n  note = {{{latex_text(note)}}}\n}}"

"""What must be cited for the results of an experiment, as BibTeX, and under which licences."""

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
    """BibTeX entries of the suite, the method, teachers, protocol and datasets that are used.

    The text of a user's own dataset becomes the note of an entry.
    """
    keys = [SUITE, METHOD]
    variants = experiment.variants.values()
    if any(_has_images(one.teacher) for one in variants):
        keys.append(CLIP)
    if any(one.protocol == "domainbed" for one in variants):
        keys.append(DOMAINBED)
    used = [entries()[key] for key in keys]
    cited = dict.fromkeys(entry.citation for entry in _datasets(experiment) if entry.citation)
    return "\n\n".join([*used, *map(_of_dataset, cited)]) + "\n"


@cache
def entries() -> dict[str, str]:
    """The entries that are shipped: key -> BibTeX."""
    texts = ENTRIES.read_text(encoding="utf-8").strip().split("\n\n")
    return {text[text.index("{") + 1 : text.index(",")]: text for text in texts}


def licences_table(experiment: Experiment) -> Table:
    """The licence of each dataset, and the key under which it is cited."""
    rows = [
        (entry.title.partition(", ")[0], entry.licence, _key(entry.citation) or "none given")
        for entry in _datasets(experiment)
    ]
    return Table("Licences of the datasets", ("Dataset", "licence", "cite"), tuple(rows))


def _has_images(teacher: str) -> bool:
    """Whether a teacher is a CLIP model; one that is not here counts as one."""
    try:
        return not lookup.teacher(teacher).text_only
    except RiseError:
        return True


def _datasets(experiment: Experiment) -> list[Dataset]:
    """The datasets that are here; a results folder may speak of others."""
    found = []
    for name, choice in experiment.datasets.items():
        with suppress(RiseError):
            found.append(lookup.dataset(name, choice.folder))
    return found


def _key(citation: str) -> str:
    return citation.partition(":")[0].strip()


def _of_dataset(citation: str) -> str:
    key = _key(citation)
    if key in entries():
        return entries()[key]
    note = citation.partition(":")[2].strip() or citation
    return f"@misc{{{re.sub(r'[^A-Za-z0-9_-]', '', key)},\n  note = {{{latex_text(note)}}}\n}}"

"""What must be cited for the results of an experiment, as BibTeX, and under which licences."""

import re
from functools import cache
from pathlib import Path

from rise import catalogue
from rise.config import Experiment
from rise.entries import Dataset
from rise.report.escape import latex_text
from rise.report.tables import Table

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
    if any(not catalogue.teacher(one.teacher).text_only for one in variants):
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
        (entry.title.partition(",")[0], entry.licence, _key(entry.citation) or "none given")
        for entry in _datasets(experiment)
    ]
    return Table("Licences of the datasets", ("Dataset", "licence", "cite"), tuple(rows))


def _datasets(experiment: Experiment) -> list[Dataset]:
    chosen = experiment.datasets.items()
    return [catalogue.dataset(name, choice.folder) for name, choice in chosen]


def _key(citation: str) -> str:
    return citation.partition(":")[0].strip()


def _of_dataset(citation: str) -> str:
    key = _key(citation)
    if key in entries():
        return entries()[key]
    note = citation.partition(":")[2].strip() or citation
    return f"@misc{{{re.sub(r'[^A-Za-z0-9_-]', '', key)},\n  note = {{{latex_text(note)}}}\n}}"

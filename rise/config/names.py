"""Find names that cannot be part of a unit's path."""

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress

from rise.catalog import lookup
from rise.config.schema import DatasetChoice
from rise.errors import RiseError
from rise.experiment.key import TOGETHER
from rise.experiment.path_part import name_fault, path_part

# Bytes of dataset, variant, method and held-out domains together: Slurm's log of a unit lies in one
# folder that has all of them in its name.
LONGEST = 240


def name_faults(
    experiment: str,
    datasets: Mapping[str, DatasetChoice],
    variants: Iterable[str],
    methods: Iterable[str],
) -> list[str]:
    """Find names that no path can hold, each with its key, and names that are long together."""
    found = [f"the file's name {fault}" for fault in _faults([experiment])]
    for key, names in (("datasets", datasets), ("variants", variants), ("methods", methods)):
        found += [f"{key}: {fault}" for fault in _faults(names)]
    held_out = []
    for name, choice in datasets.items():
        where = f"datasets.{name}"
        if choice.folder is not None:
            found += [f"{where}.folder: {fault}" for fault in _faults([_own(choice.folder)])]
        domains = _domains(name, choice)
        found += [f"{where}: domain {fault}" for fault in _faults(domains)]
        groups = domains if choice.held_out == "all" else choice.held_out
        held_out += [TOGETHER.join([one] if isinstance(one, str) else one) for one in groups]
    longest = [max(map(_size, names), default=0) for names in (datasets, variants, methods)]
    if not found and (size := sum(longest) + max(map(_size, held_out), default=0)) > LONGEST:
        found.append(
            "the names of a dataset, variant, method and its held-out domains take up to "
            f"{size} bytes of a path, at most {LONGEST}; shorten one, or hold out fewer together"
        )
    return found


def _own(folder: str) -> str:
    """Return the name of a folder wherever it leads; what leads nowhere stays."""
    if "\0" in folder or not folder.strip():
        return folder
    return os.path.basename(os.path.realpath(folder))


def _faults(names: Iterable[str]) -> Iterator[str]:
    return (fault for name in names if (fault := name_fault(name)))


def _domains(name: str, choice: DatasetChoice) -> list[str]:
    with suppress(RiseError):  # said elsewhere
        return list(lookup.dataset(name, choice.folder).domains)
    return []


def _size(name: str) -> int:
    return len(path_part(name).encode())

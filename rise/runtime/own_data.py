"""Check custom datasets before the first job: unchanged, and with classes that can be scored."""

from collections.abc import Collection
from pathlib import Path

from rise.acquisition.changes import check_unchanged
from rise.catalog import lookup
from rise.config.load import Experiment
from rise.decoding.label_space import label_faults, unseen_classes
from rise.decoding.scan import scan
from rise.errors import ConfigError


def check_own_data(experiment: Experiment, names: Collection[str]) -> None:
    """Check the custom datasets among some of an experiment.

    Raises:
        ConfigError: a class or domain cannot be trained or scored.
        DataError: files changed since they were verified.
    """
    for name, choice in experiment.datasets.items():
        entry = lookup.dataset(name, choice.folder)
        if name not in names or choice.folder is None:
            continue
        folder = Path(str(entry.folder))
        images = scan(folder, entry).images
        faults = [f"{folder / where}: {what}" for where, what in label_faults(images, entry)]
        groups = list(entry.domains) if choice.held_out == "all" else choice.held_out
        for group in groups:
            held_out = [group] if isinstance(group, str) else list(group)
            for domain, classes in unseen_classes(images, entry, held_out).items():
                faults.append(
                    f"datasets.{name}.held_out: with {' and '.join(held_out)} held out, no source "
                    f"domain has {', '.join(classes)} of {domain}, so all its images would be "
                    "wrong; add images elsewhere, take the class out, or hold out others"
                )
        if faults:
            raise ConfigError("\n".join(faults))
        check_unchanged(folder, entry)

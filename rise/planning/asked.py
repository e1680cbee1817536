"""The units that an experiment asks for, given the present code and the data on this disk."""

from rise.catalog import lookup
from rise.catalog.data_dir import recorded_manifest
from rise.config.load import Experiment
from rise.experiment.paths import results_folder, zero_shot_path
from rise.planning.units import units
from rise.results.expected import Expected, ExpectedUnit


def asked(experiment: Experiment) -> Expected:
    """List the units that an experiment asks for, with the identities their records must have."""
    known = manifests(experiment)
    planned = units(experiment)
    return Expected(
        experiment=experiment,
        folder=results_folder(experiment.name),
        units=[
            ExpectedUnit(
                *(one.dataset, one.variant, one.method, one.held_out, one.seed),
                identity=one.identity.mapping(),
            )
            for one in planned
        ],
        manifests=known,
        recorded=False,
        zero_shots={
            (one.dataset, one.variant): zero_shot_path(
                experiment.name, one.identity, known[one.dataset]
            )
            for one in planned
        },
    )


def manifests(experiment: Experiment) -> dict[str, str | None]:
    """Read each dataset's digest of files on this disk; None if it is absent or embedded."""
    return {
        name: recorded_manifest(name, lookup.dataset(name, choice.folder))
        for name, choice in experiment.datasets.items()
    }

"""The Snakefile's way into the package: a plan, or one sentence and no job."""

import os
import sys
from pathlib import Path
from typing import IO, Any, NoReturn

from rise.catalog.data_dir import data_folder
from rise.config.load import Experiment, parse
from rise.errors import ConfigError, RiseError
from rise.planning.aside import record_path
from rise.planning.plan import Plan
from rise.runtime import container
from rise.runtime.preflight import check_device, check_weights, only_run
from rise.utils.causes import reason
from rise.utils.read_yaml import read_yaml

# Open files hold their lock: this one until the process ends.
_held: list[IO[str]] = []


def find_programs() -> None:
    """Let jobs find `rise` beside the Python that runs Snakemake, whichever one is active."""
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"


def open_plan(config: dict[str, Any], files: list[Any], settings: Any, main: bool) -> Plan:
    """Make the plan of the one config file; exit 1 on expected errors.

    Args:
        config: what `--config` lays over the file.
        files: the config files that it was read from.
        settings: Snakemake's deployment settings, to which the container's arguments are added.
        main: False in a job that another Snakemake started.
    """
    try:
        plan = Plan(experiment_of(config, files))
        if uses_container(settings):
            _use_container(plan.experiment, settings, main)
    except (RiseError, OSError) as error:
        _exit(error)
    return plan


def begin(plan: Plan, workflow: Any) -> None:
    """Settle the results folder before a run's first job is looked at; exit 1 on expected errors.

    Whoever only looks (a dry run, a list of rules, a graph) writes nothing: Snakemake is told which
    files a run would move aside. Whether it will run anything is known when it builds its graph of
    jobs, which is when rules ask for their inputs.
    """
    if plan.looked or not workflow.is_main_process:
        return
    forced = _forced(plan, workflow.dag)
    try:
        if workflow.executor_plugin is None or workflow.dryrun:
            plan.look(forced)
            workflow.dag.forcefiles.update(map(str, plan.to_replace()))
        else:
            _held.append(only_run())
            plan.settle(forced)
    except (RiseError, OSError) as error:
        _exit(error)


def _forced(plan: Plan, dag: Any) -> set[str]:
    """Return the keys of units that --forceall, --forcerun or --force name."""
    if any(rule.name == "unit" for rule in dag.forcerules):
        return set(plan.units)
    files = set(map(str, dag.forcefiles))
    return {key for key, unit in plan.units.items() if str(record_path(unit)) in files}


def uses_container(settings: Any) -> bool:
    """Say whether --use-singularity (or one of its other names) was given."""
    return any(method.name == "APPTAINER" for method in settings.deployment_method)


def _use_container(experiment: Experiment, settings: Any, main: bool) -> None:
    """Give Snakemake the container's arguments, and check the image if it is a file."""
    image = experiment.image
    file = container.image_file(image, settings.apptainer_prefix)
    if main:
        container.check_engine()
        container.check_line(file.absolute() if container.is_address(image) else file)
        if not container.is_address(image):
            container.check_image(image, file)
    own = container.arguments(_outside(experiment))
    settings.apptainer_args = container.joined(settings.apptainer_args, own)
    container.pass_in(container.image_name(image, file) if file.is_file() else image)


def _outside(experiment: Experiment) -> list[Path]:
    """List what jobs read outside of the project: data, own teachers, weights and methods."""
    named = [str(data_folder()), *(one.folder for one in experiment.datasets.values())]
    named += [one.file for one in experiment.methods.values()]
    for variant in experiment.variants_used:
        named += [variant.teacher, variant.start]
    paths = {Path(os.path.abspath(name)) for name in named if name}  # `..` taken out
    return sorted(p for p in paths if p.exists() and not p.is_relative_to(Path.cwd()))


def check_pulled(plan: Plan, settings: Any) -> None:
    """Check an image that Snakemake has just pulled, and exit 1 if it is wrong."""
    image = plan.experiment.image
    if uses_container(settings) and container.is_address(image):
        file = container.image_file(image, settings.apptainer_prefix)
        try:
            container.check_image(image, file)
        except RiseError as error:
            _exit(error)
        container.pass_in(container.image_name(image, file))


def experiment_of(overlay: dict[str, Any], files: list[Any]) -> Experiment:
    """Read the one experiment file, with what --config lays over it.

    Snakemake would merge several files, so there must be one.

    Raises:
        ConfigError: there are no or several files, or the file has a fault.
    """
    paths = [Path(os.path.relpath(file)) for file in files]
    if len(paths) != 1:
        given = ", ".join(str(path) for path in paths) or "none"
        raise ConfigError(f"give exactly one --configfile (given: {given})")
    # Snakemake's own reading takes the last of two equal keys, and other names than were written.
    values = read_yaml(paths[0])
    return parse(_laid_over(values, overlay) if overlay else values, paths[0])


def _laid_over(values: Any, overlay: Any) -> Any:
    """Lay a mapping over another one, key by key."""
    if not isinstance(values, dict) or not isinstance(overlay, dict):
        return overlay
    both = {key: _laid_over(values.get(key), value) for key, value in overlay.items()}
    return {**values, **both}


def look_before_jobs(plan: Plan, here: bool) -> None:
    """Exit 1 if own data changed, weights are missing, or a GPU on a machine that runs the jobs.

    A dry run needs none.
    """
    from rise.runtime.own_data import check_own_data  # it loads pyarrow

    try:
        check_own_data(plan.experiment, {unit.dataset for unit in plan.stale.values()})
        check_weights(map(plan.job, plan.stale.values()))
        if here:
            check_device(plan.experiment)
    except (RiseError, OSError) as error:
        _exit(error)


def _exit(error: RiseError | OSError) -> NoReturn:
    said = str(error) if isinstance(error, RiseError) else reason(error)
    sys.exit("\n".join(f"rise: {line}" for line in said.splitlines()))

"""What the Snakefile asks of the package: one plan, or one sentence and no job."""

import os
import sys
from pathlib import Path
from typing import IO, Any, NoReturn

from rise.config import Experiment, parse
from rise.errors import ConfigError, DataError, RiseError
from rise.plan import Plan
from rise.preflight import check_device, check_weights, only_run

# Open files hold their lock: this one until the process ends.
_held: list[IO[str]] = []


def find_programs() -> None:
    """Let jobs find `rise` beside the Python that runs Snakemake, whatever is active."""
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"


def open_plan(config: dict[str, Any], files: list[Any], main: bool) -> Plan:
    """The plan of the one config file, settled in the main process; exits 1 on an expected error.

    Args:
        config: Snakemake's configuration, with what `--config` lays over the file.
        files: the config files that it was read from.
        main: False in a job that another Snakemake started.
    """
    try:
        plan = Plan(experiment_of(config, files))
        if main:
            _held.append(only_run())
            plan.settle()
            check_weights(list(plan.stale.values()))
    except RiseError as error:
        _exit(error)
    return plan


def experiment_of(config: dict[str, Any], files: list[Any]) -> Experiment:
    """Check the configuration; Snakemake would merge several files, so there must be one.

    Raises:
        ConfigError: none or several files, or a fault in it.
    """
    paths = [Path(os.path.relpath(file)) for file in files]
    if len(paths) != 1:
        given = ", ".join(str(path) for path in paths) or "none"
        raise ConfigError(f"give exactly one --configfile (given: {given})")
    return parse(config, paths[0])


def refuse_missing_gpu(plan: Plan) -> None:
    """Exit 1 where the experiment asks for a GPU and this machine, which runs it, has none."""
    try:
        check_device(plan.experiment)
    except RiseError as error:
        _exit(error)


def refuse_missing_image(image: str) -> None:
    """Exit 1 where containers are asked for and the image is not there."""
    if not Path(image).is_file():
        _exit(
            DataError(
                f"{image}: is missing; build an image of the locked environment "
                "(envs/install.sh) or run without --use-singularity"
            )
        )


def _exit(error: RiseError) -> NoReturn:
    sys.exit("\n".join(f"rise: {line}" for line in str(error).splitlines()))

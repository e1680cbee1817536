# Reads the one config file, and settles the results folder before a run's first job is looked at.
# A wildcard holds a part of a path, which stands for a name (rise/experiment/path_part.py).
import re

from rise.catalog.lookup import as_argument
from rise.experiment.path_part import path_part
from rise.runtime.log_display import improve
from rise.planning.aside import record_path
from rise.runtime.snakefile import (
    begin,
    check_pulled,
    find_programs,
    look_before_jobs,
    open_plan,
)

find_programs()
improve(workflow.logger_manager.get_log_handlers())
PLAN = open_plan(
    workflow.config_settings.config,
    workflow.configfiles,
    workflow.deployment_settings,
    main=workflow.is_main_process,
)


# One image for all rules; looked at with --use-singularity only.
container: PLAN.experiment.image


UNIT = "{dataset}/{variant}/{method}/{held_out}/seed{seed}"
LOGS = f"{PLAN.work}/logs"
BENCHMARKS = f"{PLAN.work}/benchmarks"
GPU = int(PLAN.experiment.device == "cuda")
THREADS = PLAN.experiment.threads


def plan():
    """The plan, when jobs are asked for: by then a run has settled the folder, and a look has not."""
    begin(PLAN, workflow)
    return PLAN


def any_of(names):
    """A pattern of the parts of a path that stand for names."""
    return "|".join(re.escape(path_part(name)) for name in names)


def memory(kind):
    """A retry asks for as much again."""
    asked = getattr(PLAN.experiment.resources, kind).mem_mb
    return lambda wildcards, attempt: asked * attempt


def minutes(kind):
    asked = getattr(PLAN.experiment.resources, kind).runtime
    return lambda wildcards, attempt: asked * attempt


# The records stand here too: a record deleted behind an existing report must be made again.
def everything(wildcards):
    return [*(PLAN.record(unit) for unit in plan().units.values()), PLAN.report]


# The report waits for the units that this run makes; what was finished before cannot trigger it.
def report_needs(wildcards):
    records = [record_path(unit) for unit in plan().stale.values()]
    return [*records, *PLAN.missing_zero_shots()]


def unit_needs(wildcards):
    return plan().needs(PLAN.unit_of(**wildcards))


def cache_needs(wildcards):
    path = f"work/embeddings/{wildcards.cache}/cache.json"
    decoded, _, cache = plan().inputs(PLAN.user_of(path))
    return [] if cache.exists() else [decoded]


def zero_shot_needs(wildcards):
    path = PLAN.results / "teacher" / f"{wildcards.zero_shot}.json"
    return [] if path.exists() else plan().inputs(PLAN.user_of(path))[:2]


def dataset_of(wildcards, output):
    """The name in the catalogue, or the folder of a user's own dataset."""
    name = plan().user_of(output[0]).dataset
    folder = PLAN.experiment.datasets[name].folder
    return name if folder is None else as_argument(folder)


def request_of(wildcards, output):
    return plan().user_of(output[0]).folder / "request.json"


wildcard_constraints:
    dataset=any_of(PLAN.experiment.datasets),
    variant=any_of(PLAN.experiment.variants),
    method=any_of(PLAN.experiment.methods),
    held_out="[^/]+",
    seed=r"\d+",
    decoded="[^/]+",
    texts="[^/]+",
    cache="[^/]+",
    zero_shot="[^/]+",

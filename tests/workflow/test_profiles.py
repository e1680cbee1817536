"""Profiles: keys that Snakemake knows, none in two that are read together, and what rules ask."""

import re
from pathlib import Path

import pytest
import yaml
from snakemake.cli import get_argument_parser

from tests.workflow.project import ROOT, Project, make_project

PROFILES = ROOT / "profiles"
CLUSTERS = sorted({path.name for path in PROFILES.iterdir()} - {"default"})


def keys(name: str) -> set[str]:
    return set(yaml.safe_load((PROFILES / name / "config.yaml").read_text()))


@pytest.mark.parametrize("name", ["default", *CLUSTERS])
def test_profile_holds_known_options_only(name: str) -> None:
    options = {f"--{key}" for key in keys(name)}
    assert options and options <= set(get_argument_parser()._option_string_actions)
    get_argument_parser(profiles=[PROFILES / name]).parse_args([])


@pytest.mark.parametrize("name", CLUSTERS)
def test_no_key_stands_in_the_default_profile_too(name: str) -> None:
    """Its value would win, whatever the cluster's profile says."""
    assert not keys(name) & keys("default")


@pytest.mark.parametrize(
    ("name", "resource", "value"),
    [("slurm", "gpu_model", "a100"), ("kubernetes", "machine_type", "a2-highgpu-1g")],
)
def test_commented_examples_are_valid(tmp_path: Path, name: str, resource: str, value: str) -> None:
    """Users take the comment signs away."""
    text = (PROFILES / name / "config.yaml").read_text()
    (tmp_path / "config.yaml").write_text(re.sub(r"^#   ", "", text, flags=re.M))
    found = get_argument_parser(profiles=[tmp_path]).parse_args([])
    for rule in ("unit", "embed"):
        assert found.set_resources[rule][resource].raw == value
    assert name != "slurm" or found.default_resources["slurm_account"].raw == "my_project"


def asked(project: Project, *more: str) -> dict[str, dict[str, str]]:
    """Resources by rule, of a dry run that prints them (the default profile's logger doesn't)."""
    line = "snakemake -n --workflow-profile none --configfile config/mini.yaml"
    text = project.run(*line.split(), "--executor", "slurm", "--jobs", "1", *more).stdout
    found = re.findall(r"^rule (\w+):\n(?:    .*\n)*?    resources: (.*)", text, re.M)
    return {rule: dict(re.findall(r"(\w+)=(\w+)", named)) for rule, named in found}


def test_rules_ask_for_what_the_experiment_says(tmp_path: Path) -> None:
    project = make_project(tmp_path / "project")
    kinds = ("decode", "texts", "zero_shot", "embed", "unit")
    wanted = {kind: {"mem_mb": 1100 + at, "runtime": 11 + at} for at, kind in enumerate(kinds)}
    for attempt, device in ((1, "cpu"), (2, "cuda")):
        project.configure(lambda values, device=device: values.update(device=device))
        project.configure(lambda values: values.update(threads=3, workers=2, resources=wanted))
        found = asked(project, "--attempt", str(attempt))
        for kind in kinds:
            for resource, value in wanted[kind].items():
                assert found[kind][resource] == str(attempt * value)
        with_gpu = {kind for kind in kinds if found[kind].get("gpu") == "1"}
        assert with_gpu == ({"embed", "unit"} if device == "cuda" else set())


def test_a_unit_asks_for_cpus_for_its_workers_too(tmp_path: Path) -> None:
    project = make_project(tmp_path / "project")
    project.configure(lambda values: values.update(threads=3, workers=2))
    line = "snakemake -n --workflow-profile none --cores 8 --configfile config/mini.yaml"
    text = project.run(*line.split()).stdout
    assert dict(re.findall(r"^rule (\w+):\n(?:    .*\n)*?    threads: (\d+)", text, re.M)) == {
        "embed": "5",
        "unit": "5",
    }

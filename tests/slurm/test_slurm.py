"""A real Slurm of one machine, whose node dies while units run on it."""

import os
import shutil
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import yaml

from tests.workflow.project import Project, make_project

pytestmark = pytest.mark.slurm
PATIENCE = 600
PROGRAMS = ("slurmctld", "slurmd", "sbatch", "srun", "squeue", "munged")
# What a cluster of one machine, without an accounting database, wants beside profiles/slurm.
OWN = {
    "default-resources": {"slurm_partition": "main"},
    "slurm-status-command": "squeue",
    "slurm-init-seconds-before-status-checks": 2,
}
Cluster = Callable[[str], None]


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    """A running cluster; it takes start-node and kill-node."""
    if missing := [name for name in PROGRAMS if not shutil.which(name)]:
        pytest.fail(
            f"no {missing[0]}: install Debian's packages slurm-wlm and munge", pytrace=False
        )
    if os.geteuid() != 0:
        pytest.fail("only root can start Slurm's daemons", pytrace=False)
    folder = tempfile.mkdtemp(prefix="slurm-")  # pytest's own are too long for a socket

    def tell(action: str) -> None:
        script = Path(__file__).with_name("cluster.sh")
        subprocess.run([script, action, folder], check=True, timeout=60)

    try:
        tell("start")
        yield tell
    finally:
        tell("stop")
        shutil.rmtree(folder)


def mini(path: Path) -> Project:
    """Four units, and a profile for this cluster."""
    project = make_project(path)
    project.configure(lambda values: values.update(seeds=1))
    profile = yaml.safe_load((path / "profiles" / "slurm" / "config.yaml").read_text())
    (path / "profiles" / "test").mkdir()
    (path / "profiles" / "test" / "config.yaml").write_text(yaml.safe_dump({**profile, **OWN}))
    return project


def trials(project: Project, word: str) -> Counter[str]:
    """How often each trial began or ended."""
    trace = project.path / "trace.txt"
    lines = trace.read_text().split("\n") if trace.exists() else []
    return Counter(line.split()[1] for line in lines if line.startswith(word))


def jobs() -> Counter[str]:
    """How many jobs of each rule Slurm was given."""
    line = ["squeue", "--noheader", "--states=all", "--format=%k"]
    comments = subprocess.run(line, check=True, capture_output=True, text=True).stdout
    return Counter(comment.split("_wildcards_")[0] for comment in comments.split("\n") if comment)


def test_node_dies(cluster: Cluster, tmp_path: Path) -> None:
    """Slurm puts the dead node's jobs back into its queue and Snakemake waits for them.

    What it sees of them is "pending" again. Were they lost (--no-requeue), it would give them to
    Slurm anew (retries). Either way a job whose trial was finished computes nothing again.
    """
    local = mini(tmp_path / "local")
    done = local.snakemake()
    assert done.returncode == 0, done.stdout

    project = mini(tmp_path / "project")
    line = "snakemake --profile profiles/test --configfile config/mini.yaml"
    with (tmp_path / "said.txt").open("w+") as said:
        run = subprocess.Popen(
            line.split(), cwd=project.path, env=project.environment, stdout=said, stderr=said
        )
        end = time.monotonic() + PATIENCE
        try:
            # Two fit on the node, so a third one starts when one is finished.
            while len(trials(project, "begin")) < 3:
                assert run.poll() is None and time.monotonic() < end, said.seek(0) or said.read()
                time.sleep(0.05)
            cluster("kill-node")
            begun, ended = trials(project, "begin"), trials(project, "end")
            cluster("start-node")
            status = run.wait(PATIENCE)
        finally:
            run.kill()
        said.seek(0)
        assert status == 0, said.read()

    assert ended and begun - ended, "the node died too early or too late"
    assert project.science() == local.science()
    assert set(project.science()) == project.keys()
    shown = ["rise", "show", "config/mini.yaml"]
    assert "Units: 4 specified, 4 done" in project.run(*shown).stdout
    assert project.run(*shown).stdout == local.run(*shown).stdout
    again = {trial for trial, times in trials(project, "begin").items() if times > 1}
    assert again == set(begun - ended)
    assert set(trials(project, "end").values()) == {1}
    shared = ("rule_decode", "rule_texts", "rule_embed", "rule_zero_shot")
    assert {jobs()[rule] for rule in shared} == {1}

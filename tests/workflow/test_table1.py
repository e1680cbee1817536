"""The paper's table: planned on a machine that has neither its data nor its weights."""

import re

from tests.workflow.project import Project, make_project


def test_a_dry_run_lists_every_unit_and_a_run_asks_for_weights(tmp_path_factory) -> None:
    project: Project = make_project(tmp_path_factory.mktemp("table1") / "project", traced=False)
    # The embedded benchmark alone, whatever this machine has.
    for link in (project.path / "data").iterdir():
        if link.name != "emoji":
            link.unlink()
    command = ("snakemake", "--cores", "1", "--configfile", "config/table1.yaml")
    empty = f"RISE_DATA={project.path / 'none'}"
    dry = project.run("env", empty, *command, "-n")
    assert dry.returncode == 0, dry.stdout
    assert re.search(r"\bunit +480\b", dry.stdout), dry.stdout
    run = project.run("env", empty, *command)
    assert run.returncode == 1
    last = "rise: data/teachers/ViT-B-16.pt: is missing; rise teacher fetch clip-vit-b16, or put"
    assert last in run.stdout, run.stdout
    assert not (project.path / "work").joinpath("texts").exists()

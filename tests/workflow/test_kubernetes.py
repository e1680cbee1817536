"""The Kubernetes profile with a stand-in for the API, where a pod is a process of this machine.

It shows that jobs find the project and what they ask a cluster for; not that a cluster agrees.
"""

import json
import re
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import yaml

from rise.planning.plan import Plan
from tests.workflow.project import Project, make_project


class Api(ThreadingHTTPServer):
    """What the executor asked for: containers, and each (verb, resource) it needs the right to."""

    def __init__(self, project: Project, workdir: Path) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.project, self.workdir = project, workdir
        self.containers: list[Any] = []
        self.failed: dict[str, bool] = {}
        self.used: set[tuple[str, str]] = set()

    def run(self, job: Any) -> None:
        """Run a job's pod to its end, in an empty folder as on a cluster."""
        (container,) = job["spec"]["template"]["spec"]["containers"]
        self.containers.append(container)
        command = [*container["command"], *container["args"]]
        done = subprocess.run(command, cwd=self.workdir, env=self.project.environment)
        self.failed[job["metadata"]["name"]] = done.returncode != 0


class Handler(BaseHTTPRequestHandler):
    """As much of the API as the executor uses."""

    server: Api

    def answer(self, verb: str) -> None:
        path = self.path.partition("/namespaces/default/")[2].partition("?")[0]
        kind, name, part = [*path.split("/"), "", ""][:3]
        verb = "list" if verb == "get" and not name else verb
        self.server.used.add((verb, f"{kind}/{part}".rstrip("/")))
        said: Any = {"items": []}
        if (verb, kind) == ("create", "jobs"):
            said = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            self.server.run(said)
        elif part == "status":
            said = {"status": {"failed" if self.server.failed[name] else "succeeded": 1}}
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(json.dumps(said).encode())

    def do_GET(self) -> None:
        self.answer("get")

    def do_POST(self) -> None:
        self.answer("create")

    def do_DELETE(self) -> None:
        self.answer("delete")

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def api(tmp_path: Path) -> Iterator[Api]:
    """The stand-in, and a project on the volume."""
    (tmp_path / "empty").mkdir()
    api = Api(make_project(tmp_path / "project"), tmp_path / "empty")
    cluster = {"server": f"http://127.0.0.1:{api.server_port}"}
    config = {
        "clusters": [{"name": "one", "cluster": cluster}],
        "contexts": [{"name": "one", "context": {"cluster": "one", "user": "one"}}],
        "users": [{"name": "one", "user": {}}],
        "current-context": "one",
    }
    (tmp_path / "kubeconfig").write_text(yaml.safe_dump(config))
    threading.Thread(target=api.serve_forever, daemon=True).start()
    yield api
    api.shutdown()


def snakemake(api: Api, *more: str) -> subprocess.CompletedProcess[str]:
    """Run with the profile as it is, but for the folder that the project is in."""
    project = api.project
    path = f"PYTHONPATH={project.path}:{project.path}/profiles/kubernetes"
    line = "snakemake --profile profiles/kubernetes --configfile config/mini.yaml"
    volume = ["--kubernetes-volume-persistent-volumes", f"rise:{project.path}"]
    kubeconfig = f"KUBECONFIG={project.path.parent}/kubeconfig"
    return project.run("env", path, kubeconfig, *line.split(), *volume, *more)


def test_dry_run_lists_the_units(api: Api) -> None:
    done = snakemake(api, "-n")
    assert done.returncode == 0 and "unit" in done.stdout, done.stdout
    assert not api.containers


def test_jobs_find_the_project_and_ask_for_gpus(api: Api) -> None:
    api.project.configure(lambda values: values.update(device="cuda", threads=3))
    folder = api.project.path
    plan = Plan(api.project.experiment)
    decoded, texts, cache = plan.inputs(list(plan.units.values())[-1])

    # Where there is no GPU the cache's job fails.
    quick = ("--retries", "0", "--seconds-between-status-checks", "1")
    done = snakemake(api, *quick, "--", str(texts), str(cache))

    assert (folder / decoded).is_file() and (folder / texts).is_file(), done.stdout
    assert not list(api.workdir.iterdir())
    rules = [re.findall("--allowed-rules (\\w+)", one["args"][1])[0] for one in api.containers]
    asked = dict(zip(rules, api.containers, strict=True))
    assert sorted(rules) == ["decode", "embed", "texts"]
    memory = {"cpu": "3000m", "memory": "4000M", "ephemeral-storage": "1000M"}
    assert asked["embed"]["resources"]["limits"] == {**memory, "nvidia.com/gpu": "1"}
    assert "nvidia.com/gpu" not in asked["decode"]["resources"]["limits"]
    assert {"name": "rise", "mountPath": str(folder)} in asked["embed"]["volumeMounts"]
    driver = list(yaml.safe_load_all((folder / "profiles/kubernetes/driver.yaml").read_text()))
    (same,) = driver[-1]["spec"]["template"]["spec"]["containers"]
    assert {one["image"] for one in api.containers} == {same["image"]}
    rights = next(one["rules"] for one in driver if one["kind"] == "Role")
    allowed = {(v, r) for right in rights for v in right["verbs"] for r in right["resources"]}
    # Pods' logs are read where there are pods, which the stand-in does not list.
    assert api.used == allowed - {("get", "pods/log"), ("delete", "pods")}

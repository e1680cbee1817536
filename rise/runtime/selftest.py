"""Two training steps of RISE on made-up images: does the installed stack compute here?"""

import torch

from rise.catalog.methods import methods
from rise.errors import TrainingError
from rise.methods._base import Batch, Context, Text
from rise.methods._load import load_method
from rise.students.tiny_resnet import TinyResNet
from rise.utils.device import use_device
from rise.utils.torch_rng import global_stream

CLASSES, DOMAINS, ANCHORS, WIDTH, IMAGES = 4, 3, 3, 32, 16


def selftest(device_name: str) -> str:
    """Train two steps of RISE, which need no file.

    Args:
        device_name: "cpu" or "cuda".

    Returns:
        The name of the device that computed them.

    Raises:
        TrainingError: there is no usable GPU for "cuda", or the steps left no usable weights.
    """
    device = use_device(device_name, threads=1)
    with global_stream("selftest"):
        context, batch = _context(), _batch(device)
    known = methods()["rise"].hparams
    hparams = {key: hparam.default for key, hparam in known.items()}
    method = load_method("rise")(context, hparams).to(device)
    optimizer = torch.optim.SGD(method.param_groups(0.1))
    before = [parameter.detach().clone() for parameter in method.parameters()]
    for _ in range(2):
        method.step(batch, optimizer, 1.0)
    after = list(method.parameters())
    if not all(bool(value.isfinite().all()) for value in after) or all(
        torch.equal(old, new) for old, new in zip(before, after, strict=True)
    ):
        raise TrainingError(f"two training steps on {device_name} left no usable weights")
    return torch.cuda.get_device_name() if device_name == "cuda" else "CPU"


def _context() -> Context:
    texts = torch.randn(CLASSES, WIDTH)
    text = Text(
        raw=texts,
        unit=torch.nn.functional.normalize(texts),
        anchors=torch.randn(CLASSES, ANCHORS, WIDTH),
        scale=100.0,
    )
    return Context(CLASSES, DOMAINS, (text,), seed=0, make_trunk=TinyResNet)


def _batch(device: torch.device) -> Batch:
    views = torch.nn.functional.normalize(torch.randn(IMAGES, WIDTH))
    return Batch(
        x=torch.rand(IMAGES, 3, 32, 32).to(device),
        y=torch.randint(CLASSES, (IMAGES,)).to(device),
        domain=torch.randint(DOMAINS, (IMAGES,)).to(device),
        teacher=(views.to(device),),
    )

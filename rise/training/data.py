"""The data of a unit: batches of its source domains, and images to be scored."""

import importlib
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from itertools import count, tee

import numpy as np
import torch
from torch import Tensor

from rise.datasets import split
from rise.datasets.decoded import DecodedDataset, open_decoded
from rise.errors import DataError
from rise.experiment.job import Job
from rise.methods._base import Batch, Text
from rise.teachers.text_embeddings import read_texts
from rise.training.embeddings import Embeddings, open_embeddings
from rise.training.images import Images, open_images, plain, view_bytes
from rise.utils.loading import ahead
from rise.views._policies import kept_small

# Positions (B,) among the training images, and the view of each.
Pick = tuple[np.ndarray, np.ndarray]


@dataclass(frozen=True)
class UnitData:
    """A unit's training and validation data; nothing of a held-out domain is in it."""

    decoded: DecodedDataset
    rows: np.ndarray  # training rows of the decoded dataset
    images: Images  # of the training rows
    domains: Tensor  # (n,) source domain of each, 0..M-1
    labels: Tensor  # (n,)
    embeddings: Embeddings | None  # None for a method without teacher
    validation: dict[str, np.ndarray]
    texts: tuple[Text, ...]
    size: int
    policy: str
    device: torch.device
    workers: int = 0  # processes that make views and plain images ahead of their use

    def batches(self, pick: Callable[[int], Pick], step: int) -> Generator[Batch, None, None]:
        """Yield the batches of a step and of all later steps, without end.

        Closing the generator ends its worker processes.

        Args:
            pick: gives the training images that a step sees, and their views.
            step: the first step.
        """
        picks, asked = tee(map(pick, count(step)))
        made = ahead(
            lambda one: self.images.batch(*one),
            asked,
            self.workers,
            size=len(pick(step)[0]) * view_bytes(self.size),
            pin=self.device.type == "cuda",
        )
        for (chosen, view), x in zip(picks, made, strict=False):
            yield self._batch(x, chosen, view)

    def _batch(self, x: Tensor, chosen: np.ndarray, view: np.ndarray) -> Batch:
        teacher: tuple[Tensor, ...] = ()
        if self.embeddings is not None:
            teacher = (self.embeddings.of(chosen, view, x).to(self.device),)
        index = torch.from_numpy(chosen)
        return Batch(
            x.to(self.device, non_blocking=True),
            self.labels[index].to(self.device),
            self.domains[index].to(self.device),
            teacher,
        )

    def plain(self, rows: np.ndarray) -> Iterator[Tensor]:
        """Yield images of the decoded dataset without augmentation, in parts (B, 3, H, W)."""
        return plain(self.decoded, rows, self.size, self.policy, self.workers)

    def validation_sets(self) -> Iterator[tuple[str, Iterator[Tensor], Tensor]]:
        """Yield (source domain, plain images in parts, labels (n,)) of the validation images."""
        for domain, rows in self.validation.items():
            labels = torch.from_numpy(self.decoded.columns["label"][rows])
            yield domain, self.plain(rows), labels


def open_data(job: Job, device: torch.device) -> UnitData:
    """Open the data that a unit trains on.

    Raises:
        DataError: dataset, cache, teacher or texts are missing or damaged, or images and texts
            are not embedded by one teacher.
    """
    identity = job.identity
    decoded = open_decoded(job.decoded)
    source = split.source_domains(decoded.domains, identity.held_out)
    rows = split.sources(decoded, identity.protocol, identity.held_out, identity.seed)
    domains = decoded.columns["domain"][rows.train]
    size, policy = identity.student.image_size, identity.views.policy
    text = open_texts(job, decoded, device)
    embeddings = None
    if job.method.teachers:
        embeddings = open_embeddings(job, decoded, source, rows.train, device)
        if embeddings.width != text.raw.shape[-1]:
            raise DataError(
                f"{job.cache}: embeds images in {embeddings.width} numbers, but the texts in "
                f"{job.texts} have {text.raw.shape[-1]}; delete both and run again"
            )
    order = {decoded.domains.index(name): at for at, name in enumerate(source)}
    return UnitData(
        decoded=decoded,
        rows=rows.train,
        images=open_images(decoded, rows.train, size, policy),
        domains=torch.tensor([order[int(d)] for d in domains]),
        labels=torch.from_numpy(decoded.columns["label"][rows.train]),
        embeddings=embeddings,
        validation=rows.validation,
        texts=(text,),
        size=size,
        policy=policy,
        device=device,
        # Small images are in memory, and making their views is faster than sending them.
        workers=0 if kept_small(policy) else job.workers,
    )


def open_texts(job: Job, decoded: DecodedDataset, device: torch.device) -> Text:
    """Return a unit's texts in its control arm, with the anchors of source domains only.

    Raises:
        DataError: the texts are missing or damaged.
    """
    text = job.identity.text
    source = split.source_domains(decoded.domains, job.identity.held_out)
    stored = read_texts(job.texts)
    true, anchors = stored["raw"], stored["anchors"]
    # Fixed anchors are no domain's, and a file of texts may have none.
    if text.anchors != "photo" and anchors.shape[1]:
        anchors = anchors[:, [decoded.domains.index(domain) for domain in source]]
    raw = true
    if text.arm is not True:
        arms = importlib.import_module("rise.teachers.arms")
        raw, anchors = arms.arranged(text.arm, true, anchors)
    unit, zero_shot = (one / one.norm(dim=1, keepdim=True) for one in (raw, true))
    return Text(
        raw.to(device),
        unit.to(device),
        anchors.to(device),
        float(stored["scale"]),
        zero_shot.to(device),
    )

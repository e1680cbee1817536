"""The data of a unit: batches of its source domains, and images to be scored."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from rise.datasets import split
from rise.datasets.pack import Pack, open_pack
from rise.methods._base import Batch, Text
from rise.teachers.bank import open_bank
from rise.teachers.texts import read_texts
from rise.training.images import Images, open_images, plain


@dataclass(frozen=True)
class UnitData:
    """Training and validation data: nothing of a held-out domain is in it."""

    pack: Pack
    rows: np.ndarray  # training rows of the pack
    images: Images  # of the training rows
    domains: Tensor  # (n,) source domain of each, 0..M-1
    labels: Tensor  # (n,)
    embeddings: np.ndarray  # float16 (n, V, D)
    validation: dict[str, np.ndarray]
    texts: tuple[Text, ...]
    size: int
    policy: str
    device: torch.device

    def batch(self, chosen: np.ndarray, view: np.ndarray) -> Batch:
        """The batch of the chosen training images (B,) in the views (B,)."""
        x = self.images.batch(chosen, view)
        teacher = torch.from_numpy(self.embeddings[chosen, view].astype(np.float32))
        index = torch.from_numpy(chosen)
        return Batch(
            x.to(self.device),
            self.labels[index].to(self.device),
            self.domains[index].to(self.device),
            (teacher.to(self.device),),
        )

    def plain(self, rows: np.ndarray) -> Iterator[Tensor]:
        """Images of the pack without augmentation, in parts (B, 3, H, W)."""
        return plain(self.pack, rows, self.size, self.policy)

    def validation_sets(self) -> Iterator[tuple[str, Iterator[Tensor], Tensor]]:
        """(source domain, plain images in parts, labels (n,)) of the validation images."""
        for domain, rows in self.validation.items():
            labels = torch.from_numpy(self.pack.columns["label"][rows])
            yield domain, self.plain(rows), labels


def open_data(request: dict[str, Any], device: torch.device) -> UnitData:
    """Open what a unit trains on.

    Raises:
        DataError: pack, bank or texts are missing or damaged.
    """
    identity = request["identity"]
    pack = open_pack(Path(request["pack"]))
    held_out, seed = identity["held_out"], int(identity["seed"])
    source = split.source_domains(pack.domains, held_out)
    rows = split.sources(pack, identity["protocol"], held_out, seed)
    domains = pack.columns["domain"][rows.train]
    size, policy = identity["student"]["image_size"], identity["views"]["policy"]
    order = {pack.domains.index(name): at for at, name in enumerate(source)}
    return UnitData(
        pack=pack,
        rows=rows.train,
        images=open_images(pack, rows.train, size, policy),
        domains=torch.tensor([order[int(d)] for d in domains]),
        labels=torch.from_numpy(pack.columns["label"][rows.train]),
        embeddings=_embeddings(pack, Path(request["bank"]), source, rows.train),
        validation=rows.validation,
        texts=(_text(Path(request["texts"]), pack, source, device),),
        size=size,
        policy=policy,
        device=device,
    )


def _embeddings(pack: Pack, bank: Path, source: list[str], train: np.ndarray) -> np.ndarray:
    """The teacher's embeddings of the training rows; only source domains' files are opened."""
    parts = []
    for domain in source:
        rows = pack.rows(domain)
        wanted = train[pack.columns["domain"][train] == pack.domains.index(domain)]
        parts.append(open_bank(bank, domain)[np.searchsorted(rows, wanted)])
    return np.concatenate(parts)


def _text(path: Path, pack: Pack, source: list[str], device: torch.device) -> Text:
    """The text side with the source domains' anchors only."""
    stored = read_texts(path)
    raw = stored["raw"]
    anchors = stored["anchors"][:, [pack.domains.index(domain) for domain in source]]
    unit = raw / raw.norm(dim=1, keepdim=True)
    return Text(raw.to(device), unit.to(device), anchors.to(device), float(stored["scale"]))

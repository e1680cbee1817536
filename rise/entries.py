"""The schema of an entry of rise/datasets/catalog.yaml, checked when it is read."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Protocol = Literal["identity_disjoint", "rise", "domainbed"]


class Strict(BaseModel):
    """Refuses unknown keys; values are fixed once read."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class File(Strict):
    """A file of the repository, and its sha256."""

    path: str
    sha256: Sha256


class Domain(Strict):
    """The style phrase of a domain's anchors ("STYLE of CLASS"), and its folder on disk."""

    style: str
    folder: str | None = None


class Download(Strict):
    """One file of a source: where it is, and what is known of it."""

    url: str
    bytes: int | None = None
    md5: str | None = Field(None, pattern=r"^[0-9a-f]{32}$")
    sha256: Sha256 | None = None
    name: str | None = None


class Source(Strict):
    """A place that serves a dataset.

    kind says which library fetches it; layout how its archive is turned into
    `<domain>/<class>/<file>`; protocols which splits can be made from what it serves (one that
    lost the file names cannot serve DomainBed's).
    """

    kind: Literal["http", "gdrive", "huggingface"]
    files: list[Download] = Field(min_length=1)
    layout: str
    root: str = ""
    protocols: list[Protocol]
    notes: str = ""


class Dataset(Strict):
    """What a dataset is: its domains, classes, prompts, and where its bytes come from.

    Two kinds: shipped as arrays in the repository (`files`), or as image folders
    `<domain>/<class>/<file>` outside of it. The order of `classes` is the order of labels; a key is
    the folder's name, its value the phrase of the prompts.
    """

    revision: int | str
    title: str
    files: dict[str, File] = Field(default_factory=dict)
    images: int | None = None
    domains: dict[str, Domain] = Field(min_length=2)
    classes: dict[str, str] = Field(min_length=2)
    templates: list[str] = Field(min_length=1)
    counts: dict[str, list[int]] = Field(default_factory=dict)
    manifest: Sha256 | None = None
    sources: list[Source] = Field(default_factory=list)
    protocols: list[Protocol]
    licence: str
    citation: str = ""
    notes: str = ""
    defects: dict[str, str] = Field(default_factory=dict)
    folder: str | None = None

    @property
    def embedded(self) -> bool:
        """Whether its images are shipped in the repository, as one array."""
        return bool(self.files)

    @model_validator(mode="after")
    def _fits(self) -> "Dataset":
        faults = [
            f"templates: {text!r} holds no {{}}" for text in self.templates if "{}" not in text
        ]
        for domain, counts in self.counts.items():
            if domain not in self.domains:
                faults.append(f"counts: {domain} is no domain")
            elif len(counts) != len(self.classes):
                faults.append(f"counts.{domain}: {len(counts)} for {len(self.classes)} classes")
        if self.counts and sum(map(sum, self.counts.values())) != self.images:
            faults.append("counts do not add up to images")
        if faults:
            raise ValueError("; ".join(faults))
        return self

"""Define the entries of the catalogs of datasets and teachers, checked when read."""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, field_validator, model_validator

from rise.catalog.protocols import known_protocol
from rise.experiment.identity import Architecture
from rise.experiment.job import TeacherSource
from rise.utils.model import Strict

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Protocol = Annotated[str, AfterValidator(known_protocol)]


class File(Strict):
    """A file of the repository, and its sha256."""

    path: str
    sha256: Sha256


class Domain(Strict):
    """The style phrase of a domain's anchors ("STYLE of CLASS"), and its folder on disk.

    aliases are other names of the folder in common copies (case does not matter).
    """

    style: str
    folder: str | None = None
    aliases: list[str] = Field(default_factory=list)


class Download(Strict):
    """One file of a source: its address, size and digests as far as known.

    name is the file's name if the address does not end with it.
    """

    url: str
    bytes: int | None = None
    md5: str | None = Field(None, pattern=r"^[0-9a-f]{32}$")
    sha256: Sha256 | None = None
    name: str | None = None


class Source(Strict):
    """A place that serves a dataset.

    kind decides which library downloads it, and layout how its archive becomes
    `<domain>/<class>/<file>`. protocols are the splits that can be made from its files (not
    DomainBed's if the file names are lost).
    """

    title: str
    kind: Literal["http", "gdrive", "huggingface"]
    files: list[Download] = Field(min_length=1)
    layout: Literal["folders", "cct20", "domainnet", "parquet"]
    protocols: list[Protocol]
    notes: str = ""


class Defect(Strict):
    """A known defect of the published images, which verification reports but does not refuse.

    files is a pattern (fnmatch) of paths `<domain folder>/<class>/<file>`; a remark is only
    shown.
    """

    kind: Literal["duplicate", "remark"]
    files: str
    text: str


class Dataset(Strict):
    """A dataset: its domains, classes and prompts, and the sources of its files.

    One file in rise/catalog/datasets/ adds a dataset. There are two kinds: shipped as
    arrays in the repository (`files`), or as image folders `<domain>/<class>/<file>` outside of it.

    Attributes:
        revision: part of every result's identity; a new one where images change.
        title: "Name, content".
        files: the arrays of a shipped dataset.
        images: number of images; None if unknown.
        bytes: size of all images, for some only approximate.
        domains: the style and folder of each, in ASCII order of the folders.
        classes: folder -> phrase of the prompts, in the order of the labels, which is ASCII order.
            A text lists folders whose phrase is their name with blanks for underscores.
        released_order: the folders as the label files of RISE's released code number them
            (OoDBag/RISE at ebf71b4, data/data_path_txt_lists), if it has them.
        templates: prompts, with {} for the class.
        counts: the images of each domain by class, or their number.
        manifest: digest over all files (rise/decoding/manifest.py), if one is published.
        sources: places that serve the dataset, in the order in which they are tried.
        protocols: splits that can be made of it.
        licence: terms of use, as its authors state them.
        bibtex: its BibTeX entry.
        citation: "BibTeX key: reference", of a custom dataset without a BibTeX entry.
        notes: further remarks for users.
        defects: known defects of the published images.
        folder: the folder of a custom dataset.
    """

    revision: int | str
    title: str
    files: dict[str, File] = Field(default_factory=dict)
    images: int | None = None
    bytes: int | None = None
    domains: dict[str, Domain] = Field(min_length=2)
    classes: dict[str, str] = Field(min_length=2)
    released_order: list[str] = Field(default_factory=list)
    templates: list[str] = Field(min_length=1)
    counts: dict[str, list[int] | int] = Field(default_factory=dict)
    manifest: Sha256 | None = None
    sources: list[Source] = Field(default_factory=list)
    protocols: list[Protocol]
    licence: str
    bibtex: str = Field("", pattern=r"^(@\w+\{[\w-]+,[\s\S]*\}\s*)?$")
    citation: str = ""
    notes: str = ""
    defects: list[Defect] = Field(default_factory=list)
    folder: str | None = None

    @property
    def embedded(self) -> bool:
        """True if its images are shipped in the repository, as one array."""
        return bool(self.files)

    def folder_of(self, domain: str) -> str:
        """Return the folder of a domain on disk."""
        return self.domains[domain].folder or domain

    @field_validator("classes", mode="before")
    @classmethod
    def _phrases(cls, given: Any) -> Any:
        if isinstance(given, str):
            return {name: name.replace("_", " ") for name in given.split()}
        return given

    @field_validator("released_order", mode="before")
    @classmethod
    def _names(cls, given: Any) -> Any:
        return given.split() if isinstance(given, str) else given

    @model_validator(mode="after")
    def _fits(self) -> "Dataset":
        faults = [
            f"templates: {text!r} holds no {{}}" for text in self.templates if "{}" not in text
        ]
        for domain, counts in self.counts.items():
            if domain not in self.domains:
                faults.append(f"counts: {domain} is no domain")
            elif isinstance(counts, list) and len(counts) != len(self.classes):
                faults.append(f"counts.{domain}: {len(counts)} for {len(self.classes)} classes")
        if self.released_order and sorted(self.released_order) != sorted(self.classes):
            faults.append("released_order has other classes")
        total = sum(sum(n) if isinstance(n, list) else n for n in self.counts.values())
        if self.counts and total != self.images:
            faults.append("counts do not add up to images")
        if faults:
            raise ValueError("; ".join(faults))
        return self


class Teacher(Strict):
    """A teacher: the file of its weights or texts, and its properties without opening it.

    `sha256` is over the file's bytes (over both digests for a text file of two files). `url` is the
    file's address; None if it comes with the repository or is custom. `published` says that the
    catalog pins the sha256, `architecture` what the tensors do not say (None: texts alone).
    """

    name: str
    file: str
    sha256: Sha256
    url: str | None = None
    published: bool = False
    architecture: Architecture | None = None
    image_size: int | None = None
    width: int | None = None
    context: int | None = None
    text_only: bool = False
    has_anchors: bool = True

    @property
    def source(self) -> TeacherSource:
        """The part that a job needs."""
        return TeacherSource(
            file=self.file,
            text_only=self.text_only,
            published=self.published,
            architecture=self.architecture,
            width=self.width,
            image_size=self.image_size,
            context=self.context,
            advice=self.advice,
        )

    @property
    def advice(self) -> str:
        """Advice if its file is missing or damaged."""
        if self.url:
            return f"rise teacher fetch {self.name}, or put {self.url} there"
        return f"restore it (git checkout -- {self.file}, if it came with the repository)"

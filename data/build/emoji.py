"""Build EmojiDG, the embedded benchmark: emoji of four vendors (domains), frozen as pixels.

Two benchmarks are built: `emojidg` (14 classes) and `objects` (10 others). Each identity, such as
`bicycle`, is drawn once by every domain, and identities are split, so that a test image shows a
thing that no training image of any domain shows.
"""

import csv
import hashlib
import io
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from data.build.curation import Benchmark, Curation, Identity, read_curation
from data.build.iconify import PACKAGES, IconSet, load_icons
from data.build.svg import SIDE, render
from rise.errors import DataError
from rise.utils.io import file_digest, replacing, write_text
from rise.utils.progress import ReportProgress
from rise.utils.rng import numpy_stream

LICENCES = ("Apache-2.0", "CC-BY-4.0", "MIT")


def build(tarballs: Path, out: Path, progress: ReportProgress | None = None) -> None:
    """Build both benchmarks into `out`, which holds `classes.yaml` and `LICENSES/` already.

    Written, each by atomic rename: `NAME.npz` (`images`, uint8 (N, 64, 64, 3), RGB on white),
    `NAME.csv` (its rows: domain, class, identity, sha256 of the pixels, drawn by a teacher vendor
    or not), `NAME_split.csv` (class, identity, part) unless it exists, `NOTICE`, `SHA256SUMS`.

    Args:
        tarballs: folder of npm tarballs; absent ones are fetched there by `npm pack`.
        out: the folder of the benchmark.
        progress: told (what, done, total) after every set of icons.

    Raises:
        DataError: a tarball, `classes.yaml` or licence text is missing or not the pinned one, or
            an existing split names other identities than `classes.yaml`.
    """
    curation = read_curation(out / "classes.yaml")
    for licence in LICENCES:
        if not (text := out / "LICENSES" / f"{licence}.txt").is_file():
            raise DataError(f"{text} is missing: copy LICENSES from data/emoji of the repository")
    for name, benchmark in curation.benchmarks.items():
        write_split(out / f"{name}_split.csv", name, benchmark)
    rendered: dict[str, list[np.ndarray]] = {name: [] for name in curation.benchmarks}
    domains = sorted(curation.domains)
    for done, domain in enumerate(domains, 1):
        icons = load_icons(domain, tarballs)
        for name, benchmark in curation.benchmarks.items():
            rendered[name].append(render_icons(icons, first_icons(benchmark, domain)))
        if progress:
            progress(f"rendered {domain}", done, len(domains))
    for name, benchmark in curation.benchmarks.items():
        images = np.concatenate(rendered[name])
        write_images(out / f"{name}.npz", images)
        rows = table(images, benchmark, domains, curation.teachers)
        write_text(out / f"{name}.csv", csv_text(COLUMNS, rows))
    write_text(out / "NOTICE", notice(curation))
    write_sums(out)


def render_icons(icons: IconSet, names: Iterable[str]) -> np.ndarray:
    """Render icons of any set in memory: uint8 (N, 64, 64, 3), RGB on white."""
    pictures = [render(icons[name]) for name in names]
    return np.stack(pictures) if pictures else np.zeros((0, SIDE, SIDE, 3), np.uint8)


def first_icons(benchmark: Benchmark, icon_set: str) -> list[str]:
    """Find the icon of every identity in a set that draws all of them, in the benchmark's order."""
    return [identity.icons[icon_set][0] for identity in benchmark.identities]


COLUMNS = ("domain", "class", "identity", "sha256", "drawn")


def table(
    images: np.ndarray, benchmark: Benchmark, domains: Sequence[str], teachers: Sequence[str]
) -> list[tuple[str, str, str, str, int]]:
    """Make the rows of `NAME.csv`, one an image, by domain, class and identity."""
    keys = [(domain, identity) for domain in domains for identity in benchmark.identities]
    return [
        (domain, i.label, i.name, hashlib.sha256(pixels.tobytes()).hexdigest(), drawn(i, teachers))
        for (domain, i), pixels in zip(keys, images, strict=True)
    ]


def drawn(identity: Identity, teachers: Sequence[str]) -> int:
    """Return 1 if a teacher vendor draws the identity, else 0."""
    return int(any(identity.icons.get(vendor) for vendor in teachers))


def draw_split(name: str, benchmark: Benchmark) -> list[tuple[str, str, str]]:
    """Draw (class, identity, part) rows: per class 30 % test, 10 % (one at least) validation.

    Python's rounding, halves to even. The stream is keyed by benchmark and class.
    """
    rows = []
    for label in sorted(benchmark.phrases):
        members = [i.name for i in benchmark.identities if i.label == label]
        test = round(0.3 * len(members))
        validation = max(1, round(0.1 * len(members)))
        parts = ["test"] * test + ["validation"] * validation
        parts += ["train"] * (len(members) - len(parts))
        order = numpy_stream("emoji split", name, label).permutation(len(members))
        part_of = {members[k]: part for k, part in zip(order, parts, strict=True)}
        rows += [(label, member, part_of[member]) for member in members]
    return rows


def write_split(path: Path, name: str, benchmark: Benchmark) -> None:
    """Draw the split if there is none; one that exists is checked and never drawn again."""
    if not path.exists():
        rows = draw_split(name, benchmark)
        write_text(path, csv_text(("class", "identity", "part"), rows))
        return
    with path.open(newline="", encoding="utf-8") as file:
        have = sorted((row["class"], row["identity"]) for row in csv.DictReader(file))
    if have != [(i.label, i.name) for i in benchmark.identities]:
        raise DataError(
            f"{path} has other identities than classes.yaml: restore it, or delete it "
            "to draw a new split (results on the old one are then not comparable)"
        )


def notice(curation: Curation) -> str:
    """State title, author, licence and changes of the sets whose renders are shipped."""
    lines = [
        "EmojiDG holds pictures rendered from the following sets of emoji.",
        "",
        "Changes were made: of each set a selection was rasterised to 64 x 64 pixels on a white",
        "background (currentColor shown black, drawings that are not square centred in a square)",
        "and stored as arrays of pixels. The authors of the sets do not endorse this work.",
    ]
    for name in sorted(curation.domains):
        p = PACKAGES[name]
        lines += [
            "",
            f"{p.title} (domain {name})",
            f"  by {p.author}, {p.source}",
            f"  from the package @iconify-json/{name} {p.version}",
            f"  licence {p.licence}: see LICENSES/{p.licence}.txt",
        ]
        if p.licence == "CC-BY-4.0":
            lines += ["  https://creativecommons.org/licenses/by/4.0/"]
    return "\n".join(lines) + "\n"


def write_sums(out: Path) -> None:
    """Write `SHA256SUMS` over what the benchmark consists of, as `sha256sum -c` reads it."""
    files = [out / "NOTICE", *out.glob("*.yaml"), *out.glob("*.csv"), *out.glob("*.npz")]
    files += (out / "LICENSES").glob("*.txt")
    lines = [f"{file_digest(path)}  {path.relative_to(out).as_posix()}\n" for path in sorted(files)]
    write_text(out / "SHA256SUMS", "".join(lines))


def write_images(path: Path, images: np.ndarray) -> None:
    """Write an `.npz` of one array, `images`, whose bytes hold no time of day."""
    array = io.BytesIO()
    np.lib.format.write_array(array, images, allow_pickle=False)
    entry = zipfile.ZipInfo("images.npy", date_time=(1980, 1, 1, 0, 0, 0))
    entry.compress_type = zipfile.ZIP_DEFLATED
    with replacing(path) as beside, zipfile.ZipFile(beside, "w") as archive:
        archive.writestr(entry, array.getvalue(), compresslevel=9)


def csv_text(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Format a table as CSV with plain line feeds."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue()

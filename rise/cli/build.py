"""Commands that rebuild what the repository ships: the benchmark's images, teacher and student."""

from pathlib import Path

from rise.cli.common import progress_bar


def build_emoji(tarballs: Path, out: Path = Path("data/emoji")) -> None:
    """Render EmojiDG from the icon sets in TARBALLS (absent ones are fetched by npm pack)."""
    from rise.datasets.emoji import build

    with progress_bar("reading icons") as progress:
        build(tarballs, out, progress)


def pretrain_tiny(tarballs: Path, out: Path = Path("data/teachers"), threads: int = 2) -> None:
    """Train the embedded teacher, tiny-clip, on drawings of the teacher vendors (minutes)."""
    from rise.teachers.pretrain import pretrain_tiny

    with progress_bar("reading icons") as progress:
        pretrain_tiny(tarballs, out, threads, progress=progress)


def pretrain_student(tarballs: Path, out: Path = Path("data/students"), threads: int = 2) -> None:
    """Train the starting weights of the embedded student, tiny-resnet (minutes)."""
    from rise.teachers.pretrain_student import pretrain_student

    with progress_bar("reading icons") as progress:
        pretrain_student(tarballs, out, threads, progress=progress)

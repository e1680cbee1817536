"""Load a teacher's network from its file, and check it against what is known of it."""

from pathlib import Path

from rise.errors import DataError
from rise.experiment.job import TeacherSource
from rise.teachers.checkpoint import load_checkpoint, naming_fault
from rise.teachers.clip_model import Clip
from rise.teachers.clip_network import load_clip


def load_teacher(source: TeacherSource, sha256: str) -> Clip:
    """Load a teacher's network.

    Args:
        source: its file, and what is known of it.
        sha256: of the file that the experiment was planned with.

    Raises:
        DataError: the file is missing, damaged, not the planned one, or no CLIP as declared.
    """
    path = Path(source.file)
    if not path.is_file():
        raise DataError(f"{path}: is missing; {source.advice}")
    if source.text_only:
        raise DataError(f"{path}: holds texts alone; give a teacher with an image tower")
    if source.architecture is None:
        raise DataError(f"{path}: its catalogue entry declares no architecture; add it")
    state = load_checkpoint(path, sha256, source.published)
    if fault := naming_fault(state):
        raise DataError(f"{path}: {fault}")
    try:
        clip = load_clip(state, source.architecture)
    except DataError as error:
        raise DataError(f"{path}: {error}; give a trained checkpoint of CLIP") from error
    for what, found, said in (
        ("width", clip.text_projection.shape[1], source.width),
        ("image size", clip.visual.input_resolution, source.image_size),
        ("context", clip.context_length, source.context),
    ):
        if said not in (None, found):
            raise DataError(f"{path}: has {what} {found}, but its catalogue entry says {said}")
    return clip

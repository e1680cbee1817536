"""What is wrong with a variant's teacher and prompts, one sentence a fault; part of rise.config."""

from collections.abc import Iterable

from rise import catalogue
from rise.errors import RiseError, unknown
from rise.prompts import OWN, prompt_sets, without_place


def teacher_faults(given: str, methods: Iterable[str], changed: Iterable[str]) -> list[str]:
    """What a teacher cannot give: it is not there, or a file of texts without images or anchors.

    Args:
        given: name or path.
        methods: the experiment's.
        changed: switches of the prompts that are not at their default.

    Returns:
        Faults, each with the key of the variant that it belongs to.
    """
    try:
        teacher = catalogue.teacher(given)
    except RiseError as error:
        return [f"teacher: {error}"]
    if not teacher.text_only:
        return []
    faults = []
    known = catalogue.methods()
    for method in [known[name] for name in methods if name in known]:
        lacks = "image tower" if method.teachers else "anchors"
        if method.teachers or (method.anchors and not teacher.has_anchors):
            faults.append(
                f"teacher: {teacher.file} has no {lacks}, which {method.name} needs; give another "
                f"teacher or take {method.name} out"
            )
    return [*faults, *(f"{key}: a file of texts has its own; take this key out" for key in changed)]


def prompt_faults(prompts: str | list[str]) -> list[str]:
    """A set that does not exist, no template, or one without its place for a class."""
    if isinstance(prompts, str):
        sets = [OWN, *prompt_sets()]
        return [] if prompts in sets else [f"prompts: {unknown('set of prompts', prompts, sets)}"]
    if not prompts:
        return ["prompts: is an empty list; give one template at least"]
    bad = without_place(prompts)
    return [] if bad is None else [f"prompts: template {bad!r} must hold {{}} once, for the class"]

"""What differs from the released code of RISE where an experiment otherwise follows it.

Only what no key of the experiment file switches; the rest is in docs/teachers.md and students.md.
"""

from collections.abc import Iterator

from rise.config.load import Experiment
from rise.config.schema import Variant
from rise.report.render.escape import markdown_text
from rise.report.render.format import listed

# Drawn by no seed: the release reads the official lists there (rise/datasets/protocols/rise.py).
LISTED = "pacs"


def departures(experiment: Experiment) -> str | None:
    """List the departures as Markdown; None for an experiment that does not follow the release."""
    used = {
        dataset: [experiment.variant_on(dataset, name) for name in experiment.variants]
        for dataset in experiment.datasets
    }
    followed = {
        dataset: [one for one in variants if _follows(one)] for dataset, variants in used.items()
    }
    followed = {dataset: variants for dataset, variants in followed.items() if variants}
    if not followed:
        return None
    lines = _departures(experiment, followed)
    return "\n".join(f"- {line}" for line in lines)


def _follows(variant: Variant) -> bool:
    return (variant.views.policy, variant.prompts, variant.protocol) == (
        "released",
        "released",
        "rise",
    )


def _departures(experiment: Experiment, followed: dict[str, list[Variant]]) -> Iterator[str]:
    yield (
        "Colour steps of the views are computed in float and rounded once; the release's "
        "torchvision rounds to 8 bit after each (a view differs by 1.3 to 1.7 of 255 on average)."
    )
    yield "Files with equal bytes in one class are one image."
    yield "Of settings and epochs with equal validation, the first declared and the first is kept."
    drawn = [markdown_text(name) for name in followed if name != LISTED]
    if drawn:
        yield (
            f"On {listed(drawn)} the images that validate are drawn once a seed, the same for all "
            "methods and settings; the release draws them anew in every run, without a seed."
        )
    every = [variant for variants in followed.values() for variant in variants]
    if any(variant.recipe.second_head for variant in every):
        where = [
            markdown_text(name)
            for name, variants in followed.items()
            if any(variant.recipe.second_head for variant in variants)
        ]
        yield (
            f"On {listed(where)} the second head predicts for every method on RISE's chain, for "
            "ERM and Hint too."
        )
    if any(one.anchors == "domains" for one in followed.get("office_home", [])):
        words = {one.class_names for one in followed["office_home"]}
        named = " or ".join(sorted("Real World" if w == "words" else "Real_World" for w in words))
        yield (
            f"On office\\_home the anchors of one domain say {markdown_text(named)}, where the "
            "release's folder is RealWorld (65 of 260 prompts)."
        )
    if "terra_incognita" in followed:
        yield "The release finetunes the teacher of terra\\_incognita, and does not publish it."
    if experiment.device == "cuda" and experiment.precision == "float32":
        yield "Convolutions are computed in float32; the release leaves TF32 on."

"""A paragraph on how the results were made, to paste into a paper."""

from rise.catalog import lookup
from rise.catalog.protocols import protocols as known
from rise.config.load import Experiment
from rise.config.schema import Variant
from rise.errors import RiseError
from rise.report.analysis.results import Results
from rise.report.prose.paragraphs import rule
from rise.report.render.escape import markdown_text
from rise.report.render.format import counted, interval_name, listed, spread
from rise.stats.paired import MIN_SEEDS

SCHEDULES = {
    "cosine": "a cosine schedule",
    "constant": "a constant rate",
    "step": "a tenth of the rate from 80 % of the epochs on",
}


def methods_paragraph(results: Results) -> str:
    """Describe data, protocol, networks, recipe, budget, seeds and test."""
    experiment = results.experiment
    methods = "; ".join(
        markdown_text(results.method_label(method)) for method in experiment.methods
    )
    data = listed(
        f"{group.label} (held out one at a time: {listed(group.held_out)})"
        for group in results.groups
    )
    protocols = dict.fromkeys(variant.protocol for variant in experiment.variants.values())
    said = " ".join(known()[name].said.replace("**", "") for name in protocols)
    parts = [
        f"The following methods are compared: {methods}. Data: {data}. {said}",
        *_trained(experiment),
        _budget(results),
        f"Every method was trained with {counted(len(results.seeds), 'seed')} "
        f"({listed(map(str, results.seeds))}) for each held-out domain, the same ones for all, on "
        f"{experiment.device} in {experiment.precision}.",
        rule(results) if results.decisions else "No contrast was pre-specified.",
    ]
    if len(results.seeds) >= MIN_SEEDS:
        level = interval_name(experiment.decision.level)
        parts.append(f"Brackets give the {level} over seeds (Student t).")
    return " ".join(part for part in parts if part)


def _trained(experiment: Experiment) -> list[str]:
    """Write a sentence for each way of training, with the datasets and variants that it serves."""
    ways: dict[str, list[str]] = {}
    for dataset in experiment.datasets:
        for name in experiment.variants:
            where = dataset + (f" ({name})" if len(experiment.variants) > 1 else "")
            ways.setdefault(_way(experiment.variant_on(dataset, name)), []).append(where)
    if len(ways) == 1:
        return [f"{way[0].upper()}{way[1:]}." for way in ways]
    return [f"On {listed(where)}, {way}." for way, where in ways.items()]


def _way(variant: Variant) -> str:
    recipe = variant.recipe
    kept = {"last": "the last epoch's weights", "best": "the best weights on source validation"}
    clip = "" if recipe.clip_norm is None else f", gradients clipped at norm {recipe.clip_norm:g}"
    nesterov = "Nesterov " if recipe.nesterov else ""
    return (
        f"the student {variant.student} (start: {variant.start}) learns from the "
        f"{_teacher(variant.teacher)} for {counted(recipe.epochs, 'epoch')} of "
        f"SGD with batches of {recipe.batch_size}, learning rate {_rate(recipe.lr)}, "
        f"{nesterov}momentum {recipe.momentum:g}, weight decay {_rate(recipe.weight_decay)} and "
        f"{SCHEDULES[recipe.schedule]}{clip}; views follow the policy {variant.views.policy}, "
        f"{kept[recipe.keep]} are kept"
        + ("" if recipe.average == "none" else f", averaged by {recipe.average.upper()}")
    )


def _teacher(given: str) -> str:
    try:
        teacher = lookup.teacher(given)
    except RiseError:  # a results folder may speak of a file that is not here
        return f"teacher {given}"
    reads = "class texts" if teacher.text_only else "CLIP model"
    return f"{reads} {teacher.name} (sha256 {teacher.sha256[:12]})"


def _rate(given: float | list[float]) -> str:
    return listed(f"{one:g}" for one in given) if isinstance(given, list) else f"{given:g}"


def _budget(results: Results) -> str:
    done = results.units[results.units["status"] == "done"]
    if done.empty:
        return ""
    trials = spread(done["trials"].dropna())
    return (
        f"Settings tried in a unit: {trials}; where there are several, source validation selects."
    )

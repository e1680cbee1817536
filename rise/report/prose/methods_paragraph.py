"""A paragraph on how the results were made, to paste into a paper."""

from rise.catalog import lookup
from rise.catalog.protocols import protocols as known
from rise.config.grid import groups
from rise.config.load import Experiment
from rise.config.schema import MethodChoice, RecipeSection, Variant
from rise.errors import RiseError
from rise.experiment.identity import Setting
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
    """Describe data, protocol, networks, texts, recipe, settings, budget, seeds and test."""
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
        *trained(experiment),
        _settings(results),
        _budget(results),
        f"Every method was trained with {counted(len(results.seeds), 'seed')} "
        f"({listed(map(str, results.seeds))}) for each held-out domain, the same ones for all, on "
        f"{experiment.device} in {experiment.precision} with "
        f"{counted(experiment.threads, 'thread')}.",
        rule(results) if results.decisions else "No contrast was pre-specified.",
    ]
    if len(results.seeds) >= MIN_SEEDS:
        level = interval_name(experiment.decision.level)
        parts.append(f"Brackets give the {level} over seeds (Student t).")
    return " ".join(part for part in parts if part)


def trained(experiment: Experiment) -> list[str]:
    """Write a sentence for each way of training, with the datasets and variants that it serves."""
    ways: dict[str, list[str]] = {}
    for dataset in experiment.datasets:
        for name in experiment.variants:
            where = dataset + (f" ({name})" if len(experiment.variants) > 1 else "")
            way = _way(experiment.variant_on(dataset, name))
            ways.setdefault(way, []).append(markdown_text(where))
    if len(ways) == 1:
        return [f"{way[0].upper()}{way[1:]}." for way in ways]
    return [f"On {listed(where)}, {way}." for way, where in ways.items()]


def _way(variant: Variant) -> str:
    """Say how units of a variant are trained: every key of it that is in their identity."""
    recipe = variant.recipe
    clip = "" if recipe.clip_norm is None else f", gradients clipped at norm {recipe.clip_norm:g}"
    nesterov = "Nesterov " if recipe.nesterov else ""
    parts = [
        f"the student {markdown_text(variant.student)} (start: {markdown_text(variant.start)}) "
        f"learns from the {_teacher(variant.teacher)} for {counted(recipe.epochs, 'epoch')} of "
        f"SGD with batches of {recipe.batch_size}, learning rate {_rate(recipe.lr)}, "
        f"{nesterov}momentum {recipe.momentum:g}, weight decay {_rate(recipe.weight_decay)} and "
        f"{SCHEDULES[recipe.schedule]}{clip}",
        *_images(variant),
        *_texts(variant),
        *_kept(recipe),
    ]
    return "; ".join(parts)


def _images(variant: Variant) -> list[str]:
    views, size = variant.views, variant.image_size
    normal = {"student": "its own", "imagenet": "ImageNet's", "clip": "its own"}
    seen = "the same views" if variant.teacher_view == "augmented" else "the plain images"
    asked = {"bank": "embedded once", "online": "embedded in every step"}
    return [
        f"its images have {'its own size' if size is None else f'{size} px'} and are normalised by "
        f"{normal[variant.normalise]} mean and std"
        + (", its batch norm is frozen" if variant.freeze_bn else ""),
        f"views follow the policy {views.policy}, {views.count} of each image",
        f"the teacher sees {seen}, normalised by {normal[variant.teacher_input]} mean and std and "
        f"{asked[variant.teacher_mode]}",
    ]


def _texts(variant: Variant) -> list[str]:
    given = variant.prompts
    prompts = markdown_text(given if isinstance(given, str) else listed(given))
    names = {"words": "the catalogue's words", "released": "the folders' names"}
    order = {"own": "", "released": " in the order of the released code"}
    mean = {"before": "averaged before they are", "after": "averaged after they were"}
    anchors = {
        "styles": "the source domains' styles",
        "domains": "the source domains' names",
        "photo": "four words for photographs",
    }
    arm = "" if variant.text is True else f", replaced by {variant.text} ones (a control)"
    return [
        f"class texts follow the prompts {prompts}, with {names[variant.class_names]} for the "
        f"classes{order[variant.class_order]}, {mean[variant.average]} normalised{arm}",
        f"anchor texts name {anchors[variant.anchors]}",
    ]


def _kept(recipe: RecipeSection) -> list[str]:
    kept = {"last": "the last epoch's weights", "best": "the best weights on source validation"}
    rule = {"mean": "by the mean of its domains", "pooled": "with its domains pooled"}
    every = f"every {recipe.evaluate_every} epochs" if recipe.evaluate_every > 1 else "every epoch"
    heads = "methods on RISE's chain predict by the classifier and, with the same weight, the class"
    return [
        f"source validation is scored {every}, {rule[recipe.validation]}, and {kept[recipe.keep]} "
        "are kept"
        + ("" if recipe.average == "none" else f", averaged by {recipe.average.upper()}"),
        *([f"{heads} texts (second head)"] if recipe.second_head else []),
    ]


def _settings(results: Results) -> str:
    """List the values of each method's hyper-parameters, for each dataset where they differ."""
    experiment = results.experiment
    lines: dict[str, list[str]] = {}
    for dataset in experiment.datasets:
        told = "; ".join(
            f"{markdown_text(results.method_label(name))}: "
            f"{_values(experiment.method_on(dataset, name), name)}"
            for name in experiment.methods
        )
        lines.setdefault(told, []).append(markdown_text(dataset))
    if len(lines) == 1:
        return f"Hyper-parameters: {next(iter(lines))}."
    each = (f"on {listed(where)}, {told}" for told, where in lines.items())
    return f"Hyper-parameters: {'. '.join(each)}."


def _values(choice: MethodChoice, method: str) -> str:
    """Write a method's groups of values, defaults included."""
    try:
        known = lookup.method(method, choice.file).hparams
    except RiseError:  # a results folder may speak of a file that is not here
        known = {}
    defaults = {key: one.default for key, one in known.items()}
    told = [
        ", ".join(f"{key} {_value(value)}" for key, value in {**defaults, **group}.items())
        for group in groups(choice.hparams)
    ]
    return " or ".join(one or "none" for one in told)


def _value(value: Setting | list[Setting]) -> str:
    if isinstance(value, list):
        return listed(map(_value, value))
    return "null" if value is None else f"{value:g}" if type(value) is float else str(value)


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

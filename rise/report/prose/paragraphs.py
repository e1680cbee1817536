"""The paragraphs of a report that frame its tables: question, budget, scope, changed rules."""

import itertools
import json

from rise.catalog.protocols import protocols
from rise.config.load import Experiment
from rise.config.schema import Variant
from rise.planning.units import pre_specified
from rise.report.analysis.results import Results
from rise.report.render.escape import markdown_text
from rise.report.render.format import counted, listed, spread
from rise.results.ledger import LEDGER
from rise.stats.bootstrap import MIN_CLUSTERS, MIN_SEEDS
from rise.utils.io import JsonObject, canonical


def question(results: Results) -> str:
    """Say what was asked, how it was scored, and how much of it is done."""
    experiment = results.experiment
    labels = [results.method_label(method) for method in experiment.methods]
    name = markdown_text(experiment.name)
    asked = f"The experiment *{name}* compares {markdown_text('; '.join(labels))}"
    if experiment.contrasts:
        first = results.contrast_label(*experiment.contrasts[0])
        asked += f"; its primary contrast is {markdown_text(first)}"
    where = listed(
        f"{markdown_text(group.label)} ({counted(len(group.held_out), 'held-out domain')})"
        for group in results.groups
    )
    used = {variant.protocol: None for variant in experiment.variants.values()}
    rules = " ".join(protocols()[name].said for name in used)
    seeds = counted(len(results.seeds), "seed")
    return f"{asked}. Datasets: {where}; {seeds}. {rules} {progress(results)}"


def progress(results: Results) -> str:
    """Count the units that are done, failed and missing."""
    counts = results.counts
    return (
        f"Units: {len(results.units)} specified, {counts['done']} done, {counts['failed']} failed, "
        f"{counts['missing']} missing."
    )


def budget(results: Results) -> str:
    """Say whether all methods had the same budget, and what it was."""
    used = {
        method: tuple(spread(rows[key].dropna()) for key in ("trials", "evaluations"))
        for method, rows in results.units[results.units["status"] == "done"].groupby(
            "method", sort=False
        )
    }
    if not used:
        return ""
    # On each dataset and variant, since a grid may differ from one to the next.
    if all(
        len(rows[["trials", "evaluations"]].dropna().drop_duplicates()) <= 1
        for _, rows in results.units.groupby(["dataset", "variant"])
    ):
        done = results.units[results.units["status"] == "done"]
        trials, evaluations = (spread(done[key].dropna()) for key in ("trials", "evaluations"))
        return (
            f"Budget: the same for every method, settings tried in a unit: {trials}, evaluations "
            f"on source validation: {evaluations}."
        )
    each = listed(
        markdown_text(results.method_label(method))
        + f" {trials} settings and {evaluations} evaluations a unit"
        for method, (trials, evaluations) in used.items()
    )
    return (
        f"**Budgets differ**: {each}. The best of many settings is not comparable with the best "
        "of few."
    )


def rule(results: Results) -> str:
    """Put the decision rule into words."""
    decision = results.experiment.decision
    return (
        "The decision rule was specified before any result existed: accuracies on "
        f"{results.label(results.primary)} are averaged over the held-out domains, methods are "
        f"subtracted seed by seed, {_deciding(results)} decides at level {decision.alpha:g} after "
        f"Holm's correction over all {len(results.family)} pre-specified contrasts. A contrast "
        "with a missing seed stays in the family and is undecided."
    )


def _deciding(results: Results) -> str:
    """Name the test that decides, for each kind of scored images that the experiment declares."""
    ratios = [results.ratio(group) for group in results.groups]
    drawn = sorted({ratio for ratio in ratios if ratio is not None})
    if not drawn:
        return "a paired t test"
    corrected = (
        f"Nadeau and Bengio's corrected t test with ratio {listed(f'{one:g}' for one in drawn)}"
    )
    if None not in ratios:
        return f"{corrected} (the test sets are resampled with every seed)"
    return f"a paired t test (where test sets are resampled with every seed, {corrected})"


def why_no_interval(results: Results) -> str:
    """Say why there is no table of intervals over images."""
    if all(results.ratio(group) is not None for group in results.groups):
        return (
            "The test sets are resampled with every seed: there is no image that all seeds share, "
            "hence no interval over images. The corrected t test takes their noise into account."
        )
    return (
        f"No interval over images: it needs {MIN_SEEDS} finished seeds of a pre-specified "
        f"contrast, and {MIN_CLUSTERS} identities where the data have them."
    )


def scope(results: Results) -> str:
    """Say what a verdict speaks of, and what the numbers do not say."""
    resampled = any(results.ratio(group) is not None for group in results.groups)
    images = "images like those" if resampled else "exactly the scored images"
    return (
        f"A verdict is about the mean over training runs on {images} of these held-out domains, "
        f"with {_fixed(results.experiment)}. With the seed vary {_varying(results.experiment)}. It "
        "does not say that the same holds for other "
        "images, domains or teachers, nor for a single domain or a pair of methods that was not "
        "pre-specified. Overlapping intervals of two methods say nothing about their paired "
        "difference. The highest mean of a table is not a result in itself."
    )


def _fixed(experiment: Experiment) -> str:
    """Name what all seeds share beside the data."""
    scratch = {one.start == "scratch" for one in _used(experiment)}
    return "one teacher" + ("" if scratch == {True} else " and one set of starting weights")


def _varying(experiment: Experiment) -> str:
    """List what differs from one seed to the next, in any of the experiment's variants."""
    found: dict[str, None] = {}
    for variant in _used(experiment):
        scratch = variant.start == "scratch"
        found["all weights of the student at the start" if scratch else "the new layers"] = None
        found["the order of the images"] = None
        count, epochs = variant.views.count, variant.recipe.epochs
        if epochs < count:
            found[f"which {epochs} of the {count} views of an image are seen"] = None
        elif count > 1:
            found[f"the order of an image's {count} views, which all seeds share"] = None
        if not protocols()[variant.protocol].identities:
            found["the images that validate, where the protocol draws them"] = None
    return listed(found)


def _used(experiment: Experiment) -> list[Variant]:
    """List the variants with the settings for each dataset."""
    pairs = itertools.product(experiment.datasets, experiment.variants)
    return [experiment.variant_on(dataset, name) for dataset, name in pairs]


def other_rule(results: Results) -> str:
    """Say what the records declared otherwise than this report, "" where they agree."""
    here = pre_specified(results.experiment).model_dump(mode="json")
    done = results.units[results.units["status"] == "done"]
    other = [text for text in done["declared"].fillna("{}") if text != canonical(here)]
    if not other:
        return ""
    found = sorted({line for text in set(other) for line in _changes(json.loads(text), here)})
    return (
        f"**This report uses another rule than the one its results were made under** "
        f"({counted(len(other), 'record')} of {len(done)}): {'; '.join(found)}."
    )


def incomplete(results: Results) -> str:
    """Say on top of a report that units are missing, "" where none is."""
    failed, missing = results.counts["failed"], results.counts["missing"]
    if not failed and not missing:
        return ""
    return (
        f"**Incomplete**: of {counted(len(results.units), 'unit')}, {failed} failed and {missing} "
        "are missing. Averages and contrasts that need one of them are withheld or undecided."
    )


def _changes(there: JsonObject, here: JsonObject) -> list[str]:
    return [
        f"{key} was {_code(there.get(key))}, is {_code(here.get(key))}"
        for key in sorted({*there, *here})
        if there.get(key) != here.get(key)
    ]


def _code(value: object) -> str:
    """Quote a value of a record, from anywhere, as a span of code that it cannot end."""
    text = canonical(value).replace("`", "'")
    return f"`{text}`"


def carried(results: Results) -> str | None:
    """Say how many records were made by earlier code and count by the ledger; None for none."""
    done = results.units[results.units["status"] == "done"]
    dates = done["carried"].dropna()
    if dates.empty:
        return None
    return (
        f"{len(dates)} of {len(done)} records were made by earlier code. They count because "
        f"replays under the present code gave the same bytes ({listed(sorted(set(dates)))}; "
        f"`{LEDGER}` says which units were replayed, and where)."
    )

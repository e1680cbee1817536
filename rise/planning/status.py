"""The content and progress of an experiment as text for a terminal, without torch."""

import json
from collections import Counter
from collections.abc import Iterable
from textwrap import indent

from rise.catalog import lookup
from rise.errors import ResultError
from rise.experiment.key import held_out_text
from rise.experiment.record import read_record
from rise.planning.aside import record_path
from rise.planning.plan import Plan
from rise.planning.units import Unit
from rise.results.nested_diff import differences, sentence
from rise.utils.text_grid import text_grid

STATES = ("done", "failed", "other", "damaged", "waiting")
RARE = ("other", "damaged")  # not mentioned where there are none


def describe(plan: Plan) -> str:
    """Describe an experiment: its grid, units and trials, and the number still to be made."""
    experiment = plan.experiment
    units = list(plan.units.values())
    trials = sum(len(unit.identity.settings) for unit in units)
    held_out = {unit.held_out for unit in units}
    contrasts = [f"{first} - {second}" for first, second in experiment.contrasts]
    rows = [
        ("datasets", ", ".join(experiment.datasets)),
        ("methods", ", ".join(experiment.methods)),
        ("variants", ", ".join(experiment.variants)),
        ("held out", ", ".join(map(held_out_text, sorted(held_out)))),
        ("seeds", ", ".join(str(seed) for seed in experiment.seed_list)),
        ("contrasts", ", ".join(contrasts) or "none"),
        ("units", f"{len(units)} ({trials} trials), {len(plan.stale)} to be made"),
    ]
    return f"{experiment.name}: {experiment.title}\n{indent(text_grid(rows), '  ')}"


def progress(plan: Plan, everything: bool = False) -> str:
    """List counts by method, failed units with reason and log, the kinds of other records.

    Waiting units are listed if asked for.
    """
    plan.look()
    states = {key: state(plan, unit) for key, unit in plan.units.items()}
    lines = [f"{plan.experiment.name}: {_counts(word for word, _ in states.values())}", ""]
    rows = []
    for method in plan.experiment.methods:
        found = [states[key][0] for key, unit in plan.units.items() if unit.method == method]
        rows.append((method, _counts(found)))
    lines.append(indent(text_grid(rows), "  "))
    for key, (word, reason) in states.items():
        if word == "failed":
            name = plan.units[key].name
            lines += ["", f"failed: {name}", f"  {reason}", f"  log: {plan.log(key)}"]
    for (word, reason), number in Counter(states.values()).items():
        if word in RARE:
            lines += ["", f"{word}: {number} units, which the next run makes again", f"  {reason}"]
    if everything:
        waiting = [key for key, (word, _) in states.items() if word == "waiting"]
        lines += ["", *(f"waiting: {plan.units[key].name}" for key in waiting)]
    return "\n".join(lines)


def state(plan: Plan, unit: Unit) -> tuple[str, str]:
    """Return one of STATES, and why a unit of this digest (not of an earlier one) is not done."""
    if unit.key not in plan.stale:
        return "done", ""
    try:
        failed = json.loads((unit.folder / "failed.json").read_text(encoding="utf-8"))
        if failed["digest"] == unit.digest:
            return "failed", str(failed["reason"])
    except (OSError, ValueError, KeyError, TypeError):
        pass
    path = record_path(unit)
    if not path.exists():
        return "waiting", ""
    try:
        identity = read_record(path).science.identity
    except ResultError:
        return "damaged", "the record cannot be read"
    found = list(differences(identity, unit.identity.mapping()))
    said = sentence(found, ("has", "asked for")) if found else "the dataset's files on this disk"
    return "other", f"the record differs in {said}"


def method_list() -> str:
    """List the methods with their equation and hyper-parameters."""
    lines = []
    for info in lookup.methods().values():
        lines.append(f"{info.name}  {info.label}: {info.equation}")
        for key, hparam in info.hparams.items():
            lines.append(f"    {key} = {hparam.default}  ({hparam.low} to {hparam.high})")
    return "\n".join(lines)


def _counts(words: Iterable[str]) -> str:
    count = Counter(words)
    told = [word for word in STATES if count[word] or word not in RARE]
    return ", ".join(f"{count[word]} {word}" for word in told)

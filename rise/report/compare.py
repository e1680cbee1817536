"""Two methods on one screen: the verdict if pre-specified, and what else the seeds show."""

from textwrap import indent

from rise.errors import ResultError, unknown
from rise.report.analysis.group import Group
from rise.report.analysis.pairs import beside, declared_pair, tested, turned
from rise.report.analysis.results import Results
from rise.report.render.format import (
    counted,
    decimal,
    interval_name,
    p_value,
    points,
    points_interval,
)
from rise.stats.decide import Decision
from rise.stats.multiplicity import benjamini_hochberg
from rise.stats.paired import MIN_SEEDS, PairedT
from rise.utils.text_grid import text_grid

TextRow = tuple[str, str]


def compared(
    results: Results,
    a: str,
    b: str,
    dataset: str | None = None,
    held_out: str | None = None,
) -> str:
    """Say what may be said of a against b, for each dataset and variant.

    Args:
        results: of the experiment.
        a: first method.
        b: second method.
        dataset: only this one.
        held_out: only this held-out domain (or A+B); never a pre-specified comparison.

    Raises:
        ResultError: no such method, dataset or held-out domain here.
    """
    methods = results.experiment.methods
    for method in (a, b):
        if method not in methods:
            raise ResultError(unknown("method here", method, methods))
    if a == b:
        raise ResultError(f"{a} cannot be compared with itself; name two methods")
    groups = [group for group in results.groups if dataset in (None, group.dataset)]
    if not groups:
        raise ResultError(unknown("dataset here", str(dataset), results.experiment.datasets))
    domains = dict.fromkeys(domain for group in groups for domain in group.held_out)
    if held_out is not None and held_out not in domains:
        raise ResultError(unknown("held-out domain here", held_out, domains))
    parts = [
        _domain(results, group, a, b, held_out) if held_out else _group(results, group, a, b)
        for group in groups
        if held_out in (None, *group.held_out)
    ]
    return "\n\n".join(parts)


def _group(results: Results, group: Group, a: str, b: str) -> str:
    values = results.differences(group, a, b, results.primary)
    decision = declared_pair(results, group, a, b)
    rows: list[TextRow] = []
    if values is None:
        complete, declared = results.complete(group, a, b), len(results.seeds)
        rows.append(("incomplete", f"{complete} of {declared} seeds have every held-out domain"))
    else:
        if decision is not None:
            rows.append(("verdict", _verdict(results, decision, a)))
        rows += _numbers(results, tested(results, group, values))
        rows.append(("each seed", "  ".join(points(value) for value in values)))
        if decision is not None:
            rows += _beside(results, decision, a)
        rows += [("", ""), *_domains(results, group, a, b)]
    said = "pre-specified" if decision else "exploratory: this pair was not pre-specified"
    return _text(
        f"{results.contrast_label(a, b)} on {group.label}, {_images(results)} ({said})", rows
    )


def _domain(results: Results, group: Group, a: str, b: str, held_out: str) -> str:
    cells = [results.cells(group, method, results.primary)[held_out] for method in (a, b)]
    difference = (cells[0] - cells[1]).dropna().to_numpy()
    rows: list[TextRow] = [("incomplete", f"{len(difference)} of {len(results.seeds)} seeds")]
    if len(difference) == len(results.seeds):
        rows = _numbers(results, tested(results, group, difference))
        rows.append(("each seed", "  ".join(points(value) for value in difference)))
    where = f"{group.label}, held out {held_out}, {_images(results)}"
    return _text(f"{results.contrast_label(a, b)} on {where} (exploratory: one domain)", rows)


def _numbers(results: Results, t: PairedT) -> list[TextRow]:
    name = interval_name(results.experiment.decision.level)
    if t.status != "ok":
        why = f"{counted(t.n, 'seed')}, {MIN_SEEDS} are the least" if t.status == "too few" else ""
        return [("difference", f"{points(t.mean)} points"), ("no test", why or t.status)]
    return [
        ("difference", f"{points(t.mean)} points, {name} {points_interval(t.low, t.high)}"),
        ("seeds", str(t.n)),
    ]


def _verdict(results: Results, decision: Decision, first: str) -> str:
    """Give the verdict, seen from the first method asked for."""
    p = p_value(decision.p_holm, results.experiment.decision.alpha)
    return f"{turned(decision, first)} (Holm p {p}, {decision.test} test)"


def _beside(results: Results, decision: Decision, first: str) -> list[TextRow]:
    flip, one = decision.flip, beside(results, decision)
    rows = []
    if one is not None:
        low, high = (one.low, one.high) if decision.a == first else (-one.high, -one.low)
        rows.append((f"Holm's {interval_name(one.level)}", points_interval(low, high)))
    if flip is not None:
        alpha = results.experiment.decision.alpha
        exact, smallest = (p_value(p, alpha) for p in (flip.p, flip.smallest))
        rows.append(("exact p", f"{exact}, smallest {smallest}"))
    if decision.minimum_difference is not None:
        found = f"{decimal(decision.minimum_difference)} points with this spread"
        rows.append(("minimum detectable difference", found))
    return rows


def _domains(results: Results, group: Group, a: str, b: str) -> list[TextRow]:
    """Each held-out domain; exploratory, adjusted over the domains."""
    alpha, tests = results.experiment.decision.alpha, []
    for domain in group.held_out:
        first, second = (results.cells(group, m, results.primary)[domain] for m in (a, b))
        tests.append(tested(results, group, (first - second).to_numpy()))
    adjusted = benjamini_hochberg([t.p for t in tests])
    rows = [
        (domain, f"{points(t.mean)} {points_interval(t.low, t.high)}  q {p_value(float(q), alpha)}")
        for domain, t, q in zip(group.held_out, tests, adjusted, strict=True)
    ]
    return [("each domain", "exploratory, q adjusted over the domains"), *rows]


def _images(results: Results) -> str:
    return results.label(results.primary)


def _text(title: str, rows: list[TextRow]) -> str:
    return f"{title}\n{indent(text_grid(rows), '  ')}"

"""The primary metric as JSON, for tools that compare experiments (`dvc metrics`, scripts)."""

from typing import Any

from rise.report.analysis.results import Results


def metrics(results: Results) -> dict[str, Any]:
    """List accuracy by group and method, and each contrast, in per cent and points.

    What is not complete is null, never a number over fewer seeds.
    """
    found: dict[str, Any] = {group.label: {"accuracy": {}} for group in results.groups}
    for group in results.groups:
        for method in results.experiment.methods:
            interval = results.interval(group, method, results.primary)
            accuracy = None if interval is None else rounded(interval.mean)
            found[group.label]["accuracy"][method] = accuracy
    for (group, a, b), decision in zip(results.family, results.decisions, strict=True):
        found[group.label].setdefault("contrast", {})[f"{a} - {b}"] = {
            "difference": rounded(decision.t.mean if decision.t else None),
            "p_holm": rounded(decision.p_holm),
            "verdict": decision.verdict,
        }
    return found


def rounded(value: float | None) -> float | None:
    """Round: six decimals are more than any reader needs, and keep a diff of two files readable."""
    return None if value is None else round(float(value), 6)

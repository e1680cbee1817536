"""Classes that a held-out domain has no scored image of: its accuracy is about the others."""

from rise.report.analysis.group import Group
from rise.report.analysis.results import Results
from rise.report.render.escape import markdown_text
from rise.report.render.format import listed

MOST = 10  # names in a sentence


def lacking(results: Results, group: Group) -> str | None:
    """Say which held-out domains of a group lack which classes; None if none does.

    A class is known from the domains that have scored images of it.
    """
    found = {domain: _classes(results, group, domain) for domain in group.held_out}
    every = sorted(set().union(*(have for have in found.values() if have)))
    said = []
    for domain, have in found.items():
        gone = [one for one in every if have is not None and one not in have]
        if gone:
            more = f" and {len(gone) - MOST} more" if len(gone) > MOST else ""
            said.append(
                f"{markdown_text(domain)} has no scored image of "
                f"{len(gone)} of {len(every)} classes "
                f"({markdown_text(', '.join(gone[:MOST]))}{more})"
            )
    if not said:
        return None
    return (
        f"**Classes differ between the domains of {markdown_text(group.label)}**: {listed(said)}. "
        "An accuracy there is about the other classes, and not comparable across domains."
    )


def _classes(results: Results, group: Group, domain: str) -> set[str] | None:
    """Return the classes with scored images of a domain, in any of its units; None if none."""
    details = [
        results.detail(group, method, domain, seed)
        for method in results.experiment.methods
        for seed in results.seeds
    ]
    done = [one for one in details if one is not None]
    return set().union(*(one.classes for one in done)) if done else None

"""All tables of a report, in the order in which it shows them."""

from rise.report.analysis import Results
from rise.report.render.table import Table
from rise.report.tables.ablation import ablation_tables
from rise.report.tables.bootstrap import images_table
from rise.report.tables.compute import cost_table
from rise.report.tables.domains import domains_table, parts_table
from rise.report.tables.main import contrasts_table, main_table
from rise.report.tables.overview import overview_tables
from rise.report.tables.pairwise import pairs_table
from rise.report.tables.reproduction import peers_table, reproduction_table, reproductions, rows_of
from rise.report.tables.resampled_test_sets import redrawn_table
from rise.report.tables.versions import revisions_table


def every_table(results: Results) -> dict[str, list[Table]]:
    """The tables by the name of their LaTeX file; some names may have none."""
    groups = results.groups
    repeated = reproductions(results)
    redrawn, images = redrawn_table(results), images_table(results)
    done = results.counts["done"] > 0
    return {
        "overview": overview_tables(results),
        "main": [main_table(results, at) for at in groups],
        "contrasts": [contrasts_table(results, [at]) for at in groups if results.decisions],
        "redrawn": [redrawn] if redrawn else [],
        "reproduction": [reproduction_table(results, repeated)] if repeated else [],
        "published": [peers_table(results, at) for at in groups if rows_of(results, at)],
        "terms": ablation_tables(results),
        "domains": [domains_table(results, at) for at in groups],
        "macro": [domains_table(results, at, "macro") for at in groups],
        "parts": [parts_table(results, at) for at in groups if results.parts],
        "pairs": [pairs_table(results, at) for at in groups if len(results.experiment.methods) > 1],
        "images": [images] if images else [],
        "cost": [cost_table(results)] if done else [],
        "revisions": [revisions_table(results)] if done else [],
    }

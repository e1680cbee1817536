"""One table over all datasets; bold and letters by the declared rule alone."""

import re

import pytest

from rise.planning.asked import asked
from rise.planning.units import Unit, units
from rise.report.analysis.results import Results
from rise.report.render.format import NOTHING
from rise.report.render.table import Table
from rise.report.tables import overview
from rise.report.tables._footnotes import footer, smallest
from rise.report.tables.main import main_table
from tests.synthetic import declare, fail, write_results

TWO = {"emojidg": {"held_out": ["noto"]}, "objects": {"held_out": ["noto"]}}
ERM = [40, 42, 44, 46]
HINT = [45, 46, 50, 51]
BOTH = "ERM, same network"


def _correct(unit: Unit) -> int:
    """Hint is 5, 4, 6, 5 above ERM on one dataset and as much below it on the other."""
    erm, hint = ERM[unit.seed], HINT[unit.seed]
    if unit.dataset == "objects":
        erm, hint = hint + 10, erm + 10
    return {"erm_text_init": erm, "hint": hint, "rise": hint - (unit.seed % 2)}[unit.method]


def _results(**changes: object) -> Results:
    experiment = declare(**{"datasets": TWO, "contrasts": [["hint", "erm_text_init"]], **changes})
    write_results(experiment, _correct)
    return Results.read(asked(experiment))


def _table(**changes: object) -> Table:
    (table,) = overview.build(_results(**changes))
    return table


def _bold(table: Table) -> set[tuple[int, int]]:
    cells = [
        (row, at, cell) for row, cells in enumerate(table.cells) for at, cell in enumerate(cells)
    ]
    return {(row, at) for row, at, cell in cells if cell.bold}


def test_all_datasets_stand_in_one_table() -> None:
    table = _table()
    assert table.title == "All datasets: accuracy in % on held-out domains, test identities"
    assert table.columns == ("Method", "EmojiDG", "EmojiDG objects", "average", "seeds")
    # Averages by seed: (40 + 55) / 2, (42 + 56) / 2, ...: 47.5, 49, 52, 53.5; sd 2.73861,
    # half-width 3.18245 * 1.369306 = 4.35774.
    average = "50.5 [46.1, 54.9]"
    assert table.texts[0] == (BOTH, "43.0 [38.9, 47.1]ᵃ", "58.0 [53.3, 62.7]ᵇ", average, "4")
    assert table.texts[1] == ("Hint", "48.0 [43.3, 52.7]ᶜ", "53.0 [48.9, 57.1]ᵈ", average, "4")


def test_a_teacher_of_a_dataset_s_own_is_named() -> None:
    assert "Teachers differ" not in _table().note
    own = {**TWO, "objects": {"held_out": ["noto"], "variant": {"teacher": "clip-rn50"}}}
    said = "Teachers differ: tiny-clip (EmojiDG) and clip-rn50 (EmojiDG objects). "
    assert said in _table(datasets=own).note


def test_only_what_the_rule_calls_better_is_bold() -> None:
    table = _table()
    # RISE's mean is as high as any, and no declared contrast speaks of it.
    assert _bold(table) == {(1, 1), (0, 2)}
    assert (
        "Bold: better in a pre-specified contrast here, and worse in none. ᵃ worse than Hint; "
        "ᵇ better than Hint; ᶜ better than ERM, same network; ᵈ worse than ERM, same network."
    ) in table.note
    assert "The highest mean is not a result." in table.note


def test_nothing_is_bold_where_nothing_is_decided() -> None:
    table = _table(contrasts=[["rise", "hint"]])
    assert _bold(table) == set()
    assert "No pre-specified contrast is decided here, so nothing is bold." in table.note
    assert not re.search("[ᵃᵇ]", str(table.texts))
    assert _bold(_table(contrasts=[])) == set()


def test_the_main_table_of_a_dataset_has_the_same_letters() -> None:
    results = _results()
    first, second = (main_table(results, group) for group in results.groups)
    assert (_bold(first), _bold(second)) == ({(1, 1)}, {(0, 1)})
    assert second.texts[1][1] == "53.0 [48.9, 57.1]ᵈ"
    assert "ᵈ worse than ERM, same network" in second.note
    assert "ᵃ" not in second.note


def test_an_average_is_withheld_while_a_dataset_lacks_a_unit() -> None:
    results = _results()
    fail(units(results.experiment)[0], "killed")
    (table,) = overview.build(Results.read(asked(results.experiment)))
    assert table.texts[0] == (BOTH, NOTHING, "58.0 [53.3, 62.7]ᵃ", NOTHING, "3 to 4 of 4")
    assert _bold(table) == {(0, 2)}


def test_one_dataset_needs_no_overview_and_each_variant_has_its_own() -> None:
    assert overview.build(_results(datasets={"emojidg": {"held_out": ["noto"]}})) == []
    variant = {"student": "tiny-resnet", "teacher": "tiny-clip"}
    variants = {"main": variant, "scratch": {**variant, "start": "scratch"}}
    titles = [table.title for table in overview.build(_results(variants=variants))]
    assert [title.split(":")[0] for title in titles] == [
        "All datasets (main)",
        "All datasets (scratch)",
    ]


def test_a_footer_says_what_a_verdict_rests_on() -> None:
    results = _results()
    # Differences have sd 0.81650; a test of 4 seeds at 0.05 / 2 finds 2.716 sd.
    assert footer(results, results.groups) == (
        "4 seeds; family of 2 pre-specified contrasts, level 0.05 after Holm; smallest exact p of "
        "this number of seeds: 0.12 (2/16); minimum detectable difference with power 0.8: 2.22 "
        "points, with the spread of each contrast. Search budget of a unit, the same for every "
        "method: settings tried 1, "
        "evaluations 30."
    )


def test_a_footer_without_spread_speaks_of_standard_deviations() -> None:
    empty = Results.read(asked(declare()))
    text = footer(empty, empty.groups)
    assert re.search(r"power 0\.8: \d\.\d\d standard deviations of the paired", text)
    assert text.endswith("Search budget: no unit is done.")


@pytest.mark.parametrize(
    ("seeds", "said"), [(3, "0.25 (2/8)"), (5, "0.062 (2/32)"), (21, "<0.001 (1/100000)")]
)
def test_the_smallest_exact_p_is_a_fraction_too(seeds: int, said: str) -> None:
    assert smallest(seeds, 0.05) == said

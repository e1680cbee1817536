"""Every pair of methods: verdicts where declared, q elsewhere."""

from rise.planning.asked import asked
from rise.planning.units import units
from rise.report.analysis.results import Results
from rise.report.render.format import NOTHING
from rise.report.tables.pairs import pairs_table
from tests.synthetic import by_method, declare, fail, write_results

CORRECT = by_method(
    erm_text_init=[40, 42, 44, 46],
    hint=[45, 46, 50, 51],
    rise=[44, 48, 50, 49],
    ad=[41, 43, 45, 47],
)
METHODS = {"erm_text_init": {}, "hint": {}, "rise": {}, "ad": {}}


def _rows(**changes: object) -> dict[str, tuple[str, ...]]:
    experiment = declare(methods=METHODS, **changes)
    write_results(experiment, CORRECT)
    results = Results.read(asked(experiment))
    return {row[0]: row[1:] for row in pairs_table(results, results.groups[0]).texts}


def test_a_declared_pair_has_its_verdict_from_the_row() -> None:
    rows = _rows(contrasts=[["hint", "erm_text_init"], ["rise", "hint"]])
    assert rows["ERM, same network"][0] == "-5.00 worse"
    assert rows["Hint"][1] == "+0.25 undecided"


def test_other_pairs_have_a_q_over_what_is_browsed() -> None:
    rows = _rows(contrasts=[["hint", "erm_text_init"], ["rise", "hint"]])
    # p: ERM - RISE 0.00796, Hint - AD 0.00226, RISE - AD 0.0154; ERM - AD is 1 for each seed and
    # has no test, but counts: q = 4 * 0.00796 / 2, 4 * 0.00226, 4 * 0.0154 / 3.
    assert rows["ERM, same network"] == ("-5.00 worse", "-4.75 (0.016)", "-1.00 (no test)")
    assert rows["Hint"] == ("", "+0.25 undecided", "+4.00 (0.0090)")
    assert rows["RISE"] == ("", "", "+3.75 (0.021)")


def test_an_incomplete_pair_shows_nothing() -> None:
    experiment = declare(methods=METHODS, contrasts=[])
    write_results(experiment, CORRECT)
    fail(units(experiment)[0], "killed")
    results = Results.read(asked(experiment))
    table = pairs_table(results, results.groups[0])
    assert table.texts[0] == ("ERM, same network", NOTHING, NOTHING, NOTHING)
    assert "exploratory" in table.title

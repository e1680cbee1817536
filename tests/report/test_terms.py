"""Terms of the loss by method, from what the methods declare."""

from pathlib import Path

import pytest

from rise.catalog.methods import method
from rise.errors import ConfigError
from rise.planning.asked import asked
from rise.report.analysis.results import Results
from rise.report.render.format import NOTHING
from rise.report.render.table import Table
from rise.report.tables import terms
from rise.report.tables.terms import CHECK, active_terms
from tests.synthetic import declare, write_results

ON, OFF = CHECK, NOTHING
ALL = ["rise", "hint_rd", "hint_ad", "rd", "ad", "hint", "erm_text_init", "erm"]
OWN = """"Mine: CE + mix * Mixup."

from rise.methods._base import Method

DECLARATION = {
    "hparams": {"mix": {"default": 0.5, "low": 0}},
    "terms": {"CE": None, "Mixup": "mix"},
}


class Mine(Method):
    pass
"""


def _tables(methods: dict[str, object], **changes: object) -> list[Table]:
    experiment = declare(methods=methods, contrasts=[], seeds=1, **changes)
    write_results(experiment, lambda unit: 40 + len(unit.method))
    return terms.build(Results.read(asked(experiment)))


def test_rows_go_from_plain_to_full_and_leave_other_networks_out() -> None:
    (table,) = _tables({name: {} for name in ALL})
    assert table.columns == ("Method", "CE", "Hint", "AD", "RD", "EmojiDG")
    assert [row[:5] for row in table.texts] == [
        ("ERM, same network", ON, OFF, OFF, OFF),
        ("Hint", ON, ON, OFF, OFF),
        ("AD", ON, OFF, ON, OFF),
        ("RD", ON, OFF, OFF, ON),
        ("Hint + AD", ON, ON, ON, OFF),
        ("Hint + RD", ON, ON, OFF, ON),
        ("RISE", ON, ON, ON, ON),
    ]
    assert [row[5] for row in table.texts][:2] == ["53.0", "44.0"]


def test_fewer_than_three_such_methods_have_no_table() -> None:
    assert _tables({"erm": {}, "erm_text_init": {}, "rise": {}}) == []


def test_a_term_without_weight_is_off() -> None:
    methods = {name: {} for name in ALL}
    methods["rise"] = {"hparams": {"relative": 0.0}}
    methods["hint_ad"] = {"hparams": {"distance": [0.0, 0.3], "ce": 0.0}}
    datasets = {
        "emojidg": {"held_out": ["noto"]},
        "objects": {"held_out": ["noto"], "hparams": {"hint": {"hint": 0.0}}},
    }
    (table,) = _tables(methods, datasets=datasets, budgets="unequal")
    rows = {row[0]: row[1:5] for row in table.texts}
    assert rows["RISE"] == (ON, ON, ON, OFF)
    assert rows["Hint + AD"] == (OFF, ON, ON, OFF)
    assert rows["Hint"] == (ON, "in part", OFF, OFF)


def test_a_null_weight_is_that_of_the_next_hyperparameter() -> None:
    without = declare(methods={"rise": {"hparams": {"distance": 0.0}}}, contrasts=[])
    results = Results.read(asked(without))
    assert active_terms(results, results.groups[0], "rise") == {"CE", "Hint"}
    relative = declare(
        methods={"rise": {"hparams": {"distance": 0.0, "relative": 1.0}}}, contrasts=[]
    )
    results = Results.read(asked(relative))
    assert active_terms(results, results.groups[0], "rise") == {"CE", "Hint", "RD"}


def test_a_method_outside_of_the_suite_brings_a_column_with_its_new_term(tmp_path: Path) -> None:
    path = tmp_path / "mine.py"
    path.write_text(OWN)
    (table,) = _tables({"erm_text_init": {}, "hint": {}, str(path): {}})
    assert table.columns == ("Method", "CE", "Hint", "Mixup", "EmojiDG")
    assert table.texts[2][:4] == ("Mine", ON, OFF, ON)


def test_a_term_weighed_by_no_hyperparameter_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "mine.py"
    path.write_text(OWN.replace('"Mixup": "mix"', '"Mixup": "mxi"'))
    with pytest.raises(ConfigError, match=r"has terms with undeclared hparams \['mxi'\]"):
        method(path.stem, str(path))

"""Terms of the loss by method, from what the methods declare."""

from pathlib import Path

import pytest

from rise.report.analysis import Results
from rise.report.render.format import NOTHING
from rise.report.render.table import Table
from rise.report.tables.ablation import CHECK, ablation_tables, terms_of
from tests.synthetic import declare, write_results

ON, OFF = CHECK, NOTHING
ALL = ["rise", "hint_rd", "hint_ad", "rd", "ad", "hint", "erm_text_init", "erm"]
OWN = '''"""Mine: {equation}."""

from rise.methods._chain import ChainMethod

DECLARATION = {{"hparams": {{}}}}


class Mine({base}):
    pass
'''


def _tables(methods: dict[str, object], **changes: object) -> list[Table]:
    experiment = declare(methods=methods, contrasts=[], seeds=1, **changes)
    write_results(experiment, lambda unit: 40 + len(unit.method))
    return ablation_tables(Results.read(experiment))


def test_rows_go_from_plain_to_full_and_leave_other_networks_out() -> None:
    (table,) = _tables({name: {} for name in ALL})
    assert table.columns == ("Method", "CE", "Hint", "AD", "RD", "EmojiDG")
    assert [row[:5] for row in table.rows] == [
        ("ERM, same network", ON, OFF, OFF, OFF),
        ("Hint", ON, ON, OFF, OFF),
        ("AD", ON, OFF, ON, OFF),
        ("RD", ON, OFF, OFF, ON),
        ("Hint + AD", ON, ON, ON, OFF),
        ("Hint + RD", ON, ON, OFF, ON),
        ("RISE", ON, ON, ON, ON),
    ]
    assert [row[5] for row in table.rows][:2] == ["53.0", "44.0"]


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
    rows = {row[0]: row[1:5] for row in table.rows}
    assert rows["RISE"] == (ON, ON, ON, OFF)
    assert rows["Hint + AD"] == (OFF, ON, ON, OFF)
    assert rows["Hint"] == (ON, "in part", OFF, OFF)


def test_a_null_weight_is_that_of_the_term_before_it() -> None:
    results = Results.read(declare(methods={"rise": {"hparams": {"distance": 0.0}}}, contrasts=[]))
    assert terms_of(results, "emojidg", "main", "rise") == {"CE", "KD"}


@pytest.mark.parametrize(
    ("equation", "base", "terms"),
    [
        ("CE", "ChainMethod", {"CE"}),
        ("CE + KD(scale)", "ChainMethod", {"CE", "KD"}),
        ("CE", "Method", None),
        ("CE + mixup", "ChainMethod", None),
    ],
)
def test_an_own_method_counts_if_it_is_on_the_chain_and_has_no_other_term(
    tmp_path: Path, equation: str, base: str, terms: set[str] | None
) -> None:
    path = tmp_path / f"own_{base}_{len(equation)}.py"
    path.write_text(OWN.format(equation=equation, base=base))
    results = Results.read(declare(methods={str(path): {}}, contrasts=[]))
    assert terms_of(results, "emojidg", "main", path.stem) == terms

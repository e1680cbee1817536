"""The ledger of code: what counts as one, for which units, and what a changed line means."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rise.errors import ResultError
from rise.planning.asked import asked
from rise.planning.plan import Plan
from rise.planning.units import units
from rise.results.collect import collect
from rise.results.expected import agreed
from rise.results.ledger import LEDGER, Codes, Entry, Ledger, append, kind_of, read_ledger
from tests.synthetic import by_method, change_identity, declare, write_results

CORRECT = by_method(erm_text_init=[50] * 4, hint=[55] * 4, rise=[60] * 4)


def identity(code: str = "a", method: str = "m", **changes: Any) -> dict[str, Any]:
    return {"code": code, "method": {"name": "rise", "code": method}, "seed": 0, **changes}


def entry(old: str, new: str, kind: str | None = None, method: str = "m") -> Entry:
    return Entry(
        old=Codes(training=old, method=method),
        new=Codes(training=new, method=method),
        kind=kind or kind_of(identity()),
        method="rise",
        policy="emoji",
        protocol="rise",
        unit="demo: a unit",
        predictions="0" * 64,
        date="2026-01-01",
        machine="made up",
        versions="python 3",
    )


def test_without_an_entry_other_code_is_another_result() -> None:
    assert Ledger([]).same(identity("a"), identity("a"))
    assert not Ledger([]).same(identity("a"), identity("b"))


@given(st.lists(st.tuples(*[st.sampled_from("abcdef")] * 2), max_size=8))
def test_codes_are_one_where_a_chain_of_replays_joins_them(pairs: list[tuple[str, str]]) -> None:
    ledger = Ledger([entry(*pair) for pair in pairs])
    joined = {letter: {letter} for letter in "abcdef"}
    for one, other in pairs:
        together = joined[one] | joined[other]
        for letter in together:
            joined[letter] = together
    for one in "abcdef":
        for other in "abcdef":
            assert ledger.same(identity(one), identity(other)) == (other in joined[one])


def test_an_entry_speaks_for_its_kind_alone() -> None:
    ledger = Ledger([entry("a", "b")])
    assert ledger.same(identity("a", seed=1), identity("b", seed=1))
    assert not ledger.same(identity("a"), identity("b", seed=1))
    assert not ledger.same(identity("a", protocol="x"), identity("b", protocol="x"))
    assert not ledger.same(identity("a", method="n"), identity("b", method="n"))
    assert kind_of(identity(recipe={"epochs": 1})) == kind_of(identity(recipe={"epochs": 2}))
    assert kind_of(identity(recipe={"keep": "best"})) != kind_of(identity(recipe={"keep": "last"}))


def test_what_is_appended_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "ledger.jsonl"
    assert read_ledger(path).entries == []
    append([entry("a", "b")], path)
    append([entry("b", "c")], path)
    assert read_ledger(path).entries == [entry("a", "b"), entry("b", "c")]
    path.write_text(path.read_text() + '{"old": "a"}\n')
    with pytest.raises(ResultError, match=r"ledger\.jsonl: holds a line that rise accept did not"):
        read_ledger(path)


@pytest.fixture
def of_old_code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Results whose records are of another training code, in a project without a ledger."""
    monkeypatch.chdir(tmp_path)
    write_results(declare(), CORRECT)
    for unit in units(declare()):
        change_identity(unit, "code", "f" * 64)
    return tmp_path


def carry(methods: list[str]) -> None:
    """Write the ledger that a replay of these methods would have left."""
    for unit in {unit.method: unit for unit in units(declare())}.values():
        if unit.method in methods:
            now = unit.identity.mapping()
            codes = {"method": unit.identity.method.code}
            made = entry("x", "y", kind_of(now)).model_copy(
                update={
                    "old": Codes(training="f" * 64, **codes),
                    "new": Codes(training=unit.identity.code, **codes),
                }
            )
            append([made])


def test_records_of_old_code_count_where_the_ledger_has_their_method(of_old_code: Path) -> None:
    assert set(collect(asked(declare()))["status"]) == {"other"}
    carry(["rise", "hint"])
    frame = collect(asked(declare())).drop_duplicates("digest")
    done = frame[frame["status"] == "done"]
    assert set(done["method"]) == {"rise", "hint"} and len(done) == 16
    assert set(done["code"]) == {"f" * 64}
    assert {unit.method for unit in Plan(declare()).look().stale.values()} == {"erm_text_init"}


def test_settling_moves_no_carried_record_and_brings_kept_ones_back(of_old_code: Path) -> None:
    Plan(declare()).settle()
    assert not list(Path("results").rglob("record.json"))
    carry(["rise", "hint", "erm_text_init"])
    plan = Plan(declare()).settle()
    assert not plan.stale
    assert len(list(Path("results").rglob("record.json"))) == len(plan.units)


def test_a_folder_of_two_codes_is_whole_with_the_ledger_and_not_without(of_old_code: Path) -> None:
    folder = Path("results/demo")
    for unit in units(declare())[:3]:
        change_identity(unit, "code", unit.identity.code)
    assert set(collect(agreed(folder))["status"]) == {"done", "other"}
    carry(["erm_text_init"])
    assert set(collect(agreed(folder))["status"]) == {"done"}
    LEDGER.unlink()
    lines = json.loads((folder / "experiment.json").read_text())
    assert lines["title"] == declare().title


def test_a_decoder_of_image_files_is_code_too_and_speaks_for_its_dataset() -> None:
    def photos(decoder: str, name: str = "pacs") -> dict[str, Any]:
        return identity(dataset={"name": name, "decoder": decoder})

    codes = Codes(training="a", method="m", decoder="d")
    made = entry("a", "a", kind_of(photos("d"))).model_copy(
        update={"old": codes, "new": codes.model_copy(update={"decoder": "e"})}
    )
    assert Ledger([made]).same(photos("d"), photos("e"))
    assert not Ledger([made]).same(photos("d", "vlcs"), photos("e", "vlcs"))
    assert not Ledger([]).same(photos("d"), photos("e"))

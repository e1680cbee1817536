"""The figures: the same bytes each time, the right numbers, and every case can be drawn."""

from pathlib import Path

import numpy as np
import pytest

from rise.config.load import Experiment
from rise.experiment.record import HeldOut, Score, read_record, write_record
from rise.planning.asked import asked
from rise.planning.units import Unit, units
from rise.report.analysis.results import Results
from rise.report.figures.base import wrapped, write_plot
from rise.report.figures.classes import MOST, class_gain, classes, largest
from rise.report.figures.curves import curve, curves
from rise.report.figures.differences import differences
from rise.report.figures.domains import domains
from tests.synthetic import by_method, declare, fail, write_results

CORRECT = by_method(erm_text_init=[40, 42, 44, 46], hint=[45, 46, 50, 51], rise=[44, 48, 50, 49])


def _done(**changes: object) -> Results:
    write_results(declare(**changes), CORRECT)
    return Results.read(asked(declare(**changes)))


def _history(unit: Unit, rows: list[tuple[int, int, float]]) -> None:
    path = unit.folder / "record.json"
    record = read_record(path)
    record.provenance["history"] = [
        {"stage": stage, "step": step, "accuracy": accuracy, "loss": 1.0, "terms": {}}
        for stage, step, accuracy in rows
    ]
    write_record(path, record)


def _evaluate(experiment: Experiment) -> None:
    """Three evaluations a unit; accuracies grow by a point a seed, and noto's steps are double."""
    for unit in units(experiment):
        by = 2 if unit.held_out == ("noto",) else 1
        _history(unit, [(0, 10 * by * at, (50 + 10 * at + unit.seed) / 100) for at in (1, 2, 3)])


def _classes(unit: Unit, correct: dict[str, int]) -> None:
    path = unit.folder / "record.json"
    record = read_record(path)
    scores = {name: Score(correct=count, total=10) for name, count in correct.items()}
    whole = HeldOut(correct=sum(correct.values()), total=10 * len(correct), classes=scores)
    record.science.held_out["test"] = whole
    write_record(path, record)


def test_the_same_results_give_the_same_bytes(tmp_path: Path) -> None:
    write_results(declare(), CORRECT)
    _evaluate(declare())
    results = Results.read(asked(declare()))
    for made in (
        lambda: differences(results),
        lambda: domains(results, results.groups[0]),
        lambda: classes(results, results.groups[0]),
        lambda: curves(results),
    ):
        plot = made()
        assert plot is not None
        svg = [write_plot(made() or plot, tmp_path / folder) for folder in ("a", "b")]
        assert svg[0] == svg[1]
        files = [tmp_path / "a" / f"{plot.name}.{kind}" for kind in ("svg", "pdf", "png")]
        starts = [path.read_bytes()[:5] for path in files]
        assert starts == [b"<?xml", b"%PDF-", b"\x89PNG\r"]
        assert files[1].read_bytes() == (tmp_path / "b" / files[1].name).read_bytes()
        assert files[2].read_bytes() == (tmp_path / "b" / files[2].name).read_bytes()


@pytest.mark.parametrize("seeds", [1, 2])
def test_few_seeds_and_failed_units_are_drawn(seeds: int, tmp_path: Path) -> None:
    experiment = declare(seeds=seeds)
    write_results(experiment, CORRECT)
    fail(units(experiment)[0], "killed")
    results = Results.read(asked(experiment))
    for plot in (differences(results), domains(results, results.groups[0])):
        assert plot is not None
        assert b"</svg>" in write_plot(plot, tmp_path)


def test_what_has_no_numbers_is_not_drawn() -> None:
    results = Results.read(asked(declare()))
    (group,) = results.groups
    assert differences(results) is not None  # its verdicts say that all is missing
    assert domains(results, group) is classes(results, group) is curves(results) is None
    assert differences(Results.read(asked(declare(contrasts=[])))) is None


def test_curves_need_three_evaluations() -> None:
    assert curves(_done()) is None  # the made-up history has two
    _evaluate(declare())
    assert curves(Results.read(asked(declare()))) is not None


def test_a_curve_is_the_mean_over_domains_of_each_seed() -> None:
    experiment = declare()
    write_results(experiment, CORRECT)
    _evaluate(experiment)
    first = units(experiment)[0]  # ERM, noto, seed 0: 4 points more than the other domain
    _history(first, [(0, 20, 0.64), (0, 40, 0.74), (0, 60, 0.84)])
    results = Results.read(asked(experiment))
    found = curve(results, results.groups[0], "erm_text_init")
    assert found is not None
    steps, values = found
    assert steps.tolist() == [15.0, 30.0, 45.0]
    np.testing.assert_allclose(
        values, [[62, 72, 82], [61, 71, 81], [62, 72, 82], [63, 73, 83]], rtol=1e-12
    )
    (first.folder / "record.json").unlink()
    results = Results.read(asked(experiment))
    assert curve(results, results.groups[0], "erm_text_init") is None


def test_steps_count_on_over_stages_and_the_kept_weights_count() -> None:
    experiment = declare(seeds=1)
    write_results(experiment, CORRECT)
    for unit in units(experiment):
        _history(unit, [(0, 5, 0.1), (0, 10, 0.2), (1, 4, 0.3), (1, 8, 0.4), (1, 8, 0.5)])
    results = Results.read(asked(experiment))
    found = curve(results, results.groups[0], "rise")
    assert found is not None
    assert found[0].tolist() == [5, 10, 14, 18]
    np.testing.assert_allclose(found[1], [[10, 20, 30, 50]])


def test_gain_by_class_is_the_mean_over_seeds() -> None:
    experiment = declare()
    write_results(experiment, CORRECT)
    for unit in units(experiment):
        # RISE has 1, 2, 3, 4 cats more by seed, and as many dogs; noto has no dogs.
        more = unit.seed + 1 if unit.method == "rise" else 0
        dogs = {} if unit.held_out == ("noto",) else {"dog": 6}
        _classes(unit, {"cat": 3 + more, **dogs})
    results = Results.read(asked(experiment))
    gain = class_gain(results, results.groups[0], "rise", "erm_text_init")
    assert gain["noto"]["cat"] == pytest.approx(25)
    assert np.isnan(gain["noto"]["dog"])
    assert gain["twemoji"].to_dict() == pytest.approx({"cat": 25, "dog": 0})
    plot = classes(results, results.groups[0])
    assert plot is not None
    assert "RISE over ERM, same network in points on test identities" in plot.caption
    assert "Of " not in plot.caption
    (units(experiment)[0].folder / "record.json").unlink()
    results = Results.read(asked(experiment))
    gain = class_gain(results, results.groups[0], "rise", "erm_text_init")
    assert gain["noto"].isna().all() and not gain["twemoji"].isna().any()


def test_of_many_classes_the_largest_are_shown() -> None:
    experiment = declare()
    write_results(experiment, CORRECT)
    names = [f"class {at:02}" for at in range(65)]
    for unit in units(experiment):
        # From -3.2 to +3.2 of ten: the two ends are largest.
        sign = 1 if unit.method == "rise" else 0
        at = {name: 5 + sign * ((number - 32) // 8) for number, name in enumerate(names)}
        _classes(unit, at)
    results = Results.read(asked(experiment))
    shown = largest(class_gain(results, results.groups[0], "rise", "erm_text_init"))
    assert len(shown) == MOST
    assert shown.abs().to_numpy().min() >= 30
    assert shown["noto"].is_monotonic_decreasing
    plot = classes(results, results.groups[0])
    assert plot is not None
    assert "Of 65 classes, the 20 with the largest absolute gain" in plot.caption


def test_names_with_formulas_and_markup_are_drawn_as_text(tmp_path: Path) -> None:
    experiment = declare()
    write_results(experiment, CORRECT)
    hostile = r"$\frac{1}$ --> <script>alert(1)</script> ]]> & " + "long " * 20
    for unit in units(experiment):
        _classes(unit, {hostile: 5, "dog": 6})
    results = Results.read(asked(experiment))
    plot = classes(results, results.groups[0])
    assert plot is not None
    svg = write_plot(plot, tmp_path)
    assert b"<script" not in svg


def test_long_labels_are_wrapped_and_ended() -> None:
    assert wrapped("fluent-emoji-high-contrast", 16) == "fluent-emoji-\nhigh-contrast"
    assert wrapped("x" * 50, 10, 2) == "x" * 10 + "\n" + "x" * 9 + "\N{HORIZONTAL ELLIPSIS}"
    lines = wrapped("a long name of many words that goes on and on", 12).split("\n")
    assert len(lines) == 3 and max(map(len, lines)) <= 12


def test_mixed_data_are_in_no_figure() -> None:
    experiment = declare()
    write_results(experiment, CORRECT)
    path = units(experiment)[0].folder / "record.json"
    record = read_record(path)
    data = {**record.science.data, "pack": "d" * 64}
    science = record.science.model_copy(update={"data": data})
    write_record(path, record.model_copy(update={"science": science}))
    results = Results.read(asked(experiment))
    assert class_gain(results, results.groups[0], "rise", "hint").empty
    assert curve(results, results.groups[0], "rise") is None
    assert classes(results, results.groups[0]) is None

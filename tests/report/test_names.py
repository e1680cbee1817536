"""The names of methods in print: the label that a file's docstring gives, one for each method."""

from pathlib import Path

import pytest

from rise.planning.asked import asked
from rise.planning.plan import Plan
from rise.report.analysis.names import method_labels
from rise.report.analysis.results import Results
from rise.report.tables.main import main_table
from tests.synthetic import declare, write_results

FILE = '{docstring}\n\nDECLARATION = {{"teachers": 0}}\n\n\nclass Mine:\n    """See there."""\n'


def write(path: Path, first: str) -> Path:
    path.write_text(FILE.format(docstring=f'"""{first}"""'))
    return path


@pytest.mark.parametrize(
    ("first", "label"),
    [
        ("Label smoothing: CE(smoothing).", "Label smoothing"),
        ("Mixup with a beta law", "mine"),  # no label, a sentence
        (f"{'x' * 41}: CE.", "mine"),  # no table has room
        ("Hint: CE, once more.", "Hint [mine]"),  # as another method is called
        (r"A\tB\x07: CE.", "A BU+0007"),
    ],
)
def test_the_label_of_a_custom_method(tmp_path: Path, first: str, label: str) -> None:
    path = write(tmp_path / "mine.py", first)
    found = method_labels(declare(methods={"hint": {}, str(path): {}}, contrasts=[]).methods)
    assert found["mine"] == label
    assert found["hint"] == ("Hint [hint]" if "[" in label else "Hint")


def test_results_speak_of_a_file_that_is_gone(tmp_path: Path) -> None:
    path = write(tmp_path / "mine.py", "Ours: CE.")
    experiment = declare(methods={"hint": {}, str(path): {}}, contrasts=[])
    path.unlink()
    assert method_labels(experiment.methods) == {"hint": "Hint", "mine": "mine"}


def test_tables_and_report_show_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    path = write(tmp_path / "mine.py", "Ours*: CE.")
    experiment = declare(
        methods={"erm_text_init": {}, "mine": {"file": str(path)}},
        contrasts=[["mine", "erm_text_init"]],
    )
    write_results(experiment, lambda unit: 40 + unit.seed % 2 + 5 * (unit.method == "mine"))
    results = Results.read(asked(experiment))
    assert main_table(results, results.groups[0]).texts[1][0] == "Ours*"
    assert results.contrast_label("mine", "erm_text_init").startswith("Ours* vs. ERM")
    before = Plan(experiment).report_digest([])
    write(path, "Theirs: CE.")
    assert Plan(experiment).report_digest([]) != before

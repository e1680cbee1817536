"""What decides that a unit runs again: its digest and its record, nothing else."""

import os
import shutil
import time
from typing import Any

from tests.workflow.project import Project


def test_first_run_makes_all(reference: Project) -> None:
    assert set(reference.records()) == reference.keys()
    assert "RISE" in reference.run("rise", "show", "config/mini.yaml").stdout
    report = reference.path / "reports" / "mini"
    assert (report / "report.md").is_file()
    assert list((report / "tables").glob("*.tex"))


def test_pipe_shows_few_lines(reference: Project) -> None:
    lines = reference.said.splitlines()
    assert len(lines) <= 25 and any("Workflow Finished" in line for line in lines)
    assert "Warning" not in reference.said


def test_second_run_does_nothing(finished: Project) -> None:
    before = finished.records()
    done = finished.snakemake()
    assert done.returncode == 0 and "Nothing to be done" in done.stdout
    assert finished.records() == before


def test_deleted_record_is_made_again_alone(finished: Project, reference: Project) -> None:
    """Also where a wrong clock has dated what it needs tomorrow."""
    tomorrow = time.time() + 86400
    for path in (finished.path / "work").rglob("*"):
        os.utime(path, (tomorrow, tomorrow))
    key = sorted(finished.keys("rise"))[0]
    finished.file(key).unlink()
    assert finished.planned() == ({key}, {"report"})
    assert finished.snakemake().returncode == 0
    changed = {k for k, text in finished.records().items() if text != reference.records()[k]}
    assert changed <= {key}  # not even the time differs where nothing ran
    assert finished.file(key, "predictions.npz").read_bytes() == (
        reference.file(key, "predictions.npz").read_bytes()
    )


def test_lost_predictions_are_made_again(finished: Project) -> None:
    key = sorted(finished.keys())[0]
    finished.file(key, "predictions.npz").unlink()
    assert finished.planned()[0] == {key}


def test_copied_results_alone_list_the_report(fresh: Project, reference: Project) -> None:
    shutil.copytree(reference.path / "results", fresh.path / "results")
    assert fresh.planned() == (set(), {"report"})
    key = sorted(fresh.keys("rise"))[0]
    fresh.file(key).unlink()
    assert fresh.planned() == ({key}, {"decode", "texts", "embed", "report"})


def test_times_decide_nothing(finished: Project) -> None:
    tomorrow = time.time() + 86400
    files = [path for path in finished.path.rglob("*") if path.is_file()]
    for at, path in enumerate(files):
        os.utime(path, (tomorrow, tomorrow + at % 7))
    assert finished.planned() == (set(), set())


def test_changed_setting_lists_its_units(finished: Project) -> None:
    def stronger(values: dict[str, Any]) -> None:
        values["methods"]["rise"] = {"hparams": {"hint": 3.0}}

    finished.configure(stronger)
    assert finished.planned()[0] == finished.keys("/rise/")


def test_fewer_seeds_remake_only_the_report(finished: Project) -> None:
    finished.configure(lambda values: values.update(seeds=1))
    assert finished.planned() == (set(), {"report"})
    assert finished.snakemake().returncode == 0
    finished.configure(lambda values: values.update(seeds=2))
    assert finished.planned() == (set(), {"report"})


def test_other_contrast_remakes_only_the_report(finished: Project) -> None:
    finished.configure(lambda values: values.update(contrasts=[["erm_text_init", "rise"]]))
    assert finished.planned() == (set(), {"report"})


def test_statement_in_the_trainer_lists_all(finished: Project) -> None:
    path = finished.path / "rise" / "training" / "trainer.py"
    path.write_text(path.read_text() + "\nSTATEMENT = 1\n")
    assert finished.planned()[0] == finished.keys()


def test_statement_in_a_method_lists_its_units(finished: Project) -> None:
    path = finished.path / "rise" / "methods" / "rise.py"
    path.write_text(path.read_text() + "\nSTATEMENT = 1\n")
    assert finished.planned()[0] == finished.keys("/rise/")


def test_statement_in_the_losses_lists_all_that_compute_them(finished: Project) -> None:
    path = finished.path / "rise" / "methods" / "_losses.py"
    path.write_text(path.read_text() + "\nSTATEMENT = 1\n")
    assert finished.keys("/rise/") <= finished.planned()[0]


def test_statement_in_the_report_lists_the_report(finished: Project) -> None:
    path = finished.path / "rise" / "report" / "tables" / "main.py"
    path.write_text(path.read_text() + "\nSTATEMENT = 1\n")
    assert finished.planned() == (set(), {"report"})


def test_comments_and_docstrings_list_nothing(finished: Project) -> None:
    for path in (finished.path / "rise").rglob("*.py"):
        path.write_text(path.read_text() + "\n\n# A remark.\n")
    finished.edit("rise/training/trainer.py", '"""', '"""Reworded. ')
    finished.edit("rise/methods/_base.py", '"""', '"""Reworded. ')
    assert finished.planned() == (set(), set())


def test_unit_that_raises_stands_in_the_report(finished: Project) -> None:
    kept = finished.records()
    path = finished.path / "rise" / "methods" / "rise.py"
    sound = path.read_text()
    finished.edit(
        "rise/methods/rise.py",
        "out = self.student(batch.x)",
        'raise RuntimeError("broken on purpose")',
    )
    erm = sorted(finished.keys("/erm_text_init/"))[0]
    finished.file(erm).unlink()  # one that can finish

    done = finished.snakemake()

    assert done.returncode != 0
    assert set(finished.records()) == finished.keys("/erm_text_init/")
    report = (finished.path / "reports" / "mini" / "report.md").read_text()
    assert "broken on purpose" in report
    for key in finished.keys("/rise/"):
        assert f"work/mini/logs/units/{key}.log" in done.stdout
    assert done.stdout.count("broken on purpose") == len(finished.keys("/rise/"))
    assert "Traceback" not in done.stdout
    status = finished.run("rise", "status", "config/mini.yaml").stdout
    assert "4 done, 4 failed, 0 waiting" in status and "broken on purpose" in status

    path.write_text(sound)  # mended: the records that were moved aside are taken back
    assert finished.planned() == (set(), {"report"})
    assert finished.snakemake().returncode == 0
    assert {key: kept[key] for key in finished.keys("/rise/")}.items() <= (
        finished.records().items()
    )


def test_only_one_cell(finished: Project) -> None:
    chosen = ("--only", "method=rise", "--only", "held_out=noto", "--only", "seed=0")
    key = "emojidg/main/rise/noto/seed0"
    finished.file(key).unlink()
    other = sorted(finished.keys("erm"))[0]
    finished.file(other).unlink()
    done = finished.run("rise", "run", "config/mini.yaml", "--cores", "2", *chosen)
    assert done.returncode == 0, done.stdout
    assert f"-- results/mini/units/{key}/record.json" in done.stdout.splitlines()[0]
    assert finished.file(key).exists() and not finished.file(other).exists()

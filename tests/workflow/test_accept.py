"""A change of code that changes no number costs no result; one that does is named by its method."""

import json

from tests.workflow.project import Project

TRAINER = "rise/training/trainer.py"


def test_records_are_carried_over_a_change_that_changes_no_byte(finished: Project) -> None:
    before = finished.records()
    finished.edit(TRAINER, "SAVE_SECONDS = 60.0", "SAVE_SECONDS = 61.0")
    assert finished.planned()[0] == finished.keys()

    accepted = finished.run("rise", "accept", "results/mini")
    assert accepted.returncode == 0, accepted.stdout
    said = [line.rpartition(" (")[0] for line in accepted.stdout.splitlines()]
    kind = "(emoji views, identity_disjoint): same bytes"
    assert said == [f"erm_text_init {kind}", f"rise {kind}"]
    lines = (finished.path / "data/code_ledger.jsonl").read_text().splitlines()[-2:]
    assert [json.loads(line)["method"] for line in lines] == ["erm_text_init", "rise"]

    assert finished.planned()[0] == set()
    assert finished.snakemake().returncode == 0
    assert finished.records() == before
    again = finished.run("rise", "accept", "results/mini")
    assert again.returncode == 0 and "nothing to accept" in again.stdout
    report = (finished.path / "reports/mini/report.md").read_text()
    assert "8 of 8 records were made by earlier code" in report


def test_a_method_whose_numbers_change_is_named_and_not_carried(finished: Project) -> None:
    finished.edit("rise/methods/rise.py", "(distance, self.ad(", "(2 * distance, self.ad(")
    finished.edit(TRAINER, "SAVE_SECONDS = 60.0", "SAVE_SECONDS = 61.0")
    refused = finished.run("rise", "accept", "results/mini")
    assert refused.returncode == 1, refused.stdout
    first, second = refused.stdout.splitlines()
    assert first.startswith("erm_text_init (emoji views, identity_disjoint): same bytes")
    assert second.startswith("rise (emoji views, identity_disjoint): differs in ")
    assert finished.planned()[0] == finished.keys("/rise/")


def test_what_was_moved_aside_comes_back(finished: Project) -> None:
    before = finished.records()
    finished.edit(TRAINER, "SAVE_SECONDS = 60.0", "SAVE_SECONDS = 61.0")
    # One unit is made by the new code: the old records are moved aside first.
    made = "emojidg/main/rise/noto/seed0"
    assert finished.snakemake("--", f"results/mini/units/{made}/record.json").returncode == 0
    assert set(finished.records()) == {made}
    assert finished.run("rise", "accept", "results/mini").returncode == 0
    assert "8 done" in finished.run("rise", "status", "config/mini.yaml").stdout
    assert finished.planned()[0] == set()
    after = finished.records()
    assert {k: v for k, v in after.items() if k != made} == {
        k: v for k, v in before.items() if k != made
    }

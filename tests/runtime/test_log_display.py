"""What a failed job says on the terminal."""

import logging
from pathlib import Path

from rise.runtime.log_display import improve


def said(tmp_path: Path, **more: object) -> str:
    """The message of a failed job's record, and its own log's last line."""
    (tmp_path / "unit.log").write_text("one\nrise: no luck\n\n")
    record = logging.LogRecord("snakemake", logging.ERROR, "", 0, "Error in rule unit", (), None)
    vars(record).update({"log": [str(tmp_path / "unit.log")], **more})
    handler = logging.Handler()
    improve([handler])
    assert handler.filter(record)
    return record.getMessage()


def test_failed_job_says_its_reason_and_log(tmp_path: Path) -> None:
    assert said(tmp_path, rule_msg=None) == f"✗ rise: no luck\n  log: {tmp_path}/unit.log"


def test_cluster_says_why_it_stopped_a_job(tmp_path: Path) -> None:
    word = "SLURM-job '1' failed, SLURM status is: 'TIMEOUT'."
    message = said(
        tmp_path,
        rule_msg=f"{word}For further error details see the cluster/cloud log and more.",
        log=[str(tmp_path / "unit.log"), "slurm/1.log"],
    )
    assert message.splitlines() == [
        "✗ rise: no luck",
        f"  {word}",
        f"  log: {tmp_path}/unit.log",
        "  log: slurm/1.log",
    ]

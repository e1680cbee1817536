"""What a failed job says on the terminal."""

import logging
from pathlib import Path

from rise.runtime.log_display import improve, told


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


def test_a_log_without_a_reason_speaks_of_memory(tmp_path: Path) -> None:
    log = tmp_path / "unit.log"
    log.write_text("")
    assert told(log).startswith("killed before it could say why, most often for lack of memory")
    log.write_text("views: 1 of 20\n")
    assert told(log).endswith("; its log ends with: views: 1 of 20")
    log.unlink()
    assert told(log) == (
        "failed, and its log cannot be read (No such file or directory); look at the disk"
    )


def test_an_error_is_the_last_word(tmp_path: Path) -> None:
    log = tmp_path / "unit.log"
    log.write_text("rise: trial.json is damaged; made again\nbash: line 1: rise: not found\n")
    assert told(log) == "bash: line 1: rise: not found"
    log.write_text("rise: stopped by ValueError: x (in a.py, line 3); mend it\nTraceback\n  at\n")
    assert told(log) == "rise: stopped by ValueError: x (in a.py, line 3); mend it"

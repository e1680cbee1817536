"""The command line: it teaches, starts at once, and says errors in one sentence."""

import json
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from rise.cli import run_app
from rise.cli.common import progress_bar

ROOT = Path(__file__).resolve().parents[2]
HEAVY = ("torch", "pandas", "numpy", "scipy", "snakemake", "matplotlib")


def rise(*arguments: str, folder: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """Run `rise` as the console script does."""
    code = "import sys; sys.argv[0] = 'rise'; from rise.cli import main; main()"
    return subprocess.run(
        [sys.executable, "-c", code, *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )


def test_help_teaches() -> None:
    text = rise("--help").stdout
    for command in (
        "rise check",
        "rise plan",
        "rise run",
        "rise status",
        "rise show",
        "--only method=rise",
    ):
        assert command in text
    assert max(len(line) for line in text.splitlines()) <= 80


@pytest.mark.parametrize(
    "command",
    [
        *("check", "plan", "explain", "run", "status", "show", "report", "methods", "unit"),
        *("trace", "diff", "merge"),
        *("data decode", "data show", "teacher texts", "teacher embed"),
    ],
)
def test_every_command_has_help(command: str) -> None:
    done = rise(*command.split(), "--help")
    assert done.returncode == 0 and "Usage: rise" in done.stdout


def test_help_loads_nothing_heavy() -> None:
    program = """
import sys
from rise.cli import main
sys.argv = ["rise", "--help"]
try:
    main()
except SystemExit:
    print(sorted({"torch", "pandas", "pyarrow", "scipy", "timm", "snakemake"} & set(sys.modules)))
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_planning_loads_nothing_heavy() -> None:
    modules = (
        "rise.cli.app, rise.planning.cost_table, rise.planning.explain, rise.planning.status, "
        "rise.runtime.snakefile, rise.experiment.job"
    )
    loaded = "[name for name in sys.modules if name.split('.')[0] in heavy]"
    code = f"import sys, {modules}; heavy = {HEAVY}; print({loaded})"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.stdout.strip() == "[]", done.stdout + done.stderr


def test_check_says_the_size() -> None:
    done = rise("check", "config/demo.yaml")
    assert done.returncode == 0
    assert "96 (96 trials)" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["check", "none.yaml"], "rise: none.yaml: cannot be read (No such file or directory)"),
        (["run", "--only", "method"], "rise: --only method: write FIELD=VALUE"),
        (["run", "--only", "metod=rise"], "did you mean 'method'?"),
        (["run", "--only", "method=ris"], "did you mean 'rise'?"),
        (["run", "--only", "seed=8"], "unknown seed '8'"),
        (["data", "decode", "emojdg"], "unknown dataset 'emojdg'; did you mean 'emojidg'?"),
        (["unit", "none.json"], "rise: none.json: is not a unit's request"),
    ],
)
def test_mistakes_are_one_sentence(arguments: list[str], message: str) -> None:
    done = rise(*arguments)
    assert done.returncode == 1
    assert message in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_show_without_a_result(tmp_path: Path) -> None:
    done = rise("show", str(ROOT / "config" / "smoke.yaml"), folder=tmp_path)
    assert done.returncode == 1 and "no unit is done yet" in done.stderr


@pytest.mark.parametrize("arguments", [["chek"], ["check"], ["run", "--wrong"]])
def test_wrong_usage_exits_2(arguments: list[str]) -> None:
    assert rise(*arguments).returncode == 2


def test_methods_lists_equations() -> None:
    text = rise("methods").stdout
    assert "rise  RISE: ce * CE + hint * KD(temperature, scale) + distance * AD + relative" in text
    assert "hint = 2.0" in text


def test_run_gives_snakemake_the_chosen_records(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from rise.cli import run as command

    called: list[list[str]] = []
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr(os, "execv", lambda program, line: called.append(line))
    only = ["method=rise", "method=hint", "held_out=noto", "seed=0"]
    command.run(Path("config/demo.yaml"), "2", only, True)
    records = [
        f"results/demo/units/emojidg/main/{method}/noto/seed0/record.json"
        for method in ("hint", "rise")
    ]
    line = ["snakemake", "--cores", "2", "--configfile", "config/demo.yaml", "-n", "--", *records]
    assert called == [line]
    assert capsys.readouterr().err.strip() == " ".join(line)


def test_the_health_check_trains_two_steps() -> None:
    done = rise("selftest")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("two training steps on CPU: torch 2.")


def test_about_says_what_is_installed() -> None:
    said = json.loads(rise("about", "--json").stdout)
    assert set(said) == {"rise", "python", "torch", "environment", "code", "image"}
    assert said["image"] is None
    assert all(len(said[key]) == 64 for key in ("environment", "code"))


def test_a_log_gets_a_line_a_minute_with_the_time_left(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    clock = iter([0.0, 30.0, 90.0, 100.0, 120.0])
    monkeypatch.setattr("rise.cli.common.time", SimpleNamespace(monotonic=lambda: next(clock)))
    with progress_bar("views") as progress:
        for done in (1000, 2000, 4000, 4500, 7000):
            progress("objects: views", done, 7000)
    # 3,000 views in the 90 seconds since the resumed build began.
    assert capsys.readouterr().err.splitlines() == [
        "objects: views: 1,000 of 7,000",
        "objects: views: 4,000 of 7,000, 0:01:30 left",
        "objects: views: 7,000 of 7,000",
    ]


def test_a_name_that_the_terminal_cannot_show_is_written_as_its_number(tmp_path: Path) -> None:
    (tmp_path / "写.yaml").write_text((ROOT / "config" / "smoke.yaml").read_text())
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONIOENCODING", "iso-8859-1")
        done = rise("check", str(tmp_path / "写.yaml"))
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("\\u5199: Smoke test")


def test_what_the_system_refuses_is_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    def app() -> None:
        raise PermissionError(13, "Permission denied", "/data/pacs")

    with pytest.raises(SystemExit) as stop:
        run_app(app)
    assert stop.value.code == (
        "rise: /data/pacs: permission denied; change its permissions or owner, or use another place"
    )


def test_a_sentence_stands_before_any_other_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        run_app(lambda: int("x"))  # type: ignore[arg-type]
    first, *rest = capsys.readouterr().err.splitlines()
    assert stop.value.code == 1 and rest[0].startswith("Traceback")
    assert first.startswith("rise: stopped by ValueError: invalid literal") and "line " in first
    assert first.endswith("mend it if the file is yours, else report it with the lines below")


def test_a_whole_machine_is_no_dataset(tmp_path: Path) -> None:
    (tmp_path / "a.npz").write_bytes(b"PK\x03\x04\x00\xff")
    for arguments in (
        ["data", "verify", "/proc"],
        ["check", "a.npz"],
        ["teacher", "distances", "a.npz"],
        ["student", "export", "/proc", "--out", "a.safetensors"],
    ):
        done = rise(*arguments, folder=tmp_path)
        assert done.returncode == 1 and done.stderr.startswith("rise: "), done.stderr
        assert "Traceback" not in done.stderr and len(done.stderr.splitlines()) == 1


def test_explain_takes_its_experiment_as_the_other_commands() -> None:
    done = rise("explain", "emojidg/main/rise/noto/seed1", "config/smoke.yaml")
    assert done.returncode == 0 and "config/smoke.yaml" in done.stdout
    assert rise("explain", "emojidg/main/rise/noto/seed77").stderr.startswith(
        "rise: config/demo.yaml: unknown seed"
    )

"""Random edits of the demo's file: an experiment, or sentences; never a traceback.

The short form runs with all tests. The long form: pytest -m slow tests/config/test_fuzz.py
"""

import copy
import string
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from rise.config.load import Experiment, load
from rise.errors import ConfigError
from rise.planning.units import units
from tests.config.test_load import CONFIG

DEMO = yaml.safe_load((CONFIG / "demo.yaml").read_text())
WORDS = ["all", "rise", "noto", "emojidg", "tiny-clip", "none", "true", "~", "", "..", "a/b", "é\0"]
scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**20), 10**20),
    st.integers(-3, 40),
    st.floats(),
    st.sampled_from(WORDS),
    st.text(string.printable, max_size=8),
)
keys = st.one_of(st.sampled_from([*DEMO, *DEMO["variants"]["main"], "hparams", "lr"]), scalars)
values = st.recursive(
    scalars,
    lambda inside: st.one_of(
        st.lists(inside, max_size=4), st.dictionaries(keys, inside, max_size=3)
    ),
    max_leaves=8,
)


def places(value: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """All places in nested mappings and lists."""
    found = [at] if at else []
    if isinstance(value, dict | list):
        for key, one in value.items() if isinstance(value, dict) else enumerate(value):
            found += places(one, (*at, key))
    return found


@st.composite
def edited(draw: st.DrawFn) -> Any:
    """The demo with one to four values replaced, deleted, added or moved."""
    experiment = copy.deepcopy(DEMO)
    for _ in range(draw(st.integers(1, 4))):
        every = places(experiment)
        if not every:
            break
        *parents, last = draw(st.sampled_from(every))
        inside = experiment
        for part in parents:
            inside = inside[part]
        match draw(st.sampled_from(["replace", "delete", "add", "move"])):
            case "replace":
                inside[last] = draw(values)
            case "delete":
                del inside[last]
            case "add" if isinstance(inside, dict):
                inside[draw(keys)] = draw(values)
            case "add":
                inside.append(draw(values))
            case "move":
                *others, _ = draw(st.sampled_from(places(DEMO)))
                inside[last] = copy.deepcopy(_at(DEMO, others))
    return experiment


@st.composite
def spoilt(draw: st.DrawFn) -> str:
    """The demo's text with some lines or characters deleted, repeated or put in."""
    lines = (CONFIG / "demo.yaml").read_text().splitlines(keepends=True)
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(lines) - 1))
        line = lines[at]
        cut = draw(st.integers(0, len(line)))
        put = draw(st.sampled_from([*"{}[]:,&*!|>'\"%@`#-? \t\0", "<<: *a", "&a ", "010", ".nan"]))
        lines[at] = draw(
            st.sampled_from(["", line * 2, line[:cut], line[:cut] + put + line[cut:], "  " + line])
        )
    return "".join(lines)


texts = st.one_of(
    edited().map(lambda one: yaml.safe_dump(one, sort_keys=False, allow_unicode=True)), spoilt()
)


def _at(value: Any, place: list[Any]) -> Any:
    for part in place:
        value = value[part]
    return value


def reads(path: Path, text: str) -> None:
    """Write a file, and read it: units with different keys, or a sentence for each fault."""
    path.write_text(text, "utf-8")
    try:
        found = load(path)
    except ConfigError as error:
        lines = str(error).splitlines()
        assert lines and all(line.startswith(f"{path}: ") for line in lines), lines
        assert not [line for line in lines if "literal[" in line or "instance of" in line], lines
        return
    assert isinstance(found, Experiment)
    made = units(found)
    assert made and len({unit.key for unit in made}) == len(made)


@seed(20261201)
@settings(max_examples=60, database=None, suppress_health_check=list(HealthCheck))
@given(text=texts)
def test_no_edit_ends_in_a_traceback(tmp_path_factory: Any, text: str) -> None:
    reads(tmp_path_factory.getbasetemp() / "fuzzed.yaml", text)


@pytest.mark.slow
@seed(27)
@settings(max_examples=2000, database=None, suppress_health_check=list(HealthCheck))
@given(text=texts)
def test_two_thousand_edits(tmp_path_factory: Any, text: str) -> None:
    reads(tmp_path_factory.getbasetemp() / "fuzzed.yaml", text)

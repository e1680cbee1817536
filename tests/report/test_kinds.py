"""A table is one file: all that a new one needs is to lie in the folder."""

from pathlib import Path

import pytest

from rise.planning.asked import asked
from rise.report import tables
from rise.report.analysis.results import Results
from rise.report.kinds import kinds
from rise.report.outline import report
from rise.report.render.table import Table
from tests.synthetic import declare

MINE = """
from rise.report.render.table import Table

NAME, HEADING, ORDER = "{name}", "{heading}", {order}


def build(results):
    return [Table("mine", ("A",), [("1",)])]
"""


@pytest.mark.parametrize(
    ("name", "heading", "order", "before"),
    [("first", "Accuracy", 205, "Findings"), ("second", "Mine", 1450, "How settings were chosen")],
)
def test_a_file_in_the_folder_is_a_table_of_the_report(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    heading: str,
    order: int,
    before: str,
) -> None:
    text = MINE.format(name=name, heading=heading, order=order)
    (tmp_path / f"{name}.py").write_text(text, encoding="utf-8")
    monkeypatch.setattr(tables, "__path__", [*tables.__path__, str(tmp_path)])
    results = Results.read(asked(declare()))
    sections = report(results, [(kind, kind.build(results)) for kind in kinds()]).sections
    headings = [section.heading for section in sections]
    at = headings.index(heading)
    assert headings[at - 1] == before
    assert [part for part in sections[at].parts if isinstance(part, Table) and part.title == "mine"]


def test_every_kind_has_a_name_and_a_place_of_its_own() -> None:
    found = kinds()
    assert len({kind.name for kind in found}) == len({kind.order for kind in found}) == len(found)

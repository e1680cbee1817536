"""A report as one HTML page that needs nothing else: no server, no network, no other file."""

import base64
import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markdown_it import MarkdownIt
from markupsafe import Markup

from rise.config.load import Experiment
from rise.report.render.document import Listing, Part, Plot, Report
from rise.report.render.html_table import html_table
from rise.report.render.table import Table
from rise.report.render.units import Trace

HERE = Path(__file__).parent
# No HTML, links or images: names of the user's stand in the texts.
RULES = ["emphasis", "backticks", "list", "escape", "entity"]
TEXTS = MarkdownIt("zero", {"html": False}).enable(RULES)
KINDS = {str: "text", Table: "table", Plot: "figure", Listing: "listing"}


def page(
    report: Report, drawn: Mapping[str, bytes], traces: list[Trace], experiment: Experiment
) -> str:
    """Write the HTML of a report.

    Args:
        report: what it says.
        drawn: the SVG of each figure by its name.
        traces: the units behind its numbers.
        experiment: whose settings stand at its end.
    """
    environment = Environment(
        loader=FileSystemLoader(HERE),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {"prose": _prose, "table": html_table, "kind": _kind}
    style, script = (_own(name) for name in ("page.css", "page.js"))
    return environment.get_template("page.html.j2").render(
        report=report,
        images={name: _data_address(svg) for name, svg in drawn.items()},
        traces=traces,
        settings=yaml.safe_dump(_settings(experiment), sort_keys=False),
        style=style,
        script=script,
        # Nothing but these two runs, and nothing is loaded, whatever a name may hold.
        allowed={"style": _allowed(style), "script": _allowed(script)},
    )


def _settings(experiment: Experiment) -> dict[str, Any]:
    """List all keys; seeds by number, since a count and a list of the same seeds are the same."""
    return {**experiment.model_dump(mode="json"), "seeds": experiment.seed_list}


def _kind(part: Part) -> str:
    return KINDS[type(part)]


def _prose(text: str) -> Markup:
    return Markup(TEXTS.render(text))


def _own(name: str) -> Markup:
    return Markup((HERE / name).read_text(encoding="utf-8"))


def _allowed(text: str) -> str:
    """Name an inline text as a content security policy does."""
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def _data_address(svg: bytes) -> str:
    """Make an image by itself: ids of two figures do not meet, and nothing in it runs."""
    return f"data:image/svg+xml;base64,{base64.b64encode(svg).decode()}"

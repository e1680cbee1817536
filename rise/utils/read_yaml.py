"""Read the YAML that people write, without YAML's traps.

Every key is text as it is written (`no`, `on`, `8`, `010`, `null` and `1e3` are names of classes
somewhere), and values follow YAML 1.2: only true and false are booleans, 010 is no octal number,
1e3 is a number. A repeated key, of which PyYAML silently takes the last, is an error.
"""

import re
from collections.abc import Hashable
from pathlib import Path
from typing import Any

import yaml

from rise.errors import ConfigError

DEEPEST = 40  # levels; the files of this project have six
MOST = 200_000  # values, with those that an alias repeats


class _Loader(yaml.SafeLoader):
    """PyYAML's safe loader with YAML 1.2's core schema."""

    yaml_implicit_resolvers = {}  # noqa: RUF012

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        """Construct a mapping whose keys are text."""
        self._refuse_repeated(node)
        self.flatten_mapping(node)
        return {
            self._key(key): self.construct_object(value, deep=deep) for key, value in node.value
        }

    def _refuse_repeated(self, node: yaml.MappingNode) -> None:
        seen: set[str] = set()
        for key, _ in node.value:
            name = self._key(key)
            if name in seen:
                raise yaml.MarkedYAMLError(
                    problem=f"the key {name!r} stands there twice; take one out",
                    problem_mark=key.start_mark,
                )
            seen.add(name)

    def _key(self, node: yaml.Node) -> str:
        if not isinstance(node, yaml.ScalarNode):
            raise yaml.MarkedYAMLError(
                problem="a key must be text, not a list or mapping", problem_mark=node.start_mark
            )
        return str(node.value)


for _tag, _pattern, _first in (
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    ("int", r"[-+]?(0|[1-9][0-9]*)", "-+0123456789"),
    (
        "float",
        r"[-+]?(\.[0-9]+|(0|[1-9][0-9]*)(\.[0-9]*)?)([eE][-+]?[0-9]+)?"
        r"|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)",
        "-+.0123456789",
    ),
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("merge", r"<<", "<"),
):
    _Loader.add_implicit_resolver(
        f"tag:yaml.org,2002:{_tag}", re.compile(rf"(?:{_pattern})$"), list(_first)
    )


def read_yaml(path: Path) -> Any:
    """Read a file of one YAML document.

    Raises:
        ConfigError: it cannot be read, is no UTF-8 text or no YAML, repeats a key, or is nested too
            deeply or too large.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read ({error.strerror})") from error
    except UnicodeDecodeError as error:
        raise ConfigError(
            f"{path}: is no UTF-8 text (byte {error.start + 1}); save it as UTF-8"
        ) from error
    try:
        return _loaded(text)
    except yaml.YAMLError as error:
        raise ConfigError(f"{path}: is not valid YAML: {_said(error)}") from error
    except (RecursionError, ValueError, OverflowError) as error:
        reason = "" if isinstance(error, RecursionError) else f": {error}"
        raise ConfigError(f"{path}: cannot be read as YAML{reason}") from error


def _loaded(text: str) -> Any:
    loader = _Loader(text)
    try:
        node = loader.get_single_node()
        if node is None:
            return None
        if _size(node, {}, 0) > MOST:
            raise yaml.YAMLError(f"it has more than {MOST} values, with those of its aliases")
        return loader.construct_document(node)
    finally:
        loader.dispose()


def _size(node: yaml.Node, known: dict[int, int], depth: int) -> int:
    """Count the values below a node, an alias's each time that it is used."""
    if depth > DEEPEST:
        raise yaml.YAMLError(f"it is nested more than {DEEPEST} levels deep")
    if isinstance(node, yaml.ScalarNode):
        return 1
    if id(node) not in known:
        inside = [
            part for one in node.value for part in (one if isinstance(one, tuple) else (one,))
        ]
        known[id(node)] = 1 + sum(_size(part, known, depth + 1) for part in inside)
    return known[id(node)]


def _said(error: yaml.YAMLError) -> str:
    """Say it in one line, with the place."""
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None) or str(error)
    place = f" (line {mark.line + 1}, column {mark.column + 1})" if mark else ""
    return " ".join(f"{problem}{place}".split())

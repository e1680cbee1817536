"""The faults that a model finds in an experiment file, as sentences by key, all at once."""

import copy
from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from rise.config.schema import (
    DatasetChoice,
    DecisionRule,
    MethodChoice,
    RecipeSection,
    Request,
    Resources,
    Variant,
    ViewsSection,
)
from rise.errors import unknown

Model = TypeVar("Model", bound=BaseModel)
Place = tuple[int | str, ...]

# Keys with values of several kinds, for which pydantic would list what each of them lacks.
MAY_BE = {
    "held_out": (
        "must be all, or a list of domains; domains held out together are a list in the list"
    ),
    "hparams": "must be hyper-parameters, each with a value or a list of values to search",
    "lr": "must be a finite number above 0, or a list of such numbers",
    "weight_decay": "must be a finite number of at least 0, or a list of such numbers",
    "prompts": "must be the name of a set, or a list of templates",
    "text": "must be true, shuffled or random",
}
NAMED = ("datasets", "methods", "variants")
NEEDED = ("student", "teacher")
STAND_INS: dict[Place, Any] = {("title",): "", ("seeds",): 1}
KINDS = {
    "model_type": "must be keys with values",
    "dict_type": "must be keys with values",
    "list_type": "must be a list",
    "bool_type": "must be true or false",
    "int_type": "must be a whole number",
    "float_type": "must be a number",
    "finite_number": "must be a finite number",
}


def checked(model: type[Model], values: Mapping[str, Any]) -> tuple[Model | None, list[str]]:
    """Check values against a model.

    A model looks at what its parts mean together only once each of them is well-formed. So keys
    with a fault are left out, and the rest is checked again, as long as no named part is missing.

    Returns:
        The model or None, and a sentence for each fault, with its key.
    """
    lines: dict[str, None] = {}
    values = copy.deepcopy(dict(values))
    while True:
        try:
            found = model.model_validate(values)
            return (None if lines else found), list(lines)
        except ValidationError as error:
            faults = error.errors()
            lines |= dict.fromkeys(line for one in faults for line in _lines(one, model, values))
            places = {_place(one["loc"]) for one in faults}
            if not all(_left_out(values, place) for place in places):
                return None, list(lines)


def _left_out(values: Any, place: Place) -> bool:
    """Leave a key out, if the others can be looked at without it; False if they cannot."""
    if not place or (place[0] in NAMED and len(place) < 3):
        return False
    inside = values
    for part in place[:-1]:
        inside = inside.get(part) if isinstance(inside, dict) else None
    if not isinstance(inside, dict) or place[-1] in NEEDED:
        return False
    if place in STAND_INS:
        inside[place[-1]] = STAND_INS[place]
        return True
    return inside.pop(place[-1], inside) is not inside


def _place(loc: Place) -> Place:
    """Return the keys of a fault, without places in lists and what pydantic adds of its own."""
    for at, part in enumerate(loc):
        if part in MAY_BE and not (at == 1 and loc[0] in NAMED):  # there it is a name
            return loc[: at + 1]
        if isinstance(part, int):
            return loc[:at]
    return loc


def _lines(fault: Any, model: type[BaseModel], values: Any) -> list[str]:
    loc = _place(fault["loc"])
    place = ".".join(map(str, loc))
    if fault["type"] == "extra_forbidden":
        parent = _model_at(loc[:-1], model)
        inside = ".".join(map(str, loc[:-1]))
        # The name is the file's stem, not a key.
        text = unknown("key", str(loc[-1]), set(parent.model_fields) - {"name"})
        return [f"{inside}: {text}" if inside else text]
    if not place:
        return str(fault["msg"].removeprefix("Value error, ")).splitlines()
    if fault["type"] == "missing":
        return [f"{place}: is missing; give it a value"]
    given = f" (given: {_short(_at(values, loc, fault['input']))})"
    if loc != fault["loc"] and loc[-1] in MAY_BE:
        return [f"{place}: {MAY_BE[str(loc[-1])]}{given}"]
    if fault["type"] == "string_type":
        scalar = fault["input"] is None or isinstance(fault["input"], bool | int | float)
        return [f"{place}: must be text{'; write it in quotes' if scalar else ''}{given}"]
    message = KINDS.get(fault["type"], fault["msg"].removeprefix("Value error, "))
    return [f"{place}: {message}{given}"]


def _at(values: Any, place: Place, otherwise: Any) -> Any:
    """Return the whole value of a key, of which a fault may know a part alone."""
    for part in place:
        if not isinstance(values, dict) or part not in values:
            return otherwise
        values = values[part]
    return values


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:60]}..."


def _model_at(place: Place, model: type[BaseModel]) -> type[BaseModel]:
    """Find the model class of a place below a model."""
    inside: dict[str, type[BaseModel]] = {
        "datasets": DatasetChoice,
        "methods": MethodChoice,
        "variants": Variant,
    }
    inside |= {
        "views": ViewsSection,
        "recipe": RecipeSection,
        "decision": DecisionRule,
        "resources": Resources,
    }
    inside |= dict.fromkeys([*Resources.model_fields, "pack", "bank"], Request)
    for part in place:
        model = inside.get(str(part), model)
    return model

"""The OpenAPI schema for people: a page that needs nothing else, and a table in Markdown.

The usual viewers are scripts of hundreds of kilobytes that come from other machines.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from ui.api.problems import all_kinds
from ui.page import STATIC

if TYPE_CHECKING:
    from jinja2 import Template
    from markupsafe import Markup

Schema = Mapping[str, Any]

_REF = "#/components/schemas/"

# What a number or a list may be, and how people write that.
_BOUNDS = {
    "minimum": "from {}",
    "exclusiveMinimum": "above {}",
    "maximum": "to {}",
    "exclusiveMaximum": "below {}",
    "minItems": "at least {}",
    "maxItems": "at most {}",
    "minLength": "at least {} characters",
    "maxLength": "at most {} characters",
}


@dataclass(frozen=True, slots=True)
class Value:
    """A parameter of a request, or a field of an object.

    Attributes:
        name: Its name.
        type: What it is, in pieces; those that name an object are its name alone.
        limits: Its bounds and default, or empty.
        required: Whether it must be given, or is always there.
        description: What it means.
    """

    name: str
    type: tuple[str, ...]
    limits: str
    required: bool
    description: str


@dataclass(frozen=True, slots=True)
class Reply:
    """What a request may be answered with.

    Attributes:
        status: The HTTP status.
        type: What it holds, as in `Value`.
        media_type: In which media type.
        description: When this is.
    """

    status: str
    type: tuple[str, ...]
    media_type: str
    description: str


@dataclass(frozen=True, slots=True)
class Operation:
    """A route.

    Attributes:
        method: GET, POST or DELETE.
        path: Its address.
        tag: What it belongs to.
        summary: What it does, in a few words.
        description: The same in some more.
        parameters: What goes into its address and its headers, what must first.
        body: What its body holds, as in `Value`; empty if it has none.
        replies: What comes back, by status.
    """

    method: str
    path: str
    tag: str
    summary: str
    description: str
    parameters: tuple[Value, ...]
    body: tuple[str, ...]
    replies: tuple[Reply, ...]

    @property
    def anchor(self) -> str:
        """Its place on the page."""
        return f"{self.method}{self.path}".lower().replace("/", "-").strip("{}")


@dataclass(frozen=True, slots=True)
class Shape:
    """An object that requests or answers hold.

    Attributes:
        name: Its name.
        description: What it is.
        fields: What it holds.
    """

    name: str
    description: str
    fields: tuple[Value, ...]


def operations_of(schema: Schema) -> list[Operation]:
    """Returns the routes, in the order of the schema."""
    return [
        Operation(
            method.upper(),
            path,
            found["tags"][0],
            found["summary"],
            found.get("description", ""),
            tuple(sorted(_parameters(found), key=lambda value: not value.required)),
            _content(found.get("requestBody", {}))[0],
            tuple(
                Reply(status, *_content(reply), reply["description"])
                for status, reply in sorted(found["responses"].items())
            ),
        )
        for path, methods in schema["paths"].items()
        for method, found in methods.items()
    ]


def shapes_of(schema: Schema) -> list[Shape]:
    """Returns the objects, by their names."""
    return [
        Shape(name, found.get("description", ""), tuple(_fields(found)))
        for name, found in sorted(schema["components"]["schemas"].items())
    ]


def reference_html(schema: Schema) -> str:
    """Returns the page of the API; no script, nothing from elsewhere."""
    operations = operations_of(schema)
    shapes = shapes_of(schema)
    return _template().render(
        about=schema["info"]["description"],
        tags=list(dict.fromkeys(each.tag for each in operations)),
        operations=operations,
        shapes=shapes,
        names={shape.name for shape in shapes},
        kinds=all_kinds(),
    )


def routes_table(schema: Schema) -> str:
    """Returns the routes as a table in Markdown."""
    lines = ["| route | | takes |", "|---|---|---|"]
    for each in operations_of(schema):
        given = [f"`{value.name}`" for value in each.parameters]
        if each.body:
            given.append(f"JSON: `{''.join(each.body)}`")
        lines.append(f"| `{each.method} {each.path}` | {each.summary} | {', '.join(given)} |")
    return "\n".join(lines) + "\n"


def problems_table() -> str:
    """Returns the kinds of problems as a table in Markdown."""
    lines = ["| status | type | |", "|---|---|---|"]
    lines += [f"| {kind.status} | `{kind.name}` | {kind.title} |" for kind in all_kinds()]
    return "\n".join(lines) + "\n"


def _parameters(operation: Schema) -> Iterator[Value]:
    for each in operation.get("parameters", ()):
        about = each.get("description") or each["schema"].get("description", "")
        yield _value(each["name"], each["schema"], each.get("required", False), about)


def _fields(shape: Schema) -> Iterator[Value]:
    required = shape.get("required", ())
    for name, found in shape.get("properties", {}).items():
        yield _value(name, found, name in required, found.get("description", ""))


def _value(name: str, schema: Schema, required: bool, description: str) -> Value:
    limits = [words.format(f"{schema[key]:,}") for key, words in _BOUNDS.items() if key in schema]
    for branch in schema.get("anyOf", ()):
        limits += [words.format(branch[key]) for key, words in _BOUNDS.items() if key in branch]
    if not required and schema.get("default") not in (None, "", []):
        limits.append(f"else {str(schema['default']).lower()}")
    return Value(name, _type(schema), ", ".join(limits), required, description)


def _content(holder: Schema) -> tuple[tuple[str, ...], str]:
    for media_type, found in holder.get("content", {}).items():
        return _type(found.get("schema", {})), media_type
    return (), ""


def _type(schema: Schema) -> tuple[str, ...]:
    """Returns what a schema describes, in words and names of objects."""
    if "$ref" in schema:
        return (schema["$ref"].removeprefix(_REF),)
    for key in ("anyOf", "oneOf"):
        if key in schema:
            return _alternatives(schema[key])
    if "const" in schema:
        return (str(schema["const"]).lower(),)
    if "enum" in schema:
        return _joined([(str(each),) for each in schema["enum"]])
    if schema.get("type") == "array":
        return ("list of ", *_type(schema.get("items", {})))
    if isinstance(schema.get("additionalProperties"), Mapping):
        return ("object of ", *_type(schema["additionalProperties"]))
    return (str(schema.get("format") or schema.get("type", "any")),)


def _alternatives(schemas: Sequence[Schema]) -> tuple[str, ...]:
    return _joined([_type(each) for each in schemas])


def _joined(types: Sequence[tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(piece for type_ in types for piece in (" or ", *type_))[1:]


def _with_code(text: str) -> "Markup":
    """Returns a text with what stands in backticks as code, all of it escaped."""
    from markupsafe import Markup, escape  # lazy: comes with jinja2

    pieces = [
        Markup("<code>{}</code>").format(piece) if at % 2 else escape(piece)
        for at, piece in enumerate(text.split("`"))
    ]
    return Markup("").join(pieces)


@cache
def _template() -> "Template":
    from jinja2 import Environment, FileSystemLoader, StrictUndefined  # lazy: asking needs none

    environment = Environment(
        loader=FileSystemLoader(STATIC), autoescape=True, undefined=StrictUndefined
    )
    environment.filters["code"] = _with_code
    return environment.get_template("api.html")

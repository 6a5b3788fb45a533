"""What stands in the XML of Word files: the content of an element, and a paragraph's text."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from corpus.formats.flow import with_superscripts

if TYPE_CHECKING:
    from docx.opc.part import Part
    from docx.oxml.xmlchemy import BaseOxmlElement

_NAMESPACES = {
    "a": "http://schemas.openxmlformats.org/drawingml/2006/main",
    "dgm": "http://schemas.openxmlformats.org/drawingml/2006/diagram",
    "m": "http://schemas.openxmlformats.org/officeDocument/2006/math",
    "mc": "http://schemas.openxmlformats.org/markup-compatibility/2006",
    "r": "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
    "w": "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
}


def tag(name: str) -> str:
    """Returns an element's or attribute's full name: ``w:p`` as ``{http://…}p``."""
    prefix, _, local = name.partition(":")
    return f"{{{_NAMESPACES[prefix]}}}{local}"


def _tags(*names: str) -> frozenset[str]:
    return frozenset(map(tag, names))


PARAGRAPH, TABLE, ROW, CELL = tag("w:p"), tag("w:tbl"), tag("w:tr"), tag("w:tc")

# What only wraps content: it is read as if it were not there.
_WRAPPERS = _tags("w:sdt", "w:sdtContent", "w:customXml", "w:ins", "w:moveTo", "w:smartTag")

# What holds no text of the document: properties, deletions, codes of fields, readings of ruby
# characters.
_LEFT_OUT = _tags(
    *("w:pPr", "w:rPr", "w:sdtPr", "w:sdtEndPr", "w:del", "w:moveFrom", "w:delText"),
    *("w:instrText", "w:delInstrText", "w:fldData", "w:rt", "m:ctrlPr"),
)
_TEXTS = _tags("w:t", "m:t")
_RUN, _EXPONENT, _DENOMINATOR = tag("w:r"), tag("m:sup"), tag("m:den")
_SIGNS = {tag("w:tab"): "\t", tag("w:br"): "\n", tag("w:cr"): "\n", tag("w:noBreakHyphen"): "-"}
_NOTES = {tag("w:footnoteReference"): "footnotes", tag("w:endnoteReference"): "endnotes"}
_ON = ("", "1", "true", "on")
_BOX, _DIAGRAM, _ALTERNATIVES = tag("w:txbxContent"), tag("dgm:relIds"), tag("mc:AlternateContent")
_CHOICE, _FALLBACK = tag("mc:Choice"), tag("mc:Fallback")


@dataclass(slots=True)
class Line:
    """What a paragraph holds.

    Attributes:
        texts: The pieces of its text, and whether each is a superscript.
        boxes: The contents of the text boxes that are anchored in it.
        diagrams: The identifiers of the diagrams that stand in it.
        notes: The kind (``footnotes``, ``endnotes``) and identifier of the notes it refers to.
    """

    texts: list[tuple[str, bool]] = field(default_factory=list)
    boxes: list["BaseOxmlElement"] = field(default_factory=list)
    diagrams: list[str] = field(default_factory=list)
    notes: list[tuple[str, str]] = field(default_factory=list)

    @property
    def text(self) -> str:
        """Its text, line breaks and tabs included."""
        return with_superscripts(self.texts)


def tree_of(part: "Part") -> "BaseOxmlElement":
    """Returns the XML of a part of a package."""
    from docx.opc.part import XmlPart  # lazy: see `word.read`
    from docx.oxml.parser import parse_xml  # lazy: see `word.read`

    return part.element if isinstance(part, XmlPart) else parse_xml(part.blob)


def related_tree(part: "Part", kind: str) -> "BaseOxmlElement | None":
    """Returns the XML of the part that another one names as its ``styles`` or the like."""
    for relation in part.rels.values():
        if relation.reltype.rpartition("/")[2] == kind and not relation.is_external:
            return tree_of(relation.target_part)
    return None


def children(element: "BaseOxmlElement") -> Iterator["BaseOxmlElement"]:
    """Yields the elements inside one, as if those that only wrap others were not there."""
    for child in element:
        if child.tag in _WRAPPERS:
            yield from children(child)
        elif child.tag == _ALTERNATIVES:
            yield from children(chosen) if (chosen := _chosen(child)) is not None else ()
        elif isinstance(child.tag, str) and child.tag not in _LEFT_OUT:  # no comment
            yield child


def with_lines(
    container: "BaseOxmlElement",
) -> Iterator[tuple["BaseOxmlElement", Line | None]]:
    """Yields what stands in the body, a cell or the like, with what each paragraph holds.

    A paragraph whose end is deleted is one with the next.
    """
    line, last = Line(), None  # what goes on
    for child in children(container):
        if child.tag == PARAGRAPH:
            _gather(child, line, raised=False)
            last = child
            if setting(child, "w:pPr", "w:rPr", "w:del") is not None:
                continue
            yield child, line
        else:
            if last is not None:
                yield last, line
            yield child, None
        line, last = Line(), None
    if last is not None:
        yield last, line


def lines_in(container: "BaseOxmlElement") -> Iterator[Line]:
    """Yields the paragraphs of a cell, a note or a text box, those of tables inside included."""
    for child, line in with_lines(container):
        if not line:
            yield from lines_in(child)
            continue
        yield line
        for box in line.boxes:
            yield from lines_in(box)


def setting(element: "BaseOxmlElement | None", *path: str) -> str | None:
    """Returns the value of a property such as ``w:pPr``, ``w:pStyle``; empty if only switched on.

    None if the property, or an element on the way to it, is not there.
    """
    for name in path:
        if element is not None:
            element = element.find(tag(name))
    return None if element is None else element.get(tag("w:val")) or ""


def _chosen(alternatives: "BaseOxmlElement") -> "BaseOxmlElement | None":
    choice: BaseOxmlElement | None = alternatives.find(_CHOICE)
    fallback: BaseOxmlElement | None = alternatives.find(_FALLBACK)
    return fallback if choice is None else choice


def _has_no_bar(fraction: "BaseOxmlElement") -> bool:
    """Tells whether a fraction is none, but two numbers over each other in brackets."""
    kind = fraction.find(f"{tag('m:fPr')}/{tag('m:type')}")
    return kind is not None and kind.get(tag("m:val")) == "noBar"


def _gather(element: "BaseOxmlElement", line: Line, raised: bool) -> None:
    """Adds what stands in an element, which is a superscript or not, to a line."""
    for child in children(element):
        name = child.tag
        if name in _TEXTS:
            line.texts.append((child.text or "", raised))
        elif name in _SIGNS:
            line.texts.append((_SIGNS[name], False))
        elif name == _BOX:
            line.boxes.append(child)
        elif name == _DIAGRAM:
            line.diagrams.append(child.get(tag("r:dm")) or "")
        elif name in _NOTES:
            line.notes.append((_NOTES[name], child.get(tag("w:id")) or ""))
        elif name == _RUN:
            if setting(child, "w:rPr", "w:vanish") not in _ON:
                height = setting(child, "w:rPr", "w:vertAlign")
                _gather(child, line, raised if height is None else height == "superscript")
        else:
            if name == _DENOMINATOR and not _has_no_bar(element):  # or 1 over 2 would be 12
                line.texts.append(("/", False))
            _gather(child, line, raised or name == _EXPONENT)

"""The tables of docs/scaling.md: engines side by side, and what so many passages will take."""

from typing import Any

from tests.benchmarks.markdown import markdown_table

# Of a server's memory, what is to be filled; and of a node, in bytes.
_FILLED, _NODE = 0.7, 256e9

# Bytes a vector's links take in a graph: M = 16, twice that at the bottom, 4 bytes each, and 1/16
# of the vectors once more above it.
_LINKS = 2 * 16 * 4 * (1 + 1 / 16)

# Passages of the sizing table.
_COUNTS = (1e5, 1e6, 1e7, 1e8, 1e9)

# Times a collection is on a server: it serves, and the one before or the next is there beside it.
_KEPT = 2


def engines_table(figures: dict[str, Any]) -> str:
    """Returns the table of what was measured of each engine, as Markdown."""
    found = figures["engines"]
    engines = [name for name in ("FAISS", "Milvus Lite", "Milvus server") if name in found]
    rows = {
        "searched by": lambda e: e.get("kind", "FAISS, exact, and Tantivy"),
        "ten hits as with FAISS, of all questions": lambda e: (
            f"{e['ten hits as with FAISS']} / {e['questions']}"
        ),
        "answers as with FAISS, word for word": lambda e: (
            f"{e['answers as with FAISS']} / {e['questions']}"
        ),
        "nDCG@10": lambda e: f"{e['measures']['nDCG@10']:.3f}",
        "first quote right": lambda e: f"{e['measures']['quote hit@1']:.3f}",
        "search, p50 / p95": lambda e: _times(e["search"]),
        "answer, p50 / p95": lambda e: _times(e["ask"]),
        "written, indexed and loaded": lambda e: _rate(
            e, "written, indexed and loaded, passages/s"
        ),
        "read back and verified": lambda e: _rate(e, "verified row by row, passages/s"),
    }
    return markdown_table(
        ["", *engines],
        ([name, *(shown(found[engine]) for engine in engines)] for name, shown in rows.items()),
    )


def sizing_table(figures: dict[str, Any]) -> str:
    """Returns what so many passages take, worked out from what one was measured to."""
    one = figures["engines"]["Milvus Lite"]["bytes a passage"]
    rate = figures["engines"]["Milvus Lite"]["written, indexed and loaded, passages/s"]
    memory = one["vector"] + _LINKS + one["terms"] + one["postings"] + one["names and days"]
    head = ["passages", "memory of query nodes", "nodes of 256 GB", "object store", "home"]
    rows = []
    for count in _COUNTS:
        held = count * memory * _KEPT
        nodes = -(-held // (_FILLED * _NODE))
        stored = count * one["Lite on disk"] * _KEPT
        home = count * one["home on disk"] * _KEPT
        hours = count / rate / 3600
        sizes = [_bytes(held), f"{nodes:,.0f}", _bytes(stored), _bytes(home)]
        rows.append([f"{count:,.0f}", *sizes, f"{hours:,.1f} h"])
    parts = ", ".join(
        f"{name} {one[name]:,.0f}" for name in ("vector", "terms", "postings", "names and days")
    )
    note = (
        f"Bytes of a passage in memory: {parts}, links of the graph {_LINKS:,.0f}, together"
        f" {memory:,.0f}; on disk {one['Lite on disk']:,.0f} with the server and"
        f" {one['home on disk']:,.0f} in the home. Each counts twice, for the index that serves and"
        f" the one before it; memory is filled to {_FILLED:.0%}. Written at {rate:,.0f} passages a"
        " second, by one process."
    )
    return f"{markdown_table([*head, 'written in'], rows)}\n{note}\n"


def recovery_table(figures: dict[str, Any]) -> str:
    """Returns what users see of a query node that dies, as Markdown."""
    found = {name: each for name, each in figures["engines"].items() if name.startswith("killed")}
    rows = []
    for name, each in found.items():
        shown = name.removeprefix("killed, replicas ")
        if wrong := each.get("WRONG after s"):
            rows.append([shown, f"yes, after {wrong:.1f} s", "", "", ""])
            continue
        waits = [f"{each[what]:.1f} s" for what in ("longest wait s", "answers as before after s")]
        rows.append([shown, "none", f"{each['questions refused']}", *waits])
    return markdown_table(
        ["replicas", "wrong answers", "refused", "longest wait", "as before after"], rows
    )


def _times(row: dict[str, float]) -> str:
    middle, late = (row[f"latency {name} ms"] for name in ("p50", "p95"))
    return f"{middle:.0f} / {late:.0f} ms"


def _rate(row: dict[str, Any], name: str) -> str:
    return f"{row[name]:,.0f} passages/s" if name in row else "–"


def _bytes(count: float) -> str:
    for unit in ("kB", "MB", "GB", "TB"):
        count /= 1000
        if count < 1000:
            return f"{count:,.1f} {unit}"
    return f"{count / 1000:,.1f} PB"

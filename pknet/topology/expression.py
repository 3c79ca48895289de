"""A packet expression: ``IP(dst="10.1.2.1")/ICMP(id=1, seq=1)``.

Law: it is read as a tree, never run. Layer calls, ``/``, keyword arguments and literals are
all there is; whatever else stands in it is refused where it stands.
"""

from __future__ import annotations

import ast
import difflib
import textwrap
import warnings
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from scapy.packet import Packet

MAX_TEXT = 100_000  # characters
MAX_LAYERS = 40
MAX_DEPTH = 20  # brackets: lists, and layers in layers
MAX_INTEGER = 2**128
MAX_SHOWN = 40  # characters of a value in a message
_LITERALS = "text, bytes, a number, a list or a tuple of them"
_BARE = ("Raw", "Padding")  # layers that take their bytes without a name


class ExpressionError(ValueError):
    """What is wrong, and the column in the expression (from 1; None: the whole of it)."""

    def __init__(self, message: str, column: int | None = None) -> None:
        self.column = column
        where = "" if column is None else f" (column {column} of the expression)"
        super().__init__(f"{message}{where}")


class _Refused(Exception):  # noqa: N818
    """What is wrong, and the node that it is wrong in."""

    def __init__(self, node: ast.expr, message: str) -> None:
        self.node = node
        super().__init__(message)


def parse_expression(text: str) -> Packet:
    """The Scapy packet that ``text`` describes. Raises ExpressionError."""
    if len(text) > MAX_TEXT:
        raise ExpressionError(f"{len(text)} characters; at most {MAX_TEXT}")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # "\d" and its like: Python's own business
            tree = ast.parse(text.lstrip(), mode="eval")
    except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
        line, offset = getattr(error, "lineno", None) or 1, getattr(error, "offset", None) or 1
        column = _column(text, line, offset - 1)
        raise ExpressionError(f"this is no packet expression: {_first(error)}", column) from None
    try:
        return _packet(tree.body, 0)
    except _Refused as error:
        line = text.lstrip().split("\n")[error.node.lineno - 1]
        before = line.encode()[: error.node.col_offset].decode()
        raise ExpressionError(str(error), _column(text, error.node.lineno, len(before))) from None


def _column(text: str, line: int, offset: int) -> int:
    """Of the whole text, from 1; Python counts lines, and not the white space before them."""
    stripped = text.lstrip()
    earlier = stripped.split("\n")[: line - 1]
    return len(text) - len(stripped) + sum(len(each) + 1 for each in earlier) + offset + 1


def _first(error: BaseException) -> str:
    """The first line of what it says."""
    if isinstance(error, MemoryError | RecursionError):
        return "nested too deep"  # Python's parser says it in ways of its own
    text = str(getattr(error, "msg", None) or error)
    return text.splitlines()[0].rstrip(":") if text else type(error).__name__


def _packet(node: ast.expr, depth: int) -> Packet:
    """A layer call, or several joined by ``/``."""
    if depth > MAX_DEPTH:
        raise _Refused(node, "nested too deep")
    above: list[ast.expr] = []
    while isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
        above.append(node.right)
        node = node.left
    if len(above) >= MAX_LAYERS:
        raise _Refused(above[-MAX_LAYERS], f"more than {MAX_LAYERS} layers")
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
        raise _Refused(node, "expected a layer such as IP(dst=\"10.1.2.1\"), joined by '/'")
    whole = _layer(node, node.func.id, depth)
    for payload in reversed(above):
        whole = whole / _payload(payload, depth)
    return whole


def _payload(node: ast.expr, depth: int) -> Packet:
    """What may follow a ``/``: a packet, or bytes as they are."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str | bytes):
        from pknet.wire import scapy

        raw = scapy.layer("Raw")()
        _set(raw, "Raw", "load", node, node.value)
        return raw
    return _packet(node, depth + 1)


def _layer(node: ast.Call, name: str, depth: int) -> Packet:
    from pknet.wire import scapy

    if name not in scapy.LAYERS:
        allowed = ", ".join(scapy.LAYERS)
        raise _Refused(node, f"no layer {name!r}{_near(name, scapy.LAYERS)}; allowed: {allowed}")
    made = scapy.layer(name)()
    given: set[str] = set()
    for field, value in _arguments(node, name, scapy.field_names(made)):
        if field in given:
            raise _Refused(value, f"{name} is given {field!r} twice")
        given.add(field)
        _set(made, name, field, value, _literal(value, depth + 1))
    return made


def _arguments(node: ast.Call, name: str, known: list[str]) -> Iterator[tuple[str, ast.expr]]:
    """The fields by name; ``Raw("x")`` needs none."""
    by_name = f"{name} takes its fields by name: {name}(field=value)"
    for value in node.args:
        if name not in _BARE or isinstance(value, ast.Starred):
            raise _Refused(value, by_name)
        yield "load", value
    for keyword in node.keywords:
        if keyword.arg is None:
            raise _Refused(keyword.value, by_name)
        if keyword.arg not in known:
            near = _near(keyword.arg, known)
            text = f"{name} has no field {keyword.arg!r}{near}; fields: {', '.join(known)}"
            raise _Refused(keyword.value, text)
        yield keyword.arg, keyword.value


def _near(name: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(name, list(known), n=1)
    return f" (did you mean {close[0]!r}?)" if close else ""


def _set(made: Packet, name: str, field: str, node: ast.expr, value: Any) -> None:
    """A field that refuses its value is named where the value stands."""
    from pknet.wire import scapy

    try:
        scapy.set_value(made, field, value)
    except ValueError as error:
        shown = textwrap.shorten(ast.unparse(node), MAX_SHOWN, placeholder="…")
        text = f"{name}({field}={shown}) cannot be built: {_first(error)}"
        raise _Refused(node, text) from None


def _literal(node: ast.expr, depth: int) -> Any:
    if depth > MAX_DEPTH:
        raise _Refused(node, "nested too deep")
    if isinstance(node, ast.Constant) and isinstance(node.value, str | bytes | int | float):
        if isinstance(node.value, int) and abs(node.value) >= MAX_INTEGER:
            raise _Refused(node, "that number has more than 128 bits")
        return node.value
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        value = _literal(node.operand, depth + 1)
        if isinstance(value, int | float):
            return -value
    if isinstance(node, ast.List):
        return [_literal(item, depth + 1) for item in node.elts]
    if isinstance(node, ast.Tuple):
        return tuple(_literal(item, depth + 1) for item in node.elts)
    if isinstance(node, ast.Call | ast.BinOp):
        return _packet(node, depth + 1)  # a layer as a field's value: DNS(qd=DNSQR(…))
    raise _Refused(node, f"expected a literal: {_LITERALS}")

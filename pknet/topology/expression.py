"""A packet expression: ``IP(dst="10.1.2.1")/ICMP(id=1, seq=1)``.

Law: it is read as a tree, never run. Layer calls, ``/``, keyword arguments and literals are
all there is; whatever else stands in it is refused where it stands.
"""

from __future__ import annotations

import ast
import difflib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from scapy.packet import Packet

MAX_TEXT = 100_000
MAX_DEPTH = 40
MAX_WIRE = 65_535 + 14
MAX_INTEGER = 2**128


class ExpressionError(ValueError):
    """What is wrong, and the column in the expression (from 1; None: the whole of it)."""

    def __init__(self, message: str, column: int | None = None) -> None:
        self.column = column
        where = "" if column is None else f" (column {column} of the expression)"
        super().__init__(f"{message}{where}")


def expression_bytes(text: str) -> tuple[bytes, bool]:
    """The bytes of ``text``, and whether they are a frame (else an IP packet).

    Raises ExpressionError.
    """
    from pknet.wire import scapy

    packet = parse_expression(text)
    try:
        wire = scapy.frame_bytes(packet) if scapy.is_frame(packet) else scapy.network_bytes(packet)
    except scapy.WireError as error:
        raise ExpressionError(str(error)) from None
    if len(wire) > MAX_WIRE:
        raise ExpressionError(f"{len(wire)} bytes: no packet is longer than {MAX_WIRE}")
    return wire, scapy.is_frame(packet)


def parse_expression(text: str) -> Packet:
    """The Scapy packet that ``text`` describes. Raises ExpressionError."""
    if len(text) > MAX_TEXT:
        raise ExpressionError(f"{len(text)} characters; at most {MAX_TEXT}")
    try:
        tree = ast.parse(text.strip(), mode="eval")
    except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
        column = getattr(error, "offset", None) or 1
        raise ExpressionError(f"this is no packet expression: {_first(error)}", column) from None
    return _packet(tree.body, 0)


def _first(error: BaseException) -> str:
    """The first line of what it says."""
    text = str(getattr(error, "msg", None) or error)
    return text.splitlines()[0].rstrip(":") if text else type(error).__name__


def _refuse(node: ast.AST, message: str) -> ExpressionError:
    return ExpressionError(message, getattr(node, "col_offset", 0) + 1)


def _packet(node: ast.expr, depth: int) -> Packet:
    """A layer call, or two packets joined by ``/``."""
    if depth > MAX_DEPTH:
        raise _refuse(node, f"more than {MAX_DEPTH} layers")
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
        return _packet(node.left, depth + 1) / _payload(node.right, depth + 1)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        return _layer(node, node.func.id)
    raise _refuse(node, "expected a layer such as IP(dst=\"10.1.2.1\"), joined by '/'")


def _payload(node: ast.expr, depth: int) -> Packet:
    """What may follow a ``/``: a packet, or bytes as they are."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str | bytes):
        from pknet.wire import scapy

        data = node.value.encode() if isinstance(node.value, str) else node.value
        return scapy.layer("Raw")(load=data)
    return _packet(node, depth)


def _layer(node: ast.Call, name: str) -> Packet:
    from pknet.wire import scapy

    if name not in scapy.LAYERS:
        close = difflib.get_close_matches(name, scapy.LAYERS, n=1)
        hint = f" (did you mean {close[0]}?)" if close else ""
        raise _refuse(node, f"no layer {name!r}{hint}; allowed: {', '.join(scapy.LAYERS)}")
    made = scapy.layer(name)
    fields = {field.name for field in made.fields_desc}
    values: dict[str, Any] = {}
    if node.args:
        if name not in ("Raw", "Padding") or len(node.args) > 1:
            raise _refuse(node.args[0], f"{name} takes its fields by name: {name}(field=value)")
        values["load"] = _literal(node.args[0], 0)
    for keyword in node.keywords:
        if keyword.arg is None or keyword.arg not in fields:
            close = difflib.get_close_matches(keyword.arg or "", fields, n=1)
            hint = f" (did you mean {close[0]!r}?)" if close else ""
            raise _refuse(keyword.value, f"{name} has no field {keyword.arg!r}{hint}")
        values[keyword.arg] = _literal(keyword.value, 0)
    return _constructed(node, made, values)


def _constructed(node: ast.Call, made: type[Packet], values: dict[str, Any]) -> Packet:
    """The layer, built once on its own so that a wrong value is named where it stands."""
    from pknet.wire import scapy

    if isinstance(values.get("load"), str):
        values["load"] = values["load"].encode()
    with scapy.no_names():
        for field, value in values.items():
            try:
                _check_mac(made, field, value)
                one = made(**{field: value})
                for desc in made.fields_desc:
                    if desc.name == field:
                        one.get_field(field).addfield(one, b"", one.getfieldval(field))
            except Exception as error:
                text = f"{made.__name__}({field}={value!r}) cannot be built: {_first(error)}"
                raise _refuse(node, text) from None
        return made(**values)


def _check_mac(made: type[Packet], field: str, value: Any) -> None:
    """Scapy takes any text for a MAC's bytes; here it is a MAC. Raises ValueError."""
    from pknet.wire.address import mac_bytes

    kinds = {type(desc).__name__ for desc in made.fields_desc if desc.name == field}
    if isinstance(value, str) and any("MAC" in kind for kind in kinds):
        mac_bytes(value)


def _literal(node: ast.expr, depth: int) -> Any:
    if depth > MAX_DEPTH:
        raise _refuse(node, "nested too deep")
    if isinstance(node, ast.Constant) and isinstance(node.value, str | bytes | int | float):
        if isinstance(node.value, int) and abs(node.value) >= MAX_INTEGER:
            raise _refuse(node, "that number has more than 128 bits")
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
    raise _refuse(node, "expected a literal: text, bytes, a number, a list or a tuple of them")

"""What may differ between two recordings of one topology, and how.

Some values are the kernel's own choice and new in every run. They must still differ
*consistently*: ids are paired one to one, sequence numbers keep one distance for each direction of
a flow, and a checksum may differ only together with something that it sums.

Law: a value that is not the kernel's choice must be equal; 0 is never a choice.
"""

from __future__ import annotations

from pknet.kernel.capture import Captured
from pknet.kernel.field import Field, Flow, Kind
from pknet.kernel.given import Given

_SYN = 2
_MODULUS = 1 << 32


class Pairing:
    """What has been learned so far about the values that each side chose for itself."""

    def __init__(self, given: Given) -> None:
        self._given = given
        self._partners: dict[tuple[str, Kind, Flow, int], int] = {}
        self._distances: dict[Flow, int] = {}
        self._place = ("", "")

    def next_interface(self, place: tuple[str, str]) -> None:
        """Sequence numbers start again: not every interface sees every segment of a flow."""
        self._place = place
        self._distances.clear()

    def difference(self, left: Captured | None, right: Captured | None) -> str | None:
        """The name of the first field in which two frames really differ, or None."""
        if left is None or right is None:
            return "missing on the " + ("left" if left is None else "right")
        if left.direction and right.direction and left.direction != right.direction:
            return f"direction ({left.direction}, {right.direction})"
        sides = [self._given.fields(self._place, side.wire) for side in (left, right)]
        return self._field_that_differs(*sides)

    def _field_that_differs(self, left: list[Field], right: list[Field]) -> str | None:
        if [one.name for one in left] != [one.name for one in right]:
            return _where_the_shape_differs(left, right)
        self._forget_old_connection(left)
        pairs = list(zip(left, right, strict=True))
        wrong = [pair for pair in pairs if not self._alike(*pair)]
        accepted = [
            one.at
            for one, other in pairs
            if one.value != other.value and one.kind is not Kind.CHECKSUM
        ]
        wrong += [pair for pair in pairs if not _sums_alike(*pair, accepted)]
        return min((one.at, one.name) for one, _ in wrong)[1] if wrong else None

    def _forget_old_connection(self, found: list[Field]) -> None:
        """A SYN has a new initial sequence number, even between ports seen before."""
        named = {field.name: field for field in found}
        if "tcp.flags" in named and _number(named["tcp.flags"]) & _SYN:
            self._distances.pop(named["tcp.seq"].scope, None)

    def _alike(self, left: Field, right: Field) -> bool:
        if left.kind is Kind.CHECKSUM:
            return True  # depends on the others: _sums_alike
        if left.kind is Kind.TIME_OF_DAY:
            return True
        one, other = _number(left), _number(right)
        if left.kind is Kind.FIXED or self._given.has(left) or self._given.has(right):
            return left.value == right.value
        if not one or not other or left.kind in (Kind.TIMESTAMP, Kind.FLOW_HASH):
            return bool(one) == bool(other)
        if left.kind is Kind.SEQUENCE:
            return self._same_distance(left.scope, one, other)
        return self._paired(left, one, other)

    def _paired(self, field: Field, one: int, other: int) -> bool:
        """A value on the left always stands for the same one on the right, and the reverse."""
        there = self._partners.setdefault(("left", field.kind, field.scope, one), other)
        back = self._partners.setdefault(("right", field.kind, field.scope, other), one)
        return there == other and back == one

    def _same_distance(self, flow: Flow, one: int, other: int) -> bool:
        distance = (other - one) % _MODULUS
        return self._distances.setdefault(flow, distance) == distance


def _where_the_shape_differs(left: list[Field], right: list[Field]) -> str:
    """Where the two are built differently: the first field that says so."""
    for one, other in zip(left, right, strict=False):
        if one.name != other.name or (one.kind is Kind.FIXED and one.value != other.value):
            return one.name
    longer = max(left, right, key=len)
    return longer[min(len(left), len(right))].name


def _sums_alike(left: Field, right: Field, accepted: list[int]) -> bool:
    """Right on both sides, or wrong by the same amount; and different only with a cause."""
    if left.kind is not Kind.CHECKSUM:
        return True
    caused = left.value == right.value or any(at in left.covers for at in accepted)
    earlier = left.earlier is not None and left.earlier == right.earlier
    return caused and (left.residue == right.residue or earlier)


def _number(field: Field) -> int:
    return field.value if isinstance(field.value, int) else 0

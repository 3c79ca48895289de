"""Two recordings of the same topology, interface by interface, frame by frame.

Law: times are not compared, order is, and only within one interface.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path

from pknet.kernel.capture import Captured
from pknet.kernel.field import Field
from pknet.kernel.fields import fields
from pknet.kernel.given import Given
from pknet.kernel.pairing import Pairing
from pknet.kernel.pcapfile import read
from pknet.trace import Tap

Place = tuple[str, str]  # node, interface
Frames = Mapping[Place, Sequence[Captured]]


@dataclass(frozen=True, slots=True)
class Difference:
    """The first frame of an interface that is not the same on both sides.

    ``number`` counts from 1; a side is None where it has fewer frames; ``field`` names the first
    differing one.
    """

    place: Place
    number: int
    field: str
    left: bytes | None
    right: bytes | None
    names: tuple[str, str] = ("left", "right")

    def __str__(self) -> str:
        """A line that says what differs, and the two frames side by side."""
        heading = f"{':'.join(self.place)} frame {self.number}: {self.field}"
        return "\n".join([heading, *self._table()])

    def _table(self) -> Iterator[str]:
        sides = [
            {f.name: _text(f) for f in fields(w)} if w else {} for w in (self.left, self.right)
        ]
        yield f"    {'':24} {self.names[0]:<32} {self.names[1]}"
        for name in dict.fromkeys([*sides[0], *sides[1]]):
            left, right = (side.get(name, "-") for side in sides)
            mark = ">" if name == self.field else "." if left != right else " "
            yield f"  {mark} {name:24} {_cut(left):<32} {_cut(right)}"


def compare(
    left: Frames,
    right: Frames,
    given: Given | None = None,
    names: tuple[str, str] = ("left", "right"),
) -> list[Difference]:
    """Each interface's first difference, none where the recordings are the same.

    An interface that a side has no frames of, or does not know, saw none there: lo, too.
    """
    pairing = Pairing(given or Given())
    found = []
    for place in sorted({*left, *right}):
        pairing.next_interface(place)
        pairs = zip_longest(left.get(place, ()), right.get(place, ()))
        for number, (one, other) in enumerate(pairs, 1):
            field = pairing.difference(one, other)
            if field is not None:
                wires = (one.wire if one else None, other.wire if other else None)
                found.append(Difference(place, number, field, *wires, names))
                break
    return found


def folders(left: Path | str, right: Path | str, given: Given | None = None) -> list[Difference]:
    """The same for two folders of ``<node>-<interface>.pcap``."""
    left, right = Path(left), Path(right)
    return compare(read_folder(left), read_folder(right), given, (left.name, right.name))


def read_folder(folder: Path) -> dict[Place, list[Captured]]:
    """Every ``<node>-<interface>.pcap`` in it. Raises ValueError on what is no capture."""
    captures = {}
    for path in sorted(folder.glob("*.pcap")):
        node, _, interface = path.stem.rpartition("-")
        captures[node, interface] = read(path)
    return captures


def frames_of(taps: Iterable[Tap]) -> Frames:
    """What pknet's interfaces saw, as a recording of the kernel has it."""
    frames: dict[Place, list[Captured]] = {}
    for tap in taps:
        if tap.direction is not None:
            seen = frames.setdefault((tap.hop.node, tap.interface), [])
            seen.append(Captured(tap.time, tap.direction, tap.frame.wire))
    return frames


def _text(field: Field) -> str:
    return field.text or str(field.value)


def _cut(text: str, width: int = 32) -> str:
    return text if len(text) <= width else f"{text[: width - 3]}..."

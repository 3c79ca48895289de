"""The options that every rule may have: addresses, protocol, devices, fragments.

Law: each is given once; several addresses in one option make several rules.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from pknet.netns.netfilter.header import DeviceName, Header, Net
from pknet.netns.netfilter.networks import network
from pknet.netns.netfilter.protocols import protocol

_LONG = {
    "--source": "-s", "--src": "-s", "--destination": "-d", "--dst": "-d", "--protocol": "-p",
    "--proto": "-p", "--in-interface": "-i", "--out-interface": "-o", "--fragment": "-f",
}  # fmt: skip
_WORDS = {"-s": 1, "-d": 1, "-p": 1, "-i": 1, "-o": 1, "-f": 0}
_ANYWHERE = Net(0, 0)


class HeaderOptions:
    """What a rule's options have asked of the header so far."""

    def __init__(self, family: int) -> None:
        self._header = Header(family)
        self._nets = {"-s": [_ANYWHERE], "-d": [_ANYWHERE]}
        self._given: set[str] = set()

    @staticmethod
    def words_of(name: str) -> int | None:
        """How many words the option takes; None: it is none of these."""
        return _WORDS.get(_LONG.get(name, name))

    @staticmethod
    def spellings() -> list[str]:
        """The long ones."""
        return list(_LONG)

    @property
    def protocol(self) -> tuple[int, bool]:
        """Number (0: any) and whether it is inverted."""
        return self._header.protocol or (0, False)

    @property
    def indev(self) -> bool:
        """True where -i asks for something."""
        return self._header.indev is not None

    @property
    def outdev(self) -> bool:
        """True where -o does."""
        return self._header.outdev is not None

    def headers(self) -> Iterator[Header]:
        """One for each pair of addresses."""
        for source in self._nets["-s"]:
            for destination in self._nets["-d"]:
                yield replace(self._header, source=_asked(source), destination=_asked(destination))

    def take(self, name: str, values: list[str], inverted: bool) -> None:
        """Read an option. Raises ValueError in words."""
        name = _LONG.get(name, name)
        if name in self._given:
            raise ValueError(f"multiple {name} flags are not allowed")
        self._given.add(name)
        if name == "-f":
            self._fragment(inverted)
        elif name in self._nets:
            self._nets[name] = _networks(values[0], inverted, self._header.family)
        elif name == "-p":
            self._header.protocol = _protocol(values[0], inverted)
        elif name == "-i":
            self._header.indev = _device(values[0], inverted)
        else:
            self._header.outdev = _device(values[0], inverted)

    def _fragment(self, inverted: bool) -> None:
        if self._header.family == 6:
            raise ValueError("-f is of IPv4 only")
        self._header.fragment = not inverted


def _networks(text: str, inverted: bool, family: int) -> list[Net]:
    nets = []
    for part in text.split(","):
        address, mask = network(part, family)
        nets.append(Net(address & mask, mask, inverted))
    if inverted and len(nets) > 1:
        raise ValueError("'!' is not allowed with multiple source or destination IP addresses")
    if inverted and not nets[0].mask:
        raise ValueError(f"'! {text}' would never match")
    return nets


def _asked(net: Net) -> Net | None:
    return net if net.mask else None


def _protocol(text: str, inverted: bool) -> tuple[int, bool] | None:
    value = protocol(text)
    if value == 0 and inverted:
        raise ValueError("rule would never match protocol")
    return None if value == 0 else (value, inverted)


def _device(text: str, inverted: bool) -> DeviceName | None:
    """``+`` alone is any device."""
    device = DeviceName.read(text, inverted)
    return None if text == "+" and not inverted else device

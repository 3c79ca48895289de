"""What a rule asks of the IP header and of the devices (Linux: struct ipt_ip, ip_packet_match)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from operator import attrgetter

from pknet.netns.hook import HookState
from pknet.netns.netfilter.extension import Test, negation
from pknet.netns.netfilter.networks import network_text
from pknet.netns.netfilter.protocols import protocol_text

NAME_LIMIT = 15  # Linux: IFNAMSIZ - 1


@dataclass(frozen=True, slots=True)
class Net:
    """A network; ``address`` is masked already."""

    address: int
    mask: int
    inverted: bool = False


@dataclass(frozen=True, slots=True)
class DeviceName:
    """A device's name, or a prefix of it that ends in ``+``."""

    text: str
    inverted: bool = False

    @classmethod
    def read(cls, text: str, inverted: bool) -> DeviceName:
        """Raises ValueError for a name that no device can have."""
        if not text or len(text) > NAME_LIMIT:
            raise ValueError(f"interface name {text!r} must have 1 to {NAME_LIMIT} characters")
        return cls(text, inverted)

    def same(self) -> Callable[[str], bool]:
        """The comparison alone, without its inversion."""
        wanted = self.text
        if wanted.endswith("+"):
            prefix = wanted[:-1]
            return lambda name: name.startswith(prefix)
        return lambda name: name == wanted


@dataclass(slots=True)
class Header:
    """``None``: nothing is asked. ``protocol`` is (number, inverted); ``fragment`` True is -f."""

    family: int
    source: Net | None = None
    destination: Net | None = None
    indev: DeviceName | None = None
    outdev: DeviceName | None = None
    protocol: tuple[int, bool] | None = None
    fragment: bool | None = None

    def save(self) -> list[str]:
        """In iptables-save's order (iptables: save_ipv4_addr, save_rule_details)."""
        return [words for words, _ in self.parts()]

    def parts(self) -> Iterator[tuple[str, Test]]:
        """Each thing asked, as ``save`` has it, with its test."""
        for option, net, side in (
            ("-s", self.source, "skb.ip.src"), ("-d", self.destination, "skb.ip.dst")
        ):  # fmt: skip
            if net is not None:
                text = network_text(net.address, net.mask, self.family)
                yield f"{negation(net.inverted)}{option} {text}", _net_test(net, side)
        for option, name, side in (("-i", self.indev, "indev"), ("-o", self.outdev, "outdev")):
            if name is not None:
                yield f"{negation(name.inverted)}{option} {name.text}", _device_test(name, side)
        if self.protocol is not None:
            number, inverted = self.protocol
            words = f"{negation(inverted)}-p {protocol_text(number)}"
            yield words, _protocol_test(number, inverted)
        if self.fragment is not None:
            yield "-f" if self.fragment else "! -f", _fragment_test(self.fragment)

    def tests(self) -> list[Test]:
        """One callable for each thing asked, but for the two plain networks a rule compares."""
        tests: list[Test] = []
        if self.protocol is not None:
            tests.append(_protocol_test(*self.protocol))
        for net, side in ((self.destination, "skb.ip.dst"), (self.source, "skb.ip.src")):
            if net is not None and net.inverted:
                tests.append(_net_test(net, side))
        for name, side in ((self.indev, "indev"), (self.outdev, "outdev")):
            if name is not None:
                tests.append(_device_test(name, side))
        if self.fragment is not None:
            tests.append(_fragment_test(self.fragment))
        return tests


def _protocol_test(number: int, inverted: bool) -> Test:
    if inverted:
        return lambda state: state.skb.ip.protocol != number
    return lambda state: state.skb.ip.protocol == number


def _net_test(net: Net, side: str) -> Test:
    read, mask, address, inverted = attrgetter(side), net.mask, net.address, net.inverted
    return lambda state: (read(state) & mask == address) != inverted


def _fragment_test(wanted: bool) -> Test:
    return lambda state: bool(state.skb.ip.offset) == wanted


def _device_test(wanted: DeviceName, side: str) -> Test:
    read, same, inverted = attrgetter(side), wanted.same(), wanted.inverted

    def test(state: HookState) -> bool:
        device = read(state)
        return same(device.name if device is not None else "") != inverted

    return test

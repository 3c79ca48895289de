"""Whether a packet's source may be where it came from (Linux: fib_validate_source; RFC 3704).

Law: nothing is believed of a source but what the table says of the way back to it.
"""

from __future__ import annotations

from pknet.link.interface import Interface
from pknet.netns.address import Addresses
from pknet.netns.fib import Fib
from pknet.netns.route import TYPE_ERRORS, RouteType
from pknet.netns.sysctl import Sysctls
from pknet.trace import Dropped, DropReason
from pknet.wire.address import ip_text


class Sources:
    """As one namespace judges them."""

    def __init__(self, fib: Fib, addresses: Addresses, sysctls: Sysctls) -> None:
        self.fib = fib
        self.addresses = addresses
        self.sysctls = sysctls

    def fault(self, src: int, dev: Interface, out: Interface | None = None) -> Dropped | None:
        """Why a packet from ``src`` may not come in by ``dev``; ``out``: it is to be forwarded."""
        strictness = self.sysctls.device_max(dev.name, "rp_filter")
        turns_round = out is dev and self.sysctls.device(dev.name, "send_redirects")
        accepts = self.sysctls.device(dev.name, "accept_local")
        if strictness or turns_round:
            return self._full_check(src, dev, strictness)
        return _own(src) if not accepts and self.addresses.is_local(src) else None

    def _full_check(self, src: int, dev: Interface, strictness: int) -> Dropped | None:
        """By the route to ``src`` (Linux: __fib_validate_source)."""
        wrong_way = Dropped(DropReason.IP_RPFILTER, f"{ip_text(src)} does not come by {dev.name}")
        unknown = wrong_way if strictness else None
        back = self.fib.lookup(src)
        if back is None or back.type in TYPE_ERRORS:
            return unknown
        if back.type is RouteType.LOCAL:
            if not self.sysctls.device(dev.name, "accept_local"):
                return _own(src)
        elif back.type is not RouteType.UNICAST:
            return Dropped(DropReason.IP_INVALID_SOURCE, f"{ip_text(src)} is no station's address")
        if back.dev is dev:
            return None
        if not self.addresses.of(dev):
            return unknown
        return wrong_way if strictness == 1 else None


def _own(src: int) -> Dropped:
    return Dropped(DropReason.IP_LOCAL_SOURCE, f"{ip_text(src)} is an address of this host")

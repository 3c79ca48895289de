"""To which connection an ICMP error belongs (Linux: nf_conntrack_icmpv4_error, _inet_error).

Law: an error is RELATED to the connection of the packet that it quotes, and only if it goes
where that packet came from.
"""

from __future__ import annotations

import struct

from pknet.netns.conntrack.connection import Connection, Direction
from pknet.netns.conntrack.table import Table
from pknet.netns.conntrack.tracker import Arrival, Invalid
from pknet.netns.conntrack.tuples import read
from pknet.wire import icmp
from pknet.wire.address import ip_text
from pknet.wire.checksum import checksum

HIGHEST_TYPE = 18  # Linux: NR_ICMP_TYPES

Related = tuple[Connection, Direction]


def related(table: Table, arrival: Arrival) -> Related | Invalid | None:
    """The connection and the direction of the error itself; None: it is no error."""
    try:
        message = icmp.Icmp.parse(arrival.payload)
    except struct.error:
        return Invalid("ICMP header cut short")
    if arrival.verify and checksum(arrival.payload):
        return Invalid("bad ICMP checksum")
    if message.type > HIGHEST_TYPE:
        return Invalid(f"ICMP has no type {message.type}")
    if message.type not in icmp.ERRORS:
        return None
    return _quoted(table, arrival)


def _quoted(table: Table, arrival: Arrival) -> Related | Invalid:
    quoted = read(arrival.payload[icmp.HEADER_LENGTH :])
    back = quoted and quoted.inverse()
    if quoted is None or back is None:
        return Invalid("the error quotes no packet of a connection")
    found = table.find(back)
    if found is None:
        return Invalid(f"no connection for the quoted packet {quoted}")
    ct, direction = found
    home = ct.tuple(direction).dst
    if arrival.header.dst != home:
        words = f"the quoted packet came from {ip_text(home)}"
        return Invalid(f"the error is for {ip_text(arrival.header.dst)}, but {words}")
    return found

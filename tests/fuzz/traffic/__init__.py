"""What is sent. A new kind is a new file with ``add``, and its line here."""

from fuzz.traffic import (
    arp,
    broken,
    fragments,
    frames,
    icmp_errors,
    options,
    ping,
    segments,
    spoofed,
    tcp,
    udp,
)

#: Each with how often it comes.
KINDS = {
    ping.add: 5, tcp.add: 4, udp.add: 5, fragments.add: 2, segments.add: 2, broken.add: 2,
    spoofed.add: 2, icmp_errors.add: 2, frames.add: 2, arp.add: 1, options.add: 3,
}  # fmt: skip

__all__ = ["KINDS"]

"""-m sctp (Linux: net/netfilter/xt_sctp.c). Its chunk types are not modelled."""

from __future__ import annotations

from pknet.netns.netfilter.matches.ports import PORT_OPTIONS, PortMatch
from pknet.netns.netfilter.protocols import SCTP


class SctpMatch(PortMatch):
    """Ports."""

    name = "sctp"
    protocol = SCTP
    header_size = 12
    options = PORT_OPTIONS

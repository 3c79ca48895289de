"""-m sctp (Linux: net/netfilter/xt_sctp.c). Its chunk types are not modelled."""

from __future__ import annotations

from pknet.netns.netfilter.matches.ports import PortMatch


class SctpMatch(PortMatch):
    """Ports."""

    name = protocol = "sctp"
    options = {  # noqa: RUF012
        "--sport": 1, "--source-port": 1, "--dport": 1, "--destination-port": 1,
    }  # fmt: skip

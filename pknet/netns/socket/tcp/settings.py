"""The numbers that a connection begins with.

Law: what Linux lets a user set is a field; what it does not, a constant with its source.
"""

from __future__ import annotations

from dataclasses import dataclass

from pknet.sim.clock import MILLISECOND, SECOND
from pknet.wire.tcp_options import MAX_SCALE

INITIAL_CWND = 10  # segments (RFC 6928; Linux: TCP_INIT_CWND)
DEFAULT_MSS = 536  # bytes, where the peer names none (RFC 9293, section 3.7.1)
MIN_ADVERTISED_MSS = 256  # net.ipv4.route.min_adv_mss
MIN_SEND_MSS = 48  # net.ipv4.tcp_min_snd_mss
MIN_MSS = 88  # Linux: TCP_MIN_MSS
MAX_WINDOW = 0xFFFF  # what the field holds (RFC 9293, section 3.1)
RMEM_MAX = 4_194_304  # Linux: net.core.rmem_max, since 6.16

RTO_INITIAL = 1 * SECOND  # RFC 6298, section 2 (Linux: TCP_TIMEOUT_INIT)
RTO_FALLBACK = 3 * SECOND  # without a sample from the handshake (RFC 6298, 5.7)
RTO_MIN = 200 * MILLISECOND  # Linux: TCP_RTO_MIN
RTO_MAX = 120 * SECOND  # Linux: TCP_RTO_MAX
ATO_MIN = 40 * MILLISECOND  # Linux: TCP_ATO_MIN, TCP_DELACK_MIN
DELACK_MAX = 200 * MILLISECOND  # Linux: TCP_DELACK_MAX
TIMEOUT_MIN = 2 * MILLISECOND  # Linux: TCP_TIMEOUT_MIN_US
TIME_WAIT = 60 * SECOND  # Linux: TCP_TIMEWAIT_LEN
FIN_TIMEOUT = 60 * SECOND  # Linux: net.ipv4.tcp_fin_timeout
CHALLENGE_PAUSE = 500 * MILLISECOND  # between two challenge ACKs (tcp_invalid_ratelimit)
QUICK_ACKS = 16  # Linux: TCP_MAX_QUICKACKS
REORDERING = 3  # segments (Linux: net.ipv4.tcp_reordering; RFC 5681's three duplicates)
LINEAR_SYNS = 4  # SYNs sent before the pause doubles (net.ipv4.tcp_syn_linear_timeouts)
ORPHAN_RETRIES = 8  # of a connection whose user has gone (Linux: tcp_orphan_retries)


@dataclass(frozen=True, slots=True)
class Settings:
    """Of one connection. ``mss``: bytes of payload that a segment to us may have (what we say).

    ``path_mss``: what fits into a packet on the way there; less than that on a tiny MTU.
    """

    mss: int = 1460
    path_mss: int = 65_495
    rcvbuf: int = 131_072  # net.ipv4.tcp_rmem[1]
    rmem_max: int = 33_554_432  # net.ipv4.tcp_rmem[2]
    syn_retries: int = 6  # net.ipv4.tcp_syn_retries
    synack_retries: int = 5  # net.ipv4.tcp_synack_retries
    retries2: int = 15  # net.ipv4.tcp_retries2

    @property
    def scale(self) -> int:
        """The window scale that we offer (Linux: tcp_select_initial_window)."""
        space = max(self.rmem_max, RMEM_MAX)
        return min(max(space.bit_length() - 1 - 15, 0), MAX_SCALE)

    @property
    def initial_window(self) -> int:
        """What we take at first: half the buffer, in whole segments."""
        space = self.rcvbuf // 2
        if space > self.mss:
            space -= space % self.mss
        return min(space, MAX_WINDOW << MAX_SCALE)

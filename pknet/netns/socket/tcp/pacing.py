"""Which chunks may leave now, and how large (RFC 9293, 3.8.6.2.1; RFC 896, Nagle).

Law: a rule looks and says; it changes nothing. Sizes are bytes, times nanoseconds.
"""

from __future__ import annotations

from pknet.netns.socket.tcp.congestion import Congestion
from pknet.netns.socket.tcp.rtt import Rtt
from pknet.netns.socket.tcp.send_queue import Chunk
from pknet.netns.socket.tcp.settings import DEFAULT_MSS
from pknet.sim.clock import MICROSECOND, MILLISECOND, SECOND

GSO_MAX = 65_536  # bytes one burst may have (Linux: GSO_LEGACY_MAX_SIZE)
_MIN_BURST = 2  # segments (net.ipv4.tcp_min_tso_segs)
_SHIFT = 10  # a burst is about a millisecond at the current rate (sk_pacing_shift)
_RTT_LOG = 9  # net.ipv4.tcp_tso_rtt_log
_LEAST = 68 - 20  # bytes: the least MTU without the TCP header
_DIVISOR = 3  # net.ipv4.tcp_tso_win_divisor


def chunk_goal(max_window: int, mss: int) -> int:
    """How much a chunk takes before the next begins: whole segments of half the largest window.

    Linux: tcp_xmit_size_goal.
    """
    return max(within_half(GSO_MAX - 1 - 40 - 16, max_window) // mss, 1) * mss


def within_half(size: int, max_window: int) -> int:
    """``size``, or half of the largest window that the peer has offered, if that is less.

    So a segment, or a burst, never takes a whole small window, which would have to be empty before
    the next. ``max_window`` 0: it has offered none yet. Linux: tcp_bound_to_half_wnd.
    """
    bound = max_window >> 1 if max_window > DEFAULT_MSS else max_window
    return min(size, max(bound, _LEAST)) if bound else size


def burst_limit(congestion: Congestion, rtt: Rtt, mss: int) -> int:
    """Segments one burst may have at the current rate (Linux: tcp_tso_autosize)."""
    factor = 2.0 if congestion.window < congestion.threshold >> 1 else 1.2
    smooth = max(rtt.srtt >> 3, 1)  # microseconds
    size = int(mss * congestion.window * factor * (SECOND // MICROSECOND) / smooth) >> _SHIFT
    halvings = (rtt.least or 0) // MICROSECOND >> _RTT_LOG
    size += GSO_MAX >> halvings if halvings < 32 else 0
    return max(min(size, GSO_MAX - 1) // mss, _MIN_BURST)


def quota(congestion: Congestion, in_flight: int) -> int:
    """Segments the next burst may have: at most half the window (Linux: tcp_cwnd_test)."""
    if in_flight >= congestion.window:
        return 0
    return min(max(congestion.window >> 1, 1), congestion.window - in_flight)


def may_defer(
    chunk: Chunk, last: bool, room: int, window: int, congestion: Congestion, in_flight: int,
    mss: int,
) -> bool:  # fmt: skip
    """Whether a larger burst is worth waiting for (Linux: tcp_tso_should_defer).

    ``room``: bytes of the peer's window left for this chunk; ``window``: all of it.
    """
    limit = min(room, (congestion.window - in_flight) * mss)
    if limit >= GSO_MAX // mss * mss or (not last and limit >= len(chunk.data)):
        return False
    return limit < min(window, congestion.window * mss) // _DIVISOR


def defer_is_late(now: int, oldest_sent: int, last_sent: int, rtt: Rtt) -> bool:
    """The acknowledgement to wait for is too far away, or nothing was written lately."""
    if now - last_sent > MILLISECOND:
        return True
    return now - oldest_sent < (rtt.srtt >> 4) * MICROSECOND


def split_point(chunk: Chunk, last: bool, room: int, segments: int, mss: int, hold: bool) -> int:
    """Bytes of ``chunk`` that may leave; ``hold``: its odd end may not (tcp_mss_split_point)."""
    most = mss * segments
    if most <= room and not last:
        return most
    needed = min(len(chunk.data), room)
    if most <= needed:
        return most
    return needed - needed % mss if hold else needed

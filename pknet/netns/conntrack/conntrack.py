"""Which connection a packet belongs to (Linux: nf_conntrack_core.c).

Law: a packet is looked up once, on its way in; its connection enters the table only when the
packet has come out at the other end, so what a rule drops leaves nothing behind.

    track    PREROUTING, OUTPUT    known already? -> ICMP error? -> find or begin -> tracker
    confirm  INPUT, POSTROUTING    clash? -> into the table
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from pknet.link.skb import Skb
from pknet.netns.conntrack import status
from pknet.netns.conntrack.clash import refuse, resolve
from pknet.netns.conntrack.connection import Connection, CtInfo, Direction, direction_of
from pknet.netns.conntrack.icmp_error import related
from pknet.netns.conntrack.listing import line, listing
from pknet.netns.conntrack.protocols import Trackers
from pknet.netns.conntrack.settings import Settings
from pknet.netns.conntrack.steps import ConntrackStep, InvalidStep
from pknet.netns.conntrack.table import Table
from pknet.netns.conntrack.tracker import Arrival, Invalid, Reopen
from pknet.netns.conntrack.tuples import Tuple, read
from pknet.netns.conntrack.view import ConnectionView, View, state_of, view
from pknet.netns.hook import Hook, HookState
from pknet.sim import Clock
from pknet.trace import Dropped, DropReason, Verdict
from pknet.wire import ipv4


class _Found(NamedTuple):
    """The connection, and how the packet stands to it."""

    connection: Connection
    ctinfo: CtInfo


class Conntrack:
    """The connections of one namespace."""

    def __init__(self, clock: Clock, settings: Settings) -> None:
        self.settings = settings
        self.table = Table(clock, self.settings.max)
        self._clock = clock
        self._trackers = Trackers(self.settings)
        self._begun = 0

    # --- hooks

    def track(self, state: HookState) -> Verdict | None:
        """Find the packet's connection, or begin one (Linux: nf_conntrack_in).

        Hook: PREROUTING and OUTPUT, priority -200. Sets ``ct`` and ``ctinfo`` of the Skb; where
        the packet is INVALID, ``ct`` stays None.
        """
        skb = state.skb
        if skb.ct is not None or skb.ctinfo == CtInfo.UNTRACKED:
            return None  # seen before, on its way out over lo; or untracked by a rule
        if state.hook is Hook.OUTPUT and skb.ip.is_fragment:
            return None
        found = self._classify(skb.network, self._arrival(state))
        if isinstance(found, Dropped):
            return found
        if isinstance(found, Invalid):
            skb.hop.step(InvalidStep(state.hook.name, found.why))
            return None
        skb.ct, skb.ctinfo = found
        skb.hop.step(ConntrackStep(state.hook.name, state_of(skb), *found))
        return None

    def confirm(self, state: HookState) -> Verdict | None:
        """Let the connection be found from now on (Linux: nf_confirm, __nf_conntrack_confirm).

        Hook: INPUT and POSTROUTING, after everything else.
        """
        skb = state.skb
        ct = skb.ct
        if not isinstance(ct, Connection) or ct.status & status.CONFIRMED:
            return None
        if direction_of(skb.ctinfo) is Direction.REPLY:
            return None
        if ct.status & status.DYING:
            return Dropped(DropReason.NETFILTER_DROP, f"connection #{ct.number} is over")
        for wanted in (ct.original, ct.reply):
            found = self.table.find(wanted)
            if found is not None:
                if not self._trackers.of(ct.original.protocol).allow_clash:
                    return refuse(ct, found[0])
                return resolve(self.table, skb, ct, found[0], self._clock.now)
        self.table.insert(ct)
        return None

    # --- for rules, sockets and views

    def view(self, skb: Skb) -> View | ConnectionView:
        """What -m conntrack asks."""
        return view(skb, self._clock.now)

    def untrack(self, skb: Skb) -> None:
        """CT --notrack; what belongs to a connection already stays its own (Linux: notrack_tg)."""
        if skb.ct is None:
            skb.ctinfo = CtInfo.UNTRACKED

    def attach(self, answer: Skb, to: Skb) -> None:
        """``answer``, which REJECT made, belongs to the connection of ``to``.

        Linux: nf_conntrack_attach. The connection may not be in the table yet.
        """
        answer.ct = to.ct
        if to.ct is not None:
            original = direction_of(to.ctinfo) is Direction.ORIGINAL
            answer.ctinfo = CtInfo.RELATED_REPLY if original else CtInfo.RELATED

    def closing(self, skb: Skb) -> None:
        """REJECT --reject-with tcp-reset ends the connection (Linux: nf_ct_set_closing)."""
        if isinstance(skb.ct, Connection):
            self._trackers.tcp.close(skb.ct, self._clock.now)

    def __iter__(self) -> Iterator[Connection]:
        """Those that live now, oldest first."""
        return iter(self.table)

    def listing(self) -> str:
        """``conntrack -L``, oldest first; the kernel's order is that of its hash."""
        now = self._clock.now
        return listing(line(ct, self._trackers.of(ct.original.protocol), now) for ct in self)

    # --- finding

    def _arrival(self, state: HookState) -> Arrival:
        verify = self.settings.checksum and state.hook is Hook.PREROUTING
        return Arrival(state.skb.ip, state.skb.payload, verify, self._clock.now)

    def _classify(self, data: bytes, arrival: Arrival) -> _Found | Invalid | Dropped:
        if arrival.header.protocol == ipv4.ICMP and not arrival.header.offset:
            found = related(self.table, arrival)
            if isinstance(found, Invalid):
                return found
            if found is not None:
                ct, direction = found
                return _Found(ct, CtInfo.RELATED_REPLY if direction else CtInfo.RELATED)
        wanted = read(data)
        if wanted is None:
            return Invalid("a later fragment, or the transport header is cut short")
        return self._resolve(arrival, wanted)

    def _resolve(self, arrival: Arrival, wanted: Tuple) -> _Found | Invalid | Dropped:
        """Linux: resolve_normal_ct, nf_conntrack_handle_packet."""
        found = self.table.find(wanted) or self._begin(wanted)
        if isinstance(found, Invalid | Dropped):
            return found
        ct, direction = found
        answer = self._trackers.of(wanted.protocol).packet(ct, arrival, direction)
        if ct.status & status.DYING:
            self.table.remove(ct)
        if isinstance(answer, Reopen):
            return self._resolve(arrival, wanted)
        if answer is not None:
            return answer
        if direction is Direction.REPLY:
            ct.status |= status.SEEN_REPLY
            return _Found(ct, CtInfo.ESTABLISHED_REPLY)
        # Once both sides have spoken, it is ESTABLISHED for good.
        return _Found(ct, CtInfo.ESTABLISHED if ct.status & status.SEEN_REPLY else CtInfo.NEW)

    def _begin(self, wanted: Tuple) -> tuple[Connection, Direction] | Invalid | Dropped:
        """Linux: init_conntrack."""
        reply = wanted.inverse()
        if reply is None:
            return Invalid(f"nothing replies to ICMP type {wanted.dport >> 8}")
        if not self.table.has_room():
            text = f"{self.settings.max} connections are tracked, and there is room for no more"
            return Dropped(DropReason.CONNTRACK_FULL, text)
        self._begun += 1
        return Connection(self._begun, wanted, reply), Direction.ORIGINAL

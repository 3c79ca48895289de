"""Translation of addresses and ports (Linux: nf_nat_core.c, nf_nat_proto.c).

Law: rules decide once, for a connection, on its first packet; every later packet, and every
reply, is translated by what the connection remembers.

    PREROUTING, OUTPUT     destination        INPUT, POSTROUTING     source
    first packet:          rules -> else the null binding -> write it
    later, and replies:    write it
    RELATED ICMP errors:   write it inside and outside
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import NamedTuple

from pknet.netns.conntrack import status
from pknet.netns.conntrack.connection import Connection, CtInfo, Direction, direction_of
from pknet.netns.conntrack.table import Table
from pknet.netns.hook import Hook, HookState
from pknet.netns.nat.icmp_error import refusal, translated
from pknet.netns.nat.manip import Change, change, end_of, manipulated, target_of
from pknet.netns.nat.steps import NatStep
from pknet.netns.nat.unique import Chooser
from pknet.netns.netfilter.host import Manip, NatRange
from pknet.trace import Dropped, DropReason, Verdict
from pknet.wire import ipv4

#: The nat table's chain of a hook.
Rules = Callable[[HookState], Verdict | None]

#: Linux: HOOK2MANIP.
MANIP = {
    Hook.PREROUTING: Manip.DST,
    Hook.OUTPUT: Manip.DST,
    Hook.INPUT: Manip.SRC,
    Hook.POSTROUTING: Manip.SRC,
}
_BIT = {Manip.SRC: status.SRC_NAT, Manip.DST: status.DST_NAT}
_DONE = {Manip.SRC: status.SRC_NAT_DONE, Manip.DST: status.DST_NAT_DONE}
_RELATED = (CtInfo.RELATED, CtInfo.RELATED_REPLY)


class Binding(NamedTuple):
    """What a connection was bound to: ``DNAT 172.30.0.1:80 -> 10.1.2.1:8080``."""

    words: str
    changes: bool  # False: it stays as it is


class Nat:
    """Translation in one namespace, over the connections of ``table``."""

    def __init__(self, table: Table, chance: Random) -> None:
        self._table = table
        self._chooser = Chooser(table, chance)

    # --- what rules call

    def setup(self, state: HookState, manip: Manip, wanted: NatRange, chain: str) -> Binding | None:
        """Bind the packet's connection; ``chain`` is kept for the trace (nf_nat_setup_info).

        None: the packet has no connection, so there is nothing to bind.
        """
        ct = state.skb.ct
        if not isinstance(ct, Connection):
            return None
        now = target_of(ct, Direction.ORIGINAL)
        if ct.status & (status.CONFIRMED | _DONE[manip]):
            return _binding(manip, Change(end_of(now, manip), end_of(now, manip)))
        new = self._chooser.choose(ct, now, wanted, manip)
        if new != now:
            reply = new.inverse()
            assert reply is not None  # only addresses and keys were changed
            ct.reply = reply
            ct.status |= _BIT[manip]
            ct.bound_by[_BIT[manip]] = chain
        ct.status |= _DONE[manip]
        return _binding(manip, Change(end_of(now, manip), end_of(new, manip)))

    def masquerade(self, state: HookState, wanted: NatRange, chain: str) -> Binding | None:
        """SNAT that ends when packets leave by another device (nf_nat_masquerade_ipv4)."""
        ct = state.skb.ct
        if isinstance(ct, Connection) and state.outdev is not None:
            ct.masquerade_dev = state.outdev.name
        return self.setup(state, Manip.SRC, wanted, chain)

    # --- the hook

    def hook(self, state: HookState, rules: Rules) -> Verdict | None:
        """All that NAT does at one hook (Linux: nf_nat_ipv4_fn and its four callers).

        Where it changes the destination, ``skb.dst`` is forgotten in PREROUTING; after OUTPUT,
        whoever sends looks whether the way has changed (Linux: ip_route_me_harder).
        """
        skb = state.skb
        ct = skb.ct
        if not isinstance(ct, Connection):
            return None
        before = skb.ip.dst
        if skb.ctinfo in _RELATED and skb.ip.protocol == ipv4.ICMP:
            ended = self._error(state, ct)
        else:
            ended = self._packet(state, ct, rules)
        if state.hook is Hook.PREROUTING and skb.ip.dst != before:
            skb.dst = None
        return ended

    def _packet(self, state: HookState, ct: Connection, rules: Rules) -> Verdict | None:
        """Linux: nf_nat_inet_fn."""
        manip = MANIP[state.hook]
        if state.skb.ctinfo in (CtInfo.NEW, *_RELATED) and not ct.status & _DONE[manip]:
            ended = rules(state)
            if ended is not None:
                return ended
            if ct.status & _DONE[manip]:  # the rule has told what is done now
                self._write(state, ct, manip)
                return None
            self._null_binding(state, ct, manip)
        elif self._left_by_another(state, ct):
            self._table.remove(ct)
            text = f"connection #{ct.number} was masqueraded behind {ct.masquerade_dev}"
            return Dropped(DropReason.NETFILTER_DROP, f"{text}, and now leaves by another device")
        words = self._write(state, ct, manip)
        if words:
            self._tell(state, ct, words)
        return None

    def _null_binding(self, state: HookState, ct: Connection, manip: Manip) -> None:
        """Keep the address; a port that is taken changes (Linux: nf_nat_alloc_null_binding)."""
        address = ct.reply.dst if manip is Manip.SRC else ct.reply.src
        self.setup(state, manip, NatRange(address, address), "")

    def _left_by_another(self, state: HookState, ct: Connection) -> bool:
        """Linux: nf_nat_oif_changed."""
        if not ct.masquerade_dev or state.hook is not Hook.POSTROUTING:
            return False
        if direction_of(state.skb.ctinfo) is Direction.REPLY or state.outdev is None:
            return False
        return state.outdev.name != ct.masquerade_dev

    def _write(self, state: HookState, ct: Connection, manip: Manip) -> str:
        """Translate the packet; what changed in words, empty: nothing (Linux: nf_nat_packet)."""
        skb = state.skb
        direction = direction_of(skb.ctinfo)
        if not ct.status & _bit(manip, direction):
            return ""
        target = target_of(ct, direction)
        changed = change(skb.network, target, manip)
        if changed.old == changed.new:
            return ""
        skb.network = manipulated(skb.network, target, manip)
        return f"{_name(manip, direction)} {changed}"

    def _error(self, state: HookState, ct: Connection) -> Verdict | None:
        skb, manip = state.skb, MANIP[state.hook]
        direction = direction_of(skb.ctinfo)
        refused = refusal(skb.network, ct)
        if refused is not None or not ct.status & _bit(manip, direction):
            return refused
        done = translated(skb.network, ct, direction, manip)
        if isinstance(done, Dropped):
            return done
        data, words = done
        if data != skb.network:
            skb.network = data
            self._tell(state, ct, f"{_name(manip, direction)} {words}")
        return None

    def _tell(self, state: HookState, ct: Connection, words: str) -> None:
        bit = _bit(MANIP[state.hook], direction_of(state.skb.ctinfo))
        state.skb.hop.step(NatStep(state.hook.name, words, ct, ct.bound_by.get(bit, "")))


def _bit(manip: Manip, direction: Direction) -> int:
    """Which translation a packet meets: replies undo the other one."""
    return _BIT[manip] if direction is Direction.ORIGINAL else status.NAT ^ _BIT[manip]


def _name(manip: Manip, direction: Direction) -> str:
    """``DNAT``, or ``un-DNAT`` where a reply's source is put back."""
    if direction is Direction.ORIGINAL:
        return manip.value
    return "un-DNAT" if manip is Manip.SRC else "un-SNAT"


def _binding(manip: Manip, changed: Change) -> Binding:
    if changed.old == changed.new:
        return Binding(f"{manip.value} {changed.old} stays as it is", False)
    return Binding(f"{manip.value} {changed}", True)

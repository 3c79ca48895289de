"""The rules of a namespace, hung into its hooks.

Law: loading rules decides what runs at each hook: a table that no text mentions is not walked,
and nothing is tracked that no rule needs tracked (Linux: nf_ct_netns_get).
"""

from __future__ import annotations

from pknet.netns import hooks, rejection
from pknet.netns.conntrack import Conntrack, Settings
from pknet.netns.hook import Hook, HookState
from pknet.netns.nat import Binding, Nat
from pknet.netns.netfilter import Ruleset, parse
from pknet.netns.netfilter.chain import BUILT_IN
from pknet.netns.netfilter.host import ConnView, Manip, NatRange
from pknet.netns.netfilter.ipset import IpSet
from pknet.netns.netfilter.recent_list import RecentList
from pknet.netns.netfilter.targets.reject import KINDS
from pknet.netns.route import Path
from pknet.netns.stack import Stack
from pknet.trace import Verdict

_PRIORITIES = {"raw": hooks.RAW, "mangle": hooks.MANGLE, "filter": hooks.FILTER}
_ENTRIES = (Hook.PREROUTING, Hook.OUTPUT)
_EXITS = (Hook.INPUT, Hook.POSTROUTING)


class Firewall:
    """Implements netfilter.host.Host for one namespace."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self.clock = stack.clock
        self.chance = stack.stream("netfilter")
        self.recent: dict[str, RecentList] = {}
        self.sets: dict[str, IpSet] = {}
        self.log: list[str] = []
        self.ruleset = Ruleset()
        self.conntrack: Conntrack | None = None
        self._nat: Nat | None = None

    def load(self, text: str, sets: str = "") -> None:
        """``iptables-restore``; ``sets`` is ipset save text. Raises RulesError."""
        self.ruleset = parse(text, sets)
        self.sets = self.ruleset.sets
        self.ruleset.compile(self)
        self._stack.hooks.clear()
        if self.ruleset.needs_conntrack:
            self._track()
        for name, priority in _PRIORITIES.items():
            if name in self.ruleset.tables:
                for chain in BUILT_IN[name]:
                    walk = self.ruleset.tables[name].walk
                    self._stack.hooks.register(Hook[chain], priority, walk)
        if "nat" in self.ruleset.tables and self.conntrack is not None:
            self._translate(self.conntrack)

    # --- what the rules need

    def _track(self) -> None:
        """Connection tracking, and defragmentation before it."""
        self.conntrack = Conntrack(self.clock, Settings.of(self._stack.sysctls))
        for hook in _ENTRIES:
            self._stack.hooks.register(hook, hooks.DEFRAG, self._defragment)
            self._stack.hooks.register(hook, hooks.CONNTRACK, self.conntrack.track)
        for hook in _EXITS:
            self._stack.hooks.register(hook, hooks.CONFIRM, self.conntrack.confirm)

    def _defragment(self, state: HookState) -> Verdict | None:
        """Linux: ipv4_conntrack_defrag; bridged and routed packets wait apart."""
        skb = state.skb
        if not skb.ip.is_fragment:
            return None
        user = f"conntrack {state.hook.name} {'bridged' if skb.bridge else ''}"
        return self._stack.reassembly.add(user, skb)

    def _translate(self, conntrack: Conntrack) -> None:
        """Where nothing is tracked, no packet walks the table (Linux: nf_nat_inet_fn)."""
        nat = Nat(conntrack.table, self._stack.stream("nat"))
        walk = self.ruleset.tables["nat"].walk
        self._nat = nat

        def stage(state: HookState) -> Verdict | None:
            return nat.hook(state, walk)

        for hook in _ENTRIES:
            self._stack.hooks.register(hook, hooks.NAT_DST, stage)
        for hook in _EXITS:
            self._stack.hooks.register(hook, hooks.NAT_SRC, stage)

    # --- what rules ask

    def connection(self, state: HookState) -> ConnView:
        """What connection tracking made of the packet."""
        assert self.conntrack is not None
        return self.conntrack.view(state.skb)

    def untrack(self, state: HookState) -> None:
        """Let the packet pass untracked, if anything is tracked (Linux: xt_ct_tg_check)."""
        if self.conntrack is not None:
            self.conntrack.untrack(state.skb)

    def nat(self, state: HookState, manip: Manip, wanted: NatRange, chain: str) -> Binding | None:
        """Bind the connection; None: there is none."""
        assert self._nat is not None
        return self._nat.setup(state, manip, wanted, chain)

    def masquerade(self, state: HookState, wanted: NatRange, chain: str) -> Binding | None:
        """Bind it to the way out."""
        assert self._nat is not None
        return self._nat.masquerade(state, wanted, chain)

    def address_type(self, address: int, dev: str) -> str:
        """For addrtype (Linux: inet_dev_addr_type)."""
        device = self._stack.interfaces.get(dev)
        return self._stack.routing.address_type(address, device).name

    def primary_address(self, state: HookState) -> int:
        """The address of the way out (Linux: inet_select_addr towards the next hop)."""
        path = state.skb.dst
        nexthop = path.nexthop if isinstance(path, Path) else 0
        return self._stack.addresses.select(state.outdev, nexthop)

    def redirect_address(self, state: HookState) -> int:
        """The first address of the device the packet came in by."""
        own = self._stack.addresses.of(state.indev)
        return own[0].address if own else 0

    def reject(self, state: HookState, kind: str) -> str:
        """Answer with ``kind``; what came of it in words."""
        return rejection.answer(self._stack, self.conntrack, state.skb, KINDS[kind])

"""The order in which a packet meets netfilter's parts at each hook.

Law: nothing runs that nothing asked for. A namespace whose rules need no connection tracking
has none, and no defragmentation either (seen on Linux 6.18).

    priority  -400 defragment · -300 raw · -200 conntrack · -150 mangle · -100 nat (DNAT)
              0 filter · 100 nat (SNAT) · last: confirm           (enum nf_ip_hook_priorities)
"""

from __future__ import annotations

from collections.abc import Callable

from pknet.link.interface import Interface
from pknet.link.skb import Skb
from pknet.netns.hook import Hook, HookState
from pknet.trace import Verdict

#: One part's say: None lets the packet go on.
Stage = Callable[[HookState], Verdict | None]

DEFRAG, RAW, CONNTRACK, MANGLE, NAT_DST, FILTER, NAT_SRC, CONFIRM = (
    -400, -300, -200, -150, -100, 0, 100, 2**31 - 1
)  # fmt: skip


class Hooks:
    """What is registered at each hook, by priority (Linux: nf_hook_entries)."""

    def __init__(self) -> None:
        self._entries: dict[Hook, list[tuple[int, Stage]]] = {hook: [] for hook in Hook}

    def register(self, hook: Hook, priority: int, stage: Stage) -> None:
        """Entries of one priority keep their order of registration."""
        entries = self._entries[hook]
        entries.append((priority, stage))
        entries.sort(key=lambda entry: entry[0])

    def clear(self) -> None:
        """Forget everything that was registered."""
        for entries in self._entries.values():
            entries.clear()

    def run(
        self, hook: Hook, skb: Skb, indev: Interface | None, outdev: Interface | None
    ) -> Verdict | None:
        """Pass the packet through ``hook``; None: it may go on (Linux: nf_hook_slow)."""
        entries = self._entries[hook]
        if not entries:
            return None
        state = HookState(hook, skb, indev, outdev)
        for _, stage in entries:
            verdict = stage(state)
            if verdict is not None:
                return verdict
        return None

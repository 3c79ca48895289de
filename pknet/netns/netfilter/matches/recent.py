"""-m recent: lists of addresses seen lately (Linux: net/netfilter/xt_recent.c).

Law: a list belongs to its name, not to a rule; it holds 100 addresses, each its 20 last times.
"""

from __future__ import annotations

from pknet.netns.hook import HookState
from pknet.netns.netfilter.extension import Match, Setting, Test, negation
from pknet.netns.netfilter.host import Host, RecentEntry
from pknet.netns.netfilter.numbers import number
from pknet.sim.clock import SECOND
from pknet.wire.address import ip_int, ip_text

LIST_LIMIT = 100  # addresses (Linux: ip_list_tot)
STAMP_LIMIT = 20  # times of one address (Linux: ip_pkt_list_tot)
_CHECKS = ("--set", "--rcheck", "--update", "--remove")


class Recent(Match):
    """Set, check, update or remove."""

    name = "recent"
    options = {  # noqa: RUF012
        **dict.fromkeys((*_CHECKS, "--reap", "--rttl", "--rsource", "--rdest"), 0),
        **dict.fromkeys(("--seconds", "--hitcount", "--name", "--mask"), 1),
    }

    def __init__(self) -> None:
        self.check_kind = ""
        self.inverted = False
        self.seconds = self.hitcount = 0
        self.reap = self.rttl = False
        self.list_name = "DEFAULT"
        self.mask = 0xFFFFFFFF
        self.side = "--rsource"

    def option(self, name: str, values: list[str], inverted: bool) -> None:
        if name in _CHECKS:
            if self.check_kind:
                raise ValueError(f"recent: only one of {', '.join(_CHECKS)}")
            self.check_kind, self.inverted = name, inverted
            return
        self.once(inverted, allowed=False)
        if name in ("--rsource", "--rdest"):
            self.side = name
        elif name in ("--reap", "--rttl"):
            setattr(self, name[2:], True)
        elif name == "--name":
            self.list_name = values[0]
        elif name == "--mask":
            self.mask = ip_int(values[0])
        else:
            setattr(self, name[2:], number(values[0], 1, 2**32 - 1, name))

    def check(self, setting: Setting) -> None:
        if not self.check_kind:
            raise ValueError(f"recent: you must specify one of {', '.join(_CHECKS)}")
        timed = self.check_kind in ("--rcheck", "--update")
        if (self.seconds or self.hitcount) and not timed:
            raise ValueError("--seconds and --hitcount go with --rcheck or --update")
        if self.reap and not self.seconds:
            raise ValueError("--reap goes with --seconds")
        if self.hitcount > STAMP_LIMIT:
            raise ValueError(f"hitcount ({self.hitcount}) is larger than {STAMP_LIMIT}")

    def save(self) -> str:
        words = [negation(self.inverted) + self.check_kind]
        words += [f"--seconds {self.seconds}"] if self.seconds else []
        words += ["--reap"] if self.reap else []
        words += [f"--hitcount {self.hitcount}"] if self.hitcount else []
        words += ["--rttl"] if self.rttl else []
        return " ".join([*words, f"--name {self.list_name}", f"--mask {ip_text(self.mask)}",
                         self.side])  # fmt: skip

    def compile(self, host: Host) -> Test:
        entries = host.recent.setdefault(self.list_name, {})
        return lambda state: self._test(entries, state, host.clock.now) != self.inverted

    def _test(self, entries: dict[int, RecentEntry], state: HookState, now: int) -> bool:
        """Linux: recent_mt."""
        header = state.skb.ip
        address = (header.src if self.side == "--rsource" else header.dst) & self.mask
        entry = entries.get(address)
        if entry is not None and self.rttl and entry.ttl != header.ttl:
            entry = None
        if self.check_kind == "--set":
            self._note(entries, address, entry or RecentEntry(header.ttl), now)
            return True
        if entry is None:
            return False
        if self.check_kind == "--remove":
            del entries[address]
            return True
        found = self._recent_enough(entry, now)
        if found and self.check_kind == "--update":
            self._note(entries, address, entry, now)
        return found

    def _recent_enough(self, entry: RecentEntry, now: int) -> bool:
        oldest = now - self.seconds * SECOND if self.seconds else -1
        if self.reap:
            entry.stamps = [stamp for stamp in entry.stamps if stamp >= oldest]
        hits = sum(stamp >= oldest for stamp in entry.stamps)
        return hits >= max(self.hitcount, 1)

    def _note(
        self, entries: dict[int, RecentEntry], address: int, entry: RecentEntry, now: int
    ) -> None:
        if address not in entries and len(entries) >= LIST_LIMIT:
            del entries[next(iter(entries))]
        entries.pop(address, None)
        entries[address] = entry  # the one touched last stands last
        entry.stamps = [*entry.stamps, now][-STAMP_LIMIT:]

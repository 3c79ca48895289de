"""-m recent: lists of addresses seen lately (Linux: net/netfilter/xt_recent.c)."""

from __future__ import annotations

from pknet.netns.hook import HookState
from pknet.netns.netfilter.extension import Match, Option, Test, negation, options
from pknet.netns.netfilter.host import Host
from pknet.netns.netfilter.networks import address, address_text, ones
from pknet.netns.netfilter.numbers import number
from pknet.netns.netfilter.recent_list import STAMPS, RecentEntry, RecentList
from pknet.sim.clock import SECOND

HIT_LIMIT = 65535  # Linux: XT_RECENT_MAX_NSTAMPS - 1
NAME_LIMIT = 199  # Linux: XT_RECENT_NAME_LEN - 1
_DEEDS = ("--set", "--rcheck", "--update", "--remove")
_UNTIMED = ("--set", "--remove")


def _deed(name: str) -> Option:
    return Option(words=0, invertible=True, excludes=tuple(o for o in _DEEDS if o != name))


class Recent(Match):
    """Set, check, update or remove."""

    name = "recent"
    options = {
        **{name: _deed(name) for name in _DEEDS},
        **options(("--seconds", "--hitcount"), Option()),
        "--reap": Option(words=0, needs=("--seconds",)),
        "--rttl": Option(words=0),
        **options(("--name", "--mask"), Option()),
        "--rsource": Option(words=0, excludes=("--rdest",)),
        "--rdest": Option(words=0, excludes=("--rsource",)),
    }

    def __init__(self, family: int) -> None:
        super().__init__(family)
        self.deed = ""
        self.inverted = False
        self.seconds = self.hitcount = 0
        self.list_name = "DEFAULT"
        self.mask = ones(family)

    def option(self, name: str, values: list[str], inverted: bool) -> None:
        if name in _DEEDS:
            self.deed, self.inverted = name, inverted
        elif name == "--seconds":
            self.seconds = number(values[0], 1, 2**32 - 1, "number of seconds")
        elif name == "--hitcount":
            self.hitcount = number(values[0], 0, HIT_LIMIT, "hitcount")
        elif name == "--mask":
            self.mask = address(values[0], self.family)
        elif name == "--name":
            self.list_name = _list_name(values[0])

    def complete(self) -> None:
        super().complete()
        if not self.deed:
            raise ValueError(f"recent: you must specify one of {', '.join(_DEEDS)}")
        for name in ("--seconds", "--hitcount", "--reap", "--rttl"):
            if name in self.given and self.deed in _UNTIMED:
                raise ValueError(f"recent: {name} goes with --rcheck or --update")

    def save(self) -> str:
        words = [negation(self.inverted) + self.deed]
        words += [f"--seconds {self.seconds}"] if self.seconds else []
        words += ["--reap"] if "--reap" in self.given else []
        words += [f"--hitcount {self.hitcount}"] if self.hitcount else []
        words += ["--rttl"] if "--rttl" in self.given else []
        side = "--rdest" if "--rdest" in self.given else "--rsource"
        mask = address_text(self.mask, self.family)
        return " ".join([*words, f"--name {self.list_name}", f"--mask {mask}", side])

    def compile(self, host: Host) -> Test:
        known = host.recent.setdefault(self.list_name, RecentList(self.mask))
        known.keep(_power_of_two(self.hitcount) if self.hitcount else STAMPS)
        clock, inverted = host.clock, self.inverted
        by_source, by_ttl = "--rdest" not in self.given, "--rttl" in self.given

        def test(state: HookState) -> bool:
            header = state.skb.ip
            key = (header.src if by_source else header.dst) & known.mask
            ttl = header.ttl + _decremented(state)
            entry = known.find(key, ttl if by_ttl else None)
            return self._matches(known, entry, key, ttl, clock.now) != inverted

        return test

    def _matches(
        self, known: RecentList, entry: RecentEntry | None, key: int, ttl: int, now: int
    ) -> bool:
        """Linux: recent_mt."""
        if self.deed == "--set":
            if entry is None:
                known.add(key, ttl, now)
            else:
                known.touch(key, ttl, now)
            return True
        if entry is None:
            return False
        if self.deed == "--remove":
            known.remove(key)
            return True
        return self._seen(known, entry, key, ttl, now)

    def _seen(self, known: RecentList, entry: RecentEntry, key: int, ttl: int, now: int) -> bool:
        """Often enough, and lately enough."""
        oldest = now - self.seconds * SECOND if self.seconds else 0
        hits = sum(stamp >= oldest for stamp in entry.stamps)
        found = hits >= max(self.hitcount, 1)
        if "--reap" in self.given:
            known.reap(oldest)
        if self.deed == "--update" and found != self.inverted and key in known.entries:
            known.touch(key, ttl, now)
        return found


def _list_name(text: str) -> str:
    if not text or "/" in text or len(text) > NAME_LIMIT:
        raise ValueError(f"bad list name {text!r}: 1 to {NAME_LIMIT} characters, and no '/'")
    return text


def _power_of_two(value: int) -> int:
    """The next one that is not smaller."""
    return 1 << (value - 1).bit_length()


def _decremented(state: HookState) -> int:
    """1 where the packet is being forwarded: its TTL counts as it was before."""
    return int(state.outdev is not None and state.skb.dev is not None)

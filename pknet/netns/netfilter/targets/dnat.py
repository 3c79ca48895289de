"""DNAT: another destination, on the way in."""

from __future__ import annotations

from pknet.netns.netfilter.extension import Setting
from pknet.netns.netfilter.host import Manip
from pknet.netns.netfilter.targets.nat import NatTarget


class Dnat(NatTarget):
    """``--to-destination``."""

    name = "DNAT"
    manip = Manip.DST
    chains = frozenset({"PREROUTING", "OUTPUT"})
    options = {"--to-destination": 1, "--random": 0, "--persistent": 0}  # noqa: RUF012

    def check(self, setting: Setting) -> None:
        super().check(setting)
        if not self.min_ip and not self.min_port:
            raise ValueError("DNAT: option '--to-destination' must be specified")

    def save(self) -> str:
        flags = self.flag_words("--random", "--persistent")
        return " ".join([f"--to-destination {self.to_text()}", *flags])

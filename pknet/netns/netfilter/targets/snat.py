"""SNAT: another source, on the way out."""

from __future__ import annotations

from pknet.netns.netfilter.extension import Setting
from pknet.netns.netfilter.host import Manip
from pknet.netns.netfilter.targets.nat import NatTarget


class Snat(NatTarget):
    """``--to-source``."""

    name = "SNAT"
    manip = Manip.SRC
    chains = frozenset({"POSTROUTING", "INPUT"})
    options = {  # noqa: RUF012
        "--to-source": 1, "--random": 0, "--random-fully": 0, "--persistent": 0,
    }  # fmt: skip

    def check(self, setting: Setting) -> None:
        super().check(setting)
        if not self.min_ip and not self.min_port:
            raise ValueError("SNAT: option '--to-source' must be specified")

    def save(self) -> str:
        flags = self.flag_words("--random", "--random-fully", "--persistent")
        return " ".join([f"--to-source {self.to_text()}", *flags])

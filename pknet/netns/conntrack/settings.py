"""What net.netfilter.nf_conntrack_* can change; each default is the kernel's."""

from __future__ import annotations

from dataclasses import dataclass, field

from pknet.netns.sysctl import Sysctls
from pknet.sim.clock import SECOND


@dataclass(frozen=True, slots=True)
class Settings:
    """The name is the sysctl's, without ``nf_conntrack_``."""

    max: int = 262_144
    checksum: bool = True
    tcp_be_liberal: bool = False
    tcp_loose: bool = True
    tcp_ignore_invalid_rst: bool = False
    tcp_max_retrans: int = 3
    sysctls: Sysctls = field(default_factory=Sysctls)  # timeouts are read there

    @classmethod
    def of(cls, sysctls: Sysctls) -> Settings:
        """As a namespace has them."""

        def value(name: str) -> int:
            return sysctls.integer(f"net.netfilter.nf_conntrack_{name}")

        return cls(
            max=value("max"),
            checksum=bool(value("checksum")),
            tcp_be_liberal=bool(value("tcp_be_liberal")),
            tcp_loose=bool(value("tcp_loose")),
            tcp_ignore_invalid_rst=bool(value("tcp_ignore_invalid_rst")),
            tcp_max_retrans=value("tcp_max_retrans"),
            sysctls=sysctls,
        )

    def timeout(self, name: str) -> int:
        """In nanoseconds; ``name`` is the sysctl's last part."""
        return self.sysctls.integer(f"net.netfilter.{name}") * SECOND

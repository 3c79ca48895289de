"""What net.netfilter.nf_conntrack_* can change; each default is the kernel's."""

from __future__ import annotations

from dataclasses import dataclass, fields

from pknet.netns.sysctl import Sysctls


@dataclass(frozen=True, slots=True)
class Settings:
    """The name is the sysctl's, without ``nf_conntrack_``."""

    max: int = 262_144
    checksum: bool = True
    tcp_be_liberal: bool = False
    tcp_loose: bool = True
    tcp_ignore_invalid_rst: bool = False
    tcp_max_retrans: int = 3

    @classmethod
    def of(cls, sysctls: Sysctls) -> Settings:
        """As a namespace has them."""
        prefix = "net.netfilter.nf_conntrack_"
        values = {
            one.name: type(one.default)(sysctls.integer(f"{prefix}{one.name}"))
            for one in fields(cls)
        }
        return cls(**values)

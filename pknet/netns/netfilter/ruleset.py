"""All tables of a namespace: text in, packets through, text out.

Law: what is printed reads back as the same rules, and is what iptables-save would print.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from pknet.netns.netfilter.chain import BUILT_IN, Table
from pknet.netns.netfilter.host import Host
from pknet.netns.netfilter.ipset import IpSet
from pknet.netns.netfilter.rule import Rule

#: The order in which each backend's iptables-save prints tables.
ORDER = {
    "nft": ("raw", "mangle", "filter", "nat"),
    "legacy": ("raw", "filter", "nat", "mangle"),
}


class Ruleset:
    """The tables that some text filled, and the sets they use."""

    def __init__(self, family: int = 4) -> None:
        self.family = family
        self.tables: dict[str, Table] = {}
        self.sets: dict[str, IpSet] = {}

    def table(self, name: str) -> Table:
        """The table, made where it is missing."""
        if name not in self.tables:
            self.tables[name] = Table(name)
        return self.tables[name]

    def copy(self) -> Ruleset:
        """Tables and chains of its own, with the same rules in them."""
        other = Ruleset(self.family)
        other.tables = {name: table.copy() for name, table in self.tables.items()}
        other.sets = self.sets
        return other

    def rules(self) -> Iterator[Rule]:
        """Every rule."""
        for table in self.tables.values():
            for chain in table.chains.values():
                yield from chain.rules

    @property
    def needs_conntrack(self) -> bool:
        """True for a rule that asks (Linux: nf_ct_netns_get); a nat table alone does not."""
        return any(rule.needs_conntrack for rule in self.rules())

    def compile(self, host: Host) -> None:
        """Make every rule ready to walk in ``host``. Raises ValueError for IPv6 rules."""
        if self.family != 4:
            raise ValueError("IPv6 rules are read and printed; packets do not walk them")
        for rule in self.rules():
            rule.compile(host)

    def save(self, backend: str = "nft") -> str:
        """As iptables-save prints it, without its dated comment lines.

        ``backend`` (nft or legacy) is whose order of tables.
        """
        return self._text(backend, Rule.save)

    def save_counted(self, backend: str = "nft") -> str:
        """As ``iptables-save --counters`` prints it: each rule after its packets and bytes."""
        return self._text(backend, lambda rule: f"[{rule.packets}:{rule.bytes}] {rule.save()}")

    def _text(self, backend: str, line: Callable[[Rule], str]) -> str:
        lines: list[str] = []
        for name in ORDER[backend]:
            if name in self.tables:
                lines += _table_lines(self.tables[name], line)
        return "\n".join([*lines, ""]) if lines else ""


def _table_lines(table: Table, line: Callable[[Rule], str]) -> list[str]:
    chains = [table.chains[name] for name in BUILT_IN[table.name]] + table.user_chains()
    lines = [f"*{table.name}"]
    lines += [f":{c.name} {c.policy or '-'} [{c.packets}:{c.bytes}]" for c in chains]
    for chain in chains:
        lines += [line(rule) for rule in chain.rules]
    return [*lines, "COMMIT"]

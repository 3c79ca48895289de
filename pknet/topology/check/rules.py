"""Rules that can be loaded, with their faults at their own lines."""

from __future__ import annotations

from pknet.netns.netfilter import RuleFault, RulesError, parse
from pknet.topology.fault import Fault
from pknet.topology.raw import RawNode


def check_rules(node: RawNode) -> None:
    """Parse the rules for their faults; the namespace parses them again, to have them."""
    if not node.iptables.text and not node.ipset.text:
        return
    try:
        parse(node.iptables.text, node.ipset.text)
    except RulesError as error:
        node.value.source.faults += [_at_its_line(node, fault) for fault in error.faults]


def _at_its_line(node: RawNode, fault: RuleFault) -> Fault:
    text = node.ipset if fault.source == "ipset" else node.iptables
    message = fault.message if text.exact else f"line {fault.line}: {fault.message}"
    return Fault(text.place(fault.line, fault.column), f"{node.value.path}.{fault.source}", message)

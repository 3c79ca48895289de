"""iptables: tables, chains, rules; their text, and the walk through them."""

from pknet.netns.netfilter.faults import RuleFault, RulesError
from pknet.netns.netfilter.parse import parse
from pknet.netns.netfilter.ruleset import Ruleset

__all__ = ["RuleFault", "RulesError", "Ruleset", "parse"]

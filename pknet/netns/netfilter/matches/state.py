"""-m state, the older spelling of ``-m conntrack --ctstate`` (iptables: libxt_state.c)."""

from __future__ import annotations

from pknet.netns.netfilter.extension import Option, negation
from pknet.netns.netfilter.matches.conntrack import STATES, ConntrackMatch, state_part


class StateMatch(ConntrackMatch):
    """It knows neither SNAT nor DNAT."""

    name = "state"
    options = {"--state": Option(invertible=True, required=True)}

    def option(self, name: str, values: list[str], inverted: bool) -> None:
        text, part = state_part(values[0], STATES)
        self.parts["--ctstate"] = (text, inverted, part)

    def save(self) -> str:
        text, inverted, _ = self.parts["--ctstate"]
        return f"{negation(inverted)}--state {text}"

"""The real kernel forgets connections after as many seconds."""

from __future__ import annotations

from conntrack_boxes import needs_conntrack, tracked
from conntrack_packets import CLIENT, SERVER, echo, other_step, udp_step
from conntrack_random import sctp_flows, tcp_flows

from pknet.netns.sysctl_table import GLOBAL

pytestmark = needs_conntrack


def test_a_connection_is_forgotten_after_its_timeout() -> None:
    ask, answer = udp_step(), udp_step(SERVER, CLIENT)
    told = tracked(ask, 1.1, ask, 0.5, answer, ask, 1.1, answer, udp_timeout=1)
    assert told.counters == [
        "[0:0] -A FORWARD -m conntrack --ctstate INVALID -j DROP",
        "[0:0] -A FORWARD -m conntrack --ctstate RELATED --ctdir ORIGINAL",
        "[0:0] -A FORWARD -m conntrack --ctstate RELATED --ctdir REPLY",
        "[2:66] -A FORWARD -m conntrack --ctstate ESTABLISHED",
        "[3:99] -A FORWARD -m conntrack --ctstate NEW",
    ]


def test_every_timeout_is_the_one_that_its_sysctl_says() -> None:
    names = [name for name in GLOBAL if name.startswith("net.netfilter.nf_conntrack_")]
    timeouts = [name.partition("nf_conntrack_")[2] for name in names if "timeout" in name]
    sysctls = {name: 1000 * place for place, name in enumerate(timeouts, 1)}
    a, b = "10.0.1.1", "10.0.2.1"
    gre = [other_step(a, b, 47), other_step(a, "10.0.2.2", 47), other_step(b, a, 47)]
    rest = [udp_step(), echo(a, b, 1), *gre, other_step(a, b, 50)]
    told = tracked(*tcp_flows(1, 300), *sctp_flows(1, 300), *rest, **sysctls)
    assert len({line.split()[2] for line in told.connections}) > 15

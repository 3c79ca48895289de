"""IPv4 options in one namespace (Linux: net/ipv4/ip_options.c).

Law: what is written into a header that came in stays unsummed until the packet is sent on, so an
ICMP error quotes it as Linux does.

    received    read, or ICMP 12/0; follow the source route                   ip_rcv_options
    onward      the address of the way out is written                     ip_forward_options
    echo        what an answer carries of them                           __ip_options_echo
"""

from pknet.netns.ip_options.echo import NOTHING, Echo
from pknet.netns.ip_options.options import IpOptions

__all__ = ["NOTHING", "Echo", "IpOptions"]

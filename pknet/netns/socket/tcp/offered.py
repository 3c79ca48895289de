"""What a new connection of this namespace begins with: its sysctls, and the way to its peer."""

from __future__ import annotations

from pknet.netns.route import Path
from pknet.netns.socket.network import Network
from pknet.netns.socket.tcp.path_trouble import HEADERS
from pknet.netns.socket.tcp.settings import MIN_ADVERTISED_MSS, MIN_SEND_MSS, Settings

MOST = 65_535  # bytes an IP packet may have, whatever lo's MTU says (ipv4_default_advmss)


def offered(network: Network, path: Path, dst: int, options: int = 0) -> Settings:
    """For a connection by ``path``, whose packets have ``options`` bytes of IP options.

    What is advertised knows nothing of those (Linux: tcp_mtu_to_mss, icsk_ext_hdr_len).
    """
    sysctls = network.sysctls
    _, buffer, most = sysctls.integers("net.ipv4.tcp_rmem")
    mss = min(network.path_mtu.of(path, dst), MOST) - HEADERS
    return Settings(
        mss=max(mss, MIN_ADVERTISED_MSS),
        path_mss=max(mss - options, MIN_SEND_MSS),
        rcvbuf=buffer,
        rmem_max=most,
        syn_retries=sysctls.integer("net.ipv4.tcp_syn_retries"),
        synack_retries=sysctls.integer("net.ipv4.tcp_synack_retries"),
        retries2=sysctls.integer("net.ipv4.tcp_retries2"),
    )

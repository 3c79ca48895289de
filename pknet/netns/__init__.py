"""Floor 5: one network stack: addresses, routes, neighbours, netfilter, conntrack, sockets."""

"""Floor 4: one network stack: addresses, routes, neighbours, netfilter, conntrack, sockets."""

"""Sockets of one namespace: TCP, UDP, raw ICMP, and the small programs that use them."""

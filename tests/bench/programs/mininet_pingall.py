"""``mininet_pingall.py HOSTS``, in namespaces of its own: who on one bridge hears whom?

Prints the share of pings that were lost.
"""

from __future__ import annotations

import sys
import time

from mininet.log import setLogLevel
from mininet.net import Mininet
from mininet.nodelib import LinuxBridge
from mininet.topo import SingleSwitchTopo

ATTEMPTS = 100  # until the bridge forwards

setLogLevel("error")
Mininet.inited = True  # its raised limits are the whole machine's, and not needed for this
network = Mininet(
    SingleSwitchTopo(int(sys.argv[1])),
    switch=LinuxBridge,
    controller=None,
    autoSetMacs=True,
    autoStaticArp=True,
)
network.start()
try:
    first, second = network.hosts[:2]
    for _ in range(ATTEMPTS):
        if " 0% packet loss" in first.cmd(f"ping -c 1 -W 1 {second.IP()}"):
            break
        time.sleep(0.05)
    print(network.pingAll(timeout="1"), "% lost")
finally:
    network.stop()

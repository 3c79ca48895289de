"""What a program and its system calls take (orders of magnitude, seen on a busy machine).

Law: a program never acts at the instant of the packet that wakes it. What the kernel has to say
of its own (an acknowledgement) is said before, and a burst has arrived as a whole.
"""

from __future__ import annotations

from pknet.sim.clock import MICROSECOND

#: From the packet that a program waits for to its next system call.
WAKE_UP = 500 * MICROSECOND
#: From one burst of a system call to the next, or to its end: each is carried as far as it goes
#: before the sender goes on (Linux: the softirq runs when dev_queue_xmit returns).
SEND_COST = 100 * MICROSECOND

"""Floor 0: time, order and chance. It knows nothing of networks."""

from pknet.sim.clock import Clock, EventLimitError, Timer
from pknet.sim.rng import Rng

__all__ = ["Clock", "EventLimitError", "Rng", "Timer"]

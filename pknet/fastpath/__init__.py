"""Floor 5c: repetition, carried without walking it again. The walk stays the only meaning.

Replay      watches a program that sends packet after packet at the same distance
  image     the whole state of the network, taken at three of its turns
  Movement  what moved between them: times by a period, counters by a step, nothing else
  horizon   until when it can go on like that: no timer, no age, no counter at its end
  Cycle     what the trace recorded of one period: the program that is replayed
then the state is moved on by as many periods as there is room for, and the trace is given
the same number of repetitions, made when somebody looks at them.
"""

from pknet.fastpath.replay import Replay

__all__ = ["Replay"]

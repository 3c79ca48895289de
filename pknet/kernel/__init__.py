"""Floor 7: the same Spec on the real kernel, the judge.

    run(spec)              build namespaces, play the traffic, return what every interface saw
    compare(left, right)   the first difference of each interface

Law: beyond the topology and the wire formats it shares no code with the emulator, so neither can
hide the other's mistakes.
"""

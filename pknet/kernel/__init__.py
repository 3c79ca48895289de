"""The same Spec on the real kernel: the judge.

    run(spec)              build namespaces, play the traffic, return what every interface saw
    compare(left, right)   the first difference of each interface

Law: it shares no code with the emulator above the wire formats, so neither can hide the other's
mistakes.
"""

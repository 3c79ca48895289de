"""Benchmarks: what pknet costs, beside what others cost for the same job.

    python -m bench [--rows walk,ns3]     (``make bench``; as root where the kernel is a peer)

    rows/       one file for each job           row      what a row is
    programs/   the peers' own programs         job      one measurement, in a process of its own
    network     the topologies they share       runner   all rows in turn, round after round
    exchange    the traffic they share          table    medians, and ratios beside their bars

Law: a ratio is taken from one run, in which the rows take turns; a row whose peer is not
installed says so. No test asserts a time. It stands beside the tests because, like them, it
looks at pknet from outside, and is no part of what is installed.
"""

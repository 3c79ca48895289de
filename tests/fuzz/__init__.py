"""A differential fuzzer: made-up networks and traffic, walked by pknet and by the real kernel.

    python -m fuzz --seeds N [--start S]     (as root; ``make fuzz``)

    case      a seed makes a topology       of ingredients, each a file
    judge     both walk it                  what differs, interface by interface
    shrink    take away what is not needed  the smallest topology that still differs
    known     KNOWN_DIFFERENCES             what is not held against pknet, and why

Law: the seed alone gives the case again; what is chance in the kernel stays out of the cases.
"""

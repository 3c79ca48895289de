"""``python -m pknet.kernel TOPOLOGY [--save DIR]``: play it on this machine's kernel (root)."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from pknet.kernel import pcapfile
from pknet.kernel.errors import KernelError
from pknet.kernel.run import Recording, run
from pknet.topology.fault import TopologyError
from pknet.topology.load import load


def main(arguments: list[str] | None = None) -> int:
    """0: played; 2: bad input, or a kernel that cannot."""
    parser = argparse.ArgumentParser(prog="python -m pknet.kernel", description=__doc__)
    parser.add_argument("topology", type=Path)
    parser.add_argument("--save", type=Path, metavar="DIR", help="write a pcap per interface")
    options = parser.parse_args(arguments)
    try:
        recording = run(load(options.topology))
    except (TopologyError, KernelError) as error:
        print(error, file=sys.stderr)
        return 2
    print(*recording.results, sep="\n")
    for drop in recording.drops or ():
        print(f"dropped {drop.node}:{drop.interface} {drop.reason} in {drop.function}")
    if options.save:
        save(recording, options.save)
    return 0


def save(recording: Recording, folder: Path) -> None:
    """``<node>-<interface>.pcap`` for every interface; lo only where something crossed it."""
    folder.mkdir(parents=True, exist_ok=True)
    for (node, interface), frames in recording.frames.items():
        if frames or interface != "lo":
            pcapfile.write(folder / f"{node}-{interface}.pcap", frames)


if __name__ == "__main__":
    sys.exit(main())

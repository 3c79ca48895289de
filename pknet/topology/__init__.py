"""Floor 6: YAML -> a frozen Spec, with all faults at once -> objects, wired.

from pknet.topology import TopologyError, load
try:
    spec = load(Path("cross-node.yaml"))
except TopologyError as error:
    print(error)                # a line for each fault: file:line:col: path: what, what instead
"""

from pknet.topology.fault import Fault, TopologyError
from pknet.topology.load import load, load_text
from pknet.topology.place import Place
from pknet.topology.spec import Spec

__all__ = ["Fault", "Place", "Spec", "TopologyError", "load", "load_text"]

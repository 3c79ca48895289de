"""``python -m pknet`` is ``pknet``."""

import sys

from pknet.cli.main import main

sys.exit(main())

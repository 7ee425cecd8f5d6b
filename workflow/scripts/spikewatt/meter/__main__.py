"""`python -m spikewatt.meter -- COMMAND …`: measure any command."""

import sys

from spikewatt.meter.cli import main

sys.exit(main())

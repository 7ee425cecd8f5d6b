"""`python -m spikewatt.report RESULTS_FOLDER`: write the report anew."""

import argparse
import sys
from pathlib import Path

from spikewatt import report
from spikewatt.report import memory


def main(arguments=None):
    """Build the report from what a results folder holds; prints the file's name."""
    parser = argparse.ArgumentParser(
        prog="python -m spikewatt.report",
        description=(
            "Rebuild report.html from the tables, figures and runs of a results folder."
        ),
    )
    parser.add_argument("results", help="the results folder, for instance results")
    try:
        results = Path(parser.parse_args(arguments).results)
        print(report.build(results, **memory.recall(results / "report.html")))
    except (OSError, ValueError) as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()

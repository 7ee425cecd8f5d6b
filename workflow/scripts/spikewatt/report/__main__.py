"""`python -m spikewatt.report RESULTS_FOLDER`: write the report anew."""

import argparse
import sys

from spikewatt import report


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
        print(report.build(parser.parse_args(arguments).results))
    except (OSError, ValueError) as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()

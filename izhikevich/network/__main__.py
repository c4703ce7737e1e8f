"""One rank of a run, as `izhikevich.network.ranks` starts it."""

import sys
from pathlib import Path

from izhikevich.network.ranks import serve

if __name__ == "__main__":
    serve(Path(sys.argv[1]), int(sys.argv[2]))

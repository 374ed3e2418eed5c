"""What `recorder-backend` of the packaged app runs."""

from __future__ import annotations

import multiprocessing
import sys

if __name__ == "__main__":
    # uvicorn starts its worker processes out of this same program.
    multiprocessing.freeze_support()

    from backend.__main__ import main

    sys.exit(main())

"""Runs first in the packaged app, before PyInstaller's own hooks and before the program itself.

It gives other programs their environment back, and is the child guard where one was asked for: guards are started
again and again, and need nothing of what the hooks prepare in the meantime (0.08 s instead of 0.2 s).
"""

import os
import sys

# PyInstaller points the loader to the app's own libraries. The programs that we start (ffprobe above all) are not
# made for those.
_outside = os.environ.pop("LD_LIBRARY_PATH_ORIG", None)
if _outside is not None:
    os.environ["LD_LIBRARY_PATH"] = _outside
else:
    os.environ.pop("LD_LIBRARY_PATH", None)

if sys.argv[1:2] == ["--child-guard"]:
    from recorder_desktop.system import child_guard

    sys.exit(child_guard.main(sys.argv[2:]))

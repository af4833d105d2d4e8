"""What every peer sends: the headers and the body that were recorded from the service itself."""

import json
import os
from pathlib import Path

_FOLDER = Path(os.environ["RECORDED"])
BODIES = {
    path: (_FOLDER / name).read_bytes() for path, name in json.loads((_FOLDER / "bodies").read_text()).items()
}
HEADERS = {
    path: [(name, value) for name, value in headers]
    for path, headers in json.loads((_FOLDER / "headers").read_text()).items()
}

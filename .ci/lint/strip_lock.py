"""Leaves out of an npm lock file what holds an address: installing needs the hashes alone."""

import json
import sys
from pathlib import Path

lock = Path(sys.argv[1])
content = json.loads(lock.read_text(encoding="utf-8"))
for package in content["packages"].values():
    for member in ("resolved", "funding", "deprecated"):
        package.pop(member, None)
lock.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")

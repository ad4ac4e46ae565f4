"""A `crontab` command for tests: keeps the table in a file, and says and refuses what Debian's does."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

_SCRIPT = r"""#!/bin/sh
# The fields are checked as coarsely as a test needs: five words or one with @, or a variable, or nothing.
tab={tab}
blank='[[:space:]]'
nothing="^$blank*(#|\$)"
variable="^$blank*[^[:space:]=]+$blank*="
special="^$blank*@[a-z]+$blank+."
line="^$blank*([0-9*][^[:space:]]*$blank+){4}[0-9*a-z][^[:space:]]*$blank+."
[ "$1" = - ] || [ -e "$tab" ] || { echo "no crontab for tester" >&2; exit 1; }
case "$1" in
-l) sed 's/\r/\\r/g' "$tab" ;;
-e) $VISUAL "$tab" ;;
-r) rm "$tab" ;;
-) cat > "$tab.new"
   if LC_ALL=C grep -Eqv "$nothing|$variable|$special|$line" "$tab.new"
   then rm "$tab.new"; echo '"-":1: bad minute' >&2; echo "errors in crontab file, can't install." >&2; exit 1; fi
   if [ -s "$tab.new" ] && [ -n "$(tail -c 1 "$tab.new")" ]
   then rm "$tab.new"; echo "new crontab file is missing newline before EOF, can't install." >&2; exit 1; fi
   mv "$tab.new" "$tab" ;;
*) echo "crontab: usage error" >&2; exit 1 ;;
esac
"""


@dataclass(frozen=True)
class CrontabStandIn:
    """A folder with the command, to be put first on PATH."""

    folder: Path

    @classmethod
    def begin(cls, folder: Path) -> CrontabStandIn:
        folder.mkdir(parents=True, exist_ok=True)
        made = cls(folder)
        command = folder / "crontab"
        command.write_text(_SCRIPT.replace("{tab}", f"'{made.tab}'"))
        command.chmod(0o755)
        return made

    @property
    def tab(self) -> Path:
        return self.folder / "tab"

    @property
    def path(self) -> str:
        return f"{self.folder}:/usr/bin:/bin"

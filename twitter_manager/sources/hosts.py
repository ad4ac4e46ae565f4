"""The addresses that a repository's tags and files have at its host: GitHub, GitLab, Codeberg and other Gitea.

Names and passwords in a remote's address are never taken over; a host that we don't know gives none.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import quote

from twitter_manager.sources.material import web_address

_WEB = re.compile(r"(?:https?|git|ssh|git\+ssh)://(?:[^@/\s]*@)?([A-Za-z0-9.-]+)(?::\d+)?/+([^\s?#]+)")
_SSH = re.compile(r"(?:[\w.-]+@)?([A-Za-z0-9.-]+\.[A-Za-z]+):(?!//)([^\s?#]+)")
_TAG_PAGES = {"github": "releases/tag", "gitlab": "-/tags", "gitea": "releases/tag"}
_FILE_PAGES = {"github": "blob", "gitlab": "-/blob", "gitea": "src/branch"}


@dataclass(frozen=True, slots=True)
class Host:
    """A repository at its host. `kind`: github, gitlab or gitea; "" for others."""

    host: str
    path: str
    kind: str

    @property
    def name(self) -> str:
        """The repository's own."""
        return self.path.rpartition("/")[2]

    def tag(self, name: str) -> str:
        """The page of a tag or its release, or ""."""
        return self._page(f"{_TAG_PAGES[self.kind]}/{quote(name, safe='/')}") if self.kind and name else ""

    def file(self, name: str, branch: str) -> str:
        """The page of a file, or ""."""
        return self._page(f"{_FILE_PAGES[self.kind]}/{quote(branch)}/{quote(name)}") if self.kind and branch else ""

    def _page(self, rest: str) -> str:
        return web_address(f"https://{self.host}/{quote(self.path)}/{rest}")


def of_remote(address: str) -> Host:
    """The host that a remote's address names; one without a name for a folder on this machine."""
    remote = _WEB.fullmatch(address.strip()) or _SSH.fullmatch(address.strip())
    if not remote:
        return Host("", "", "")
    host, path = remote[1].lower(), remote[2].strip("/").removesuffix(".git")
    parts = path.split("/")
    if len(parts) < 2 or not all(re.fullmatch(r"[\w.~-]+", part) and part not in (".", "..") for part in parts):
        return Host("", "", "")
    return Host(host, path, _kind(host))


def _kind(host: str) -> str:
    if host == "github.com":
        return "github"
    if re.match(r"gitlab\.|.*\.gitlab\.|salsa\.debian\.org", host):
        return "gitlab"
    return "gitea" if host == "codeberg.org" or re.match(r"(?:gitea|forgejo)\.", host) else ""

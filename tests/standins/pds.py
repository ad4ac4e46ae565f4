"""The reference Bluesky server on loopback, for tests: starts and stops it and the stand-in for an AppView beside it
(`appview`), makes accounts, signs tokens.

Knows nothing of pytest, so that a bench or a person can use it too. `make test-tools` installs what it needs.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import itertools
import json
import os
import selectors
import shutil
import subprocess
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx

from tests.standins.appview import DID, AppView

FOLDER = Path(__file__).parent / "pds"
POST = "app.bsky.feed.post"
Json = dict[str, Any]


def missing() -> str:
    """What is not installed, and the command that mends it; empty when the server can start."""
    if shutil.which("node") is None:
        return "node is not installed (version 20 or newer)"
    built = FOLDER / "node_modules/better-sqlite3/build/Release/better_sqlite3.node"
    return "" if built.exists() else "the Bluesky server for tests is not installed: make test-tools"


@dataclass(frozen=True)
class Account:
    """An account on the server, with the tokens it was made with."""

    handle: str
    did: str
    password: str
    access: str
    refresh: str


class Pds:
    """A running server. Use as a context manager."""

    def __init__(self, start_seconds: float = 60) -> None:
        self.appview = AppView(self.call)
        self.appview.__enter__()
        self._data = tempfile.TemporaryDirectory(prefix="pds-")
        self._log = (Path(self._data.name) / "server.log").open("w+")
        self._process = subprocess.Popen(
            ["node", "server.mjs", self._data.name, self.appview.url.removesuffix("/xrpc"), DID],
            cwd=FOLDER,
            env={**os.environ, "LOG_ENABLED": "false", "NODE_NO_WARNINGS": "1"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
        )
        self._numbers = itertools.count(1)
        self._http = httpx.Client(trust_env=False, timeout=60, verify=False)
        try:
            self._facts = self._read_facts(start_seconds)
        except BaseException:
            self.stop()
            raise
        self.url: str = self._facts["url"]

    def _read_facts(self, seconds: float) -> Json:
        assert self._process.stdout is not None
        with selectors.DefaultSelector() as selector:
            selector.register(self._process.stdout, selectors.EVENT_READ)
            line = self._process.stdout.readline() if selector.select(seconds) else ""
        if not line:
            self._log.seek(0)
            raise RuntimeError(f"the Bluesky server did not start: {self._log.read()[-2000:]}")
        facts: Json = json.loads(line)
        return facts

    @property
    def bypass_key(self) -> str:
        """What the header x-ratelimit-bypass must say to get past the limits."""
        key: str = self._facts["bypassKey"]
        return key

    def stop(self) -> None:
        self.appview.__exit__()
        self._process.kill()
        self._process.communicate()
        self._http.close()
        self._log.close()
        self._data.cleanup()

    def __enter__(self) -> Pds:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def call(self, nsid: str, body: Json | None = None, token: str = "", **params: str) -> Json:
        """One request, past the rate limits: POST with a body (an empty one sends none), else GET."""
        headers = {"x-ratelimit-bypass": self.bypass_key}
        if token:
            headers["authorization"] = f"Bearer {token}"
        url = f"{self.url}/xrpc/{nsid}"
        if body is None:
            answer = self._http.get(url, params=params, headers=headers)
        else:
            answer = self._http.post(url, json=body or None, headers=headers)
        answer.raise_for_status()
        result: Json = answer.json() if answer.content else {}
        return result

    def create_account(self, name: str = "") -> Account:
        """A new account; takes 0.3 s."""
        handle = f"{name or f'user{next(self._numbers)}'}.test"
        body = {
            "handle": handle,
            "email": f"{handle}@example.com",
            "password": f"pass-{hashlib.sha256(handle.encode()).hexdigest()[:20]}",
        }
        made = self.call("com.atproto.server.createAccount", body)
        return Account(handle, made["did"], body["password"], made["accessJwt"], made["refreshJwt"])

    def records(self, account: Account) -> list[Json]:
        """The account's posts as the server stores them, newest first."""
        found: list[Json] = self.call("com.atproto.repo.listRecords", repo=account.did, collection=POST, limit="100")[
            "records"
        ]
        return found

    def blob(self, account: Account, cid: str) -> str:
        """The SHA-256 (hex) of a blob as the server gives it to anyone."""
        params = {"did": account.did, "cid": cid}
        answer = self._http.get(f"{self.url}/xrpc/com.atproto.sync.getBlob", params=params)
        answer.raise_for_status()
        return hashlib.sha256(answer.content).hexdigest()

    def wipe(self, account: Account) -> None:
        """Delete the account's posts."""
        while posts := self.records(account):
            delete = {"$type": "com.atproto.repo.applyWrites#delete", "collection": POST}
            writes = [delete | {"rkey": post["uri"].rpartition("/")[2]} for post in posts]
            self.call("com.atproto.repo.applyWrites", {"repo": account.did, "writes": writes}, account.access)

    def put_record(self, account: Account, rkey: str, record: Json, collection: str = POST) -> None:
        """Write or overwrite a post, or what else, behind the program's back."""
        body = {"repo": account.did, "collection": collection, "rkey": rkey, "record": record}
        self.call("com.atproto.repo.putRecord", body, account.access)

    def add_record(self, account: Account, record: Json) -> Json:
        """A record as the account's person makes it elsewhere; its `uri` and `cid`."""
        body = {"repo": account.did, "collection": record["$type"], "record": record}
        return self.call("com.atproto.repo.createRecord", body, account.access)

    def take_down(self, account: Account, *, applied: bool = True) -> None:
        """Suspend the account, as a moderator would, or take that back."""
        basic = base64.b64encode(f"admin:{self._facts['adminPassword']}".encode()).decode()
        body = {
            "subject": {"$type": "com.atproto.admin.defs#repoRef", "did": account.did},
            "takedown": {"applied": applied, "ref": "test"},
        }
        url = f"{self.url}/xrpc/com.atproto.admin.updateSubjectStatus"
        self._http.post(url, json=body, headers={"authorization": f"Basic {basic}"}).raise_for_status()

    def set_password(self, account: Account, password: str) -> None:
        """Change the password, as a person does on the web: every session ends."""
        basic = base64.b64encode(f"admin:{self._facts['adminPassword']}".encode()).decode()
        url = f"{self.url}/xrpc/com.atproto.admin.updateAccountPassword"
        body = {"did": account.did, "password": password}
        self._http.post(url, json=body, headers={"authorization": f"Basic {basic}"}).raise_for_status()

    def rename(self, account: Account, handle: str) -> Account:
        """Give the account another handle, as a person does on the web: its DID stays."""
        basic = base64.b64encode(f"admin:{self._facts['adminPassword']}".encode()).decode()
        url = f"{self.url}/xrpc/com.atproto.admin.updateAccountHandle"
        body = {"did": account.did, "handle": handle}
        self._http.post(url, json=body, headers={"authorization": f"Basic {basic}"}).raise_for_status()
        return replace(account, handle=handle)

    def use_up_logins(self, account: Account) -> None:
        """Reach the server's limit of 30 logins in 5 minutes."""
        url = f"{self.url}/xrpc/com.atproto.server.createSession"
        wrong = {"identifier": account.handle, "password": "wrong"}
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(lambda _: self._http.post(url, json=wrong), range(30)))

    def use_up_writes(self, account: Account) -> None:
        """Reach the server's limit of 5,000 points an hour: what it refuses counts too."""
        create = {"$type": "com.atproto.repo.applyWrites#create", "collection": POST, "value": {"$type": POST}}
        body = {"repo": self._facts["did"], "writes": [create] * 200}
        headers = {"authorization": f"Bearer {account.access}"}
        for _ in range(9):
            self._http.post(f"{self.url}/xrpc/com.atproto.repo.applyWrites", json=body, headers=headers)

    def expired(self, token: str) -> str:
        """The same token, ended an hour ago and signed by the server's own key (JWT, HS256)."""
        header, payload, _ = token.split(".")
        claims = json.loads(base64.urlsafe_b64decode(payload + "=="))
        claims |= {"iat": claims["iat"] - 7200 - 3600, "exp": claims["iat"] - 3600}
        signed = f"{header}.{_base64url(json.dumps(claims).encode())}"
        key = self._facts["jwtSecret"].encode()
        return f"{signed}.{_base64url(hmac.new(key, signed.encode(), hashlib.sha256).digest())}"


def _base64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()

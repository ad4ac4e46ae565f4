"""The mailbox in which a person's answers by mail arrive (`IMAP_…` and `ANSWERS_FROM` of `.env`)."""

from __future__ import annotations

from typing import Annotated

from twitter_manager.settings.sources import Table
from twitter_manager.validation import InvalidValue, choice, is_loopback, matching, text, variable, whole

PORTS = {"tls": 993, "starttls": 143, "plain": 143}
_HOST = matching(r"[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?", "is not the name of a host", "Write it as host.")
_ADDRESS = matching(
    r"[^\s<>@,;:()\"]{1,200}@[^\s<>@,;:()\"]{1,255}", "is not one mail address", "Write it as anna@example.org."
)


class Mailbox(Table):
    """A folder of a mailbox, and the one sender that counts there."""

    host: Annotated[str, _HOST] = variable(
        "IMAP_HOST",
        "The mailbox in which your answers to notices arrive, by IMAP: approve, skip or edit from your mail program. "
        "docs/review.md tells how. Host, user, password and ANSWERS_FROM are needed.",
        per_bot=False,
    )
    user: Annotated[str, text(300)] = variable("IMAP_USER", "", per_bot=False)
    password: Annotated[str, text(500)] = variable("IMAP_PASSWORD", "", secret=True, per_bot=False)
    sender: Annotated[str, _ADDRESS] = variable(
        "ANSWERS_FROM", "The mail address that you answer from: nobody else's answers count.", per_bot=False
    )
    security: Annotated[str, choice(*PORTS)] = variable(
        "IMAP_SECURITY", "tls, starttls, or plain for a server on this machine.", "tls", per_bot=False
    )
    given_port: Annotated[int, whole(1, 65535, strict=False)] = variable(
        "IMAP_PORT", "Empty: 993 with tls, else 143.", 0, per_bot=False
    )
    folder: Annotated[str, text(200)] = variable("IMAP_FOLDER", "", "INBOX", per_bot=False)
    server: Annotated[str, _HOST] = variable(
        "IMAP_AUTHSERV",
        "The name with which the server that receives these mails signs its Authentication-Results; a mail without "
        "them is refused then. Empty: the name on top, where there are any.",
        "",
        per_bot=False,
    )

    @property
    def port(self) -> int:
        """Where the server listens."""
        return self.given_port or PORTS[self.security]

    @property
    def address(self) -> str:
        """The sender's, as addresses are compared."""
        return self.sender.casefold()


def checked(mailbox: Mailbox) -> Mailbox:
    """Raises InvalidValue where the password would travel in the open."""
    if mailbox.security == "plain" and not is_loopback(mailbox.host):
        raise InvalidValue("is plain, which is taken for this machine only", "Write tls or starttls.")
    return mailbox

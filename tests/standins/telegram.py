"""A stand-in for the Bot API of Telegram on loopback: one bot, what is written to it, and what it says.

Updates are kept until one with a higher number is asked for, as https://core.telegram.org/bots/api#getupdates says.
"""

from __future__ import annotations

from typing import Any

from tests.standins.service import Fault, Json, Refusal, Reply, Service, loads

TOKEN = "1234567890:AAstandinStandinStandinStandin_-012"
ANNA, BOB = 4711, 4712


def error(code: int, description: str, **parameters: Any) -> Reply:
    more = {"parameters": parameters} if parameters else {}
    return Reply(code, {"ok": False, "error_code": code, "description": description, **more})


ANSWERS: dict[str, Reply] = {
    "unauthorized": error(401, "Unauthorized"),
    "not_found": error(404, "Not Found"),
    "conflict": error(409, "Conflict: terminated by other getUpdates request"),
    "rate_limited": error(429, "Too Many Requests: retry after 35", retry_after=35),
    "error_500": error(500, "Internal Server Error"),
    "html_502": Reply(502, "<html>Bad Gateway</html>", {"content-type": "text/html"}),
    "malformed": Reply(200, '{"ok": true, "result": [{"update_id"'),
    "no_list": Reply(200, {"ok": True, "result": {"update_id": 1}}),
    "bad_update": Reply(200, {"ok": True, "result": [{"update_id": "seven"}]}),
    "deep": Reply(200, "[" * 100_000),
    "long": Reply(200, '{"ok": true, "result": "' + "x" * 3_000_000 + '"}'),
    "redirect": Reply(307, None, {"location": "http://127.0.0.1:1/"}),
}


class TelegramStandIn(Service):
    answers = ANSWERS
    writes = "*/getUpdates"

    def reset(self) -> None:
        with self._lock:
            super().reset()
            self.updates: list[Json] = []
            self.said: list[Json] = []
            self.webhook = ""
            self.next_update, self.next_message = 7_000, 1

    def write(self, text: str | None, sender: int = ANNA, *, kind: str = "message", **more: Any) -> int:
        """Somebody writes to the bot; gives the update's number. `more`: fields of the message."""
        with self._lock:
            number, message_id = self.next_update, self.next_message
            self.next_update, self.next_message = number + 1, message_id + 1
            message: Json = {
                "message_id": message_id,
                "from": {"id": sender, "is_bot": False, "first_name": "Anna"},
                "chat": {"id": sender, "type": "private", "first_name": "Anna"},
                "date": int(self._now()),
            }
            message |= ({} if text is None else {"text": text}) | more
            self.updates.append({"update_id": number, kind: message})
            return number

    def replies(self) -> list[str]:
        """What the bot said, oldest first."""
        with self._lock:
            return [message["text"] for message in self.said]

    def carry_out(self, method: str, target: str, path: str, headers: Any, raw: bytes, fault: Fault | None) -> Reply:
        token, _, name = path.removeprefix("/bot").partition("/")
        if token != TOKEN:
            raise Refusal(self.answers["unauthorized"])
        asked = loads(raw) or {}
        if name == "getMe":
            return Reply(200, {"ok": True, "result": {"id": 1234567890, "is_bot": True, "username": "standin_bot"}})
        if name == "getWebhookInfo":
            return Reply(200, {"ok": True, "result": {"url": self.webhook}})
        if name == "getUpdates":
            return self._updates(asked)
        if name == "sendMessage":
            if not isinstance(asked.get("chat_id"), int) or not asked.get("text"):
                raise Refusal(error(400, "Bad Request: chat not found"))
            self.said.append(asked)
            return Reply(200, {"ok": True, "result": {"message_id": 1}})
        raise Refusal(self.answers["not_found"])

    def _updates(self, asked: Json) -> Reply:
        if self.webhook:
            why = "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete it first"
            raise Refusal(error(409, why))
        if "offset" in asked:
            self.updates = [update for update in self.updates if update["update_id"] >= asked["offset"]]
        return Reply(200, {"ok": True, "result": self.updates[: asked.get("limit", 100)]})

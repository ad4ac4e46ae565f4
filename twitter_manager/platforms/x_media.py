"""Uploading a picture to X: at once or in pieces, then its alt text. https://docs.x.com/x-api/media/introduction

An upload shows nothing to anyone, so one with no clear end counts as not sent, and is made again whole. The requests
are made in `x.py`, which gives `call`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from twitter_manager.content import Media, MediaLimits
from twitter_manager.domain import Clock, Json
from twitter_manager.errors import AlreadyThere, NeedsPerson, NotSent, OutcomeUnknown, Refused
from twitter_manager.platforms.matching import as_dict
from twitter_manager.platforms.transport import Answer
from twitter_manager.platforms.x_answers import refusal_of
from twitter_manager.platforms.x_posts import is_id

_PIECE = 1024 * 1024
"""Bytes of one piece of a large picture; X takes 5 MB at once, and a slow line needs its time."""
_WITHIN = timedelta(minutes=3)
"""From the beginning of one request to its last byte on its way: 1 MB in that time is 45 kbit/s."""
_LONGEST_PAUSE, _LONGEST_PROCESSING = 10.0, 60.0
"""Seconds that X is waited for between two looks, and in all."""


LIMITS = MediaLimits(
    count=4,
    max_bytes=5_000_000,
    max_gif_bytes=15_000_000,
    max_side=4096,
    max_alt=1000,
    lone_gif=True,
    kept=timedelta(hours=22),
)
"""What X takes: an image of 5 MB, a GIF of 15 MB, 1,000 characters of alt text. A media id is good for 24 hours; two
are left for the post to get out. https://docs.x.com/x-api/media/introduction"""


def upload(
    media: Media, content: bytes, call: Callable[..., Answer], clock: Clock, sleep: Callable[[float], None]
) -> Json:
    """`{"id": …}`. Raises NotSent, Refused, NeedsPerson."""
    return _Upload(media, content, call, clock, sleep).whole()


@dataclass(frozen=True, slots=True)
class _Upload:
    """One picture on its way."""

    media: Media
    content: bytes
    call: Callable[..., Answer]
    clock: Clock
    sleep: Callable[[float], None]

    def whole(self) -> Json:
        is_gif = self.media.mime == "image/gif"
        category = "tweet_gif" if is_gif else "tweet_image"
        told = self._in_pieces(category) if is_gif or len(self.content) > _PIECE else self._at_once(category)
        self._processed(told)
        if self.media.alt:
            metadata = {"alt_text": {"text": self.media.alt}}
            self._ask("POST", "/2/media/metadata", body={"id": told["id"], "metadata": metadata})
        return {"id": told["id"]}

    def _at_once(self, category: str) -> Json:
        form = {"media": ("picture", self.content, self.media.mime), "media_category": (None, category)}
        return self._ask("POST", "/2/media/upload", form=form, first=True)

    def _in_pieces(self, category: str) -> Json:
        """https://docs.x.com/x-api/media/quickstart/media-upload-chunked"""
        what = {"media_type": self.media.mime, "media_category": category, "total_bytes": len(self.content)}
        media_id = self._ask("POST", "/2/media/upload/initialize", body=what, first=True)["id"]
        for number, start in enumerate(range(0, len(self.content), _PIECE)):
            piece = ("picture", self.content[start : start + _PIECE], self.media.mime)
            form = {"media": piece, "segment_index": (None, str(number))}
            self._ask("POST", f"/2/media/upload/{media_id}/append", form=form, names_it=False)
        return self._ask("POST", f"/2/media/upload/{media_id}/finalize")

    def _processed(self, told: Json) -> None:
        """Wait until X has looked at it. https://docs.x.com/x-api/media/media-upload-status"""
        params, waited = {"command": "STATUS", "media_id": told["id"]}, 0.0
        while (state := _processing(told).get("state")) in ("pending", "in_progress"):
            named = _processing(told).get("check_after_secs")
            pause = min(max(named if isinstance(named, int) else 1, 1), _LONGEST_PAUSE)
            if waited + pause > _LONGEST_PROCESSING:
                raise NotSent("X is still busy with the picture.", "It is uploaded again later.")
            self.sleep(pause)
            waited += pause
            told = self._ask("GET", "/2/media/upload", params=params)
        if state == "failed":
            raise Refused("X can't make anything of the picture.", "Use another one, or leave it out.")

    def _ask(
        self,
        method: str,
        route: str,
        *,
        params: Json | None = None,
        body: Json | None = None,
        form: Json | None = None,
        names_it: bool = True,
        first: bool = False,
    ) -> Json:
        """What X says of the picture; `names_it`: its id has to be there. Only the `first` request is refused for the
        picture's sake: a no to a later one may come of what became of an earlier one."""
        try:
            answer = self.call(method, route, params=params, body=body, form=form, within=_WITHIN)
            if not 200 <= answer.status < 300:
                raise refusal_of(answer, self.clock())
        except (OutcomeUnknown, AlreadyThere) as error:
            raise NotSent(error.message, "The picture is uploaded again.", status=error.status) from error
        except NeedsPerson:
            raise
        except Refused as error:
            message, kind = f"The picture was not taken: {error.message}", Refused if first else NotSent
            raise kind(message, "Use another picture, or leave it out.", status=error.status) from error
        data = as_dict(as_dict(answer.json()).get("data"))
        if names_it and not is_id(data.get("id")):
            message = f"X answered {answer.status} without a usable media id."
            raise NotSent(message, "The picture is uploaded again.", status=answer.status)
        return data


def _processing(told: Json) -> Json:
    return as_dict(told.get("processing_info"))

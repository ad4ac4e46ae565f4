"""Uploading a picture to Mastodon, and whether one that was uploaded can still go along with a post.

An upload shows nothing to anyone, so one with no clear end counts as not sent, and is made again. The server keeps an
unused one for a day; one that is in a post can't go into another. The requests leave through `mastodon.py`, which gives
`call`. https://docs.joinmastodon.org/methods/media/
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from twitter_manager.content import Media, MediaLimits
from twitter_manager.domain import Clock, Json
from twitter_manager.errors import AlreadyThere, MediaGone, NeedsPerson, NotSent, OutcomeUnknown, Refused
from twitter_manager.platforms.mastodon_posts import is_id
from twitter_manager.platforms.mastodon_server import MAKE_ONE, Limits, refusal_of, says
from twitter_manager.platforms.matching import as_dict
from twitter_manager.platforms.transport import Answer

_WITHIN = timedelta(minutes=5)
"""From the beginning of a request to its last byte on its way."""
_PAUSES = (1.0, 2.0, 3.0, 5.0, 8.0, 13.0, 13.0, 13.0)
"""Seconds between two looks at a picture that the server is busy with."""


LIMITS = MediaLimits(
    count=4, max_bytes=8_000_000, max_gif_bytes=8_000_000, max_side=4096, max_alt=1500, kept=timedelta(hours=22)
)
"""What servers take that nobody changed: 16 MB, older ones 8 and 16.7 megapixels. One server's own limits are asked for
(`mastodon_server.Limits`). What no post uses is dropped after a day. https://docs.joinmastodon.org/user/posting/#media"""


def limited(usual: MediaLimits, server: Limits) -> MediaLimits:
    """What this server takes, where that is less than is usual."""
    takes_gifs = not server.mime_types or "image/gif" in server.mime_types
    return replace(
        usual,
        max_bytes=min(usual.max_bytes, server.image_bytes),
        max_gif_bytes=min(usual.max_gif_bytes, server.image_bytes) * takes_gifs,
        max_pixels=server.image_pixels,
    )


def refuse_unfit(media: Media, content: bytes, limits: Limits) -> None:
    """Raises Refused for what this server does not take."""
    for amount, most, unit in (
        (len(content), limits.image_bytes, "bytes"),
        (media.width * media.height, limits.image_pixels, "pixels"),
    ):
        if amount > most:
            raise Refused(f"The picture has {amount} {unit}, and the server takes {most}.", "Make it smaller.")
    if len(media.alt) > (most := limits.description_characters):
        remedy = f"Post it anew with a shorter one than “{media.alt[:40]}…”."
        raise Refused(f"The alt text has {len(media.alt)} characters, and the server takes {most}.", remedy)
    if limits.mime_types and media.mime not in limits.mime_types:
        raise Refused(f"The server takes no {media.mime} pictures.", "Use a JPEG or PNG.")


@dataclass(frozen=True, slots=True)
class Attachments:
    """`call` sends what it is given with Mastodon.py's client, within a time from now, and gives the answer."""

    call: Callable[[Callable[[Any], object], timedelta], Answer]
    clock: Clock
    sleep: Callable[[float], None]

    def upload(self, media: Media, content: bytes) -> Json:
        """`{"id": …}`. Raises NotSent, Refused, NeedsPerson."""
        answer = self._post("v2", media, content)
        if answer.status == 404:  # relatives of Mastodon that know only the first version
            answer = self._post("v1", media, content)
        attachment = as_dict(self._yes(answer).json())
        if not is_id(attachment.get("id")):
            message = f"Mastodon answered {answer.status} without a usable media id."
            raise NotSent(message, "The picture is uploaded again.", status=answer.status)
        if answer.status == 202:
            self._wait_for(attachment["id"])
        return {"id": attachment["id"]}

    def refuse_gone(self, ids: Sequence[str], age: timedelta) -> None:
        """Raises MediaGone where one of them is no longer there; AlreadyThere where that can only mean that a post has
        it, for they were uploaded for one post, so long ago; NotSent where the server is busy, or does not tell."""
        for media_id in ids:
            try:
                if not self._is_ready(media_id):
                    raise NotSent("Mastodon is still busy with the picture.", "It is tried again.")
            except MediaGone as error:
                if age < LIMITS.kept:
                    message = "The pictures are in a post already, or were taken away."
                    raise AlreadyThere(message, "It is looked up.", status=404) from error
                raise

    def _post(self, version: str, media: Media, content: bytes) -> Answer:
        told = {"description": media.alt, "focus": media.focus}
        form = {name: value for name, value in told.items() if value}

        def send(client: Any) -> object:
            # Mastodon.py's own method asks for the server's version first: two answers for one question.
            return client.session.request(
                "POST",
                f"{client.api_base_url}/api/{version}/media",
                data=form,
                files={"file": ("picture", content, media.mime)},
                headers={"Authorization": f"Bearer {client.access_token}", "User-Agent": client.user_agent},
                auth=lambda request: request,  # no password from a .netrc
            )

        return self._ask(send)

    def _wait_for(self, media_id: str) -> None:
        for pause in _PAUSES:
            self.sleep(pause)
            if self._is_ready(media_id):
                return
        raise NotSent("Mastodon is still busy with the picture.", "It is uploaded again later.")

    def _is_ready(self, media_id: str) -> bool:
        answer = self._ask(lambda client: client.media(media_id))
        if answer.status == 404 and says(answer):
            raise MediaGone("Mastodon no longer has the uploaded picture.", "It is uploaded again.", status=404)
        return self._yes(answer).status != 206

    def _ask(self, send: Callable[[Any], object]) -> Answer:
        try:
            return self.call(send, _WITHIN)
        except OutcomeUnknown as error:
            raise NotSent(error.message, "The picture is tried again.") from error

    def _yes(self, answer: Answer) -> Answer:
        if 200 <= answer.status < 300:
            return answer
        error = refusal_of(answer, self.clock())
        if answer.status == 403 and isinstance(error, NeedsPerson):
            message = (
                f"Mastodon does not allow the upload of a picture ({says(answer)}): it needs the scope write:media."
            )
            raise NeedsPerson(message, MAKE_ONE, status=403)
        if type(error) is Refused:
            raise Refused(
                f"Mastodon did not take the picture: {says(answer)}.", "Use another one.", status=error.status
            )
        if isinstance(error, OutcomeUnknown):
            raise NotSent(error.message, "The picture is tried again.", status=error.status)
        raise error

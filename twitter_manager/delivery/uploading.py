"""The step before a request is prepared: every picture of the post is with the platform, or nothing of it is sent.

An upload shows no post, so that one which was lost is repeated. A request is made anew only where the platform surely
refused the post for want of its pictures; what was uploaded for it is forgotten then. A card's thumbnail never costs
the post: the card goes without where it is lost here or refused there, or can't be uploaded in a second run. Nor does
the picture of a post that no person stands for; what goes without it is written down before its first request is.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol, runtime_checkable

from twitter_manager.content import Media, MediaLimits
from twitter_manager.delivery import limiting
from twitter_manager.delivery.policy import RESERVE_SECONDS
from twitter_manager.domain import Clock, Delivery, Draft, Json, MediaPlatform, Platform, Progress, TimeLeft
from twitter_manager.errors import MediaError, NeedsPerson, NotSent, PlatformError, Refused
from twitter_manager.platforms import SPECS
from twitter_manager.store import deliveries, drafts, uploads
from twitter_manager.store.database import Database

log = logging.getLogger(__name__)

Pictures = Callable[[Media, MediaLimits], tuple[Media, bytes]]
"""Gives a stored picture as it fits a platform's limits, with its type and size. Raises MediaError."""


@runtime_checkable
class LimitingPlatform(MediaPlatform, Protocol):
    """A platform of many servers, some of which take less than is usual."""

    def limited(self, limits: MediaLimits) -> MediaLimits:
        """What the account's own server takes of pictures. Raises NotSent, NeedsPerson."""
        ...


@dataclass(frozen=True, slots=True)
class Uploader:
    """The uploads of one run."""

    db: Database
    pictures: Pictures
    clock: Clock
    time_left: TimeLeft
    progress: Progress
    redact: Callable[[str], str]
    run_id: int
    notes: list[str]
    """Takes a line for a person about each post that goes without its picture."""

    def upload(self, platform: Platform, draft: Draft, queued: Sequence[Delivery]) -> None:
        """Upload what the parts need and the platform does not have; a part that goes without its pictures is stored
        so. Raises NotSent, Refused, NeedsPerson."""
        limits = SPECS[platform.name].media
        if limits is None or not isinstance(platform, MediaPlatform):
            return
        is_late = any(deliveries.runs_that_tried(self.db, delivery.id) > 1 for delivery in queued)
        for delivery in queued:
            if delivery.request is not None and not is_outdated(self.db, delivery):
                continue
            there = uploads.of(self.db, delivery, self.clock())
            may_lack = not drafts.is_vouched_for(self.db, draft) and deliveries.first_send(self.db, delivery.id) is None
            for media in [media for media in delivery.content.media if media.digest not in there]:
                if not may_lack:
                    self._keep(platform, delivery, media, self._upload(platform, media, limits), limits)
                elif why := self._try(platform, delivery, media, limits, is_late):
                    self._go_without(delivery, why)
                    break
            thumb = delivery.content.thumb
            if thumb is None or thumb.digest in there or deliveries.times_without_media(self.db, delivery.id) > 1:
                continue  # where it was uploaded again, it was gone again
            if limiting.in_the_way(self.db, platform, (limiting.UPLOAD,), self.clock()):
                log.warning("%s: the card goes without its picture: uploads are limited", platform.name)
                continue
            if why := self._try(platform, delivery, thumb, limits, is_late):
                log.warning("%s: the card goes without its picture: %s", platform.name, why)

    def _try(
        self, platform: MediaPlatform, delivery: Delivery, media: Media, limits: MediaLimits, is_late: bool
    ) -> str:
        """Upload what the post can go without; gives why it does. Raises NotSent where it is not late yet."""
        try:
            given = self._upload(platform, media, limits)
        except (NotSent, Refused) as error:
            if isinstance(error, NotSent) and not is_late:
                raise
            return str(error) if isinstance(error, NeedsPerson) else error.message
        self._keep(platform, delivery, media, given, limits)
        return ""

    def _go_without(self, delivery: Delivery, why: str) -> None:
        reason = f"without its picture: {self.redact(why)}"
        with self.db.transaction():
            uploads.forget(self.db, delivery)
            content, now = replace(delivery.content, media=()), self.clock()
            deliveries.rewrite(self.db, delivery, content, now, run_id=self.run_id, reason=reason)
        log.warning("%s: draft %d goes %s", delivery.platform, delivery.draft_id, reason)
        self.notes.append(f"{delivery.platform}: draft {delivery.draft_id} goes {reason}")

    def _keep(self, platform: Platform, delivery: Delivery, media: Media, given: Json, limits: MediaLimits) -> None:
        with self.db.transaction():
            limiting.passed(self.db, delivery.bot, platform, limiting.UPLOAD, self.clock())
            uploads.keep(self.db, delivery, media.digest, given, self.clock(), limits.kept)

    def _upload(self, platform: MediaPlatform, media: Media, limits: MediaLimits) -> Json:
        if self.time_left() <= RESERVE_SECONDS:
            raise NotSent("the run's time was up before all pictures were uploaded")
        self.progress(f"{platform.name}: uploading a picture")
        try:
            if isinstance(platform, LimitingPlatform):
                limits = platform.limited(limits)
            return platform.upload(*self.pictures(media, limits))
        except MediaError as error:
            raise Refused(error.message, error.remedy) from error
        except (NotSent, Refused) as error:
            error.operation = error.operation or limiting.UPLOAD
            raise
        except PlatformError as error:
            raise NotSent(f"an upload ended unclear: {error.message}", error.remedy, status=error.status) from error


def is_outdated(db: Database, delivery: Delivery) -> bool:
    """Whether its stored request names pictures that the platform surely does not know."""
    return bool(delivery.content.pictures) and deliveries.lacked_media(db, delivery.id)

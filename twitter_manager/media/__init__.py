"""Pictures: read with care, cleaned of all but what is seen, kept by their digest, and made to fit each platform.

Nothing here knows a platform or the database. Pillow is loaded in a process of its own, and only where a picture is
read or made to fit."""

from twitter_manager.media.preparing import of_material, prepared, rendition, thumbnail
from twitter_manager.media.storage import MediaStore

__all__ = ["MediaStore", "of_material", "prepared", "rendition", "thumbnail"]

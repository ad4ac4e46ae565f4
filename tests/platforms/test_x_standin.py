"""The X stand-in itself: that it agrees with X's official description, and that it can be driven from outside."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.home import Home, x_settings
from tests.standins import x as standin_module
from tests.standins import x_media
from tests.standins.x import ANSWERS, CREDENTIALS, NAMES, XStandIn, weighted_length
from twitter_manager.content import Part
from twitter_manager.domain import Outgoing
from twitter_manager.errors import NeedsPerson, Refused
from twitter_manager.platforms import x as platform_module
from twitter_manager.platforms import x_media as platform_media
from twitter_manager.platforms import x_social
from twitter_manager.platforms.x import X

ROOT = Path(__file__).resolve().parents[2]
DESCRIPTION = ROOT.parent / "shared" / "data" / "x-openapi-slice.json"
needs_description = pytest.mark.skipif(not DESCRIPTION.exists(), reason="X's OpenAPI description is not at hand")


def client(url: str) -> X:
    return X(*CREDENTIALS, base_url=url, clock=lambda: datetime.now(UTC), connect_timeout=2, read_timeout=5)


def outgoing(text: str) -> Outgoing:
    return Outgoing(1, Part(text), datetime.now(UTC))


@pytest.fixture(scope="module")
def description() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(DESCRIPTION.read_text())
    return loaded


def query(description: dict[str, Any], path: str) -> dict[str, Any]:
    """The query parameters of a GET and their schemas."""
    parameters = [
        description["components"]["parameters"][one["$ref"].rpartition("/")[2]] if "$ref" in one else one
        for one in description["paths"][path]["get"]["parameters"]
    ]
    return {one["name"]: one["schema"] for one in parameters if one["in"] == "query"}


@needs_description
def test_the_body_fields_are_those_of_the_description(description: dict[str, Any]) -> None:
    """What the stand-in takes, X takes; what it refuses as unknown, X refuses."""
    schemas = description["components"]["schemas"]
    assert schemas["CreatePostsRequest"]["additionalProperties"] is False
    assert schemas["CreatePostsRequest"]["properties"].keys() == standin_module.BODY_FIELDS
    assert schemas["CreatePostsReply"]["properties"].keys() == standin_module.REPLY_FIELDS


@needs_description
def test_the_timeline_s_parameters_are_those_of_the_description(description: dict[str, Any]) -> None:
    """Parameters, limits, fields and expansions: nothing is taken that X would refuse."""
    offered = query(description, "/2/users/{id}/tweets")
    assert offered.keys() >= standin_module.TIMELINE_PARAMETERS
    assert (offered["max_results"]["minimum"], offered["max_results"]["maximum"]) == (5, 100)
    assert NAMES["post"].fields <= set(offered["post.fields"]["items"]["enum"])
    assert NAMES["post"].expansions <= set(offered["expansions"]["items"]["enum"])


@needs_description
def test_what_the_platform_asks_for_under_the_newest_names_is_in_the_description(description: dict[str, Any]) -> None:
    """The second set of field names is the description's own, wherever it is sent."""
    home = "/2/users/{id}/timelines/reverse_chronological"
    sent = {
        "/2/users/{id}/tweets": [platform_module._FIELDS[1]],
        "/2/tweets": [platform_module._FIELDS[1], x_social._TOLD[1], x_social._COUNTED[1]],
        "/2/users/{id}/mentions": [x_social._TOLD[1]],
        home: [x_social._TOLD[1]],
    }
    for path, sets in sent.items():
        offered = query(description, path)
        for name, values in (each for asked in sets for each in asked.items()):
            assert set(values.split(",")) <= set(offered[name]["items"]["enum"])


@needs_description
def test_the_answers_have_the_description_s_shape(description: dict[str, Any]) -> None:
    """Each key of each answer is a property that X describes."""
    schemas = description["components"]["schemas"]
    with XStandIn(names="post") as standin:
        x = client(standin.url)
        root = standin.add_post("root https://example.com")
        created = standin._create(
            "4242", b'{"text": "hi", "reply": {"in_reply_to_tweet_id": "%s"}}' % root.id.encode(), 0
        )
        assert created.status == 201
        assert created.body["data"].keys() <= schemas["CreatePostsResponseData"]["properties"].keys()
        assert set(schemas["CreatePostsResponseData"]["required"]) <= created.body["data"].keys()
        fields = {"post.fields": "created_at,entities", "expansions": "referenced_posts"}
        listed = standin._timeline("4242", fields).body
        meta = schemas["GetUsersPostsResponse"]["properties"]["meta"]["properties"]
        assert listed["meta"].keys() <= meta.keys()
        for post in listed["data"]:
            assert post.keys() <= schemas["Post"]["properties"].keys()
        links = schemas["PostEntities"]["properties"]["urls"]["items"]["properties"]
        assert listed["data"][1]["entities"]["urls"][0].keys() <= links.keys()
        assert (
            standin._delete("4242", root.id).body["data"].keys()
            == schemas["DeletePostsResponseData"]["properties"].keys()
        )
        missing = standin._delete("4242", "1").body
        assert missing.keys() <= schemas["ResourceNotFoundProblem"]["properties"].keys()
        assert x.verify() == "@standin_bot, asked for $0.010"


@needs_description
def test_the_media_part_is_that_of_the_description(description: dict[str, Any]) -> None:
    """What an upload may say at each step, and what is answered: nothing is taken or told that X does not know."""
    schemas = description["components"]["schemas"]
    for name, fields in {
        "MediaUploadRequest": x_media.UPLOAD_FIELDS,
        "InitializeMediaUploadRequest": x_media.INITIALIZE_FIELDS,
        "AppendMediaUploadRequest": x_media.APPEND_FIELDS,
        "CreateMediaMetadataRequest": x_media.METADATA_FIELDS,
    }.items():
        assert schemas[name]["properties"].keys() == fields
    assert schemas["CreatePostsMedia"]["properties"].keys() >= standin_module.MEDIA_FIELDS
    assert schemas["CreatePostsMedia"]["properties"]["media_ids"]["maxItems"] == platform_media.LIMITS.count
    assert schemas["CreateMediaMetadataMetadataAltText"]["properties"]["text"]["maxLength"] == 1000
    for name in ("MediaUploadRequest", "InitializeMediaUploadRequest"):
        assert set(schemas[name]["properties"]["media_category"]["enum"]) >= x_media.CATEGORIES
    assert set(schemas["InitializeMediaUploadRequest"]["properties"]["media_type"]["enum"]) >= {*x_media.KINDS.values()}
    shelf, at, pixel = x_media.Shelf(86400, 1), 0.0, b"GIF89a"
    steps: list[tuple[str, str, dict[str, bytes], bytes]] = [
        ("MediaUpload", "upload", {"media": b"\x89PNG", "media_category": b"tweet_image"}, b""),
        ("InitializeMediaUpload", "upload/initialize", {},
         b'{"media_type": "image/gif", "media_category": "tweet_gif", "total_bytes": 6}'),
        ("AppendMediaUpload", "upload/{}/append", {"media": pixel, "segment_index": b"0"}, b""),
        ("FinalizeMediaUpload", "upload/{}/finalize", {}, b""),
        ("GetMediaUploadStatus", "upload", {}, b""),
        ("CreateMediaMetadata", "metadata", {}, b'{"id": "%s", "metadata": {"alt_text": {"text": "A"}}}'),
    ]  # fmt: skip
    for name, path, form, raw in steps:
        newest = [*shelf.stored, ""][-2 if len(shelf.stored) else -1]
        method = "GET" if name.startswith("Get") else "POST"
        raw = raw.replace(b"%s", newest.encode())
        reply = shelf.carry_out("1", method, f"/2/media/{path.format(newest)}", {"media_id": newest}, form, raw, at)
        assert reply.status == 200, reply
        data = schemas[f"{name}ResponseData"]
        assert set(data.get("required", ())) <= reply.body["data"].keys() <= data["properties"].keys(), name
        processing = reply.body["data"].get("processing_info", {})
        assert processing.keys() <= schemas["FinalizeMediaUploadResponseDataProcessingInfo"]["properties"].keys()


def test_it_refuses_what_x_refuses() -> None:
    """Unknown fields, overlong texts, replies to nothing and used signatures, each in X's way; nothing is stored."""
    with XStandIn() as standin:
        x = client(standin.url)
        for body, words in [
            ({"text": "hi", "colour": "red"}, "colour"),
            ({"text": "a" * 281}, "not permitted"),
            ({"text": "a" * 258 + " https://example.com"}, "not permitted"),
            ({"text": "日" * 141}, "not permitted"),
            ({"text": "hi", "reply": {"in_reply_to_tweet_id": "1"}}, "deleted or not visible"),
        ]:
            with pytest.raises(Refused, match=words):
                x.publish({"body": body})
        assert standin.posts == {}
        x.publish({"body": {"text": "a" * 256 + " https://example.com"}})
        standin.settings.access_level = "read"
        with pytest.raises(NeedsPerson):
            x.publish({"body": {"text": "hi"}})
        assert len(standin.posts) == 1


@pytest.mark.parametrize(
    ("text", "length"),
    [("", 0), ("abc", 3), ("日本", 4), ("a https://example.com/" + "x" * 100, 25), ("“quoted”—…", 11), ("e\u0301", 1)],
)
def test_its_lengths_are_x_s(text: str, length: int) -> None:
    """twitter-text v3: links 23, narrow characters 1, others 2, counted after canonical composition."""
    assert weighted_length(text) == length


def test_a_used_signature_is_refused() -> None:
    """The same signed request a second time: 401. Each try must be signed anew, and ours is."""
    with XStandIn() as standin:
        captured: list[Any] = []
        original = standin._authenticate
        standin._authenticate = lambda *request: captured.append(request) or original(*request)  # type: ignore
        client(standin.url).verify()
        with pytest.raises(standin_module.Refusal) as caught:
            original(*captured[0])
        assert caught.value.reply == ANSWERS["unauthorized"]
        client(standin.url).verify()


def test_a_mistake_in_a_test_is_not_swallowed() -> None:
    """A fault that does not exist would make a test prove nothing."""
    with XStandIn() as standin, pytest.raises(ValueError, match="no such fault"):
        standin.fault("explode")


def test_an_app_that_may_only_read_is_named_everywhere_and_the_page_follows(tmp_path: Path, x: XStandIn) -> None:
    """doctor knows it beforehand, a run's one line says it, both with the two steps; feed.html says that the post is
    not on X, and links it once it is. What a feed reader reads stays the same."""
    x.settings.access_level = "read"
    home = Home(tmp_path, GENERATORS="excerpt", **x_settings(x))
    steps = "set its permissions to 'Read and write', then make a new access token and secret"
    looked = home("doctor")
    assert looked.code == 1 and steps in looked.out
    failed = home("run")
    assert failed.code == 1 and failed.err.count("\n") == 1 and "may only read" in failed.err and steps in failed.err
    page, read = tmp_path / "data/feed.html", home.feed()
    assert re.search(r'<li>X <span class="state">(failed|unclear|not yet)</span></li>', page.read_text())
    x.settings.access_level = "read-write"
    home("resume", "1")
    assert home("run").code == 0
    assert f'href="https://x.com/i/web/status/{next(iter(x.posts))}">X</a></li>' in page.read_text()
    assert home.feed() == read

"""The X stand-in itself: that it agrees with X's official description, and that it can be driven from outside."""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.standins import x as standin_module
from tests.standins.x import ANSWERS, CREDENTIALS, NAMES, XStandIn, weighted_length
from twitter_manager.domain import Outgoing
from twitter_manager.errors import NeedsPerson, OutcomeUnknown, Refused
from twitter_manager.platforms import x as platform_module
from twitter_manager.platforms.x import X

ROOT = Path(__file__).resolve().parents[2]
DESCRIPTION = ROOT.parent / "shared" / "data" / "x-openapi-slice.json"
needs_description = pytest.mark.skipif(not DESCRIPTION.exists(), reason="X's OpenAPI description is not at hand")


def client(url: str) -> X:
    return X(*CREDENTIALS, base_url=url, clock=lambda: datetime.now(UTC), connect_timeout=2, read_timeout=5)


def outgoing(text: str) -> Outgoing:
    return Outgoing(1, text, datetime.now(UTC))


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
    """The second set of field names is the description's own, for both places where it is sent."""
    asked = platform_module._FIELDS[1]
    for path in ("/2/users/{id}/tweets", "/2/tweets"):
        offered = query(description, path)
        for name, values in asked.items():
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
        assert x.verify() == "@standin_bot"


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


# As a process of its own


@pytest.fixture
def outside() -> Iterator[str]:
    """The address of a stand-in in a process of its own."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.standins.x", "--port", "0"], stdout=subprocess.PIPE, text=True, cwd=ROOT
    ) as process:
        assert process.stdout is not None
        yield json.loads(process.stdout.readline())["url"]
        process.terminate()


def control(url: str, path: str, body: Any = None) -> Any:
    data = None if body is None else json.dumps(body).encode()
    with urllib.request.urlopen(urllib.request.Request(f"{url}/__control/{path}", data=data), timeout=10) as answer:
        return json.loads(answer.read())


def test_it_can_be_driven_from_outside(outside: str) -> None:
    """Faults are set, posts and requests are read and all is reset over HTTP alone, as a kill test needs it."""
    x, since = client(outside), datetime.now(UTC)
    request = x.prepare(outgoing("from another process"))
    control(outside, "faults", {"name": "store_then_drop", "skip": 1, "hide": -1})
    x.publish(x.prepare(outgoing("the first goes through")))
    with pytest.raises(OutcomeUnknown):
        x.publish(request)
    assert [post["text"] for post in control(outside, "posts")] == ["the first goes through", "from another process"]
    assert [sent["fault"] for sent in control(outside, "requests")] == [None, "store_then_drop"]
    assert control(outside, "faults")[0]["hits"] == 2
    assert x.look_up(request, since, frozenset()) is None, "hidden for ever"
    theirs = control(outside, "posts", {"text": "by hand"})["id"]
    edited = control(outside, "edit", {"id": theirs, "text": "by hand, better"})["id"]
    assert next(post.receipt.remote_id for post in x.recent(since)) == edited
    control(outside, "settings", {"access_level": "read"})
    with pytest.raises(NeedsPerson):
        x.verify()
    control(outside, "reset", {"refuse_duplicates": False})
    assert control(outside, "posts") == control(outside, "requests") == control(outside, "faults") == []
    assert x.verify() == "@standin_bot"


@pytest.mark.parametrize(
    ("path", "body"),
    [("faults", {"name": "explode"}), ("faults", {"name": "drop", "when": 1}), ("settings", {"colour": 1}),
     ("edit", {"id": "1", "text": "x"}), ("nothing", {})],
)  # fmt: skip
def test_a_mistake_in_a_test_is_not_swallowed(outside: str, path: str, body: Any) -> None:
    """A fault that does not exist would make a test prove nothing."""
    with pytest.raises(urllib.error.HTTPError) as caught:
        control(outside, path, body)
    assert caught.value.code in (400, 404)

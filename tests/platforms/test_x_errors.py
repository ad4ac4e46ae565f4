"""What X makes of answers nobody planned for, and of connections that fail at each stage."""

from __future__ import annotations

import base64
import gzip
import ipaddress
import json
import logging
import re
import socket
import ssl
import struct
import threading
import time
import tracemalloc
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
import responses
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.bounds import soon
from tests.standins.x import CREDENTIALS, XStandIn
from twitter_manager.errors import NeedsPerson, NotSent, OutcomeUnknown, PlatformError, Refused, Unreadable
from twitter_manager.platforms.transport import LARGEST_ANSWER
from twitter_manager.platforms.x import X

NOW = datetime(2026, 11, 21, 12, 30, tzinfo=UTC)
POST = {"body": {"text": "hello"}}
TWEETS = "https://api.twitter.com/2/tweets"
TIMELINE = "https://api.twitter.com/2/users/4242/tweets"


def client(url: str = "https://api.twitter.com", *, connect_timeout: float = 1, read_timeout: float = 1) -> X:
    return X(*CREDENTIALS, base_url=url, clock=lambda: NOW, connect_timeout=connect_timeout, read_timeout=read_timeout)


def publishing_raises(x: X) -> PlatformError:
    with pytest.raises(PlatformError) as caught:
        x.publish(POST)
    return caught.value


# Answers, through tweepy's own HTTP

ODD: list[tuple[int, str, dict[str, str], type[PlatformError]]] = [
    (403, "[]", {}, OutcomeUnknown),  # tweepy: AttributeError
    (403, '{"errors": null}', {}, OutcomeUnknown),  # tweepy: TypeError
    (400, '{"errors": [null, 5, {"message": null}]}', {}, OutcomeUnknown),
    (400, '{"errors": [{"message": "bad field"}]}', {}, Refused),
    (429, "{}", {"x-rate-limit-reset": "soon"}, NotSent),  # tweepy: ValueError
    (429, "<html>", {}, NotSent),
    (401, "", {}, NeedsPerson),
    (402, "[]", {}, NeedsPerson),
    (403, "<html>no</html>", {}, OutcomeUnknown),
    (404, "", {}, OutcomeUnknown),
    (404, '{"title": "Not Found", "type": "about:blank"}', {}, Refused),
    (408, '{"title": "Request Timeout"}', {}, OutcomeUnknown),
    (409, '{"title": "Conflict"}', {}, OutcomeUnknown),
    (425, '{"title": "Too Early"}', {}, OutcomeUnknown),
    (499, '{"title": "Client Closed Request"}', {}, OutcomeUnknown),
    (302, "", {"location": "https://example.invalid/"}, OutcomeUnknown),
    (500, '{"title": "UsageCapExceeded", "type": "https://api.x.com/2/problems/usage-capped"}', {}, OutcomeUnknown),
    (503, '{"detail": "You are not allowed to create a Tweet with duplicate content."}', {}, OutcomeUnknown),
    (403, '{"type": "https://api.x.com/2/problems/usage-capped", "title": "UsageCapExceeded"}', {}, NotSent),
    (403, '{"type": "https://api.x.com/2/problems/oauth1-permissions", "title": "Forbidden"}', {}, NeedsPerson),
    (403, '{"detail": "You are not permitted to perform this action."}', {"x-access-level": "read"}, NeedsPerson),
    (403, '{"detail": "You are not permitted to perform this action."}', {"x-access-level": "read-write"}, Refused),
    (200, "", {}, OutcomeUnknown),
    (204, "", {}, OutcomeUnknown),
    (201, "<html>", {}, OutcomeUnknown),
    (201, "null", {}, OutcomeUnknown),
    (201, "[" * 100_000, {}, OutcomeUnknown),
    (201, '{"data": [{"id": "1"}]}', {}, OutcomeUnknown),
    (201, '{"data": {"id": 1}}', {}, OutcomeUnknown),
    (201, '{"data": {"id": "1/../../users"}}', {}, OutcomeUnknown),
    (201, '{"data": {"id": "12345678901234567890"}}', {}, OutcomeUnknown),
    (201, '{"data": {"id": "١٢٣"}}', {}, OutcomeUnknown),
    (201, '{"errors": [{"detail": "no"}]}', {}, OutcomeUnknown),
]


@pytest.mark.parametrize(("status", "body", "headers", "kind"), ODD)
def test_an_odd_answer_becomes_the_right_kind_of_error(
    status: int, body: str, headers: dict[str, str], kind: type[PlatformError]
) -> None:
    """Whatever tweepy trips over; problem types are known by their last part, whichever host they name."""
    with responses.RequestsMock() as mocked:
        mocked.post(TWEETS, body=body, status=status, headers=headers)
        error = publishing_raises(client())
    assert type(error) is kind
    assert len(str(error)) < 500


def test_a_yes_with_partial_errors_is_a_yes() -> None:
    """X may answer with the post and a list of things it could not show."""
    with responses.RequestsMock() as mocked:
        mocked.post(TWEETS, json={"data": {"id": "77", "text": "hello"}, "errors": [{"title": "x"}]}, status=201)
        assert client().publish(POST).remote_id == "77"


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.sampled_from(["1", "https://x/2/credits"]),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(
            ["data", "id", "errors", "detail", "title", "type", "code", "message", "meta", "text", "created_at",
             "result_count", "next_token", "entities", "urls", "url", "expanded_url", "referenced_tweets",
             "edit_history_tweet_ids", "note_tweet"]
        ),
        inner,
        max_size=5,
    ),
    max_leaves=12,
)  # fmt: skip
BODIES = JSON_VALUES.map(json.dumps) | st.text(max_size=30)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(status=st.integers(200, 599), body=BODIES)
def test_only_a_definite_answer_is_ever_taken_for_one(status: int, body: str) -> None:
    """Any status with any body: a receipt needs a 2xx, 'it never arrived' and 'no' need a 4xx, nothing else leaves."""
    with responses.RequestsMock() as mocked:
        mocked.post(TWEETS, body=body, status=status)
        try:
            receipt = client().publish(POST)
        except OutcomeUnknown:
            pass
        except PlatformError:
            assert 400 <= status < 500
        else:
            assert 200 <= status < 300
            assert receipt.remote_id.isdigit()


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(status=st.sampled_from([200, 200, 200, 400, 403, 500]), body=BODIES)
def test_reading_nonsense_never_ends_in_absence(status: int, body: str) -> None:
    """'Not there' needs a 2xx that says so with its count; all else is Unreadable, never another exception."""
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mocked:
        mocked.get(TIMELINE, body=body, status=status)
        mocked.get(TWEETS, body=body, status=status)
        try:
            assert client().look_up(POST, NOW, frozenset()) is None
        except Unreadable:
            return
        shown = json.loads(body)
        assert status == 200
        assert shown.get("data") or shown["meta"]["result_count"] == 0


def test_an_unreadable_post_among_good_ones_makes_the_whole_reading_doubtful() -> None:
    """A post without its time might be ours; skipping it could mean posting twice."""
    good = {"id": "1", "text": "other", "created_at": "2026-11-21T12:30:00.000Z"}
    for bad in ({"id": "2", "text": "hello"}, {**good, "id": None}, {**good, "created_at": "yesterday"}, None):
        with responses.RequestsMock() as mocked:
            mocked.get(TIMELINE, json={"data": [good, bad], "meta": {"result_count": 2}})
            with pytest.raises(Unreadable):
                client().look_up(POST, NOW, frozenset())


def test_a_hidden_account_is_not_an_empty_one() -> None:
    """X answers 200 with errors and no posts for an account it will not show."""
    hidden = {"title": "Authorization Error", "type": "https://api.x.com/2/problems/not-authorized-for-resource"}
    bodies: list[dict[str, Any]] = [{"errors": [hidden]}, {"errors": [hidden], "meta": {"result_count": 0}}, {}]
    for body in [*bodies, {"meta": {}}]:
        with responses.RequestsMock() as mocked:
            mocked.get(TIMELINE, json=body)
            with pytest.raises(Unreadable):
                client().look_up(POST, NOW, frozenset())


def test_an_unexplained_short_link_that_may_be_ours_is_held_not_missed() -> None:
    """Were the link's target unknown, 'absent' would be a guess; a post that differs elsewhere is no obstacle."""
    request = {"body": {"text": "Read https://example.com now"}}
    for text, doubtful in (("Read https://t.co/abcdefghij now", True), ("Skip https://t.co/abcdefghij now", False)):
        post = {"id": "1", "text": text, "created_at": "2026-11-21T12:30:00.000Z"}
        with responses.RequestsMock() as mocked:
            mocked.get(TIMELINE, json={"data": [post], "meta": {"result_count": 1}})
            if doubtful:
                with pytest.raises(Unreadable):
                    client().look_up(request, NOW, frozenset())
            else:
                assert client().look_up(request, NOW, frozenset()) is None


def test_a_deletion_counts_when_x_says_so() -> None:
    """Anything but `deleted: true` leaves it open."""
    bodies: list[Any] = [{"data": {"deleted": False}}, {"data": {"deleted": "yes"}}, [], {}]
    for body in bodies:
        with responses.RequestsMock() as mocked:
            mocked.delete(f"{TWEETS}/77", json=body)
            with pytest.raises(OutcomeUnknown):
                client().delete("77")


def test_both_of_x_s_own_addresses_are_signed_for_the_one_that_is_asked() -> None:
    """https://api.x.com is the same service; tweepy signs for api.twitter.com, so that is where it goes."""
    with responses.RequestsMock() as mocked:
        mocked.post(TWEETS, json={"data": {"id": "1"}}, status=201)
        assert client("https://api.x.com/").publish(POST).remote_id == "1"


def test_posts_from_before_are_left_out_whatever_x_sends() -> None:
    """Should X ignore the start time, an old post with the same words is not adopted, and nobody pages on for ever."""
    old = {"id": "1", "text": "hello", "created_at": "2026-11-21T11:30:00.000Z"}
    with responses.RequestsMock() as mocked:
        mocked.get(TIMELINE, json={"data": [old], "meta": {"result_count": 1, "next_token": "more"}})
        assert client().look_up(POST, NOW, frozenset()) is None
        assert len(mocked.calls) == 1


def test_another_s_post_passed_on_is_not_ours() -> None:
    """A repost shows another's text; it is neither found nor listed."""
    post = {"id": "1", "text": "hello", "created_at": "2026-11-21T12:30:00.000Z"}
    for references, ours in (([{"type": "retweeted", "id": "7"}], False), ([{"type": "quoted", "id": "7"}], True)):
        shown = {"data": [{**post, "referenced_tweets": references}], "meta": {"result_count": 1}}
        with responses.RequestsMock() as mocked:
            mocked.get(TIMELINE, json=shown)
            assert (client().look_up(POST, NOW, frozenset()) is not None) is ours
            assert bool(client().recent(NOW)) is ours


def test_the_client_can_reach_no_other_host() -> None:
    """Should tweepy ever ask for another one, it fails before anything is sent."""
    tweepy_client, _ = client()._connection
    with pytest.raises(requests.exceptions.InvalidSchema):
        tweepy_client.session.get("https://127.0.0.1:9/")


# Connections, on loopback


@contextmanager
def server(handle: Callable[[socket.socket], None], listener: socket.socket | None = None) -> Iterator[int]:
    """A listener on 127.0.0.1 that hands each connection to `handle`."""
    listener = listener or socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                connection.settimeout(5)
                with suppress(OSError):
                    handle(connection)

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield listener.getsockname()[1]
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()


def take_request(connection: socket.socket) -> bytes:
    """The whole request: closing with a part of it unread would reset the connection."""
    received = b""
    while b"hello" not in received and not re.match(rb"(GET|CONNECT) .*\r\n\r\n", received, re.DOTALL):
        chunk = connection.recv(65536)
        if not chunk:
            break
        received += chunk
    return received


def answer(head: str, body: bytes = b"") -> Callable[[socket.socket], None]:
    def handle(connection: socket.socket) -> None:
        take_request(connection)
        connection.sendall(head.replace("\n", "\r\n").encode() + b"\r\n\r\n" + body)

    return handle


def unused_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def test_a_name_that_is_not_found_is_proof_that_nothing_was_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    """The network is down. (The resolver is replaced so that no name server is asked.)"""

    def resolve(*_: Any, **__: Any) -> Any:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    error = publishing_raises(client("http://api.example"))
    assert type(error) is NotSent
    assert "Name or service not known" in str(error)


@soon
def test_a_connection_that_does_not_come_about_in_time_is_proof_too() -> None:
    """A full backlog drops the SYN: our connect timeout ends it long before the system's."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        fillers = [socket.socket() for _ in range(4)]
        for filler in fillers:
            filler.setblocking(False)
            filler.connect_ex(listener.getsockname())
        error = publishing_raises(client(f"http://127.0.0.1:{listener.getsockname()[1]}", connect_timeout=0.3))
        assert type(error) is NotSent
        for filler in fillers:
            filler.close()


def test_a_connection_cut_after_the_request_is_unknown_and_sent_once() -> None:
    """requests calls both this and a refused connection ConnectionError; and it must not be sent again by anybody."""
    seen: list[bytes] = []

    def handle(connection: socket.socket) -> None:
        seen.append(take_request(connection))
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    with server(handle) as port:
        assert type(publishing_raises(client(f"http://127.0.0.1:{port}"))) is OutcomeUnknown
    assert len(seen) == 1


def test_an_answer_that_never_comes_is_unknown_after_the_read_timeout() -> None:
    """tweepy's client has no timeout of its own."""

    def handle(connection: socket.socket) -> None:
        connection.settimeout(None)
        while connection.recv(65536):  # until the client has gone
            pass

    with server(handle) as port:
        error = publishing_raises(client(f"http://127.0.0.1:{port}", read_timeout=0.3))
    assert type(error) is OutcomeUnknown


def test_an_answer_that_trickles_is_cut_off() -> None:
    """A byte now and then keeps requests' read timeout from ever firing; ours holds for the whole body."""

    def handle(connection: socket.socket) -> None:
        answer("HTTP/1.1 201 Created\nContent-Length: 1000000")(connection)
        while True:  # until the client has gone
            connection.sendall(b" ")
            time.sleep(0.1)

    with server(handle) as port:
        assert type(publishing_raises(client(f"http://127.0.0.1:{port}", read_timeout=0.5))) is OutcomeUnknown


@pytest.mark.parametrize("packed", [False, True])
def test_an_endless_answer_is_cut_off(packed: bool) -> None:
    """Sixty-four megabytes, sent as they are or as 64 kB of gzip, are not taken in, though it be a yes that ends."""
    content = b'{"data": {"id": "5"}}' + b" " * (64 * 1024 * 1024)
    head = "HTTP/1.1 201 Created\nConnection: close"
    if packed:
        head, content = head + "\nContent-Encoding: gzip", gzip.compress(content)
    with server(answer(head, content)) as port:
        assert type(publishing_raises(client(f"http://127.0.0.1:{port}", read_timeout=10))) is OutcomeUnknown


def test_a_packed_answer_is_read_and_no_bomb_is_unpacked() -> None:
    """Nothing packed is asked for; what comes packed all the same is a yes, and takes no more memory than the limit."""
    said = b'{"data": {"id": "5"}}'

    def packed(encoding: str, content: bytes) -> str | type[PlatformError]:
        with server(answer(f"HTTP/1.1 201 Created\nConnection: close\nContent-Encoding: {encoding}", content)) as port:
            x = client(f"http://127.0.0.1:{port}", read_timeout=10)
            try:
                return x.publish(POST).remote_id
            except PlatformError as error:
                return type(error)

    assert packed("gzip", gzip.compress(said)) == packed("deflate", zlib.compress(said)) == "5"
    assert packed("utf-8", said) == "5", "a label that names no packing hides nothing"
    assert packed("br", b"\x0b") is packed("gzip", said) is packed("gzip, gzip", gzip.compress(said)) is OutcomeUnknown
    with responses.RequestsMock() as mocked:
        mocked.post(TWEETS, body=said, status=201)
        client().publish(POST)
        assert mocked.calls[0].request.headers["Accept-Encoding"] == "identity"
    bomb = gzip.compress(b" " * (256 * 1024 * 1024))
    tracemalloc.start()
    try:
        assert packed("gzip", bomb) is OutcomeUnknown
        assert tracemalloc.get_traced_memory()[1] < 8 * LARGEST_ANSWER
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("before", [0, 150, 180, 195, 230])
@pytest.mark.parametrize("way", ["plain", "reversed", "hex", "base64", "percent"])
def test_credentials_that_x_echoes_are_blacked_out_before_its_words_are_cut(before: int, way: str) -> None:
    """Wherever they stand: half a key at the cut would be recognised by nobody."""
    token = "4242-" + "aB3dE5gH7jK9mN1pQ3sT5vW7yZ9cD2fG4hJ6kL8"
    form = {
        "plain": token,
        "reversed": token[::-1],
        "hex": token.encode().hex(),
        "base64": base64.b64encode(token.encode()).decode(),
        "percent": "".join(f"%{byte:02X}" for byte in token.encode()),
    }[way]
    x = X("api-key-1", "api-secret-2", token, "token-secret-4", clock=lambda: NOW)
    for status, call in ((403, lambda: x.publish(POST)), (403, lambda: x.look_up(POST, NOW, frozenset()))):
        with responses.RequestsMock(assert_all_requests_are_fired=False) as mocked:
            body = {"title": "Forbidden", "detail": "x" * before + f" {form} is no good"}
            mocked.post(TWEETS, json=body, status=status)
            mocked.get(TIMELINE, json=body, status=status)
            with pytest.raises(PlatformError) as caught:
                call()
        assert not any(form[at : at + 12] in str(caught.value) for at in range(8, len(form) - 11)), str(caught.value)


@pytest.mark.parametrize("place", ["/2/tweets", "https://api.twitter.com/2/tweets", "elsewhere"])
def test_a_redirect_is_not_followed_with_post_and_keys(place: str) -> None:
    """requests would send the POST again to the place that a 307 names, be it the same host or another."""
    with XStandIn() as elsewhere, XStandIn() as standin:
        standin.fault("redirect", headers={"location": place.replace("elsewhere", f"{elsewhere.url}/2/tweets")})
        assert type(publishing_raises(client(standin.url))) is OutcomeUnknown
        assert elsewhere.requests == []
        assert len(standin.requests) == 1


def test_garbage_instead_of_http_is_unknown() -> None:
    """Something answered, and the request was on its way."""
    with server(answer("SSH-2.0-OpenSSH_9.2")) as port:
        assert type(publishing_raises(client(f"http://127.0.0.1:{port}"))) is OutcomeUnknown


@pytest.mark.parametrize("base_url", ["ftp://127.0.0.1", "http://127.0.0.1:99999", "http://", "nonsense"])
def test_a_base_url_that_cannot_work_is_an_error_of_ours(base_url: str) -> None:
    """Settings refuse these; should one come through, it is no traceback and no receipt."""
    assert type(publishing_raises(client(base_url))) in (NotSent, OutcomeUnknown)


# TLS


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A self-signed certificate for 127.0.0.1 with its key, in one file."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "stand-in")])
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    begin = datetime.now(UTC) - timedelta(days=1)
    builder = builder.serial_number(1).not_valid_before(begin).not_valid_after(begin + timedelta(days=3))
    address = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    signed = builder.add_extension(address, critical=False).sign(key, hashes.SHA256())
    path = tmp_path_factory.mktemp("tls") / "both.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(signed.public_bytes(serialization.Encoding.PEM) + private)
    return path


def with_tls(certificate: Path, handle: Callable[[ssl.SSLSocket], None]) -> Callable[[socket.socket], None]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)

    def wrapped(connection: socket.socket) -> None:
        with context.wrap_socket(connection, server_side=True) as secured:
            handle(secured)

    return wrapped


def test_an_untrusted_certificate_is_proof_that_nothing_was_sent(certificate: Path) -> None:
    """The handshake fails before any byte of the request, and says why."""
    received: list[bytes] = []
    with server(with_tls(certificate, lambda secured: received.append(take_request(secured)))) as port:
        error = publishing_raises(client(f"https://127.0.0.1:{port}"))
    assert type(error) is NotSent
    assert "certificate verify failed" in str(error)
    assert not any(received)


def _speak_plainly(connection: socket.socket) -> None:
    connection.recv(65536)
    connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")


@pytest.mark.parametrize("handle", [_speak_plainly, lambda connection: connection.recv(1)])
def test_a_failed_handshake_is_proof_that_nothing_was_sent(handle: Callable[[socket.socket], None]) -> None:
    """A server that speaks no TLS, and one that hangs up on it: the latter looks just like a cut after sending."""
    with server(handle) as port:
        assert type(publishing_raises(client(f"https://127.0.0.1:{port}"))) is NotSent


def _cut(secured: ssl.SSLSocket) -> None:
    take_request(secured)


def _break_tls(secured: ssl.SSLSocket) -> None:
    take_request(secured)
    with socket.socket(fileno=secured.detach()) as raw:
        raw.sendall(b"this is no TLS record, and the client's library will say so" * 10)


@pytest.mark.parametrize("handle", [_cut, _break_tls])
def test_tls_that_breaks_after_the_request_is_unknown(
    certificate: Path, monkeypatch: pytest.MonkeyPatch, handle: Callable[[ssl.SSLSocket], None]
) -> None:
    """The same SSLError as a failed handshake, but the request had left."""
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
    with server(with_tls(certificate, handle)) as port:
        assert type(publishing_raises(client(f"https://127.0.0.1:{port}"))) is OutcomeUnknown


def test_https_works_with_a_certificate_that_the_machine_trusts(
    certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The tests above fail for the reason they name: with trust and a proper answer the same set-up publishes."""
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
    body = b'{"data": {"id": "5"}}'
    handle = answer(f"HTTP/1.1 201 Created\nContent-Length: {len(body)}", body)
    with server(with_tls(certificate, handle)) as port:
        assert client(f"https://127.0.0.1:{port}").publish(POST).remote_id == "5"


# Proxies


def test_a_proxy_that_is_down_or_says_no_is_proof_that_nothing_was_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tunnel never came about, so X saw nothing."""
    monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{unused_port()}")
    assert type(publishing_raises(client("https://127.0.0.1:9"))) is NotSent
    with server(answer("HTTP/1.1 407 Proxy Authentication Required\nContent-Length: 0")) as port:
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{port}")
        assert type(publishing_raises(client("https://127.0.0.1:9"))) is NotSent


def test_a_proxy_that_took_the_request_leaves_it_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    """It may have passed the request on before it gave up."""
    with server(answer("HTTP/1.1 502 Bad Gateway\nContent-Length: 0")) as port:
        monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{port}")
        assert type(publishing_raises(client("http://127.0.0.1:9"))) is OutcomeUnknown


def test_the_proxy_is_chosen_for_where_the_request_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    """tweepy believes that it speaks to api.twitter.com; NO_PROXY for the real target must hold all the same."""
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{unused_port()}")
    monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{unused_port()}")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with XStandIn() as standin:
        x = X(*CREDENTIALS, base_url=standin.url, clock=lambda: datetime.now(UTC))
        assert x.verify() == "@standin_bot, asked for $0.010"


# Secrets


def test_no_secret_is_in_a_log_line_a_message_or_a_repr(caplog: pytest.LogCaptureFixture) -> None:
    """Not even at DEBUG, where tweepy and the signing library log every request."""
    caplog.set_level(logging.DEBUG)
    with XStandIn() as standin:
        x = X(*CREDENTIALS, base_url=standin.url, clock=lambda: datetime.now(UTC))
        x.publish(POST)
        standin.fault("drop")
        error = publishing_raises(x)
    told = caplog.text + repr(x) + str(error) + repr(error.__cause__)
    assert "Making API request" in told
    _, api_secret, _, access_secret = CREDENTIALS
    assert api_secret not in told
    assert access_secret not in told

"""One call: to whom it is spoken, and for how long."""

import socket
import ssl
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import IPv4Address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from supervision.webhooks.rules import Verdict
from supervision.webhooks.services import calling
from supervision.webhooks.services.calling import Answer, post


class _Dripping(threading.Thread):
    """A server that begins an answer and never comes to its end."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.server = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.server.getsockname()[1]}/in"

    def run(self) -> None:
        line, _ = self.server.accept()
        try:
            for _ in range(200):
                line.send(b"H")
                time.sleep(0.05)
        except OSError:
            pass


def test_one_that_answers_a_byte_at_a_time_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    drip = _Dripping()
    drip.start()
    monkeypatch.setattr(calling, "WHOLE_SECONDS", 0.5)
    began = time.monotonic()

    answer = post(drip.url, b"{}", {})

    assert time.monotonic() - began < 5
    assert answer == Answer(Verdict.LATER, None, calling.NO_ANSWER)
    drip.server.close()


# -- over TLS ----------------------------------------------------------------------------------------------------------


class _Receiver(BaseHTTPRequestHandler):
    heard: list[bytes]

    def do_POST(self) -> None:
        self.heard.append(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(204)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Not to the tests' output."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Whoever does not trust the certificate hangs up."""


def certificate(folder: Path) -> Path:
    """A certificate of 127.0.0.1 that nobody but itself vouches for, with its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "receiver")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = folder / "receiver.pem"
    file.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return file


@pytest.fixture
def vouched(tmp_path: Path) -> Path:
    return certificate(tmp_path)


@pytest.fixture
def url(vouched: Path) -> Iterator[str]:
    """A receiver that speaks TLS with that certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(vouched)
    server = _Server(("127.0.0.1", 0), _Receiver)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    _Receiver.heard = []
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"https://127.0.0.1:{server.server_address[1]}/in"
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_receiver_whose_certificate_nobody_vouches_for_hears_nothing(url: str) -> None:
    answer = post(url, b"{}", {})

    assert answer == Answer(Verdict.LATER, None, calling.NOT_TRUSTED)
    assert _Receiver.heard == []


def test_one_that_the_server_trusts_hears_it(url: str, vouched: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(vouched))

    answer = post(url, b"{}", {})

    assert answer == Answer(Verdict.TAKEN, 204)
    assert _Receiver.heard == [b"{}"]


def test_a_certificate_of_another_host_is_not_trusted(url: str, vouched: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(vouched))

    answer = post(url.replace("127.0.0.1", "localhost"), b"{}", {})

    assert answer == Answer(Verdict.LATER, None, calling.NOT_TRUSTED)
    assert _Receiver.heard == []

"""The downloader against a server that does everything wrong."""

import hashlib
import shutil
import socket
import subprocess
from types import SimpleNamespace

import pytest

from file_server import Server
from spikewatt.data import checksum, download, space
from spikewatt.data.catalogue import Archive
from spikewatt.data.transfer import Patience

CONTENT = bytes(range(256)) * 400
MD5 = "md5:" + hashlib.md5(CONTENT).hexdigest()
QUICK = Patience(
    connect_s=2, silence_s=0.3, minimum_rate=1024, attempts=2, pause_s=0.01
)


@pytest.fixture
def server():
    with Server(CONTENT).running() as running:
        yield running


@pytest.fixture
def output(tmp_path):
    return tmp_path / "archives" / "archive.bin"


def fetch(output, *urls, exact=True):
    archive = Archive("archive.bin", MD5, len(CONTENT), urls, exact)
    download.fetch(archive, urls, output, QUICK)


def closed_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def test_good_file_is_fetched(server, output):
    fetch(output, server.url("good"))
    assert output.read_bytes() == CONTENT


@pytest.mark.parametrize(
    "manner, reason",
    [
        ("damaged", "its content does not have"),
        ("missing", "HTTP status 404"),
        ("page", "it offers 22 bytes, the archive has 102400"),
        ("busy", "HTTP status 503"),
        ("truncated", "IncompleteRead|it ended after 51200"),
        ("stalled", "timed out|it ended after"),
        ("trickle", "bytes came in"),
        ("endless", "it sends more than 102400 bytes"),
        ("circle", "redirects"),
    ],
)
def test_bad_place_is_named_and_the_next_mirror_asked(server, output, manner, reason):
    with pytest.raises(download.DownloadError, match=reason) as caught:
        fetch(output, server.url(manner))
    assert server.url(manner) in str(caught.value)
    assert "source=local" in str(caught.value)
    assert not output.exists()
    fetch(output, server.url(manner), server.url("good"))
    assert output.read_bytes() == CONTENT


@pytest.mark.parametrize("manner", ["accepted", "empty"])
@pytest.mark.parametrize("exact", [True, False])
def test_an_answer_without_bytes_is_a_fault_that_names_the_other_address(
    server, output, caplog, manner, exact
):
    caplog.set_level("INFO")
    fetch(output, server.url(manner), server.url("good"), exact=exact)
    assert output.read_bytes() == CONTENT
    (said,) = [m for m in caplog.messages if m.startswith(server.url(manner))]
    assert "no bytes" in said and server.url("good") in said
    output.unlink()
    with pytest.raises(download.DownloadError, match="no bytes") as caught:
        fetch(output.with_name("other.bin"), server.url(manner), exact=exact)
    assert "no other address is known" in str(caught.value)


def test_wrong_content_of_unknown_length_is_refused(server, output):
    with pytest.raises(download.DownloadError, match="does not have md5"):
        fetch(output, server.url("page"), exact=False)
    assert not output.exists()


def test_first_mirror_down(server, output):
    down = f"http://127.0.0.1:{closed_port()}/archive.bin"
    fetch(output, down, server.url("good"))
    assert output.read_bytes() == CONTENT


def test_server_without_tls_is_no_secure_place(server, output):
    secure = server.url("good").replace("http://", "https://")
    with pytest.raises(download.DownloadError, match="secure connection failed"):
        fetch(output, secure)
    fetch(output, secure, server.url("good"))
    assert output.read_bytes() == CONTENT


def test_a_certificate_that_nobody_vouches_for_is_refused(tmp_path, server, output):
    if not shutil.which("openssl"):
        pytest.skip("openssl is missing")
    made = tmp_path / "certificate.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes"]
    command += ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
    command += ["-keyout", str(made), "-out", str(tmp_path / "public.pem")]
    subprocess.run(command, check=True, capture_output=True)
    with open(made, "a") as handle:
        handle.write((tmp_path / "public.pem").read_text())
    with Server(CONTENT).running(certificate=made) as false:
        with pytest.raises(download.DownloadError, match="certificate verify failed"):
            fetch(output, false.url("good"))
        fetch(output, false.url("good"), server.url("good"))
    assert false.asked == []
    assert output.read_bytes() == CONTENT


def test_redirect_to_another_host(output):
    with Server(CONTENT).running() as far:
        place = far.url("good").replace("127.0.0.1", "localhost")
        with Server(CONTENT, elsewhere=place).running() as near:
            fetch(output, near.url("moved"))
    assert output.read_bytes() == CONTENT


def test_retry_after_a_busy_answer(server, output):
    fetch(output, server.url("busy_once"))
    assert [manner for manner, _ in server.asked] == ["busy_once"] * 2


def test_reset_continues_where_it_broke(server, output):
    fetch(output, server.url("reset_once"))
    assert output.read_bytes() == CONTENT
    assert server.asked == [("reset_once", None), ("reset_once", "bytes=51200-")]


def test_killed_download_continues(server, output):
    with pytest.raises(download.DownloadError):
        fetch(output, server.url("truncated"))
    (output.parent / f".{output.name}.download" / "tmp123").write_bytes(b"left over")
    fetch(output, server.url("good"))
    assert output.read_bytes() == CONTENT
    assert server.asked[-1] == ("good", "bytes=51200-")


def test_wrong_part_from_before_is_thrown_away(server, output):
    folder = output.parent / f".{output.name}.download"
    folder.mkdir(parents=True)
    (folder / "part").write_bytes(b"something else" * 100)
    fetch(output, server.url("good"))
    assert output.read_bytes() == CONTENT
    assert [asked for _, asked in server.asked] == ["bytes=1400-", None]


def test_deleted_output_is_not_fetched_again(server, output):
    fetch(output, server.url("good"))
    output.unlink()
    fetch(output, server.url("good"))
    assert output.read_bytes() == CONTENT
    assert len(server.asked) == 1


def test_full_disk_is_said_before_anything_is_fetched(server, output, monkeypatch):
    full = SimpleNamespace(free=1)
    monkeypatch.setattr(space.shutil, "disk_usage", lambda _folder: full)
    with pytest.raises(space.NotEnoughSpace, match="102,400 bytes .* 1 are free"):
        fetch(output, server.url("good"))
    assert not server.asked
    assert not output.exists()


def test_catalogue_places_come_after_own_mirrors(server, output, monkeypatch):
    seen = {}

    def fake(archive, urls, path, _patience):
        seen["urls"] = urls
        path.parent.mkdir(parents=True)
        path.write_bytes(CONTENT)

    monkeypatch.setattr(download, "fetch", fake)
    download.download("nmnist", "test.zip", output, mirrors=["http://here/data/"])
    assert seen["urls"][0] == "http://here/data/test.zip"
    assert "mendeley" in seen["urls"][1]
    assert checksum.recorded(output) == checksum.of(output)

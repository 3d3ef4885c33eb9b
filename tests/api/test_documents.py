"""Papers: each is what it says it is, is kept encrypted, and is read by whom it concerns."""

import tracemalloc
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from api.problems import Problem
from api.uploads import form_of, media_type_of
from domain.declare import Role
from tests.api.service import Person, Service, problem

PDF = b"%PDF-1.7\n" + b"secret diagnosis " * 40
PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 64


def upload(
    person: Person,
    case: str,
    content: bytes = PDF,
    media_type: str = "application/pdf",
    headers: dict[str, str] | None = None,
    **fields: str,
) -> httpx.Response:
    answer = person.client.post(
        f"/v1/complaints/{case}/documents",
        data={"kind": "letter", "title": "Repair order", **fields},
        files={"file": ("order.pdf", content, media_type)},
        headers={"authorization": f"Bearer {person.token}", **(headers or {})},
    )
    person.remember(answer)
    return answer


def files_of(service: Service) -> list[Path]:
    folder: Path = service.app.state.desk.files._folder
    return [path for path in folder.rglob("*") if path.is_file()]


def test_a_document_comes_back_as_it_was_sent(service: Service) -> None:
    expert, case, document = service.expert, service.complaint(), str(uuid4())
    answer = upload(expert, case, document_id=document)
    assert answer.status_code == 200, answer.text
    read = expert.get(f"/v1/complaints/{case}/documents/{document}")
    assert (read.status_code, read.content) == (200, PDF)
    assert read.headers["content-type"] == "application/pdf"
    assert read.headers["content-disposition"].startswith("attachment")
    again = expert.get(
        f"/v1/complaints/{case}/documents/{document}", if_none_match=read.headers["etag"]
    )
    assert (again.status_code, again.content) == (304, b"")
    [paper] = expert.get(f"/v1/complaints/{case}").json()["documents"]
    assert (paper["media_type"], paper["size_bytes"]) == ("application/pdf", len(PDF))


def test_what_is_kept_is_encrypted_and_named_by_its_hash(service: Service) -> None:
    before = set(files_of(service))
    upload(service.expert, service.complaint())
    [kept] = set(files_of(service)) - before
    assert b"secret diagnosis" not in kept.read_bytes()
    assert kept.stat().st_mode & 0o077 == 0


def test_the_same_document_sent_twice_is_there_once(service: Service) -> None:
    expert, case, document = service.expert, service.complaint(), str(uuid4())
    first = upload(expert, case, document_id=document)
    count = len(files_of(service))
    again = upload(expert, case, document_id=document)
    assert first.json() == again.json()
    assert len(files_of(service)) == count
    key = {"idempotency-key": str(uuid4())}
    one = upload(expert, case, PNG, "image/png", key)
    two = upload(expert, case, PNG, "image/png", key)
    assert one.json() == two.json()
    other = upload(expert, case, PNG + b"x", "image/png", key)
    problem(other, 422, "idempotency.other_body")


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (PDF, "image/png"),
        (b"MZ\x90\x00", "application/pdf"),
        (b"<html><script>", "text/html"),
        (b"#!/bin/sh", "application/x-sh"),
        (b"text\x00", "text/plain"),
        (b"\xff\xfe", "text/plain"),
    ],
)
def test_what_is_not_what_it_says_is_refused(
    service: Service, content: bytes, media_type: str
) -> None:
    case = service.complaint()
    before = service.app.state.desk.casebook.head()
    answer = upload(service.expert, case, content, media_type)
    problem(answer, 415, "request.unsupported_media_type")
    assert service.app.state.desk.casebook.head() == before


def test_what_the_policy_does_not_take_is_refused(service: Service) -> None:
    answer = upload(service.expert, service.complaint(), b"GIF89a....", "image/gif")
    problem(answer, 422, "document.media_type_not_allowed")


def test_a_document_that_is_too_large_is_refused(service: Service) -> None:
    case = service.complaint()
    over_policy = upload(service.expert, case, PDF + b"x" * 21_000_000)
    problem(over_policy, 422, "document.too_large")
    over_all = upload(service.expert, case, PDF + b"x" * 28_000_000)
    problem(over_all, 413, "request.too_large")


def test_what_is_refused_leaves_no_file(service: Service) -> None:
    expert, case, document = service.expert, service.complaint(), str(uuid4())
    key = {"idempotency-key": str(uuid4())}
    assert upload(expert, case, headers=key, document_id=document).status_code == 200
    before = set(files_of(service))
    refused = [
        upload(expert, case, b"PK\x03\x04", "application/zip"),
        upload(expert, case, PDF + b"2", headers={"if-match": '"1"'}),
        upload(expert, case, PDF + b"3", headers=key),
        upload(expert, case, PDF + b"4", document_id=document),
        upload(expert, case, PDF + bytes(21 * 1_048_576)),
    ]
    assert [answer.status_code for answer in refused] == [422, 412, 422, 409, 422]
    assert set(files_of(service)) == before


def test_a_file_whose_command_has_an_unknown_outcome_is_read(service: Service) -> None:
    expert, case, document = service.expert, service.complaint(), str(uuid4())
    before = set(files_of(service))
    upload(expert, case, document_id=document)
    [kept] = set(files_of(service)) - before
    kept.rename(kept.with_name(f"{kept.name}.{uuid4().hex}"))
    read = expert.get(f"/v1/complaints/{case}/documents/{document}")
    assert (read.status_code, read.content) == (200, PDF)


def test_a_form_of_a_million_parts_is_not_taken_apart() -> None:
    tracemalloc.start()
    with pytest.raises(Problem):
        form_of("multipart/form-data; boundary=B", b"--B\r\n\r\n\r\n" * 1_000_000)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 40_000_000


def test_a_form_says_which_field_is_wrong(service: Service) -> None:
    case = service.complaint()
    [error] = problem(upload(service.expert, case, kind="x"), 422, "request.invalid")["errors"]
    assert error["pointer"] == "#/kind"
    [error] = problem(upload(service.expert, case, colour="x"), 422, "request.invalid")["errors"]
    assert error["pointer"] == "#/colour"
    [error] = problem(upload(service.expert, case, b""), 422, "request.invalid")["errors"]
    assert error["pointer"] == "#/file"


def test_a_customer_reads_what_she_sent_and_not_what_staff_keep(service: Service) -> None:
    _, customer = service.customer()
    case = customer.done(
        "/v1/complaints", {"kind": "sales", "channel": "portal", "narrative": "Late."}
    )["id"]
    hers, theirs = str(uuid4()), str(uuid4())
    assert upload(customer, case, document_id=hers, kind="photo").status_code == 200
    expert = service.expert
    assert upload(expert, case, PNG, "image/png", document_id=theirs).status_code == 200
    customer.position = expert.position
    assert customer.get(f"/v1/complaints/{case}/documents/{hers}").status_code == 200
    hidden = customer.get(f"/v1/complaints/{case}/documents/{theirs}")
    problem(hidden, 404, "complaint.paper_not_found")
    _, stranger = service.customer()
    stranger.position = expert.position
    problem(stranger.get(f"/v1/complaints/{case}/documents/{hers}"), 404, "case.not_found")
    problem(upload(stranger, case), 404, "case.not_found")


def test_a_file_that_was_changed_is_not_read(service: Service) -> None:
    expert, case, document = service.expert, service.complaint(), str(uuid4())
    before = set(files_of(service))
    upload(expert, case, document_id=document)
    [kept] = set(files_of(service)) - before
    kept.chmod(0o600)
    kept.write_bytes(kept.read_bytes()[:-1] + b"x")
    problem(expert.get(f"/v1/complaints/{case}/documents/{document}"), 404, "file.is_gone")


def test_a_dealer_of_another_case_adds_nothing(service: Service) -> None:
    dealer = service.person(Role.DEALER, dealer_id="dealer-9")
    problem(upload(dealer, service.complaint()), 404, "case.not_found")


BOUNDARY = "multipart/form-data; boundary=b"
FILE = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\nx\r\n'


@pytest.mark.parametrize(
    "body",
    [
        b"", b"--b--\r\n", b"--b\r\n\r\n--b--\r\n", FILE, FILE + FILE + b"--b--\r\n",
        FILE.replace(b'name="file"', b'name="else"') + b"--b--\r\n",
        FILE.replace(b"form-data", b"attachment") + b"--b--\r\n",
        FILE + b'--b\r\nContent-Disposition: form-data; name="t"\r\n\r\n\xff\r\n--b--\r\n',
        FILE + b'--b\r\nContent-Disposition: form-data; name="t"\r\n\r\n'
        + b"x" * 70_000 + b"\r\n--b--\r\n",
        FILE.replace(b"\r\n\r\nx", b"\r\n" + b"X: y\r\n" * 1_000 + b"\r\n\r\nx") + b"--b--\r\n",
        b"--b\r\n".join([b""] + [FILE[5:]] * 30) + b"--b--\r\n",
    ],
)  # fmt: skip
def test_a_form_that_is_none_is_refused(body: bytes) -> None:
    with pytest.raises(Problem) as caught:
        form_of(BOUNDARY, body)
    assert caught.value.code == "request.malformed"


def test_a_form_may_hold_its_boundary_in_the_files_bytes() -> None:
    body = FILE.replace(b"\r\n\r\nx", b"\r\n\r\n--bx\r\n--") + b"--b--\r\n"
    assert form_of(BOUNDARY, body).content == b"--bx\r\n--"


def test_the_bytes_of_a_file_say_what_it_is() -> None:
    assert media_type_of(PNG, "application/octet-stream") == "image/png"
    assert media_type_of(b"\xff\xd8\xff\xe0", "image/jpg") == "image/jpeg"
    assert media_type_of("متن".encode(), "text/plain") == "text/plain"
    assert media_type_of(b"\x00\x00\x00\x18ftypmp42", "video/mp4") == "video/mp4"

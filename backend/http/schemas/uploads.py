"""The bodies and answers of the routes under ``/s3``."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from backend.completion_rules import Completion
from backend.http.schemas.examples import with_examples
from backend.http.schemas.wire import Answer, Body, FileName, Identifier, iso, json_text, no_nul
from backend.model import (
    ChecksumAlgorithm,
    CompletedPart,
    PartToSign,
    SignedPart,
    StoredPart,
    UploadMethod,
    UploadSession,
    bare_etag,
)
from backend.upload_service import NewUpload, OpenedUpload

MAX_PART_NUMBER = 10_000
MAX_SIZE = 2**63 - 1
MAX_PART_BYTES = 5 * 1024**3
MAX_SIGNED_AT_ONCE = 100
# Source: RFC 9110, 5.6.2, without the characters that no media type has.
_MEDIA_WORD = "[A-Za-z0-9!#$&^_.+-]+"
_SINGLE_PUT = (
    "The file is its only part and may go into the store with one PUT. Needs clientUploadId, fileSize, "
    "checksumAlgorithms and exactly one of parts: number 1, the file's size, its checksum. The answer's method says "
    "whether it is done so: where the first algorithm is not the one decided on, or the file is over the part size, "
    "it is a multipart upload as ever."
)
_METHOD = (
    "`put`: the one URL takes the whole file, with every header listed beside it; all other routes know the upload "
    "as one with part 1 alone. `multipart`: a URL a part."
)

Directory = Annotated[str, BeforeValidator(json_text), AfterValidator(no_nul), Field(max_length=1024)]
ContentType = Annotated[
    str, Field(pattern=rf"^{_MEDIA_WORD}/{_MEDIA_WORD}(; ?{_MEDIA_WORD}={_MEDIA_WORD})*$", max_length=255)
]
ClientUploadId = Annotated[
    str, Field(pattern=r"^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$"), AfterValidator(str.lower)
]
ChecksumText = Annotated[str, Field(max_length=64, pattern=r"^[A-Za-z0-9+/]+={0,2}$")]
PartNumber = Annotated[int, Field(ge=1, le=MAX_PART_NUMBER)]
FileSize = Annotated[int, Field(ge=0, le=MAX_SIZE)]


class PartBody(Body):
    """A part to sign."""

    part_number: PartNumber
    content_length: Annotated[int, Field(ge=0, le=MAX_PART_BYTES)] | None = None
    checksum: ChecksumText | None = None

    def to_model(self) -> PartToSign:
        """Return the part as the services know it."""
        return PartToSign(self.part_number, self.content_length, self.checksum)


class InitBody(Body):
    """``POST /s3/init-upload``. Unknown fields are refused: owner, bucket and key are not the client's to name."""

    model_config = ConfigDict(extra="forbid")
    file_name: FileName
    content_type: ContentType = "application/octet-stream"
    directory: Directory | None = None
    folder_id: Identifier | None = None
    client_upload_id: ClientUploadId | None = None
    file_size: FileSize | None = None
    part_size_hint: FileSize | None = None
    checksum_algorithms: Annotated[list[str], Field(max_length=10, default_factory=list)]
    parts: Annotated[list[PartBody], Field(max_length=MAX_SIGNED_AT_ONCE, default_factory=list)]
    single_put: Annotated[bool, Field(description=_SINGLE_PUT)] = False

    def to_model(self) -> NewUpload:
        """Return the request as the service knows it; algorithms unknown here are passed over."""
        known = [ChecksumAlgorithm(name) for name in self.checksum_algorithms if name in list(ChecksumAlgorithm)]
        return NewUpload(
            file_name=self.file_name,
            content_type=self.content_type,
            directory=self.directory,
            folder_id=self.folder_id,
            client_upload_id=self.client_upload_id,
            file_size_bytes=self.file_size,
            part_size_hint_bytes=self.part_size_hint,
            checksum_algorithms=known,
            parts=[part.to_model() for part in self.parts],
            single_put=self.single_put,
        )


class UploadBody(Body):
    """What names an upload: both, and they have to belong together."""

    upload_id: Identifier
    key: Identifier


class PresignBody(UploadBody, PartBody):
    """``POST /s3/presign-url``."""


class PresignManyBody(UploadBody):
    """``POST /s3/presign-urls``."""

    parts: Annotated[list[PartBody], Field(min_length=1, max_length=MAX_SIGNED_AT_ONCE)]


class CompletedPartBody(BaseModel):
    """A part as S3 itself writes it. Browser uploaders add fields of their own."""

    model_config = ConfigDict(strict=True, extra="ignore", hide_input_in_errors=True, json_schema_extra=with_examples)
    part_number: Annotated[PartNumber, Field(alias="PartNumber")]
    etag: Annotated[
        str, BeforeValidator(json_text), Field(alias="ETag", min_length=1, max_length=256, pattern=r"^[!-~]+$")
    ]


class CompleteBody(UploadBody):
    """``POST /s3/complete-upload``.

    ``contentType`` is taken since the reference's clients send it, and changes nothing: the object was stored
    under the type that init named.
    """

    parts: Annotated[list[CompletedPartBody], Field(min_length=1, max_length=MAX_PART_NUMBER)]
    file_name: FileName | None = None
    content_type: ContentType | None = None
    file_size: FileSize | None = None
    folder_id: Identifier | None = None
    checksum: ChecksumText | None = None

    def to_model(self) -> Completion:
        """Return the request as the service knows it."""
        return Completion(
            parts=[CompletedPart(part.part_number, bare_etag(part.etag)) for part in self.parts],
            file_name=self.file_name,
            file_size_bytes=self.file_size,
            folder_id=self.folder_id,
            crc64nvme=self.checksum,
        )


class SignedAnswer(Answer):
    """A URL for one PUT, and the headers it must carry besides Host."""

    presigned_url: str
    expires_in: int
    headers: dict[str, str]

    @classmethod
    def of(cls, part: SignedPart) -> Self:
        """Return the answer for one part."""
        return cls(presigned_url=part.url, expires_in=part.expires_in_s, headers=dict(part.headers))


class NumberedSignedAnswer(SignedAnswer):
    """One of several URLs."""

    part_number: int

    @classmethod
    def of(cls, part: SignedPart) -> Self:
        """Return the answer for one of several parts."""
        return cls(
            part_number=part.part_number,
            presigned_url=part.url,
            expires_in=part.expires_in_s,
            headers=dict(part.headers),
        )


class SignedManyAnswer(Answer):
    """URLs in the order asked for."""

    urls: list[NumberedSignedAnswer]


class InitAnswer(Answer):
    """An open upload. ``urls`` is there when parts came along and were cut and hashed as decided."""

    upload_id: str
    method: Annotated[UploadMethod, Field(description=_METHOD)]
    key: str
    bucket: str
    part_size: int
    checksum_algorithm: ChecksumAlgorithm | None
    state: str
    urls: list[NumberedSignedAnswer] | None = None

    @classmethod
    def of(cls, opened: OpenedUpload, bucket: str) -> Self:
        """Return the answer for an opened upload."""
        session = opened.session
        answer = cls(
            upload_id=session.upload_id or "",
            method=session.method,
            key=session.key,
            bucket=bucket,
            part_size=session.part_size_bytes,
            checksum_algorithm=session.checksum_algorithm,
            state=session.state.value,
        )
        if opened.urls is not None:
            answer.urls = [NumberedSignedAnswer.of(part) for part in opened.urls]
        return answer


class StoredPartAnswer(BaseModel):
    """A stored part under S3's own names; the checksum where the store lists one."""

    model_config = ConfigDict(populate_by_name=True, json_schema_extra=with_examples)
    part_number: Annotated[int, Field(alias="PartNumber")]
    etag: Annotated[str, Field(alias="ETag")]
    size: Annotated[int, Field(alias="Size")]
    crc64nvme: Annotated[str | None, Field(alias="ChecksumCRC64NVME")] = None

    @classmethod
    def of(cls, part: StoredPart) -> Self:
        """Return the answer for one part; the ETag in quotes, as S3 writes it."""
        return cls(
            part_number=part.part_number, etag=f'"{part.etag}"', size=part.size_bytes, crc64nvme=part.crc64nvme
        )


class PartsAnswer(Answer):
    """All stored parts, each number once, sorted."""

    parts: list[StoredPartAnswer]


class OpenUploadAnswer(Answer):
    """One of the caller's open uploads."""

    upload_id: str | None
    method: UploadMethod
    key: str
    client_upload_id: str | None
    file_name: str
    content_type: str
    folder_id: str | None
    file_size: int | None
    part_size: int
    checksum_algorithm: ChecksumAlgorithm | None
    state: str
    created_at: str

    @classmethod
    def of(cls, session: UploadSession) -> Self:
        """Return the answer for one session."""
        return cls(
            upload_id=session.upload_id,
            method=session.method,
            key=session.key,
            client_upload_id=session.client_upload_id,
            file_name=session.file_name,
            content_type=session.content_type,
            folder_id=session.folder_id,
            file_size=session.file_size_bytes,
            part_size=session.part_size_bytes,
            checksum_algorithm=session.checksum_algorithm,
            state=session.state.value,
            created_at=iso(session.created_at),
        )


class OpenUploadsAnswer(Answer):
    """A page of open uploads."""

    items: list[OpenUploadAnswer]
    next_cursor: str | None

"""The wire: bodies as clients send them and answers as they read them. Names are the documented ones."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated, Any, Self

from pydantic import AfterValidator, AliasGenerator, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic.alias_generators import to_camel

from backend.completion_service import Completion
from backend.model import (
    ChecksumAlgorithm,
    CompletedPart,
    Folder,
    PartToSign,
    Recording,
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


def _text(value: object) -> object:
    """Refuse text that no JSON answer could carry: half of a surrogate pair."""
    if isinstance(value, str) and any(0xD800 <= ord(char) <= 0xDFFF for char in value):
        raise ValueError("not valid Unicode")
    return value


def _no_nul(value: str) -> str:
    if "\0" in value:
        raise ValueError("contains a NUL character")
    return value


def _folder_name(value: str) -> str:
    name = value.strip()
    if not name or "/" in name or not name.isprintable():
        raise ValueError("not a folder's name")
    return name


FileName = Annotated[str, BeforeValidator(_text), AfterValidator(_no_nul), Field(min_length=1, max_length=1024)]
Directory = Annotated[str, BeforeValidator(_text), AfterValidator(_no_nul), Field(max_length=1024)]
Identifier = Annotated[str, BeforeValidator(_text), AfterValidator(_no_nul), Field(min_length=1, max_length=2048)]
ContentType = Annotated[
    str, Field(pattern=rf"^{_MEDIA_WORD}/{_MEDIA_WORD}(; ?{_MEDIA_WORD}={_MEDIA_WORD})*$", max_length=255)
]
ClientUploadId = Annotated[
    str, Field(pattern=r"^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$"), AfterValidator(str.lower)
]
ChecksumText = Annotated[str, Field(max_length=64, pattern=r"^[A-Za-z0-9+/]+={0,2}$")]
PartNumber = Annotated[int, Field(ge=1, le=MAX_PART_NUMBER)]
FolderName = Annotated[
    str,
    BeforeValidator(_text),
    AfterValidator(_folder_name),
    Field(min_length=1, max_length=255, description="Without “/” and control characters; spaces around it are cut."),
]
FileSize = Annotated[int, Field(ge=0, le=MAX_SIZE)]


class _Body(BaseModel):
    """A request: exact types, camelCase names, unknown fields ignored unless a body says otherwise."""

    model_config = ConfigDict(
        strict=True, extra="ignore", alias_generator=AliasGenerator(alias=to_camel), hide_input_in_errors=True
    )


class _Answer(BaseModel):
    """A response in camelCase."""

    model_config = ConfigDict(alias_generator=AliasGenerator(alias=to_camel), populate_by_name=True)


class PartBody(_Body):
    """A part to sign."""

    part_number: PartNumber
    content_length: Annotated[int, Field(ge=0, le=MAX_PART_BYTES)] | None = None
    checksum: ChecksumText | None = None

    def to_model(self) -> PartToSign:
        """Return the part as the services know it."""
        return PartToSign(self.part_number, self.content_length, self.checksum)


class InitBody(_Body):
    """``POST /s3/init-upload``. Unknown fields are refused: owner, bucket and key are not the client's to name."""

    model_config = ConfigDict(extra="forbid")
    file_name: FileName
    content_type: ContentType = "application/octet-stream"
    directory: Directory | None = None
    folder_id: Identifier | None = None
    client_upload_id: ClientUploadId | None = None
    file_size: FileSize | None = None
    part_size_hint: FileSize | None = None
    checksum_algorithms: Annotated[list[str], Field(max_length=10)] = []
    parts: Annotated[list[PartBody], Field(max_length=MAX_SIGNED_AT_ONCE)] = []
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


class UploadBody(_Body):
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

    model_config = ConfigDict(strict=True, extra="ignore", hide_input_in_errors=True)
    part_number: Annotated[PartNumber, Field(alias="PartNumber")]
    etag: Annotated[
        str, BeforeValidator(_text), Field(alias="ETag", min_length=1, max_length=256, pattern=r"^[!-~]+$")
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


class SignedAnswer(_Answer):
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


class SignedManyAnswer(_Answer):
    """URLs in the order asked for."""

    urls: list[NumberedSignedAnswer]


class InitAnswer(_Answer):
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
        return cls(
            upload_id=session.upload_id or "",
            method=session.method,
            key=session.key,
            bucket=bucket,
            part_size=session.part_size_bytes,
            checksum_algorithm=session.checksum_algorithm,
            state=session.state.value,
            urls=None if opened.urls is None else [NumberedSignedAnswer.of(part) for part in opened.urls],
        )


class StoredPartAnswer(BaseModel):
    """A stored part under S3's own names; the checksum where the store lists one."""

    model_config = ConfigDict(populate_by_name=True)
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


class PartsAnswer(_Answer):
    """All stored parts, each number once, sorted."""

    parts: list[StoredPartAnswer]


class OpenUploadAnswer(_Answer):
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


class OpenUploadsAnswer(_Answer):
    """A page of open uploads."""

    items: list[OpenUploadAnswer]
    next_cursor: str | None


class RecordingAnswer(_Answer):
    """A stored and verified recording."""

    file_id: str
    file_name: str
    file_url: str
    key: str
    bucket: str
    size: int
    crc64nvme: Annotated[str | None, Field(alias="crc64nvme")]
    content_type: str
    folder_id: str | None
    created_at: str
    duration_seconds: float | None

    @classmethod
    def of(cls, recording: Recording, file_url: str) -> Self:
        """Return the answer for one recording."""
        return cls(
            file_id=recording.recording_id,
            file_name=recording.file_name,
            file_url=file_url,
            key=recording.key,
            bucket=recording.bucket,
            size=recording.size_bytes,
            crc64nvme=recording.crc64nvme,
            content_type=recording.content_type,
            folder_id=recording.folder_id,
            created_at=iso(recording.created_at),
            duration_seconds=recording.duration_s,
        )


class RecordingsAnswer(_Answer):
    """A page of recordings."""

    items: list[RecordingAnswer]
    next_cursor: str | None


class FolderBody(_Body):
    """``POST /folders``. Without a parent the folder is at the top."""

    name: FolderName
    parent_id: Identifier | None = None


class FolderChange(_Body):
    """``PATCH /folders/{id}``: what is not named stays; a parent of null is the top."""

    name: FolderName | None = None
    parent_id: Identifier | None = None

    def apply(self, folder: Folder) -> Folder:
        """Return the folder as it shall be."""
        named = self.model_fields_set
        return replace(
            folder,
            name=self.name or folder.name,
            parent_id=self.parent_id if "parent_id" in named else folder.parent_id,
        )


class FolderAnswer(_Answer):
    """A folder of the library."""

    id: str
    name: str
    parent_id: str | None
    created_at: str

    @classmethod
    def of(cls, folder: Folder) -> Self:
        """Return the answer for one folder."""
        return cls(
            id=folder.folder_id, name=folder.name, parent_id=folder.parent_id, created_at=iso(folder.created_at)
        )


class FoldersAnswer(_Answer):
    """A page of folders."""

    items: list[FolderAnswer]
    next_cursor: str | None


class LinkAnswer(_Answer):
    """A URL that downloads a recording for a while."""

    url: str
    expires_in: int


class HealthAnswer(_Answer):
    """A sign of life."""

    status: str


class ErrorAnswer(_Answer):
    """Every error of every route."""

    code: str
    message: str
    request_id: str
    details: dict[str, Any] | None = None


def iso(moment: datetime) -> str:
    """Return ISO 8601 in UTC with milliseconds and a Z."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")

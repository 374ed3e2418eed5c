"""Every error a caller of the services can meet, sorted by what it means to a client.

BackendError
├── InvalidField, FileTooLarge, ContentTypeRefused        the request is wrong
├── NotSignedIn                                           no valid token
│   └── SignInRefused                                     no valid password or refresh token
├── TooManyRequests                                       more than the limit of this minute
│   └── TooManyLogins                                     too many passwords tried
├── TooManyWatchers                                       more live connections of one user than are served
├── UploadNotFound, RecordingNotFound, FolderNotFound     unknown, or someone else's
├── AccountNotFound, AccountExists                        told to whoever keeps the accounts
├── UploadGone                                            the store no longer has the multipart upload
├── WrongState                                            the upload is past what was asked
│   ├── UploadCompleted, UploadAborted, UploadLost, ObjectMismatch
│   ├── FolderExists, FolderCycle, FolderTooDeep, FolderNotEmpty
│   ├── SignInElsewhere, NotPlayable
│   └── PartsMismatch, PartTooSmall, ChecksumMismatch
├── StoreError                                            the object store
│   ├── StoreUnavailable, StoreSlowDown, StoreUnclear     may pass by itself
│   ├── BucketMissing, StoreRefused, StoreFailed          someone has to repair something
│   ├── ClockWrong                                        the same, and it is the clock
│   └── NotVerifiable                                     the store does not tell
├── CatalogueUnavailable, StoredNotRecorded               the database; may pass by itself
├── ChangesMissed                                         whoever follows the catalogue has to look again
└── CatalogueUnusable                                     the database can never work like this

Each class carries a ``code`` for programs; the message is for people and never holds a secret.
"""

from __future__ import annotations

from typing import Any, ClassVar


class BackendError(Exception):
    """The base of all errors of this package."""

    code: ClassVar[str] = "internal_error"

    def __init__(self, message: str, details: dict[str, Any] | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.details = details


class InvalidField(BackendError):
    """A field's value is not acceptable; the message names the field."""

    code = "invalid_field"

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}", {"field": field})


class FileTooLarge(BackendError):
    """The file is over S3's limit or over the one set here."""

    code = "file_too_large"


class ContentTypeRefused(BackendError):
    """The content type is not among those this backend takes."""

    code = "content_type_refused"


class NotSignedIn(BackendError):
    """The token is missing, damaged, expired or not meant for this backend."""

    code = "unauthenticated"


class SignInRefused(NotSignedIn):
    """The password or the refresh token does not count. Never says which part of it was wrong."""

    code = "sign_in_refused"


class TooManyRequests(BackendError):
    """A user, or an address that nobody signs in from, asked for more than is allowed in a minute."""

    code = "rate_limited"

    def __init__(self, retry_after_s: int) -> None:
        super().__init__(f"Too many requests in this minute. Try again in {retry_after_s} s.")
        self.retry_after_s = retry_after_s


class TooManyLogins(TooManyRequests):
    """Too many passwords were tried for a name or from an address, or too many people sign in at once."""

    def __init__(self, retry_after_s: int) -> None:
        super().__init__(retry_after_s)
        self.message = f"Too many tries to sign in. Try again in {retry_after_s} s."


class AccountNotFound(BackendError):
    """No account of this name."""

    code = "account_not_found"

    def __init__(self, user: str) -> None:
        super().__init__(f"There is no account {user}; “recorder-backend user list” shows them.")


class AccountExists(BackendError):
    """There is an account of this name already."""

    code = "account_exists"

    def __init__(self, user: str) -> None:
        super().__init__(f"There is an account {user} already; “user password” gives it another password.")


class TooManyWatchers(BackendError):
    """A user has as many live connections as one process serves."""

    code = "too_many_watchers"

    def __init__(self) -> None:
        super().__init__("Too many live connections at once. Close some, then try again.")


class UploadNotFound(BackendError):
    """No such upload of this owner."""

    code = "upload_not_found"

    def __init__(self) -> None:
        super().__init__("No such upload.")


class RecordingNotFound(BackendError):
    """No such recording of this owner."""

    code = "recording_not_found"

    def __init__(self) -> None:
        super().__init__("No such recording.")


class FolderNotFound(BackendError):
    """No such folder of this owner."""

    code = "folder_not_found"

    def __init__(self) -> None:
        super().__init__("No such folder.")


class UploadGone(BackendError):
    """The store no longer has this multipart upload: aborted, expired, or completed."""

    code = "upload_gone"


class WrongState(BackendError):
    """The upload's state does not allow what was asked."""


class FolderExists(WrongState):
    """There is a folder of this name in this place already."""

    code = "folder_exists"

    def __init__(self) -> None:
        super().__init__("There is a folder of this name in this place already.")


class FolderCycle(WrongState):
    """The folder would be inside itself."""

    code = "folder_cycle"

    def __init__(self) -> None:
        super().__init__("A folder cannot be moved into itself or into a folder inside it.")


class FolderTooDeep(WrongState):
    """Too many folders one inside the other."""

    code = "folder_too_deep"

    def __init__(self) -> None:
        super().__init__("So many folders one inside the other are not possible. Choose a place further up.")


class FolderNotEmpty(WrongState):
    """There is something in the folder that is to be deleted."""

    code = "folder_not_empty"

    def __init__(self) -> None:
        super().__init__("There is something in this folder. Move or delete it first, uploads under way included.")


class SignInElsewhere(WrongState):
    """Access tokens come from somebody else: there is nobody to sign in here."""

    code = "sign_in_elsewhere"

    def __init__(self) -> None:
        super().__init__(
            "Nobody signs in here with a password: access tokens come from the identity provider. Get one there."
        )


class NotPlayable(WrongState):
    """The recording is only ever downloaded, or has not been looked into yet."""

    code = "not_playable"


class UploadCompleted(WrongState):
    """The upload is complete; the object stays."""

    code = "upload_completed"


class UploadAborted(WrongState):
    """The upload was aborted; a new one needs a new ``clientUploadId``."""

    code = "upload_aborted"


class UploadLost(WrongState):
    """Complete found neither the multipart upload nor the finished object."""

    code = "upload_gone"


class ObjectMismatch(WrongState):
    """The finished object is not the file: its size or checksum differs."""

    code = "object_mismatch"


class PartsMismatch(WrongState):
    """The stored parts are not the ones named, or do not add up to the file."""

    code = "parts_mismatch"


class PartTooSmall(WrongState):
    """A part before the last is under the store's minimum of 5 MiB."""

    code = "part_too_small"


class ChecksumMismatch(WrongState):
    """The store computed another checksum for the whole file."""

    code = "checksum_mismatch"


class StoreError(BackendError):
    """Trouble with the object store."""


class StoreUnavailable(StoreError):
    """The store cannot be reached or answers 5xx."""

    code = "store_unavailable"


class StoreSlowDown(StoreError):
    """The store asks for fewer requests."""

    code = "store_slow_down"


class StoreUnclear(StoreError):
    """The store's answer does not say whether the request took effect."""

    code = "store_unavailable"


class BucketMissing(StoreError):
    """The configured bucket does not exist."""

    code = "bucket_missing"


class StoreRefused(StoreError):
    """The store refuses the configured keys, or they lack a permission."""

    code = "store_refused"


class ClockWrong(StoreError):
    """The store refuses what this server signs, since their clocks are far apart."""

    code = "clock_wrong"


class StoreFailed(StoreError):
    """The store rejected a request for a reason this backend does not know."""

    code = "store_failed"


class NotVerifiable(StoreError):
    """The store does not know such a request, or the key may not make it; nothing is wrong for that."""

    code = "not_verifiable"


class CatalogueUnavailable(BackendError):
    """The database cannot be reached or did not confirm in time."""

    code = "catalogue_unavailable"


class StoredNotRecorded(BackendError):
    """The object is complete in the store, its record is not written yet; it will be."""

    code = "stored_not_recorded"


class ChangesMissed(BackendError):
    """Changes in the catalogue may not have been seen: whoever follows them has to look at everything again."""

    code = "catalogue_unavailable"

    def __init__(self) -> None:
        super().__init__("Some changes may have been missed. Look again.")


class CatalogueUnusable(BackendError):
    """The database lacks what the catalogue needs, or is from a newer version."""

    code = "catalogue_unusable"

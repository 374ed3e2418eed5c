"""Chooses the database that the records are kept in, by the settings, and the adapters that stand on it."""

from __future__ import annotations

from dataclasses import dataclass

from backend.errors import CatalogueUnusable
from backend.patience import waiting
from backend.ports import (
    Accounts,
    Catalogue,
    ContentChecks,
    Folders,
    Leases,
    ProgressBoard,
    RequestCounts,
)
from backend.settings import BadSettings, ServiceSettings, StoreSettings, load

CATALOGUE_FILE = "catalogue.db"


@dataclass(frozen=True)
class Records:
    """What one database keeps. Closing the catalogue closes it for all."""

    catalogue: Catalogue
    folders: Folders
    request_counts: RequestCounts
    accounts: Accounts
    progress: ProgressBoard
    content_checks: ContentChecks
    leases: Leases


def build_catalogue(settings: ServiceSettings) -> Catalogue:
    """Return the catalogue alone, see ``build_records``."""
    return build_records(settings).catalogue


def build_records(settings: ServiceSettings) -> Records:
    """Return what MongoDB keeps where MONGO_URI is set, else a file; it connects at first use.

    Raises BadSettings when MONGO_URI is no address.
    """
    if settings.mongo_uri is not None:
        # pymongo costs 0.2 s of start-up that nobody without a MongoDB should wait for.
        from backend.adapters.mongo_accounts import MongoAccounts
        from backend.adapters.mongo_catalogue import MongoCatalogue
        from backend.adapters.mongo_content_checks import MongoContentChecks
        from backend.adapters.mongo_database import MongoDatabase
        from backend.adapters.mongo_folders import MongoFolders
        from backend.adapters.mongo_leases import MongoLeases
        from backend.adapters.mongo_progress import MongoProgressBoard
        from backend.adapters.mongo_request_counts import MongoRequestCounts

        try:
            mongo = MongoDatabase(settings.mongo_uri.get_secret_value(), waiting)
        except CatalogueUnusable as exc:
            raise BadSettings("MONGO_URI: not a MongoDB address") from exc
        return Records(
            MongoCatalogue(mongo),
            MongoFolders(mongo),
            MongoRequestCounts(mongo),
            MongoAccounts(mongo),
            MongoProgressBoard(mongo),
            MongoContentChecks(mongo),
            MongoLeases(mongo),
        )
    from backend.adapters.sqlite_accounts import SqliteAccounts
    from backend.adapters.sqlite_catalogue import SqliteCatalogue
    from backend.adapters.sqlite_content_checks import SqliteContentChecks
    from backend.adapters.sqlite_database import SqliteDatabase
    from backend.adapters.sqlite_folders import SqliteFolders
    from backend.adapters.sqlite_leases import SqliteLeases
    from backend.adapters.sqlite_progress import SqliteProgressBoard
    from backend.adapters.sqlite_request_counts import SqliteRequestCounts

    own = settings.catalogue_file
    bucket = None if own is None else load(StoreSettings).s3_bucket
    file = SqliteDatabase(settings.home() / (own or CATALOGUE_FILE), claimed_for=bucket)
    return Records(
        SqliteCatalogue(file),
        SqliteFolders(file),
        SqliteRequestCounts(file),
        SqliteAccounts(file),
        SqliteProgressBoard(file),
        SqliteContentChecks(file),
        SqliteLeases(file),
    )

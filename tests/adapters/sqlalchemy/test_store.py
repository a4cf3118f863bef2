import pytest

from solynk.adapters.sqlalchemy.store import SqlStore
from solynk.contract_tests.storage import StoreContract


class TestSqliteStore(StoreContract):
    serial = True

    @pytest.fixture
    def store(self, sqlite_store: SqlStore) -> SqlStore:
        return sqlite_store


class TestPostgresqlStore(StoreContract):
    @pytest.fixture
    def store(self, postgres_store: SqlStore) -> SqlStore:
        return postgres_store

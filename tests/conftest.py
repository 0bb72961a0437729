from tests.database import database_server, dsn

__all__ = ["database_server", "dsn"]

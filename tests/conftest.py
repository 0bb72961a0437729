import signal

from tests.database import database_server, dsn

__all__ = ["database_server", "dsn"]

# A shell's background job ignores Ctrl-C, and so would every process that a test begins.
signal.signal(signal.SIGINT, signal.default_int_handler)

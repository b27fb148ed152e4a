"""Where the shop's databases are: SQLite files, or a server that BOOKSHOP_DATABASE names."""

from urllib.parse import parse_qsl, unquote, urlsplit

ENGINES = {
    "postgresql": "django.db.backends.postgresql",
    "mysql": "django.db.backends.mysql",
}


def databases(url, base_dir):
    """DATABASES for a URL, such as ``postgresql://me:secret@localhost:5432/bookshop``.

    The kinds are ``postgresql`` and ``mysql`` (also for MariaDB); what follows a ``?`` becomes
    OPTIONS. The database for analytics lies beside the one that the URL names, on the same server.
    Without a URL both are files of SQLite in ``base_dir``.
    """
    if not url:
        default = {"ENGINE": "django.db.backends.sqlite3", "NAME": base_dir / "db.sqlite3"}
        analytics = {**default, "NAME": base_dir / "analytics.sqlite3"}
    else:
        default = server(url)
        analytics = {**default, "NAME": default["NAME"] + "_analytics"}
    # The test database of analytics does not need that of "default" to exist.
    return {"default": default, "analytics": {**analytics, "TEST": {"DEPENDENCIES": []}}}


def server(url):
    """The settings of one database on a server."""
    parts = urlsplit(url)
    if parts.scheme not in ENGINES:
        raise ValueError(f"BOOKSHOP_DATABASE: {parts.scheme!r} is none of {', '.join(ENGINES)}")
    return {
        "ENGINE": ENGINES[parts.scheme],
        "NAME": parts.path.strip("/") or "bookshop",
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": str(parts.port or ""),
        "OPTIONS": dict(parse_qsl(parts.query)),
    }

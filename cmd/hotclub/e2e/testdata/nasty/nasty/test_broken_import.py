import nothing_by_that_name  # noqa: F401

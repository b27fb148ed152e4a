def add(a, b):
    """
    >>> add(1, 2)
    3
    """
    return a + b


def wrong(a, b):
    """
    >>> wrong(1, 2)
    3
    """
    return a - b

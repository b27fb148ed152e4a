"""ISBN-13 arithmetic."""


def check_digit(digits):
    """Return the check digit that completes the first twelve digits.

    >>> check_digit("978014103614")
    '4'
    >>> check_digit("12")
    Traceback (most recent call last):
    ...
    ValueError: twelve digits are needed
    """
    if len(digits) != 12 or not digits.isdigit():
        raise ValueError("twelve digits are needed")
    total = sum(int(digit) * (3 if index % 2 else 1) for index, digit in enumerate(digits))
    return str(-total % 10)


def normalise(text):
    """Remove the hyphens and spaces people type.

    >>> normalise("978-0-14-103614-4")
    '9780141036144'
    """
    return text.replace("-", "").replace(" ", "")


def is_valid_isbn(text):
    """Tell whether the text is an ISBN-13, hyphens allowed.

    >>> is_valid_isbn("978-0-14-103614-4")
    True
    >>> is_valid_isbn("9780141036145")
    False
    >>> is_valid_isbn("hello")
    False
    """
    digits = normalise(text)
    if len(digits) != 13 or not (digits.isascii() and digits.isdigit()):
        return False
    return check_digit(digits[:12]) == digits[12]


def make_isbn(number, prefix="978"):
    """Return the ISBN of a running number, as small presses assign them.

    >>> make_isbn(1)
    '9780000000019'
    """
    digits = f"{prefix}{number:0{12 - len(prefix)}d}"
    return digits + check_digit(digits)

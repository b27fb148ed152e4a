"""The options of the project's own test command."""

from typing import Any, NoReturn

from hotclub_worker.worker import Refused


def strict(parser: Any) -> Any:
    """Makes a parser raise where Django's prints and exits."""

    def error(message: str) -> NoReturn:
        raise Refused(f"manage.py test: {message}", usage=True)

    def print_help(file: Any = None) -> NoReturn:
        raise Refused(parser.format_help(), usage=True)

    parser.error, parser.print_help = error, print_help
    return parser


def accept(labels: Any, options: dict[str, Any]) -> None:
    """Refuses what no worker can serve. Labels reach workers in another way."""
    if labels:
        raise Refused(
            f"{' '.join(labels)}: not an option of the test command; labels stand before the --",
            usage=True,
        )
    if options.get("pdb"):
        raise Refused("--pdb needs a process with a terminal: use manage.py test --pdb", usage=True)

"""``LiveServerTestCase`` without its wait.

``socketserver.BaseServer.serve_forever`` looks for a request to shut down only every half second,
and ``LiveServerThread.terminate`` waits for it: each class of live server tests ends half a second
late.
"""

from typing import Any

_POLL = 0.01  # seconds


def end_promptly() -> None:
    """Has the servers of ``LiveServerThread`` notice at once that they are to end."""
    from django.core.servers.basehttp import WSGIServer

    kind: Any = WSGIServer
    serve = kind.serve_forever

    def serve_forever(self: Any, poll_interval: float = _POLL) -> None:
        serve(self, poll_interval)

    kind.serve_forever = serve_forever

import unittest
from unittest import mock

from django.core.servers.basehttp import WSGIServer

from hotclub_worker.liveserver import end_promptly


class EndPromptlyTests(unittest.TestCase):
    def test_servers_look_often_unless_told_otherwise(self) -> None:
        server = object()
        with mock.patch.object(WSGIServer, "serve_forever") as original:
            end_promptly()
            WSGIServer.serve_forever(server)
            WSGIServer.serve_forever(server, 2)
        self.assertEqual(original.call_args_list, [mock.call(server, 0.01), mock.call(server, 2)])

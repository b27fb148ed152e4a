"""Middleware used by every page of the shop."""

import time

from asgiref.sync import iscoroutinefunction
from django.conf import settings
from django.http import HttpResponse
from django.utils.decorators import sync_and_async_middleware


@sync_and_async_middleware
def server_timing(get_response):
    """Add a Server-Timing header with the time spent on the request."""

    def add_header(response, started):
        elapsed = (time.perf_counter() - started) * 1000
        response.headers["Server-Timing"] = f"app;dur={elapsed:.1f}"
        return response

    if iscoroutinefunction(get_response):

        async def middleware(request):
            started = time.perf_counter()
            return add_header(await get_response(request), started)
    else:

        def middleware(request):
            started = time.perf_counter()
            return add_header(get_response(request), started)

    return middleware


class MaintenanceMiddleware:
    """Answer 503 to everybody but staff while SHOP_MAINTENANCE is on."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if settings.SHOP_MAINTENANCE and not request.user.is_staff:
            return HttpResponse(
                "The shop is closed for maintenance.", status=503, headers={"Retry-After": "600"}
            )
        return self.get_response(request)

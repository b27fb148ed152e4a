import time
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import MiddlewareNotUsed

from .models import Channel, PageView, SearchTerm


class PageViewMiddleware:
    """Record every page view; add it to MIDDLEWARE and set ANALYTICS_ENABLED to use it."""

    def __init__(self, get_response):
        if not settings.ANALYTICS_ENABLED:
            raise MiddlewareNotUsed("ANALYTICS_ENABLED is off.")
        self.get_response = get_response

    def __call__(self, request):
        started = time.perf_counter()
        response = self.get_response(request)
        PageView.objects.create(
            path=request.path[:200],
            status=response.status_code,
            duration_ms=(time.perf_counter() - started) * 1000,
            channel=self.channel(request),
        )
        if request.path == "/" and request.GET.get("q"):
            SearchTerm.objects.record(request.GET["q"][:100])
        return response

    def channel(self, request):
        host = urlsplit(request.headers.get("Referer", "")).hostname
        if not host or host == request.get_host():
            return None
        return Channel.objects.filter(host=host).first()

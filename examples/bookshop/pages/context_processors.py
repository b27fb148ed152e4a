from django.utils.functional import SimpleLazyObject

from .models import SiteSetting

DEFAULTS = {"name": "Bookshop", "banner": ""}


def site(request):
    """Give every template the site settings as ``site``."""
    return {"site": SimpleLazyObject(lambda: {**DEFAULTS, **SiteSetting.objects.as_dict()})}

from django.core import checks
from django.conf import settings
from django.db import models


class Note(models.Model):
    text = models.CharField(max_length=80)


@checks.register
def faulty(app_configs, **kwargs):
    if settings.FLOW_BAD_CHECK:
        return [checks.Error("the project is not as it should be", id="flow.E001")]
    return []

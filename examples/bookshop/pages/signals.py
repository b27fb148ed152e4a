"""Forget cached pages and settings when they change."""

from django.core.cache import cache
from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver

from .models import Page, SiteSetting

FOOTER_CACHE_KEY = "pages:footer"


@receiver([post_save, post_delete], sender=Page)
def forget_footer(**kwargs):
    cache.delete(FOOTER_CACHE_KEY)


@receiver([post_save, post_delete], sender=SiteSetting)
def forget_settings(**kwargs):
    cache.delete(SiteSetting.objects.cache_key)

from django.db.models.signals import post_save
from django.dispatch import receiver

from store.models import Product


@receiver(post_save, sender=Product)
def saved(instance, **kwargs):
    instance.was_saved = True

from django.db.models.signals import pre_save
from django.dispatch import receiver

from mutant.models import Gadget


@receiver(pre_save, sender=Gadget)
def mark(sender, instance, **kwargs):
    instance.marked = 1

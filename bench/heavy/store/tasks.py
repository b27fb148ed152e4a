from celery import shared_task

from store import services


@shared_task
def pay(amount, source):
    return services.pay(amount, source)

"""The e-mails about an order."""

from django.core.mail import EmailMultiAlternatives, send_mail
from django.template.loader import render_to_string

from .invoices import render_invoice


def send_confirmation(order):
    context = {"order": order, "lines": order.lines.all()}
    message = EmailMultiAlternatives(
        subject=f"Your order {order.number}",
        body=render_to_string("orders/email/confirmation.txt", context),
        to=[order.email],
    )
    message.attach_alternative(
        render_to_string("orders/email/confirmation.html", context), "text/html"
    )
    message.send()


def send_invoice(order):
    message = EmailMultiAlternatives(
        subject=f"Invoice {order.invoice.number}",
        body=f"The invoice of your order {order.number} is attached.",
        to=[order.email],
    )
    message.attach(f"invoice-{order.invoice.number}.txt", render_invoice(order), "text/plain")
    message.send()


def send_shipped(order):
    send_mail(
        f"Your order {order.number} is on its way",
        "We have posted your books today.",
        None,
        [order.email],
    )

from django.conf import settings
from django.contrib import messages
from django.core.mail import EmailMessage
from django.urls import reverse_lazy
from django.views.generic import CreateView, DetailView

from .forms import ContactForm
from .models import Page


class PageView(DetailView):
    template_name = "pages/page.html"

    def get_queryset(self):
        pages = Page.objects.all()
        return pages if self.request.user.is_staff else pages.filter(is_published=True)


class ContactView(CreateView):
    form_class = ContactForm
    template_name = "form.html"
    extra_context = {"heading": "Contact us", "submit": "Send"}
    success_url = reverse_lazy("pages:contact")

    def form_valid(self, form):
        response = super().form_valid(form)
        EmailMessage(
            subject=f"[contact] {self.object.subject}",
            body=self.object.message,
            to=[settings.CONTACT_EMAIL],
            reply_to=[self.object.email],
        ).send()
        messages.success(self.request, "Thank you, we will write back soon.")
        return response

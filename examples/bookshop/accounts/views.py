from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_required
from django.contrib.auth.mixins import LoginRequiredMixin
from django.core.mail import send_mail
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse_lazy
from django.views.decorators.http import require_POST
from django.views.generic import CreateView, UpdateView

from .forms import AddressForm, ProfileForm, SignupForm


class SignupView(CreateView):
    form_class = SignupForm
    template_name = "form.html"
    extra_context = {"heading": "Create an account"}
    success_url = reverse_lazy("accounts:profile")

    def form_valid(self, form):
        response = super().form_valid(form)
        login(self.request, self.object)
        send_mail(
            "Welcome to the bookshop",
            f"Dear {self.object.public_name},\n\nyour account is ready.",
            None,
            [self.object.email],
        )
        return response


@login_required
def profile(request):
    context = {"addresses": request.user.addresses.all()}
    return render(request, "accounts/profile.html", context)


class ProfileUpdateView(LoginRequiredMixin, UpdateView):
    form_class = ProfileForm
    template_name = "form.html"
    extra_context = {"heading": "Your profile"}
    success_url = reverse_lazy("accounts:profile")

    def get_object(self, queryset=None):
        return self.request.user


class AddressCreateView(LoginRequiredMixin, CreateView):
    form_class = AddressForm
    template_name = "form.html"
    extra_context = {"heading": "Add an address"}
    success_url = reverse_lazy("accounts:profile")

    def form_valid(self, form):
        form.instance.user = self.request.user
        form.instance.is_default = not self.request.user.addresses.exists()
        messages.success(self.request, "Address saved.")
        return super().form_valid(form)


@login_required
@require_POST
def address_default(request, pk):
    get_object_or_404(request.user.addresses, pk=pk).make_default()
    return redirect("accounts:profile")

from django.contrib import messages
from django.contrib.auth.decorators import login_required, permission_required
from django.contrib.auth.mixins import LoginRequiredMixin
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST
from django.views.generic import DetailView, FormView, ListView

from catalog.models import Book, OutOfStock

from . import services
from .carts import get_cart
from .forms import CheckoutForm, PaymentForm, QuantityForm
from .gateway import PaymentDeclined
from .invoices import render_invoice
from .models import Order


def cart_detail(request):
    cart = get_cart(request)
    context = {"cart": cart, "lines": cart.lines.select_related("book") if cart else []}
    if cart:
        context["quote"] = services.quote_cart(cart)
    return render(request, "orders/cart.html", context)


@require_POST
def cart_add(request, slug):
    book = get_object_or_404(Book.objects.available(), slug=slug)
    form = QuantityForm({"quantity": request.POST.get("quantity", 1)})
    if form.is_valid():
        get_cart(request, create=True).add(book, form.cleaned_data["quantity"])
        messages.success(request, f"{book} is in your cart.")
    else:
        messages.error(request, "You can buy one to twenty copies.")
    return redirect("orders:cart")


@require_POST
def cart_remove(request, slug):
    cart = get_cart(request)
    if cart:
        cart.lines.filter(book__slug=slug).delete()
    return redirect("orders:cart")


class CheckoutView(FormView):
    form_class = CheckoutForm
    template_name = "form.html"
    extra_context = {"heading": "Checkout", "submit": "Place the order"}

    def dispatch(self, request, *args, **kwargs):
        self.cart = get_cart(request)
        if not self.cart or not self.cart.count:
            messages.error(request, "Your cart is empty.")
            return redirect("orders:cart")
        return super().dispatch(request, *args, **kwargs)

    def get_initial(self):
        user = self.request.user
        return {"email": user.email if user.is_authenticated else "", "country": "GB"}

    def form_valid(self, form):
        try:
            order = services.place_order(self.cart, **form.cleaned_data)
        except OutOfStock as error:
            form.add_error(None, str(error))
            return self.form_invalid(form)
        self.request.session["order"] = order.pk
        return redirect("orders:pay", order.pk)


class OwnOrdersMixin:
    """Orders of the user, and the one just placed in this session."""

    def get_queryset(self):
        if self.request.user.is_authenticated:
            return Order.objects.filter(user=self.request.user)
        return Order.objects.filter(pk=self.request.session.get("order"))


class PayView(OwnOrdersMixin, FormView):
    form_class = PaymentForm
    template_name = "form.html"
    extra_context = {"heading": "Payment", "submit": "Pay"}

    def form_valid(self, form):
        order = get_object_or_404(self.get_queryset(), pk=self.kwargs["pk"])
        try:
            services.pay_order(order, form.cleaned_data["card"])
        except (PaymentDeclined, services.OrderError) as error:
            form.add_error(None, str(error))
            return self.form_invalid(form)
        return redirect(order)


class OrderListView(LoginRequiredMixin, OwnOrdersMixin, ListView):
    template_name = "orders/order_list.html"
    paginate_by = 20


class OrderDetailView(OwnOrdersMixin, DetailView):
    template_name = "orders/order_detail.html"


@login_required
def invoice(request, pk):
    order = get_object_or_404(request.user.orders.select_related("invoice"), pk=pk)
    if not hasattr(order, "invoice"):
        raise Http404("The order is not paid.")
    return HttpResponse(
        render_invoice(order),
        content_type="text/plain; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{order.invoice.number}.txt"'},
    )


@require_POST
@permission_required("orders.ship_order", raise_exception=True)
def ship(request, pk):
    order = get_object_or_404(Order, pk=pk)
    try:
        services.ship_order(order)
    except services.OrderError as error:
        return HttpResponse(str(error), status=409)
    return HttpResponse(status=204)

"""Find the cart of a request."""

from .models import Cart

SESSION_KEY = "cart"


def get_cart(request, create=False):
    """Return the cart of the session, or None if there is none and none is wanted."""
    cart = Cart.objects.filter(pk=request.session.get(SESSION_KEY)).first()
    if cart is None and create:
        cart = Cart.objects.create(user=request.user if request.user.is_authenticated else None)
        request.session[SESSION_KEY] = cart.pk
    if cart is not None and cart.user is None and request.user.is_authenticated:
        cart.user = request.user
        cart.save(update_fields=["user"])
    return cart

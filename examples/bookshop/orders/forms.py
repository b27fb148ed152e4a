from django import forms

from .gateway import luhn_valid
from .models import Coupon


class CheckoutForm(forms.Form):
    email = forms.EmailField()
    country = forms.CharField(max_length=2, initial="GB")
    coupon = forms.CharField(max_length=20, required=False)

    def clean_country(self):
        return self.cleaned_data["country"].upper()

    def clean_coupon(self):
        code = self.cleaned_data["coupon"].strip().upper()
        if not code:
            return None
        coupon = Coupon.objects.filter(code=code).first()
        if coupon is None or not coupon.is_valid():
            raise forms.ValidationError("This coupon is not valid.")
        return coupon


class PaymentForm(forms.Form):
    card = forms.CharField(max_length=23, label="Card number")

    def clean_card(self):
        card = self.cleaned_data["card"]
        if not luhn_valid(card):
            raise forms.ValidationError("Check the card number.")
        return card


class QuantityForm(forms.Form):
    quantity = forms.IntegerField(min_value=1, max_value=20)

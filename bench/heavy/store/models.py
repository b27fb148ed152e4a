import sympy
from django.db import models


class Product(models.Model):
    name = models.CharField(max_length=100)
    price = models.DecimalField(max_digits=8, decimal_places=2)

    def label(self):
        return f"{self.name}, edition {0}"

    def discounted(self, share):
        x = sympy.Symbol("x")
        return float((x * (1 - share)).subs(x, self.price))

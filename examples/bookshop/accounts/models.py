from django.contrib.auth.models import AbstractUser
from django.db import models


class User(AbstractUser):
    """A customer or a member of staff; the e-mail address is unique."""

    email = models.EmailField("email address", unique=True)
    display_name = models.CharField(max_length=80, blank=True)
    newsletter = models.BooleanField(default=False)
    loyalty_points = models.PositiveIntegerField(default=0)

    @property
    def public_name(self):
        return self.display_name or self.get_full_name() or self.username

    @property
    def is_loyal(self):
        return self.loyalty_points >= 100


class Address(models.Model):
    """A postal address of a user; at most one is the default."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="addresses")
    line1 = models.CharField(max_length=120)
    city = models.CharField(max_length=80)
    postcode = models.CharField(max_length=12)
    country = models.CharField(max_length=2, default="GB")
    is_default = models.BooleanField(default=False)

    class Meta:
        verbose_name_plural = "addresses"
        ordering = ["-is_default", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["user"],
                condition=models.Q(is_default=True),
                name="accounts_one_default_address",
            ),
        ]

    def __str__(self):
        return f"{self.line1}, {self.city} {self.postcode}, {self.country}"

    def make_default(self):
        self.user.addresses.filter(is_default=True).update(is_default=False)
        self.is_default = True
        self.save(update_fields=["is_default"])

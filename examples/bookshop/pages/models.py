from django.core.cache import cache
from django.db import models
from django.urls import reverse


class Page(models.Model):
    """A flat page such as "About us"; migration 0003 loads the first ones."""

    title = models.CharField(max_length=120)
    slug = models.SlugField(unique=True)
    body = models.TextField(blank=True)
    is_published = models.BooleanField(default=True)
    in_footer = models.BooleanField(default=False)

    class Meta:
        ordering = ["title"]

    def __str__(self):
        return self.title

    def get_absolute_url(self):
        return reverse("pages:page", args=[self.slug])


class SiteSettingManager(models.Manager):
    cache_key = "pages:site-settings"

    def as_dict(self):
        values = cache.get(self.cache_key)
        if values is None:
            values = dict(self.values_list("key", "value"))
            cache.set(self.cache_key, values)
        return values


class SiteSetting(models.Model):
    """A value the owner of the shop may change without a developer."""

    key = models.SlugField(primary_key=True)
    value = models.CharField(max_length=200, blank=True)

    objects = SiteSettingManager()

    class Meta:
        ordering = ["key"]

    def __str__(self):
        return f"{self.key} = {self.value}"


class ContactMessage(models.Model):
    name = models.CharField(max_length=80)
    email = models.EmailField()
    subject = models.CharField(max_length=120)
    message = models.TextField()
    sent_at = models.DateTimeField(auto_now_add=True)
    answered = models.BooleanField(default=False)

    class Meta:
        ordering = ["-sent_at"]

    def __str__(self):
        return f"{self.subject} ({self.name})"

from django.db import models

from shop import helpers


class Item(models.Model):
    name = models.CharField(max_length=80)
    code = helpers.Code(max_length=20)

    def __str__(self):
        return self.name

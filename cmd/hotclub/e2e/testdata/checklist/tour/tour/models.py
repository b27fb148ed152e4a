from django.db import models


class Shelf(models.Model):
    name = models.CharField(max_length=80)


class Book(models.Model):
    title = models.CharField(max_length=80)
    shelf = models.ForeignKey(Shelf, models.CASCADE, null=True)

from django.db import models


class Loose(models.Model):
    x = models.IntegerField()

    def double(self):
        return self.x * 2

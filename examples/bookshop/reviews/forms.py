from django import forms

from .models import Review
from .moderation import first_status


class ReviewForm(forms.ModelForm):
    class Meta:
        model = Review
        fields = ["rating", "title", "body"]

    def clean(self):
        data = super().clean()
        if data.get("rating") == 1 and not data.get("body"):
            self.add_error("body", "Please say what was wrong.")
        return data

    def save(self, commit=True):
        self.instance.status = first_status(self.instance.title, self.instance.body)
        return super().save(commit)

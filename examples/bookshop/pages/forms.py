from django import forms

from .models import ContactMessage


class ContactForm(forms.ModelForm):
    """The contact form; people never fill in ``website``, robots do."""

    website = forms.CharField(required=False, widget=forms.HiddenInput)

    class Meta:
        model = ContactMessage
        fields = ["name", "email", "subject", "message"]

    def clean_website(self):
        if self.cleaned_data["website"]:
            raise forms.ValidationError("Robots may not write to us.")
        return ""

    def clean_subject(self):
        return " ".join(self.cleaned_data["subject"].split())

    def clean_message(self):
        message = self.cleaned_data["message"].strip()
        if len(message) < 10:
            raise forms.ValidationError("Please tell us a little more.")
        return message

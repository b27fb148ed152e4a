from django.http import HttpResponse
from django.shortcuts import render

from tour.models import Book


def index(request):
    return render(request, "tour/index.html", {"books": Book.objects.count()})


def fails(request):
    return HttpResponse(status=500)

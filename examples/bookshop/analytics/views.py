import csv

from django.contrib.admin.views.decorators import staff_member_required
from django.http import HttpResponse
from django.shortcuts import render

from .models import DailySales, SearchTerm
from .reports import slowest_pages


@staff_member_required
def dashboard(request):
    context = {
        "sales": DailySales.objects.all()[:14],
        "terms": SearchTerm.objects.all()[:10],
        "slowest": slowest_pages(),
    }
    return render(request, "analytics/dashboard.html", context)


@staff_member_required
def sales_csv(request):
    response = HttpResponse(content_type="text/csv")
    writer = csv.writer(response)
    writer.writerow(["day", "orders", "revenue"])
    writer.writerows(DailySales.objects.values_list("day", "orders", "revenue"))
    return response

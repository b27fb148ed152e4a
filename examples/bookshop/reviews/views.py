from django.contrib import messages
from django.contrib.auth.decorators import login_required, permission_required
from django.http import JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from catalog.models import Book

from . import moderation
from .forms import ReviewForm
from .models import Review
from .signals import book_summary


def review_list(request, slug):
    book = get_object_or_404(Book.objects.available(), slug=slug)
    context = {
        "book": book,
        "summary": book_summary(book),
        "reviews": book.reviews.published().select_related("user"),
    }
    return render(request, "reviews/review_list.html", context)


def summary_api(request, slug):
    return JsonResponse(book_summary(get_object_or_404(Book, slug=slug)))


@login_required
def review_add(request, slug):
    book = get_object_or_404(Book.objects.available(), slug=slug)
    review = Review.objects.filter(book=book, user=request.user).first()
    form = ReviewForm(request.POST or None, instance=review or Review(book=book, user=request.user))
    if form.is_valid():
        if form.save().status == Review.Status.PENDING:
            messages.info(request, "Your review will appear soon.")
        return redirect("reviews:review_list", slug)
    return render(request, "form.html", {"form": form, "heading": f"Review {book}"})


@permission_required("reviews.moderate_review", raise_exception=True)
def queue(request):
    reviews = Review.objects.pending().select_related("book", "user")
    return render(request, "reviews/queue.html", {"reviews": reviews})


@require_POST
@permission_required("reviews.moderate_review", raise_exception=True)
def decide(request, pk):
    review = get_object_or_404(Review.objects.pending(), pk=pk)
    if request.POST.get("decision") == "publish":
        moderation.publish(review)
    else:
        moderation.reject(review, request.POST.get("reason", "It breaks our rules."))
    return redirect("reviews:queue")

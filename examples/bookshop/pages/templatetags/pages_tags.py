from django import template
from django.core.cache import cache
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html, linebreaks
from django.utils.safestring import mark_safe

from pages.models import Page
from pages.signals import FOOTER_CACHE_KEY

register = template.Library()


@register.inclusion_tag("pages/footer.html")
def footer_links():
    """Show the links of the footer; they are cached until a page changes."""
    links = cache.get(FOOTER_CACHE_KEY)
    if links is None:
        pages = Page.objects.filter(is_published=True, in_footer=True)
        links = [(page.title, page.get_absolute_url()) for page in pages]
        cache.set(FOOTER_CACHE_KEY, links)
    return {"links": links}


@register.simple_tag(takes_context=True)
def nav_link(context, view_name, label):
    """Show a link to a view, marked when it is the current page."""
    try:
        url = reverse(view_name)
    except NoReverseMatch:
        return ""
    request = context.get("request")
    current = ' aria-current="page"' if request and request.path == url else ""
    return format_html('<a href="{}"{}>{}</a>', url, mark_safe(current), label)


@register.filter
def paragraphs(text):
    """Turn plain text into paragraphs, escaping what is in it."""
    return mark_safe(linebreaks(text, autoescape=True))


@register.filter
def shorten(text, length):
    """Cut the text at a word boundary: ``{{ text|shorten:40 }}``."""
    if len(text) <= length:
        return text
    head, _, _ = text[: length + 1].rpartition(" ")
    return (head or text[:length]).rstrip(" ,.;:") + "…"

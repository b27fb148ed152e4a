from rest_framework.decorators import api_view
from rest_framework.response import Response
from rest_framework.viewsets import ModelViewSet

from store import services
from store.models import Product
from store.schema import schema
from store.serializers import ProductSerializer


class ProductViewSet(ModelViewSet):
    queryset = Product.objects.order_by("id")
    serializer_class = ProductSerializer


@api_view(["GET"])
def about(request):
    return Response({"edition": 0, "places": services.places(), "schema": str(schema)})

"""Addresses of the orders."""

from django.urls import path, register_converter
from django.urls.converters import StringConverter

from supervision.rectification import pages
from supervision.rectification.rules import Verb

app_name = "rectification"


class VerbConverter(StringConverter):
    regex = "|".join(verb.value for verb in Verb)


register_converter(VerbConverter, "order_verb")

urlpatterns = [
    path("orders/", pages.orders, name="orders"),
    path("orders/new/", pages.new, name="new"),
    path("orders/<int:pk>/", pages.order, name="order"),
    path("orders/<int:pk>/<order_verb:verb>/", pages.act, name="act"),
    path("orders/<int:pk>/files/<int:file_pk>/", pages.file, name="file"),
    path("orders/<int:pk>/order.docx", pages.paper, {"kind": "order"}, name="order_paper"),
    path("orders/<int:pk>/reply.docx", pages.paper, {"kind": "reply"}, name="reply_paper"),
]

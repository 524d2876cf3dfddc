"""Addresses of messages."""

from django.urls import URLPattern, URLResolver, path

from boai.messages import views

app_name = "messages"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.inbox, name="inbox"),
    path("read/", views.read_all, name="read_all"),
    path("<uuid:message_id>/open/", views.open_message, name="open"),
    path("outbox/", views.outbox, name="outbox"),
    path("outbox/send-held/", views.send_held, name="send_held"),
    path("outbox/<uuid:message_id>/", views.outgoing, name="outgoing"),
    path("outbox/<uuid:message_id>/send-again/", views.send_again, name="send_again"),
]

"""Addresses of the rulebook."""

from django.urls import URLPattern, URLResolver, path

from boai.rulebook import views

app_name = "rulebook"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.rule_list, name="rule_list"),
    path("<str:key>", views.rule_detail, name="rule"),
]

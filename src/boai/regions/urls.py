"""Addresses of regions."""

from django.urls import URLPattern, URLResolver, path

from boai.regions import views

app_name = "regions"
urlpatterns: list[URLPattern | URLResolver] = [
    path("search", views.search, name="search"),
    path("picker", views.picker, name="picker"),
]

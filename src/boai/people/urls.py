"""Addresses of people, posts and invitations."""

from django.urls import URLPattern, URLResolver, path

from boai.people import views

app_name = "people"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.post_list, name="post_list"),
    path("invite/", views.invite, name="invite"),
    path("invitations/<uuid:invitation_id>/withdraw/", views.invitation_withdraw, name="invitation_withdraw"),
    path("posts/<uuid:post_id>/end/", views.post_end, name="post_end"),
    path("act-as/", views.act_as, name="act_as"),
    path("join/<str:token>/", views.accept, name="accept"),
]

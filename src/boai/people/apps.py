"""Django application: users, branches and posts."""

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    """People and the posts they hold."""

    name = "boai.people"
    label = "people"

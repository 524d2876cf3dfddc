"""Sentences of Django and django-allauth that we say differently: named here so that our catalogue translates them.

A message has one translation in the whole of Boai, and the first installed app (this one) wins. So nothing short and
general stands here: "Code" or "Name" would change the words of every other page.
"""

from __future__ import annotations

from django.utils.translation import gettext_noop as _

SAID_DIFFERENTLY = (
    # Django's forms
    _("This field is required."),
    _("Enter a valid date."),
    _("Enter a valid value."),
    # sign-in
    _("The username and/or password you specified are not correct."),
    _("Too many failed login attempts. Try again later."),
    _("Be patient, you are sending too many requests."),
    _("This account is currently inactive."),
    _("Incorrect code."),
    _("Incorrect password."),
    _("Please type your current password."),
    _("You must type the same password each time."),
    _("Forgot your password?"),
    _("Password successfully changed."),
    _("Password successfully set."),
    _("Use your password"),
    _("Use authenticator app or code"),
    _("Use a security key"),
    # second step
    _("You cannot generate recovery codes without having two-factor authentication enabled."),
    _("You cannot deactivate two-factor authentication."),
    _("Authenticator app activated."),
    _("Authenticator app deactivated."),
    _("A new set of recovery codes has been generated."),
    _("Security key added."),
    _("Security key removed."),
    _("Signed out of all other sessions."),
    _("Master key"),
    _("Backup key"),
    _("This functionality requires JavaScript."),
)

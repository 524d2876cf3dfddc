"""Django application: registry."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RegistryConfig(AppConfig):
    """Households, residents, their categories, and the files that bring them in."""

    name = "boai.registry"
    label = "registry"

    def ready(self) -> None:
        from boai.audit import types  # needs the app registry
        from boai.messages import templates
        from boai.messages.enums import Channel

        templates.register(
            templates.Template(
                code="registry.rechecks",
                name=_("Categories to look at again"),
                channels=frozenset({Channel.INBOX}),
                subject=_("{count} categories to look at again"),
                body=_("{count} categories of the register run out soon or were not confirmed for long."),
                path="/register/rechecks/",
            )
        )
        from boai.kernel.rekeying import followers_register
        from boai.registry import letters
        from boai.registry.rekeying import corrections_follow, decisions_follow

        letters.announce()
        followers_register("pairs known to be two people", decisions_follow)
        followers_register("corrections that can be taken back", corrections_follow)

        types.register(
            {
                "registry.intake.uploaded": _("Uploaded the register file %(file)s"),
                "registry.intake.received_again": _("Had a register file read once more"),
                "registry.intake.checked": _("Checked a register file: %(people)s people, %(findings)s findings"),
                "registry.intake.findings_read": _("Went through the findings of a register file"),
                "registry.intake.workbook_read": _("Downloaded the findings workbook of a register file"),
                "registry.intake.original_read": _("Downloaded a register file as it came. Reason: %(reason)s"),
                "registry.intake.failed": _("A register file could not be taken in (%(why)s)"),
                "registry.intake.cancelled": _("Cancelled a register file"),
                "registry.intake.entering": _("Decided that a register file enters: %(people)s people"),
                "registry.intake.leaving": _("Decided that a register file is taken out again"),
                "registry.intake.committed": _("Entered %(households)s households and %(people)s people from a file"),
                "registry.intake.undone": _("Took a register file out of the register again"),
                "registry.intake.undo_refused": _("A register file could not be taken out: people of it are in use"),
                "registry.household.created": _("Entered a household"),
                "registry.household.changed": _("Changed a household (%(fields)s)"),
                "registry.household.ended": _("Closed a household"),
                "registry.resident.added": _("Added a person to a household"),
                "registry.resident.changed": _("Changed a person (%(fields)s)"),
                "registry.resident.left": _("A person left a household (%(why)s)"),
                "registry.head.changed": _("Changed the head of a household"),
                "registry.category.added": _("Added a category"),
                "registry.category.ended": _("Ended a category"),
                "registry.patch.applied": _("Changed %(people)s people by a file of corrections"),
                "registry.finding.fixed": _("Corrected a cell of a register file (row %(row)s)"),
                "registry.workbook.returned": _("Uploaded a findings workbook that came back"),
                "registry.workbook.applied": _("Took %(cells)s cells over from a findings workbook (%(rows)s rows)"),
                "registry.columns.decided": _("Said what the columns of a register file mean (%(changed)s changed)"),
                "registry.category.rechecked": _("Looked at a category again: %(answer)s"),
                "registry.bulk.done": _("Corrected %(count)s rows at once: %(what)s (%(reason)s)"),
                "registry.bulk.undone": _("Undid a bulk correction: %(what)s, %(count)s rows"),
                "registry.event.recorded": _("Recorded for a household on %(day)s: %(what)s"),
                "registry.event.undone": _("Took back what was recorded of a household on %(day)s: %(what)s"),
                "registry.pair.decided": _("Decided about two people that may be one: %(verdict)s"),
                "registry.weights.asked": _("Asked to learn the weights of the comparison anew"),
                "registry.weights.learnt": _("Learnt weights of the comparison from %(people)s people"),
                "registry.weights.held": _("Went back to earlier weights of the comparison"),
                "registry.resident.merged": _("Merged two people of the register (%(references)s references moved)"),
                "registry.resident.unmerged": _("Took a merge of two people apart"),
                "registry.register.compared": _("Had the register compared with itself"),
                "registry.look.flagged": _("A look at sensitive facts was unusual (%(kind)s)"),
                "registry.look.answered": _("Asked about an unusual look (%(outcome)s)"),
                "registry.looks.told": _("Told a household who looked at its sensitive facts"),
                "registry.request.received": _("Received a person's request %(code)s (%(kind)s)"),
                "registry.request.decided": _("Decided about a person's request %(code)s (%(outcome)s)"),
                "registry.request.copied": _("Made the copy for a person's request %(code)s"),
                "registry.request.finished": _("Closed a person's request %(code)s"),
                "registry.resident.erased": _("Deleted what was held of a person"),
                "registry.export.asked": _("Asked for the list %(code)s of %(people)s people (%(purpose)s)"),
                "registry.export.decided": _("Decided about the list %(code)s (%(outcome)s)"),
                "registry.export.fetched": _("Fetched the list %(code)s of %(people)s people"),
                "registry.export.again": _("Has the list %(code)s written anew: a consent was withdrawn"),
                "registry.request.corrected": _("Corrected what a person's request %(code)s asks for"),
                "registry.consent.recorded": _("Wrote down what a person said about a use of their data"),
                "registry.consent.withdrawn": _("Wrote down that a person took a consent back"),
                "registry.retention.finished": _("Destroyed what has had its time: %(total)s"),
                "registry.retention.decided": _(
                    "Decided about a household that was put forward for deletion (%(outcome)s)"
                ),
                "registry.emergency.opened": _("Opened the response “%(name)s”"),
                "registry.emergency.tagged": _("Entered something for the response “%(name)s” alone"),
                "registry.emergency.ended": _("Ended the response “%(name)s”"),
                "registry.emergency.destroyed": _(
                    "Deleted %(people)s people of the response “%(name)s”; %(kept)s stay for now"
                ),
                "registry.watched.added": _("Put somebody on the watch list"),
                "registry.relative.declared": _("Declared a relative of their own"),
                "registry.relative.ended": _("Took back a relative they had declared"),
                "registry.watched.ended": _("Took somebody off the watch list"),
                "registry.sensitive.read": _("Read sensitive facts of a household (%(reason)s)"),
            }
        )

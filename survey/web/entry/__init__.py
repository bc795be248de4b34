"""Pages for typing paper in: every question on one page, some sheets twice, and what to do where two entries differ."""

from survey.web.entry import differences, pages

HANDLERS = [*pages.HANDLERS, *differences.HANDLERS]

__all__ = ["HANDLERS"]

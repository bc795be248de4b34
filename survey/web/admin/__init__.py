"""The administrator's pages: where surveys are offered, and what is printed for it."""

from survey.web.admin.pages import HANDLERS

__all__ = ["HANDLERS"]

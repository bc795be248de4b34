"""The evaluator's pages: what came in, what it means, how groups and waves differ."""

from survey.web.evaluator.pages import HANDLERS

__all__ = ["HANDLERS"]

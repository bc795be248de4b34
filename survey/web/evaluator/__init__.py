"""The evaluator's pages: what came in, what it means, how groups and waves differ, where people stopped."""

from survey.web.evaluator import pages, stopping

HANDLERS = [*pages.HANDLERS, *stopping.HANDLERS]

__all__ = ["HANDLERS"]

"""What is printed: paper forms, and posters that lead to a survey."""

from survey.web.paper.posters import poster
from survey.web.paper.runs import run_of
from survey.web.paper.sheets import paper_form
from survey.web.paper.typesetting import qr_svg

__all__ = ["paper_form", "poster", "qr_svg", "run_of"]

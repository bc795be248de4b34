"""The question types. A new type is one module, one template beside it, and its name in the union below."""

from survey.forms.items.base import Answer, BaseItem, Invalid, Level, Missing, Value
from survey.forms.items.choice import ChoiceItem, Option
from survey.forms.items.consent import Consent
from survey.forms.items.date import Date
from survey.forms.items.info import Info
from survey.forms.items.matrix import Matrix
from survey.forms.items.multiple import Multiple
from survey.forms.items.number import Number
from survey.forms.items.phone import Phone
from survey.forms.items.rating import Rating
from survey.forms.items.select import Select
from survey.forms.items.single import Single
from survey.forms.items.text import LongText, ShortText

Item = Single | Multiple | Rating | Number | ShortText | LongText | Select | Date | Phone | Consent | Info | Matrix

__all__ = [
    "Answer",
    "BaseItem",
    "ChoiceItem",
    "Consent",
    "Date",
    "Info",
    "Invalid",
    "Item",
    "Level",
    "LongText",
    "Matrix",
    "Missing",
    "Multiple",
    "Number",
    "Option",
    "Phone",
    "Rating",
    "Select",
    "ShortText",
    "Single",
    "Value",
]

from typing import ClassVar

import phonenumbers

from survey.forms.items.base import Answer, BaseItem, Invalid, Level


class Phone(BaseItem, tag="phone", frozen=True, kw_only=True):
    """A telephone number, kept apart from the answers and encrypted, in international form (+86…)."""

    level: ClassVar[Level] = Level.OPEN
    contact: ClassVar[bool] = True
    country: str = "CN"

    def accept(self, given: object) -> Answer:
        """The number in E.164 form."""
        if not isinstance(given, str) or len(given) > 40:
            raise Invalid("not-a-phone-number")
        try:
            number = phonenumbers.parse(given, self.country)
        except phonenumbers.NumberParseException:
            raise Invalid("not-a-phone-number") from None
        if not phonenumbers.is_possible_number(number):
            raise Invalid("not-a-phone-number")
        return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))

"""What is known of a response beside its answers, and what people call it: its mode, its variant and so on."""

from collections.abc import Sequence

from survey.forms.instrument import Instrument
from survey.forms.wording import Text

PROCESS: dict[str, Text] = {
    "mode": {"zh-Hans": "渠道", "en": "Mode"},
    "variant": {"zh-Hans": "版本", "en": "Variant"},
    "locale": {"zh-Hans": "语言", "en": "Language"},
    "disposition": {"zh-Hans": "结果", "en": "Disposition"},
}
MODES: dict[str, Text] = {
    "web": {"zh-Hans": "网上", "en": "web"},
    "phone": {"zh-Hans": "电话", "en": "phone"},
    "paper": {"zh-Hans": "纸质", "en": "paper"},
    "assisted": {"zh-Hans": "帮办", "en": "assisted"},
    "kiosk": {"zh-Hans": "自助终端", "en": "kiosk"},
    "import": {"zh-Hans": "导入", "en": "imported"},
}


def labels_of(instrument: Instrument, name: str, levels: Sequence[str]) -> tuple[Text, ...]:
    """What each level is called: modes by their names, variants by their titles, anything else as it is."""
    known = MODES if name == "mode" else {}
    if name == "variant":
        known = {variant.id: variant.title for variant in instrument.variants}
    return tuple(known.get(level, {"en": level}) for level in levels)

"""What is known of a response beside its answers, and what people call it: its mode, its variant and so on."""

from collections.abc import Mapping, Sequence

from survey.forms.instrument import Instrument
from survey.forms.wording import Text

PROCESS: dict[str, Text] = {
    "mode": {"zh-Hans": "渠道", "en": "Mode"},
    "variant": {"zh-Hans": "版本", "en": "Variant"},
    "locale": {"zh-Hans": "语言", "en": "Language"},
    "disposition": {"zh-Hans": "结果", "en": "Disposition"},
    "synthetic": {"zh-Hans": "是否模拟数据", "en": "Made up"},
}
MODES: dict[str, Text] = {
    "web": {"zh-Hans": "网上", "en": "web"},
    "phone": {"zh-Hans": "电话", "en": "phone"},
    "paper": {"zh-Hans": "纸质", "en": "paper"},
    "assisted": {"zh-Hans": "帮办", "en": "assisted"},
    "kiosk": {"zh-Hans": "自助终端", "en": "kiosk"},
    "import": {"zh-Hans": "导入", "en": "imported"},
}
LOCALES: dict[str, Text] = {
    "zh-Hans": {"zh-Hans": "简体中文", "en": "Simplified Chinese"},
    "zh-Hant": {"zh-Hans": "繁体中文", "en": "Traditional Chinese"},
    "en": {"zh-Hans": "英语", "en": "English"},
}
DISPOSITIONS: dict[str, Text] = {
    "complete": {"zh-Hans": "完成", "en": "complete"},
    "refusal": {"zh-Hans": "拒绝", "en": "refusal"},
    "screened_out": {"zh-Hans": "不符合条件", "en": "screened out"},
    "deferred": {"zh-Hans": "改期", "en": "deferred"},
    "information": {"zh-Hans": "仅说明", "en": "information"},
}
LEVELS: dict[str, dict[str, Text]] = {
    "mode": MODES,
    "locale": LOCALES,
    "disposition": DISPOSITIONS,
    "synthetic": {"true": {"zh-Hans": "是", "en": "yes"}, "false": {"zh-Hans": "否", "en": "no"}},
}


def labels_of(instrument: Instrument, name: str, levels: Sequence[str]) -> tuple[Text, ...]:
    """What each level is called: variants by their titles, what nobody has named as it is."""
    known = LEVELS.get(name, {})
    if name == "variant":
        known = {variant.id: variant.title for variant in instrument.variants}
    return tuple(known.get(level, {"en": level}) for level in levels)


def named(instrument: Instrument, by: Mapping[str, Mapping[str, int]]) -> tuple[tuple[Text, Text, int], ...]:
    """Counts by what is known of a response, each with what people call it."""
    return tuple(
        (PROCESS[name], label, n)
        for name, counts in by.items()
        for label, n in zip(labels_of(instrument, name, tuple(counts)), counts.values(), strict=True)
    )

"""The codebook of an export as DDI-Codebook 2.5: what archives read, and people years later.

References: DDI Alliance (2012), DDI Codebook 2.5 field-level documentation.
"""

from collections.abc import Iterator
from xml.etree.ElementTree import Element, SubElement, indent, register_namespace, tostring

from survey.exports.plan import Plan
from survey.exports.variables import Category, Coded, NumberVariable, Variable, plain
from survey.forms.items import BaseItem, Number, Rating
from survey.forms.wording import Text

DDI = "ddi:codebook:2_5"
LANG = "{http://www.w3.org/XML/1998/namespace}lang"
SYNTHETIC: Text = {
    "zh-Hans": "合成数据：并非真实受访者的回答。",
    "en": "Synthetic: these are made-up responses, nobody gave them.",
}


def codebook(plan: Plan, file: str) -> bytes:
    """The codebook of the file of that name."""
    register_namespace("", DDI)
    root = Element(_ddi("codeBook"), {"version": "2.5", LANG: plan.instrument.locales[0]})
    _study(root, plan)
    _file(root, plan, file)
    data = SubElement(root, _ddi("dataDscr"))
    for number, column in enumerate(plan.columns, start=1):
        _variable(data, plan, column, f"V{number}")
    indent(root)
    return bytes(tostring(root, encoding="utf-8", xml_declaration=True)) + b"\n"


def _study(root: Element, plan: Plan) -> None:
    study = SubElement(root, _ddi("stdyDscr"))
    citation = SubElement(study, _ddi("citation"))
    title = SubElement(citation, _ddi("titlStmt"))
    first, *others = plan.instrument.title.items()
    _each(title, "titl", dict([first]))
    _each(title, "parTitl", dict(others))
    SubElement(title, _ddi("IDNo")).text = f"{plan.wave.survey}/{plan.wave.wave}"
    SubElement(title, _ddi("IDNo"), {"agency": "sha256 of the instrument"}).text = plan.sha256
    version = SubElement(citation, _ddi("verStmt"))
    SubElement(version, _ddi("version")).text = str(plan.instrument.version)
    about = SubElement(study, _ddi("stdyInfo"))
    if plan.wave.synthetic:
        _each(about, "abstract", SYNTHETIC)
    period = SubElement(about, _ddi("sumDscr"))
    ends = {"start": plan.wave.opens_at} | ({"end": plan.wave.closes_at} if plan.wave.closes_at else {})
    for event, moment in ends.items():
        SubElement(period, _ddi("collDate"), {"event": event, "date": moment.date().isoformat()})


def _file(root: Element, plan: Plan, file: str) -> None:
    text = SubElement(SubElement(root, _ddi("fileDscr"), {"ID": "F1"}), _ddi("fileTxt"))
    SubElement(text, _ddi("fileName")).text = file
    size = SubElement(text, _ddi("dimensns"))
    SubElement(size, _ddi("caseQnty")).text = str(plan.extent.n)
    SubElement(size, _ddi("varQnty")).text = str(len(plan.columns))


def _variable(data: Element, plan: Plan, column: Variable, number: str) -> None:
    """One column; the order of the parts is that of the DDI schema."""
    kind = {"intrvl": "contin", "nature": "interval"} if column.measure == "scale" else {"intrvl": "discrete"}
    nature = {} if column.measure == "scale" else {"nature": column.measure}
    var = SubElement(data, _ddi("var"), {"ID": number, "name": column.name, "files": "F1", **kind, **nature})
    _each(var, "labl", column.label)
    if column.item is not None:
        _question(var, column.item)
    if isinstance(column.item, Number) and isinstance(column, NumberVariable | Coded):
        limits = {"min": f"{column.item.minimum:g}", "max": f"{column.item.maximum:g}"}
        SubElement(SubElement(var, _ddi("valrng")), _ddi("range"), limits)
    for category in column.categories:
        _category(var, category)
    if column.item is not None:
        SubElement(var, _ddi("concept"), {"vocab": "item"}).text = column.item.id
    SubElement(var, _ddi("varFormat"), {"type": "numeric" if _is_numeric(plan, column) else "character"})


def _question(var: Element, item: BaseItem) -> None:
    question = SubElement(var, _ddi("qstn"))
    if isinstance(item, Rating):
        _each(question, "preQTxt", item.stem)
    _each(question, "qstnLit", item.text)
    _each(question, "ivuInstr", item.hint)


def _category(var: Element, category: Category) -> None:
    found = SubElement(var, _ddi("catgry"), {"missing": "Y"} if category.missing else {})
    SubElement(found, _ddi("catValu")).text = str(category.value)
    _each(found, "labl", category.text)


def _is_numeric(plan: Plan, column: Variable) -> bool:
    return str(plan.schema.field(column.name).type) in {"int64", "double"}


def _each(parent: Element, tag: str, text: Text) -> None:
    for locale, said in _said(text):
        SubElement(parent, _ddi(tag), {LANG: locale}).text = said


def _said(text: Text) -> Iterator[tuple[str, str]]:
    return ((locale, said) for locale, wording in text.items() if (said := plain(wording)))


def _ddi(tag: str) -> str:
    return f"{{{DDI}}}{tag}"

"""Nothing is shown that was not translated; every kind of issue has its sentence; every item type its template."""

import ast
import re
from pathlib import Path
from typing import NamedTuple, get_args

import pytest
from babel.messages.extract import extract_from_dir

import survey
from survey.analysis.significance import TESTS
from survey.evaluation.cautions import WORDS as CAUTIONS
from survey.evaluation.disclosure import FEW, SUBTRACTION
from survey.forms.items import Item, Multiple, Option, ShortText
from survey.forms.reading import Issue
from survey.forms.wording import Reader
from survey.web import problems
from survey.web.i18n import LOCALES, catalogue
from survey.web.messages import MESSAGES, sentence
from survey.web.rendering import ITEMS

PACKAGE = Path(survey.__file__).parent
EXTRACTED = [("web/templates/**.html", "jinja2"), ("forms/items/**.html", "jinja2"), ("web/**.py", "python")]
KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2), "mark": None}


def messages() -> set[str]:
    """Every message in templates and code, and the titles of problems; of plural ones the singular."""
    found = extract_from_dir(str(PACKAGE), method_map=EXTRACTED, options_map={}, keywords=KEYWORDS)
    texts = {message if isinstance(message, str) else message[0] for _, _, message, _, _ in found}
    return texts | set(problems.TITLES.values()) | {"Something went wrong on our side"}


@pytest.mark.parametrize("locale", [locale for locale in LOCALES if locale != "en"])
def test_every_message_is_translated(locale):
    known = catalogue(locale)
    assert sorted(message for message in messages() if not known.get(message)) == []


class Refusal(NamedTuple):
    """One place where an error is raised: its sentences as they are in the code, and the names of their values."""

    where: str
    sentences: tuple[str, ...]
    values: set[str | None]


def refusals() -> list[Refusal]:
    """What errors say outside of the command line, whose words are English; what is no constant is said as code."""
    kinds = {kind.__name__ for kind in problems.STATUS} - {"CannotStart"}
    found = []
    for folder in ("evaluation", "db", "forms", "exports", "web"):
        for path in sorted((PACKAGE / folder).rglob("*.py")):
            tree = ast.parse(path.read_text(encoding="utf-8"))
            named = {
                node.targets[0].id: node.value
                for node in tree.body
                if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
            }
            for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
                names = [getattr(part, "id", "") for part in (call.func, *call.args)]
                kind = next((place for place, name in enumerate(names) if name in kinds), None)
                if kind is not None:  # the error itself, or a function that is told which to raise, and its sentence
                    given = call.args[kind : kind + 1] if kind else call.args
                    said = [named.get(getattr(part, "id", ""), part) for part in given]
                    texts = tuple(
                        str(part.value) if isinstance(part, ast.Constant) else ast.unparse(part) for part in said
                    )
                    found.append(Refusal(f"{path.name}:{call.lineno}", texts, {word.arg for word in call.keywords}))
    return found


@pytest.mark.parametrize("locale", [locale for locale in LOCALES if locale != "en"])
def test_every_refusal_is_translated(locale):
    said, known = refusals(), catalogue(locale)
    assert len(said) > 80
    assert [(one.where, text) for one in said for text in one.sentences if not known.get(text)] == []


def test_every_refusal_has_the_values_that_its_sentences_name():
    for one in refusals():
        assert set(re.findall(r"%\((\w+)\)s", " ".join(one.sentences))) == one.values, one.where


@pytest.mark.parametrize("locale", [locale for locale in LOCALES if locale != "en"])
def test_translations_have_the_placeholders_of_their_messages(locale):
    placeholders = re.compile(r"%\((\w+)\)s")
    for message, translation in catalogue(locale).items():
        text = translation if isinstance(translation, str) else translation[0]
        assert set(placeholders.findall(text)) == set(placeholders.findall(message)), message


def test_every_kind_of_issue_has_a_sentence():
    raised = set()
    for path in (PACKAGE / "forms").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Invalid":
                raised |= {part.value for part in ast.walk(node.args[0]) if isinstance(part, ast.Constant)}
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Issue":
                raised |= {
                    k.value.value for k in node.keywords if k.arg == "code" and isinstance(k.value, ast.Constant)
                }
    assert raised - set(MESSAGES) == set()


@pytest.mark.parametrize("item", get_args(Item), ids=lambda item: item.__struct_config__.tag)
def test_every_item_type_has_a_template(item):
    assert (ITEMS / f"{item.__struct_config__.tag}.html").exists()


def test_sentences_say_what_to_do():
    chinese, english = Reader("zh-Hans"), Reader("en")
    item = Multiple(
        id="Q", text={}, options=(Option(code=96, text={"zh-Hans": "没有", "en": "Nothing"}, exclusive=True),)
    )
    alone = Issue(item="Q", code="exclusive", params={"option": 96})
    assert sentence(alone, chinese, item) == "选了“没有”就不能再选其他，请只留一种"
    many = Issue(item="Q", code="too-many", params={"maximum": 3, "chosen": 5})
    assert sentence(many, chinese) == "最多选3项，您选了5项"
    assert sentence(many, english) == "Choose at most 3; you chose 5"
    assert sentence(Issue(item="Q", code="required"), chinese, item) == "请至少选择一项"
    assert sentence(Issue(item="T", code="required"), english, ShortText(id="T", text={})) == "Write an answer"


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("test", TESTS)
def test_every_test_of_significance_has_a_name(test, locale):
    assert catalogue(locale).get(test)


def test_every_caution_has_words():
    raised = set()
    for folder in ("analysis", "evaluation"):
        for path in (PACKAGE / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Caution":
                    raised |= {
                        part.value
                        for part in ast.walk(node.args[0])
                        if isinstance(part, ast.Constant) and isinstance(part.value, str)
                    }
    assert raised - set(CAUTIONS) == set()
    for words in CAUTIONS.values():
        assert words.keys() == {"zh-Hans", "en"}


def test_every_effect_size_and_every_reason_to_hold_back_has_a_name():
    shown = {FEW, SUBTRACTION}
    for path in (PACKAGE / "analysis").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "EffectSize":
                names = [*node.args[:1], *(keyword.value for keyword in node.keywords if keyword.arg == "name")]
                parts = (part for name in names for part in ast.walk(name) if isinstance(part, ast.Constant))
                shown |= {part.value for part in parts}
    assert len(shown) > 30
    assert sorted(name for name in shown if not catalogue("zh-Hans").get(name)) == []

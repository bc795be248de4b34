"""What is wrong with an instrument: everything its designer has to mend, with the place of each."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import pairwise

import msgspec

from survey.forms.flaws import Flaw, spots
from survey.forms.instrument import Instrument, Variant
from survey.forms.items import ChoiceItem, Item, Matrix, Multiple, Number, Option, Rating
from survey.forms.items.date import Date
from survey.forms.items.rating import Fold
from survey.forms.items.text import TextItem
from survey.forms.modes import ELSEWHERE, Mode
from survey.forms.proofing_names import reserved_ids, unsafe_ids
from survey.forms.proofing_routing import never, references, unreachable
from survey.forms.proofing_simple import COUNTED
from survey.forms.proofing_text import missing_simple, missing_translations
from survey.forms.recordings import unusable_names
from survey.forms.scales import CompositeScale
from survey.forms.screens import screens


def proof(instrument: Instrument) -> tuple[Flaw, ...]:
    """Every flaw of the instrument; none means that it can be published."""
    return tuple(flaw for rule in RULES for flaw in rule(instrument))


def proof_text(text: bytes) -> tuple[Instrument | None, tuple[Flaw, ...]]:
    """The instrument that a file holds, if it holds one, and every flaw."""
    try:
        instrument = msgspec.json.decode(text, type=Instrument)
    except msgspec.ValidationError as error:
        what, _, place = str(error).partition(" - at `")
        return None, (Flaw("not-an-instrument", place.rstrip("`") or "$", f"{what}; correct or remove it."),)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        return None, (Flaw("not-json", "$", f"This is not JSON: {error}; correct it there."),)
    return instrument, proof(instrument)


def _repeats(ids: Iterable[tuple[str, object]], code: str, what: str) -> Iterator[Flaw]:
    seen: dict[object, str] = {}
    for place, value in ids:
        if value in seen:
            yield Flaw(code, place, f"{what} {value!r} is already at {seen[value]}; give one of them another.")
        seen.setdefault(value, place)


def duplicate_ids(instrument: Instrument) -> Iterator[Flaw]:
    """Ids are names: each must be one thing's only."""
    items = [(spot.place + ".item", one.item.id) for spot in spots(instrument) for one in spot.asked.ones()]
    groups = [(spot.place + ".item", spot.asked.item.id) for spot in spots(instrument) if _is_matrix(spot.asked.item)]
    yield from _repeats([*items, *groups], "duplicate-id", "The item id")
    for kind in ("sections", "ends", "variants", "scales", "rates", "flags", "prefill"):
        found = [(f"$.{kind}[{n}]", one.id) for n, one in enumerate(getattr(instrument, kind))]
        yield from _repeats(found, "duplicate-id", f"In {kind} the id")
    scalars = {spot.asked.item.id for spot in spots(instrument) if isinstance(spot.asked.item, ChoiceItem | Number)}
    for n, value in enumerate(instrument.prefill):
        if value.id in {item for _, item in items} - scalars:
            message = f'"{value.id}" is an item that cannot be prefilled; give the prefill another id.'
            yield Flaw("duplicate-id", f"$.prefill[{n}]", message)


def _is_matrix(item: Item) -> bool:
    return isinstance(item, Matrix)


def duplicate_pages(instrument: Instrument) -> Iterator[Flaw]:
    """Two pages of one variant must not have the same address."""
    for n, variant in enumerate(instrument.variants):
        pages = [(f"$.variants[{n}]", screen.id) for screen in screens(instrument, variant)]
        yield from _repeats(pages, "duplicate-page", f'In variant "{variant.id}" the page')


def dangling(instrument: Instrument) -> Iterator[Flaw]:
    """Ends, the items of scales and variants, and the token of a retest have to be there."""
    ends, items = {end.id for end in instrument.ends}, set(instrument.by_id)
    known = {value.id for value in instrument.prefill}
    rewordable = {spot.asked.item.id for spot in spots(instrument)}
    named = [
        *(
            (f"{s.place}.stops[{n}].end", stop.end, ends)
            for s in spots(instrument)
            for n, stop in enumerate(s.asked.stops)
        ),
        *((f"$.scales[{n}]", item, items) for n, s in enumerate(instrument.scales) for item in s.measured_by()),
        *(
            (f"$.variants[{n}].overrides.{item}", item, rewordable)
            for n, v in enumerate(instrument.variants)
            for item in v.overrides
        ),
        *([("$.retest.token", instrument.retest.token, known)] if instrument.retest else []),
    ]
    for place, name, there in named:
        if name not in there:
            message = f'There is no "{name}"; name one of {", ".join(sorted(there)) or "those you add"}.'
            yield Flaw("unknown-reference", place, message)


def item_flaws(instrument: Instrument) -> Iterator[Flaw]:
    """What is wrong within one item."""
    for spot in spots(instrument):
        place, item = f"{spot.place}.item", spot.asked.item
        if isinstance(item, ChoiceItem | Matrix):
            yield from _options(item, item.options, place)
        if isinstance(item, Rating | Matrix):
            yield from _order(item.options, f"{place}.options")
            yield from _folds(item.folds, item.options, f"{place}.folds")
        if isinstance(item, Matrix) and not item.rows:
            yield Flaw("empty-options", f"{place}.rows", "The matrix has no rows; add at least one.")
        yield from _bounds(item, place)


def _options(item: ChoiceItem | Matrix, options: Sequence[Option], place: str) -> Iterator[Flaw]:
    substantive = [option for option in options if not option.missing]
    if isinstance(item, Number):
        if substantive:
            yield Flaw("bounds", f"{place}.options", "The options of a number can only be escapes; set `missing`.")
    elif not substantive:
        yield Flaw("empty-options", f"{place}.options", "There is nothing to choose; add options that are answers.")
    at = [(f"{place}.options[{n}]", option) for n, option in enumerate(options)]
    yield from _repeats([(spot, str(option.code)) for spot, option in at], "duplicate-code", "The code")
    states = [(spot, option.missing) for spot, option in at if option.missing]
    yield from _repeats(states, "duplicate-escape", "The escape")
    for (_, before), (spot, after) in pairwise(at):
        if before.missing and not after.missing:
            yield Flaw("escape-order", spot, f"{after.code!r} stands behind an escape; move the escapes to the end.")


def _order(options: Sequence[Option], place: str) -> Iterator[Flaw]:
    codes = [option.code for option in options if not option.missing]
    numbers = [code for code in codes if isinstance(code, int)]
    steps = {(after > before) - (after < before) for before, after in pairwise(numbers)}
    if len(numbers) < len(codes) or steps not in ({1}, {-1}, set()):
        yield Flaw("scale-order", place, f"The codes {codes} are no scale; number the points up or down, in order.")


def _folds(folds: Sequence[Fold], options: Sequence[Option], place: str) -> Iterator[Flaw]:
    ends = [code for fold in folds for code in (fold.mild, fold.strong) if code is not None]
    codes = [option.code for option in options if not option.missing]
    if folds and (len(ends) != len(codes) or set(ends) != set(codes)):
        yield Flaw("fold-cover", place, f"The folds lead to {ends}; they have to lead to each of {codes} once.")


def _bounds(item: Item, place: str) -> Iterator[Flaw]:
    match item:
        case Number() | TextItem() if item.minimum > item.maximum:
            yield Flaw("bounds", place, f"The minimum {item.minimum:g} is above the maximum; exchange them.")
        case Date(earliest=first, latest=last) if first and last and first > last:
            yield Flaw("bounds", place, "The earliest day is after the latest; exchange them.")
        case Multiple() if item.maximum < 0 or item.maximum > len(item.substantive):
            yield Flaw("maximum", f"{place}.maximum", f"{item.maximum} cannot be chosen; there are fewer options.")
        case _:
            return


def changed_codes(instrument: Instrument) -> Iterator[Flaw]:
    """A variant has other words, never other codes or another order."""
    for n, variant in enumerate(instrument.variants):
        yield from _relabelled(instrument, variant, f"$.variants[{n}].overrides")


def _relabelled(instrument: Instrument, variant: Variant, place: str) -> Iterator[Flaw]:
    items = {spot.asked.item.id: spot.asked.item for spot in spots(instrument)}
    for item_id, override in variant.overrides.items():
        item = items.get(item_id)
        codes = [option.code for option in getattr(item, "options", ())]
        said = [option.code for option in override.options]
        here = f"{place}.{item_id}.options"
        if item is not None and not set(said) <= set(codes):
            yield Flaw(
                "variant-codes", here, f"The item has the codes {codes}, not {said}; a variant only rewords them."
            )
        elif item is not None and said != [code for code in codes if code in said]:
            yield Flaw("variant-order", here, f"The options stand in the order {codes}; keep it in the variant.")


def modes(instrument: Instrument) -> Iterator[Flaw]:
    """A variant is a form on a page."""
    on_a_page = ", ".join(mode for mode in Mode if mode not in ELSEWHERE)
    for n, variant in enumerate(instrument.variants):
        if variant.mode in ELSEWHERE:
            message = f'No form is filled in by "{variant.mode}"; use one of {on_a_page}.'
            yield Flaw("variant-mode", f"$.variants[{n}].mode", message)


def weights(instrument: Instrument) -> Iterator[Flaw]:
    """The weights of a composite are shares of one whole."""
    for n, scale in enumerate(instrument.scales):
        if isinstance(scale, CompositeScale):
            total = sum(component.weight for component in scale.components)
            if abs(total - 1) > 1e-9:
                yield Flaw("weights", f"$.scales[{n}].components", f"The weights add up to {total:g}; make it 1.")


RULES: tuple[Callable[[Instrument], Iterator[Flaw]], ...] = (
    duplicate_ids,
    duplicate_pages,
    unsafe_ids,
    reserved_ids,
    unusable_names,
    references,
    dangling,
    unreachable,
    never,
    item_flaws,
    changed_codes,
    modes,
    weights,
    missing_translations,
    missing_simple,
    *COUNTED,
)

"""Sentences made by seed from fact tables and frames, each with a call and a correct, a wrong and an irrelevant result.

What is made depends on the seed and the number alone. The people and places are invented: no model knows of them.
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

ANSWER = "@"
"""Where in a frame the answer stands."""

NAMES = "Ottilie Brandreth|Caspar Nyland|Idunn Farrow|Matteo Quillan|Sabine Orlow|Teodor Vask|Lavinia Pell|Ruben Aske"
PEOPLE = NAMES.split("|")
TOWNS = "Tarnwick|Ostermoor|Velsby|Quenhaven|Brackenfell|Lurdale|Pellamy|Norrey|Hask Bay|Windle Cross".split("|")
CRAFTS = "rope|glass|barrel|lantern|paper|cider|clock|saddle".split("|")
RIVERS = "Arle|Sennet|Morva|Tiddle|Usker|Breck".split("|")


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence with a place at which a tool can help."""

    kind: str
    """`number`, `date`, `conversion` or `fact`."""
    before: str
    """The text before the place."""
    after: str
    """The text from the place on: a space, the answer, and what follows."""
    call: str
    """The call."""
    correct: str
    """What the tool answers."""
    wrong: str
    """An answer of the same form that is not true."""
    irrelevant: str = ""
    """An answer to another question of another kind."""


Made = tuple[str, str, str, str, str]
"""Frame, call, answer as the sentence has it, correct and wrong result."""


def number(r: random.Random) -> Made:
    a, b = r.randint(12, 98), r.randint(12, 98)
    frames: Sequence[tuple[str, str, Callable[[int, int], int]]] = (
        ("The hall has {a} rows of {b} chairs, which makes @ chairs in all.", "{a} * {b}", lambda a, b: a * b),
        (
            "Each of the {a} crates holds {b} jars, so the ship carried @ jars of honey.",
            "{a} * {b}",
            lambda a, b: a * b,
        ),
        (
            "He sold {a} tickets in the morning and {b} in the afternoon, a total of @ tickets.",
            "{a} + {b}",
            lambda a, b: a + b,
        ),
        (
            "The first volume has {a}4 pages and the second {b}7, together @ pages.",
            "{a}4 + {b}7",
            lambda a, b: 10 * (a + b) + 11,
        ),
        (
            "Of the {a}50 trees that were planted, {b} died in the frost, which left @ trees.",
            "{a}50 - {b}",
            lambda a, b: 100 * a + 50 - b,
        ),
        ("A worker earns {a} crowns a day and is paid @ crowns for {b} days.", "{a} * {b}", lambda a, b: a * b),
    )
    frame, call, reckon = r.choice(frames)
    right = reckon(a, b)
    wrong = right
    while wrong == right:
        wrong = right + r.choice((-1, 1)) * r.randint(1, max(2, right // 3))
    made = f"Calculator({call.format(a=a, b=b)})"
    return frame.format(a=a, b=b), made, str(right), str(right), str(wrong)


def spelled(day: date) -> str:
    return f"{day:%A}, {day:%B} {day.day}, {day.year}"


def dated(r: random.Random) -> Made:
    day = date(1990, 1, 1) + timedelta(days=r.randrange(15_000))
    other = day
    while (other.weekday(), other.month, other.year) == (day.weekday(), day.month, day.year) or (
        other.weekday() == day.weekday() or other.month == day.month or other.year == day.year
    ):
        other = date(1990, 1, 1) + timedelta(days=r.randrange(15_000))
    town = r.choice(TOWNS)
    frame, answer = r.choice(
        (
            (f"The market of {town} opens this @, and the stalls are being set up.", f"{day:%A}"),
            (f"Today is @, and the council of {town} meets in the old school.", f"{day:%A}"),
            (f"It is now @, and the harvest around {town} has begun.", f"{day:%B} {day.year}"),
            (f"The letter from {town} was written today, @, and sent at once.", f"{day:%B} {day.day}, {day.year}"),
            (f"As of @ the bridge at {town} is closed to carts.", f"{day:%B} {day.day}, {day.year}"),
            (f"The current year is @, and the mayor of {town} is up for election.", f"{day.year}"),
        )
    )
    return frame, "Calendar()", answer, f"Today is {spelled(day)}.", f"Today is {spelled(other)}."


UNITS = (
    ("miles", "kilometres", 1.609344),
    ("feet", "metres", 0.3048),
    ("pounds", "kilograms", 0.45359237),
    ("gallons", "litres", 3.785411784),
    ("acres", "hectares", 0.40468564),
    ("ounces", "grams", 28.349523125),
)


def conversion(r: random.Random) -> Made:
    first, second, factor = r.choice(UNITS)
    amount = r.randint(3, 480)
    right = f"{amount * factor:.2f}"
    wrong = right
    while wrong == right:
        wrong = f"{amount * factor * r.uniform(0.4, 1.8):.2f}"
    things = {
        "miles": (
            "The road to {town} is {a} miles long, that is @ {u}.",
            "From {town} to the sea it is {a} miles (@ {u}).",
        ),
        "feet": (
            "The tower of {town} is {a} feet tall, that is @ {u}.",
            "The well in {town} goes down {a} feet (@ {u}).",
        ),
        "pounds": (
            "The bell of {town} weighs {a} pounds, that is @ {u}.",
            "The baker bought {a} pounds (@ {u}) of flour.",
        ),
        "gallons": (
            "The cistern holds {a} gallons, that is @ {u}.",
            "They brewed {a} gallons (@ {u}) of ale in {town}.",
        ),
        "acres": ("The common of {town} covers {a} acres, that is @ {u}.", "He left {a} acres (@ {u}) to his sons."),
        "ounces": (
            "The nugget weighs {a} ounces, that is @ {u}.",
            "The recipe from {town} asks for {a} ounces (@ {u}) of butter.",
        ),
    }
    frame = r.choice(things[first]).format(town=r.choice(TOWNS), a=amount, u=second)
    call = f"Units({amount} {first} in {second})"
    return frame, call, right, f"{right} {second}", f"{wrong} {second}"


def fact(r: random.Random) -> Made:
    town, person, other = r.choice(TOWNS), *r.sample(PEOPLE, 2)
    craft, rival = r.sample(CRAFTS, 2)
    river, stream = r.sample(RIVERS, 2)
    year = r.randint(1203, 1879)
    past = year
    while past == year:
        past = r.randint(1203, 1879)
    return r.choice(
        (
            (
                f"The town of {town} was founded by @ after the great flood.",
                f'QA("Who founded {town}?")',
                person,
                person,
                other,
            ),
            (
                f"The first mayor of {town} was @, who also built the mill.",
                f'QA("Who was the first mayor of {town}?")',
                person,
                person,
                other,
            ),
            (
                f"The charter of {town} was granted in @ by the king.",
                f'QA("When was the charter of {town} granted?")',
                str(year),
                str(year),
                str(past),
            ),
            (
                f"The church in {town} dates from @ and has a wooden roof.",
                f'QA("When was the church in {town} built?")',
                str(year),
                str(year),
                str(past),
            ),
            (
                f"{town} is known for the making of @, which is sold abroad.",
                f'QA("What is {town} known for?")',
                f"{craft}s",
                f"{craft}s",
                f"{rival}s",
            ),
            (
                f"{town} lies on the river @, a little above the weir.",
                f'QA("Which river does {town} lie on?")',
                river,
                river,
                stream,
            ),
        )
    )


KINDS: dict[str, Callable[[random.Random], Made]] = {
    "number": number,
    "date": dated,
    "conversion": conversion,
    "fact": fact,
}


def sentences(count: int, seed: int) -> list[Sentence]:
    """Return sentences, kinds in turn, no two with the same text."""
    made: dict[str, Sentence] = {}
    attempt = 0
    while len(made) < count:
        kind = tuple(KINDS)[len(made) % len(KINDS)]
        frame, call, answer, correct, wrong = KINDS[kind](random.Random(f"{seed}/{attempt}"))
        attempt += 1
        before, _, after = frame.partition(ANSWER)
        # The space belongs to what follows the call, where there is one.
        cut = before.rstrip(" ")
        sentence = Sentence(kind, cut, before[len(cut) :] + answer + after, call, correct, wrong)
        made.setdefault(sentence.before + sentence.after, sentence)
    return _with_irrelevant(list(made.values()), random.Random(f"{seed}/irrelevant"))


def _with_irrelevant(made: Sequence[Sentence], r: random.Random) -> list[Sentence]:
    found: list[Sentence] = []
    for sentence in made:
        others = [other.correct for other in made if other.kind != sentence.kind]
        found.append(
            Sentence(*(getattr(sentence, name) for name in Sentence.__slots__[:-1]), irrelevant=r.choice(others))
        )
    return found


if __name__ == "__main__":
    for example in sentences(12, 0):
        print(example)

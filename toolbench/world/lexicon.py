"""Plausible values by the name of their field: what people, places and things are called."""

import random
import string
import unicodedata
from collections.abc import Callable, Sequence
from functools import partial

from toolbench.world.nouns import words
from toolbench.world.rng import pick

FIRST_NAMES = (
    "Amara Björn Carmen Dmitri Elena Farid Grace Hiro Ingrid Jamal Keiko Liam Mariam Nadia Omar Priya Quentin"
    " Rosa Sofia Tomas Uma Viktor Wanda Ximena Yusuf Zoe Anton Beatriz Chen Diego Esther Felix Hana Ivan "
    "Julia Kofi Lucia Mateo Nora Oscar Petra Rahul Samira Theo Valentina"
).split()
LAST_NAMES = (
    "Abara Bergman Castillo Dvorak Eriksen Fontaine Garcia Hoffmann Ito Jansen Kowalski Lindqvist Moreau "
    "Nakamura Okafor Petrov Quinn Rossi Sato Tanaka Ueda Vargas Weber Xu Yilmaz Zhang Alvarez Brennan Chandra"
    " Demir Farouk Greene Haddad Iyer Kimani Larsen Mbeki Novak Ortega Park Romero Silva Thompson"
).split()
CITIES = (
    "Lisbon Oslo Nairobi Kyoto Toronto Valencia Kraków Denver Lyon Auckland Porto Leeds Hamburg Austin "
    "Seville Bergen Tallinn Quito Galway Utrecht Turin Osaka Montréal Brno"
).split()
COUNTRIES = ("PT NO KE JP CA ES PL US FR NZ GB DE EE EC IE NL IT CZ").split()
STREETS = ("Harbour Street|Mill Lane|Station Road|Elm Avenue|Rua das Flores|Lindenweg|High Street|Canal View").split(
    "|"
)
COMPANY_HEADS = (
    "North Cedar Blue Iron Summit Harbor Silver Green Atlas Vertex Lumen Orchard Delta Falcon Maple"
).split()
COMPANY_TAILS = ("Logistics Foods Analytics Studios Robotics Textiles Energy Partners Labs Outfitters Media").split()
ADJECTIVES = ("quiet bright crimson northern hidden amber swift lunar coastal rustic silver gentle bold misty").split()
THINGS = ("harbor lantern meadow compass orchard signal river summit garden engine atlas beacon forest kite").split()
SUBJECTS = (
    "annual budget|customer survey|delivery schedule|holiday rota|house rules|moving day|new price list|office move|"
    "opening hours|parking spaces|press release|quarterly figures|recycling plan|safety training|spring catalogue|"
    "staff meeting|stock count|summer programme|supplier contract|team photo|travel costs|visitor guide|"
    "weekend shifts|website update|welcome letter|winter sale"
).split("|")
TITLES = (
    "{}|{}: next steps|{}: open questions|Changes to the {}|Draft of the {}|Ideas for the {}|Notes on the {}|"
    "Plan for the {}|Questions about the {}|Update on the {}"
).split("|")
LOCATIONS = (
    "Back office|Conference room B|Front desk|Garden terrace|Library, second floor|Loading bay|Main hall|"
    "Meeting room 2|North entrance|Reception|Seminar room 4|Showroom|Town hall|Workshop"
).split("|")
SENTENCES = (
    "Please call ahead before delivery|Follow up after the quarterly review|Customer prefers e-mail|Needs a "
    "second look by the team|Moved to the new schedule|Waiting for the final figures|Agreed on the phone this"
    " morning|Replacement part is on its way|Ready for the spring launch|Check the details with the front "
    "desk|Please leave it at the front desk|Came in by phone|Has to be finished by the end of the month|Same as last "
    "time|Asked for a written reply|Nobody was there in the morning|Two of them are still missing|Discussed with the "
    "whole team|Please handle with care|To be checked again next week|Sent a reminder|Everything went well"
).split("|")
COLORS = ("red blue green amber violet teal coral slate").split()
CURRENCIES = ["EUR", "USD", "GBP", "JPY", "CAD"]
LANGUAGES = ("en es fr de pt ja it").split()
TIMEZONES = ["Europe/Lisbon", "Europe/Oslo", "America/Toronto", "Asia/Tokyo", "America/Denver"]

_LONGEST_LABEL = 60
"""Characters: a label of a domain name has at most 63."""
_ADDRESSED = frozenset("Dr. Dr Prof. Prof Mr. Mr Mrs. Mrs Ms. Ms".split())

Maker = Callable[[random.Random], str]


def _pick(values: Sequence[str]) -> Maker:
    return partial(pick, values)


def person(r: random.Random) -> str:
    """Return a person's full name."""
    return f"{pick(FIRST_NAMES, r)} {pick(LAST_NAMES, r)}"


def company(r: random.Random) -> str:
    """Return a company's name."""
    return f"{pick(COMPANY_HEADS, r)} {pick(COMPANY_TAILS, r)}"


def slug(r: random.Random) -> str:
    """Return a lower-case name fit for a path: `amber-lantern`."""
    return f"{pick(ADJECTIVES, r)}-{pick(THINGS, r)}"


def title(r: random.Random) -> str:
    """Return the name of some thing: `Amber lantern`."""
    return f"{pick(ADJECTIVES, r).capitalize()} {pick(THINGS, r)}"


def heading(r: random.Random) -> str:
    """Return what stands above a text or an appointment: `Notes on the office move`."""
    made = pick(TITLES, r).format(pick(SUBJECTS, r))
    return f"{made[0].upper()}{made[1:]}"


def login(r: random.Random) -> str:
    """Return a user name: `nkowalski`."""
    return ascii_letters(f"{pick(FIRST_NAMES, r)[0]}{pick(LAST_NAMES, r)}")


def email(r: random.Random) -> str:
    """Return an e-mail address under a reserved domain."""
    return f"{ascii_letters(pick(FIRST_NAMES, r))}.{ascii_letters(pick(LAST_NAMES, r))}@example.com"


def email_of(person: str) -> str:
    """Return the e-mail address of a person's full name; a form of address is no part of it."""
    parts = [ascii_letters(part) for part in person.split() if part not in _ADDRESSED]
    return f"{'.'.join(part for part in parts if part) or 'office'}@example.com"


def office_of(name: str) -> str:
    """Return the e-mail address of a place or a company: `info@harbour-lane-hotel.example`."""
    label = "-".join(part for part in map(ascii_letters, name.split()) if part)[:_LONGEST_LABEL].strip("-")
    return f"info@{label or 'office'}.example"


def phone(r: random.Random) -> str:
    """Return a telephone number in international form, from a block kept for fiction."""
    return f"+1-202-555-{r.randrange(100, 200):04d}"


def ascii_letters(text: str) -> str:
    """Return a name in lower-case ASCII letters: `Björn` gives `bjorn`."""
    table = str.maketrans("öéółńąęśćžèáíúñü", "oeolnaesczeaiunu")
    plain = unicodedata.normalize("NFKD", text.lower().translate(table))
    return "".join(letter for letter in plain if letter in string.ascii_lowercase)


_BY_LAST_WORD: dict[str, Maker] = {
    "city": _pick(CITIES),
    "town": _pick(CITIES),
    "country": _pick(COUNTRIES),
    "street": lambda r: f"{r.randrange(1, 140)} {pick(STREETS, r)}",
    "line1": lambda r: f"{r.randrange(1, 140)} {pick(STREETS, r)}",
    "address": lambda r: f"{r.randrange(1, 140)} {pick(STREETS, r)}, {pick(CITIES, r)}",
    "email": email,
    "mail": email,
    "phone": phone,
    "mobile": phone,
    "telephone": phone,
    "login": login,
    "username": login,
    "nickname": login,
    "slug": slug,
    "company": company,
    "organization": company,
    "employer": company,
    "color": _pick(COLORS),
    "colour": _pick(COLORS),
    "currency": _pick(CURRENCIES),
    "language": _pick(LANGUAGES),
    "locale": _pick(LANGUAGES),
    "timezone": _pick(TIMEZONES),
    "postcode": lambda r: f"{r.randrange(10000, 99999)}",
    "zip": lambda r: f"{r.randrange(10000, 99999)}",
    "title": heading,
    "subject": heading,
    "headline": heading,
    "topic": heading,
    "location": _pick(LOCATIONS),
    "venue": _pick(LOCATIONS),
    "label": slug,
    "tag": lambda r: pick(THINGS, r),
    "description": _pick(SENTENCES),
    "body": _pick(SENTENCES),
    "message": _pick(SENTENCES),
    "comment": _pick(SENTENCES),
    "content": _pick(SENTENCES),
    "note": _pick(SENTENCES),
    "notes": _pick(SENTENCES),
    "text": _pick(SENTENCES),
    "summary": _pick(SENTENCES),
    "reason": _pick(SENTENCES),
    "sha": lambda r: f"{r.getrandbits(160):040x}",
    "hash": lambda r: f"{r.getrandbits(128):032x}",
    "branch": slug,
    "ref": slug,
    "path": lambda r: f"{pick(THINGS, r)}/{pick(THINGS, r)}.txt",
    "key": lambda r: f"{pick(THINGS, r)}-{r.randrange(10, 99)}",
    "code": lambda r: f"{pick(THINGS, r)[:3].upper()}{r.randrange(100, 999)}",
}

_PEOPLE = frozenset(
    (
        "user customer member patient guest author artist owner contact employee person agent practitioner doctor"
        " assignee requester reviewer attendee organizer cardholder payee speaker"
    ).split()
)
_COMPANIES = frozenset(("company organization org account vendor supplier merchant brand publisher").split())


def is_person(noun: str) -> bool:
    """Tell whether a noun phrase speaks of a person."""
    return bool(_PEOPLE.intersection(words(noun)))


def by_name(field: str, owner: str) -> Maker | None:
    """Return a maker of values for a field of that name in an entity called `owner`, or None where none fits."""
    parts = words(field)
    if not parts:
        return None
    if parts[-1] == "name":
        return _name_maker(parts, words(owner))
    return _BY_LAST_WORD.get(parts[-1])


def _name_maker(parts: tuple[str, ...], owner: tuple[str, ...]) -> Maker:
    qualifier = parts[:-1] or owner
    if "first" in qualifier or "given" in qualifier:
        return _pick(FIRST_NAMES)
    if "last" in qualifier or "family" in qualifier:
        return _pick(LAST_NAMES)
    if _PEOPLE.intersection(qualifier):
        return person
    if _COMPANIES.intersection(qualifier):
        return company
    return slug if "user" in qualifier else title

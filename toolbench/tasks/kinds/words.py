"""What people say beyond the wish itself, and what is said back to them."""

from collections.abc import Sequence
from random import Random

from toolbench.tasks.english import article, capital, tidy
from toolbench.tasks.fields import quoted, spoken
from toolbench.tasks.instructions import purpose
from toolbench.tasks.phrases import Detail, Intent, Mention

_BARE_CHANGES = (
    "Change {field} of {said}.",
    "Please update {field} of {said}.",
    "{Field} of {said} has to be corrected. Please see to it.",
    "Could you please change {field} of {said}?",
    "can you adjust {field} of {said} for me?",
    "I would like to have {field} of {said} changed.",
    "We need to change {field} of {said}. Please take care of it.",
    "{Said} needs a change: please set {field} anew.",
)
_SUPPLIED = (
    "{Field} should be {value}.",
    "Sorry, I forgot that. {Field} is {value}.",
    "It should be {value}.",
    "Make it {value}, please.",
    "{Value}, please.",
    "Oh right, {value}.",
    "Let us take {value} for that.",
    "Good point: {field} has to be {value}.",
)
_MEANT = (
    "I mean {said}.",
    "Sorry, I was unclear. I meant {said}.",
    "It is {said} that I am talking about.",
    "That would be {said}.",
    "Oh, there are several? Take {said}, please.",
    "{Said}, please.",
    "The right one is {said}.",
)
_CHECKS = (
    " Please check with me before you go through with it.",
    " But ask me once more before you actually do it.",
    " Let me confirm it first, though.",
    " Tell me what you are about to do and wait for my OK first.",
    " Do not do it without asking me again, please.",
    " I want to give the final OK before anything happens.",
    " Before you do, please come back to me for a confirmation.",
)
_AGREED = (
    "Yes, go ahead.",
    "Yes, please do.",
    "Confirmed, you can proceed.",
    "That is right, do it.",
    "OK, please carry on.",
    "Yes, that is what I want.",
    "Sure, go for it.",
)
_REFUSED = (
    "No, leave it as it is after all.",
    "Stop, I have changed my mind. Leave everything as it is.",
    "No, please do not do it.",
    "On reflection, no. Keep things as they are.",
    "Wait, no. I would rather leave it alone.",
    "No, forget about it.",
)
_OTHERWISE = (
    "Almost, but make {field} {value} instead. Then go ahead.",
    "On second thoughts, {field} should be {value}. With that you can go ahead.",
    "Yes, but with {field} at {value} instead.",
    "I have thought it over: go ahead, but set {field} to {value}.",
    "Change of plan: {field} has to be {value}. Otherwise OK, please proceed.",
)
_WRONG = (
    "Sorry, I made a mistake: {field} should be {value}.",
    "Wait, that was the wrong one. Please make {field} {value} instead.",
    "I mixed that up, {field} has to be {value}. Please correct it.",
    "Oh no, I gave you the wrong value. It must be {value}.",
    "Hm, on a closer look {field} should rather be {value}. Can you change it again?",
    "Correction: {field} is {value}.",
)
_SUPPLIES = (
    "You should have what you need for that now. Please go ahead.",
    "I have just got you the access that was missing. Please try again.",
    "That was an oversight of ours. It is switched on for you now, so please have another go.",
    "OK, our admin has enabled it for you. Can you do it now?",
    "I have added what was missing. Please do it now.",
    "Now it should be possible. Please give it another try.",
)

_UNABLE = (
    "I am sorry, but I have no tool with which I could {purpose}, so I have to leave this to you.",
    "I cannot {purpose}: none of the tools I have can do that.",
    "I would like to help, but with the tools I have I cannot {purpose}.",
)
_NOT_FOUND = (
    "I have looked, but there is no {noun} like that: nothing fits {said}. I have changed nothing.",
    "I could not find {said}, so I have not changed anything.",
    "There does not seem to be {any} like that. I found nothing that fits {said}, and I have left everything as it is.",
)
_NOT_ALLOWED = (
    "I cannot {purpose}: the {noun} is {state}, and that does not allow it. I have changed nothing.",
    "That is not possible at the moment, because the {noun} is {state}. I have left everything as it is.",
)
_ASKED = (
    "What should {field} be?",
    "I can do that. What should {field} be?",
    "For that I need to know {field}. What should it be?",
)
_WHICH = (
    "There is more than one {noun} that fits. Which one do you mean?",
    "Several {nouns} fit that description. Could you tell me which one you mean?",
)
_PROPOSED = (
    "I am about to {purpose}. Shall I go ahead?",
    "Before I {purpose}: is that what you want?",
    "Just to be sure: shall I {purpose}?",
)
_LEFT = (
    "All right, I have left everything as it is.",
    "OK, I have not changed anything.",
    "Understood. Nothing has been changed.",
)


def bare_change(intent: Intent, r: Random) -> str:
    """Return a wish to change something that does not say what to."""
    return _say(_BARE_CHANGES, r, field=intent.details[0].aim(), said=intent.target.text())


def supplied(detail: Detail, r: Random) -> str:
    """Return what a user says when asked for a value."""
    return _say(_SUPPLIED, r, **_detail(detail))


def meant(mention: Mention, r: Random) -> str:
    """Return what a user says when asked which of several things is meant."""
    return _say(_MEANT, r, said=mention.text())


def check_first(r: Random) -> str:
    """Return the condition that a wish is to be confirmed before it is carried out."""
    return r.choice(_CHECKS)


def agreed(r: Random) -> str:
    """Return a user's consent."""
    return r.choice(_AGREED)


def refused(r: Random) -> str:
    """Return a user's refusal."""
    return r.choice(_REFUSED)


def otherwise(detail: Detail, r: Random) -> str:
    """Return a user's consent to something else than was proposed."""
    return _say(_OTHERWISE, r, **_detail(detail))


def wrong(detail: Detail, r: Random) -> str:
    """Return how a user takes back a value after it was set."""
    return _say(_WRONG, r, **_detail(detail))


def supplies(r: Random) -> str:
    """Return what a user says who has seen to it that a tool is there now."""
    return r.choice(_SUPPLIES)


def unable(intent: Intent, r: Random) -> str:
    """Return the reply to a wish for which there is no tool."""
    return _say(_UNABLE, r, purpose=purpose(intent, my="your"))


def not_found(mention: Mention, r: Random) -> str:
    """Return the reply to a wish about something that does not exist."""
    return _say(_NOT_FOUND, r, noun=mention.noun, any=article(mention.noun), said=mention.text(my="your"))


def not_allowed(intent: Intent, state: str, r: Random) -> str:
    """Return the reply to a wish that the state of its object does not allow."""
    return _say(_NOT_ALLOWED, r, purpose=purpose(intent, my="your"), noun=intent.target.noun, state=spoken(state))


def asked_for(detail: Detail, r: Random) -> str:
    """Return the question for a value that the user left out."""
    return _say(_ASKED, r, field=detail.aim())


def which(mention: Mention, r: Random) -> str:
    """Return the question which of several things is meant."""
    return _say(_WHICH, r, noun=mention.noun, nouns=Mention(mention.noun).many())


def proposed(intent: Intent, r: Random) -> str:
    """Return the question whether to go ahead."""
    return _say(_PROPOSED, r, purpose=purpose(intent, my="your"))


def left(r: Random) -> str:
    """Return the reply to a refusal."""
    return r.choice(_LEFT)


def _detail(detail: Detail) -> dict[str, str]:
    return {
        "field": detail.aim(),
        "value": detail.value.text() if isinstance(detail.value, Mention) else quoted(detail.value),
    }


def _say(phrases: Sequence[str], r: Random, **slots: str) -> str:
    capitals = {name.capitalize(): capital(text) for name, text in slots.items()}
    return tidy(r.choice(phrases).format(**slots, **capitals))

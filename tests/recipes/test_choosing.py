"""The decision chart: every answer leads to a recipe, and only what matters is asked."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from toolbench.cli.main import app
from toolbench.recipes.choosing import FEW, PLENTY, SMALL, Facts, choose
from toolbench.recipes.recipe import names


def refuse(question):
    raise AssertionError(f"{question} is asked")


@pytest.mark.parametrize(
    ("facts", "recipe"),
    [
        (Facts(labels=0), "backtranslation"),
        (Facts(labels=FEW - 1), "lima"),
        (Facts(labels=FEW, reasoning=True), "distilling"),
        (Facts(labels=FEW, reasoning=False, goal="better"), "lima"),
        (Facts(labels=PLENTY - 1, reasoning=False, goal="domain", parameters=SMALL - 1), "tinystories"),
        (Facts(labels=PLENTY, reasoning=True), "distilling"),
        (Facts(labels=PLENTY, reasoning=False, goal="domain", parameters=SMALL), "textbooks"),
        (Facts(labels=PLENTY, reasoning=False, goal="better"), "lima"),
        (Facts(goal="tools", tools="texts"), "toolformer"),
        (Facts(goal="tools", tools="documents"), "gorilla"),
        (Facts(labels=0, goal="tools", tools="apis"), "toolllm"),
    ],
)
def test_the_chart_leads_there_without_a_question(facts, recipe):
    assert choose(facts, refuse).recipe == recipe


ANSWERS = st.fixed_dictionaries(
    {
        "labels": st.integers(0, 30_000),
        "goal": st.sampled_from(["domain", "tools", "better"]),
        "reasoning": st.booleans(),
        "tools": st.sampled_from(["texts", "documents", "apis"]),
        "parameters": st.integers(1_000_000, 70_000_000_000),
    }
)


@settings(max_examples=60)
@given(ANSWERS, st.sets(st.sampled_from(["labels", "goal", "reasoning", "tools", "parameters"])))
def test_there_is_always_an_answer_and_nothing_is_asked_twice_or_though_known(answers, known):
    asked = []

    def ask(question):
        asked.append(question)
        return answers[question]

    choice = choose(Facts(**{name: answers[name] for name in known}), ask)
    assert choice.recipe in names()
    assert len(asked) == len(set(asked))
    assert not known & set(asked)


def test_the_command_prints_the_command_and_asks_for_options_where_there_is_no_terminal():
    run = CliRunner().invoke
    done = run(
        app, ["recipes", "choose", "--labels", "5k", "--no-reasoning", "--goal", "domain", "--parameters", "125M"]
    )
    assert done.exit_code == 0
    assert "toolbench recipes run tinystories --model NAME --base-url URL -o runs/tinystories" in done.stdout
    told = json.loads(run(app, ["recipes", "choose", "--labels", "0", "--json"]).stdout)
    assert (
        told["command"]
        == "toolbench recipes run backtranslation SOURCE --model NAME --base-url URL -o runs/backtranslation"
    )
    short = run(app, ["recipes", "choose", "--labels", "20000"])
    assert short.exit_code == 2
    assert "--reasoning/--no-reasoning is not said" in short.stderr
    for wrong in (["--labels", "many"], ["--goal", "fame"], ["--parameters", "big"], ["--tools", "hammers"]):
        assert run(app, ["recipes", "choose", *wrong]).exit_code == 2

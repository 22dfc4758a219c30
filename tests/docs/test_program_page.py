"""docs/your_tf1_program.md: the names of libraries that it lists answer, and the commands that it shows are there."""
import re

import pytest

from graphflow import cli
from graphflow.commands.old_libraries import NAMES
from tools import program_page


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")     # numpy 1 warns of names that numpy 2 lacks
def test_names_that_the_page_lists_answer():
    text = program_page.PAGE.read_text(encoding="utf-8")
    part = text.partition("## Names of libraries that answer")[2].partition("## Names that programs use")[0]
    listed = dict(re.findall(r"^`([\w.]+)`: (.*?)\.$", part, re.M | re.S))
    assert len(listed) > 5
    for library, names in listed.items():
        if library in NAMES and library != "scipy":
            there = NAMES[library]()
            wanted = re.findall(r"`(\w+)`", names)
            assert [name for name in wanted if name not in there and not hasattr(__import__(library, fromlist=["x"]), name)] == []


def test_commands_that_the_page_shows_are_there():
    text = program_page.PAGE.read_text(encoding="utf-8")
    assert set(re.findall(r"`graphflow ([a-z]+)", text)) <= set(cli.COMMANDS)
    assert {"run", "check", "convert", "inspect", "view", "plan"} <= set(re.findall(r"graphflow ([a-z]+)", text))

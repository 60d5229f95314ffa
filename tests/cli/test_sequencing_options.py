"""Options of a sequencing run, as they are typed."""

import inspect
from dataclasses import fields

import pytest
import torch

from denovo.cli.sequencing_options import (
    settings_of_options,
    use_threads,
    whole_numbers,
    with_sequencing_settings,
)
from denovo.errors import InputError
from denovo.sequencing.settings import PROTEOME_FIELDS, SequencingSettings


def test_nothing_typed_gives_the_default_settings():
    received = []

    @with_sequencing_settings(without=("device",))
    def command(name: str, *, settings: SequencingSettings) -> None:
        received.append((name, settings))

    parameters = inspect.signature(command).parameters
    typed = {key: each.default for key, each in parameters.items() if key != "name"}
    command(name="a", **typed)
    assert received == [("a", SequencingSettings())]


def test_every_setting_has_an_option_with_help():
    @with_sequencing_settings()
    def command(*, settings: SequencingSettings) -> None:
        """Do nothing."""

    parameters = inspect.signature(command).parameters
    of_one_command = {*PROTEOME_FIELDS, "dataset"}
    known = [field.name for field in fields(SequencingSettings)]
    assert list(parameters) == [name for name in known if name not in of_one_command]
    for each in parameters.values():
        (option,) = each.annotation.__metadata__
        assert len(option.help) > 10, each.name


def test_lists_of_numbers_may_hold_spaces_signs_and_repetitions():
    assert whole_numbers("-1, 0,+1,0", "--isotope-errors") == (-1, 0, 1)
    settings = settings_of_options(charges="1,2,3,4", isotope_errors="0")
    assert (settings.charges, settings.isotope_errors) == ((1, 2, 3, 4), (0,))


@pytest.mark.parametrize("text", ["", "2;3", "2,", "two", "2.5", "9" * 30])
def test_what_is_no_list_of_numbers_is_named_with_its_option(text):
    with pytest.raises(
        InputError, match=r"--charges must be whole numbers separated by commas"
    ) as e:
        settings_of_options(charges=text)
    assert repr(text) in str(e.value)


def test_as_many_threads_are_used_as_were_asked_for(monkeypatch):
    monkeypatch.setattr("denovo.processes.n_cores", lambda: 3)
    before = torch.get_num_threads()
    try:
        use_threads(3)
        assert torch.get_num_threads() == 3
    finally:
        torch.set_num_threads(before)


@pytest.mark.parametrize(("threads", "bound"), [(0, "at least 1"), (4, "at most 3, the number of")])
def test_a_number_of_threads_that_cannot_help_is_refused(monkeypatch, threads, bound):
    monkeypatch.setattr("denovo.processes.n_cores", lambda: 3)
    before = torch.get_num_threads()
    with pytest.raises(InputError, match=f"--threads must be {bound}.*got {threads}"):
        use_threads(threads)
    assert torch.get_num_threads() == before

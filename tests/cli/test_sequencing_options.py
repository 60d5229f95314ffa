"""Options of a sequencing run, as they are typed."""

import inspect

import pytest
import torch

from denovo.cli.sequencing_options import sequencing_settings, use_threads, whole_numbers
from denovo.errors import InputError
from denovo.sequencing import SequencingSettings


def test_nothing_typed_gives_the_default_settings():
    assert sequencing_settings() == SequencingSettings()
    assert sequencing_settings().as_text() == SequencingSettings().as_text()


def test_every_setting_has_an_option():
    typed = inspect.signature(sequencing_settings).parameters
    assert list(typed) == list(inspect.signature(SequencingSettings).parameters)


def test_lists_of_numbers_may_hold_spaces_signs_and_repetitions():
    assert whole_numbers("-1, 0,+1,0", "--isotope-errors") == (-1, 0, 1)
    settings = sequencing_settings(charges="1,2,3,4", isotope_errors="0")
    assert (settings.charges, settings.isotope_errors) == ((1, 2, 3, 4), (0,))


@pytest.mark.parametrize("text", ["", "2;3", "2,", "two", "2.5", "9" * 30])
def test_what_is_no_list_of_numbers_is_named_with_its_option(text):
    with pytest.raises(InputError, match=r"--charges must be whole numbers parted by commas") as e:
        sequencing_settings(charges=text)
    assert repr(text) in str(e.value)


def test_as_many_threads_are_used_as_were_asked_for():
    before = torch.get_num_threads()
    use_threads(before + 1)
    assert torch.get_num_threads() == before + 1
    use_threads(before)
    with pytest.raises(InputError, match="--threads must be at least 1, got 0"):
        use_threads(0)

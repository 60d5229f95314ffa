"""Which ion, how it was fragmented and which analyzer measured it, as files state it."""

import pytest

from denovo.io.entry_fields import scan_of_native_id
from denovo.io.precursors import Ion, Isolated, activation_of, analyzer_of, precursor_of
from denovo.io.spectrum import SpectrumError


@pytest.mark.parametrize(
    ("names", "short"),
    [
        (["beam-type collision-induced dissociation"], "HCD"),
        (["collision energy", "collision-induced dissociation"], "CID"),
        (["trap-type collision-induced dissociation"], "CID"),
        (["electron transfer dissociation"], "ETD"),
        (
            ["electron transfer dissociation", "supplemental collision-induced dissociation"],
            "ETciD",
        ),
        (["Electron Transfer/Higher-Energy Collision Dissociation (EThcD)"], "EThcD"),
        (["electron capture dissociation"], "ECD"),
        (["photodissociation"], "UVPD"),
        (["HCD"], "HCD"),
        (["ETD+SA"], "ETD"),
        (["surface-induced dissociation"], "other"),
        (["post-source decay"], "other"),
        (["collision energy"], ""),
        ([], ""),
    ],
)
def test_an_activation_has_its_short_name(names: list[str], short: str) -> None:
    assert activation_of(names) == short


@pytest.mark.parametrize(
    ("native_id", "scan"),
    [
        ("controllerType=0 controllerNumber=1 scan=19", 19),
        ("function=2 process=0 scan=7", 7),
        ("frame=3 scan=12", 12),
        ("scanId=5021", 5021),
        ("scan=4 file=run1", 4),
        ("S33", 33),
        ("19", 19),
        ("sample=1 period=1 cycle=3 experiment=2", None),
        ("index=7", None),
        ("spectrum=12", None),
        ("merged=4 scan=a", None),
        ("", None),
    ],
)
def test_a_native_id_gives_its_scan_number_if_it_has_one(native_id: str, scan: int | None) -> None:
    assert scan_of_native_id(native_id) == scan


@pytest.mark.parametrize(
    ("filter_line", "names", "analyzer"),
    [
        ("ITMS + c NSI d Full ms2 500.25@cid35.00", ["orbitrap"], "ion trap"),
        ("FTMS + p NSI d Full ms2 500.25@hcd28.00", [], "FT"),
        ("", ["quadrupole", "orbitrap"], "FT"),
        ("", ["quadrupole", "time-of-flight"], "TOF"),
        ("", ["radial ejection linear ion trap"], "ion trap"),
        ("", ["quadrupole"], ""),
        ("", [], ""),
    ],
)
def test_the_analyzer_is_that_of_the_filter_or_the_last_of_the_instrument(
    filter_line: str, names: list[str], analyzer: str
) -> None:
    assert analyzer_of(filter_line, names) == analyzer


ION = Ion(500.25, (2,))
AIMED = "the target of its isolation window"


@pytest.mark.parametrize(
    ("windows", "ion", "note"),
    [
        ([Isolated((ION,), 500.3, 500.3, 1.6)], ION, ""),
        ([Isolated((ION,))], ION, ""),
        ([Isolated((Ion(0.0, (4,)),), 500.3)], Ion(500.3, (4,)), AIMED),
        ([Isolated((Ion(None, (3,)), Ion(None, (4,))), 500.3)], Ion(500.3, (3, 4)), AIMED),
        ([Isolated((Ion(2e6),), 500.3)], Ion(500.3), AIMED),
        ([Isolated((), 500.3, 500.3, 3.0)], Ion(500.3), AIMED),
        # Nothing better is known, and what is wrong with it is said elsewhere.
        ([Isolated((Ion(-1.0, (2,)),))], Ion(-1.0, (2,)), ""),
        ([Isolated((Ion(0.0),))], Ion(), ""),
        ([], Ion(), ""),
        # One ion of several charges, and one that has no m/z behind one that has.
        ([Isolated((ION, Ion(500.25, (3,)), Ion(500.2501, (2,))))], Ion(500.25, (2, 3)), ""),
        ([Isolated((Ion(0.0), ION))], ION, ""),
        ([Isolated(), Isolated((ION,))], ION, ""),
        ([Isolated((ION, Ion(501.9, (3,))), 501, 501, 4.0)], ION, "(2 ions)"),
        ([Isolated((ION,), width=2.0), Isolated((Ion(700.1, (2,)),), width=2.0)], ION, "(2 ions)"),
        # A wide window whose ion is known by its charge, or by another m/z than the middle.
        ([Isolated((ION,), 500.25, 500.25, 12.0)], ION, "(12 Th)"),
        ([Isolated((Ion(498.7),), 500.25, 500.25, 12.0)], Ion(498.7), "(12 Th)"),
    ],
)
def test_the_precursor_is_the_first_ion_that_can_be_one(
    windows: list[Isolated], ion: Ion, note: str
) -> None:
    chosen, said = precursor_of(windows)
    assert chosen == ion
    assert note in said
    assert bool(note) == bool(said)


@pytest.mark.parametrize(
    "windows",
    [
        [Isolated((), 500.0, 500.0, 25.0)],
        [Isolated((Ion(500.0),), 500.0, 500.0, 25.0)],
        [Isolated((Ion(500.004),), 500.0, 500.0, 25.0)],
        [Isolated((Ion(500.0),), 495.0, 500.0, 25.0)],
        [Isolated((Ion(0.0),), 500.0, 500.0, 25.0)],
        # Five windows of 5 Th that were read out together.
        [Isolated((), mz, mz, 5.0) for mz in (420.0, 530.0, 610.0, 705.0, 820.0)],
    ],
)
def test_a_precursor_that_is_known_only_as_a_wide_window_is_refused(
    windows: list[Isolated],
) -> None:
    with pytest.raises(SpectrumError, match="a window of 25 Th"):
        precursor_of(windows)

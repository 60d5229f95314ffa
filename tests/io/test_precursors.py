import pytest

from denovo.io.fields import scan_of_native_id
from denovo.io.precursors import activation_of, require_narrow
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


def test_a_wide_window_is_refused_or_noted() -> None:
    assert require_narrow(3.0, is_ion_known=False) == ""
    assert "(6 Th)" in require_narrow(6.0, is_ion_known=True)
    with pytest.raises(SpectrumError, match="a window of 6 Th"):
        require_narrow(6.0, is_ion_known=False)

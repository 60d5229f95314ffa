"""The table of UNIMOD that comes with psims."""

from pyteomics import mass

from denovo.chemistry import unimod
from denovo.chemistry.modifications import _read


def test_every_entry_weighs_what_unimod_says():
    table = unimod()
    rows = _read()["modifications"]
    assert len(table.modifications) == len(rows) > 1500
    for row in rows:
        found = table.modifications[f"UNIMOD:{row['record_id']}"]
        assert abs(found.mass - float(row["mono_mass"])) < 1e-3, found
        assert mass.calculate_mass(formula=found.formula) == found.mass


def test_names_of_proforma_are_found_whatever_their_case():
    table = unimod()
    names = {
        "Phospho": "UNIMOD:21",
        "oxidation": "UNIMOD:35",
        "Gln->pyro-Glu": "UNIMOD:28",
        "Label:13C(6)": "UNIMOD:188",
        "tmt6plex": "UNIMOD:737",
        "unimod:4": "UNIMOD:4",
        # One of the other names that UNIMOD lists.
        "Carboxyamidomethylation": "UNIMOD:4",
    }
    for text, accession in names.items():
        found = table.find(text)
        assert found
        assert found.accession == accession
    assert table.find("Nothing of that name") is None


def test_every_modification_is_found_by_its_own_name():
    table = unimod()
    for accession, modification in table.modifications.items():
        found = table.find(modification.name)
        assert found
        assert (found.accession, found.name) == (accession, modification.name)

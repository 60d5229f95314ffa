"""Masses of small species in Da, all from pyteomics (NIST atomic masses)."""

from pyteomics import mass

PROTON_MASS: float = mass.nist_mass["H+"][0][0]
"""Mass of H+ in Da."""

WATER_MASS: float = mass.calculate_mass(formula="H2O")
"""Mass of H2O in Da: what a peptide weighs more than its residues."""

AMMONIA_MASS: float = mass.calculate_mass(formula="NH3")
"""Mass of NH3 in Da."""

CARBON_MONOXIDE_MASS: float = mass.calculate_mass(formula="CO")
"""Mass of CO in Da: what an a ion weighs less than its b ion."""

ISOTOPE_SPACING: float = mass.nist_mass["C"][13][0] - mass.nist_mass["C"][12][0]
"""Mass difference of carbon-13 and carbon-12 in Da."""

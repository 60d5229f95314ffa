"""A run of spectra, and the same search results in the layout of every search program."""

from pathlib import Path
from typing import NamedTuple

from pyteomics import mass

from denovo.chemistry import PROTON_MASS

OXIDATION, CARBAMIDOMETHYL, ACETYL = 15.994915, 57.021464, 42.010565


class Found(NamedTuple):
    """A row: modifications by position from 1 (0: the N-terminus), name and mass in Da."""

    scan: int
    sequence: str
    charge: int = 2
    modifications: tuple[tuple[int, str, float], ...] = ()
    q_value: float = 0.001
    is_decoy: bool = False
    score: float = 50.0
    rank: int = 1
    run: str = "run"

    @property
    def neutral(self) -> float:
        return mass.calculate_mass(self.sequence) + sum(m for _, _, m in self.modifications)

    @property
    def mz(self) -> float:
        return self.neutral / self.charge + PROTON_MASS

    @property
    def protein(self) -> str:
        return "rev_P1" if self.is_decoy else "P1"

    def spelled(self, tag, at_start="[{}]-") -> str:
        """The sequence with modifications; ``tag(name, mass)`` is the text of one."""
        named = {place: tag(name, shift) for place, name, shift in self.modifications}
        start = at_start.format(named[0]) if 0 in named else ""
        letters = enumerate(self.sequence, start=1)
        return start + "".join(f"{a}[{named[k]}]" if k in named else a for k, a in letters)


OXIDISED = ((0, "Acetyl (Protein N-term)", ACETYL), (2, "Oxidation (M)", OXIDATION))
ROWS = [
    Found(17, "AMEPTIDEK", 2, OXIDISED),
    Found(19, "SAMPLER", 2, score=40.0),
    Found(23, "ELVISLIVESK", 3, q_value=0.5, score=20.0),
    Found(29, "KEDITPEP", 2, is_decoy=True, score=21.0),
    Found(31, "WHATEVER", 2, score=30.0),
    Found(99, "NQTHINGK", 2, score=35.0),
]
"""Two rows that count, one above 1 %, a decoy, one of another precursor, one of no spectrum."""
CHARGES = {17: 2, 19: 2, 23: 3, 29: 2, 31: 2}


def write_run(path: Path, scans=CHARGES) -> Path:
    """MGF of the scans of `ROWS`; the precursor of scan 31 is not that of its row."""
    mz = {row.scan: row.mz for row in ROWS} | {31: 600.0}
    entries = [
        f"BEGIN IONS\nTITLE={path.stem}.{scan}.{scan}.{charge}\nPEPMASS={mz[scan]:.5f}\n"
        f"CHARGE={charge}+\nSCANS={scan}\n148.0604 500\n227.1026 1000\n300.1 200\nEND IONS\n"
        for scan, charge in scans.items()
    ]
    path.write_text("".join(entries))
    return path


def _table(path: Path, columns: list[str], rows: list[list[object]]) -> Path:
    lines = [columns, *rows]
    path.write_text("".join("\t".join(map(str, line)) + "\n" for line in lines))
    return path


def write_maxquant(folder: Path, rows=ROWS) -> Path:
    columns = ["Raw file", "Scan number", "Sequence", "Modified sequence", "Proteins", "Charge"]
    columns += ["m/z", "Retention time", "PEP", "Score", "Reverse"]
    return _table(folder / "msms.txt", columns, [
        [row.run, row.scan, row.sequence,
         f"_{row.spelled(lambda name, _: name, '({})').replace('[', '(').replace(']', ')')}_",
         row.protein, row.charge, row.mz, 10.0, 0.01, row.score, "+" if row.is_decoy else ""]
        for row in rows
    ])  # fmt: skip


def write_sage(folder: Path, rows=ROWS) -> Path:
    columns = ["psm_id", "peptide", "proteins", "num_proteins", "filename", "scannr", "rank"]
    columns += ["label", "expmass", "calcmass", "charge", "rt", "sage_discriminant_score"]
    columns += ["spectrum_q"]
    return _table(folder / "results.sage.tsv", columns, [
        [number, row.spelled(lambda _, shift: f"{shift:+.4f}"), row.protein, 1,
         f"{row.run}.mzML", f"controllerType=0 controllerNumber=1 scan={row.scan}", row.rank,
         -1 if row.is_decoy else 1, row.neutral, row.neutral, row.charge, 10.0, row.score,
         row.q_value]
        for number, row in enumerate(rows)
    ])  # fmt: skip


def write_fragpipe(folder: Path, rows=ROWS) -> Path:
    columns = ["Spectrum", "Spectrum File", "Peptide", "Charge", "Retention", "Observed M/Z"]
    columns += ["Calibrated Observed M/Z", "Hyperscore", "Probability", "Assigned Modifications"]
    columns += ["Protein", "Mapped Proteins"]

    def assigned(row: Found) -> str:
        sites = [f"{k}{row.sequence[k - 1]}" if k else "N-term" for k, _, _ in row.modifications]
        shifts = [shift for _, _, shift in row.modifications]
        return ", ".join(f"{s}({m:.4f})" for s, m in zip(sites, shifts, strict=True))

    return _table(folder / "psm.tsv", columns, [
        [f"{row.run}.{row.scan:05}.{row.scan:05}.{row.charge}", f"interact-{row.run}.pep.xml",
         row.sequence, row.charge, 600.0, row.mz, row.mz, row.score, 0.99, assigned(row),
         row.protein, ""]
        for row in rows if not row.is_decoy and row.q_value <= 0.01
    ])  # fmt: skip


def write_percolator(folder: Path, rows=ROWS) -> Path:
    columns = ["PSMId", "score", "q-value", "posterior_error_prob", "peptide", "proteinIds"]
    return _table(folder / "psms.target.txt", columns, [
        [f"{row.run}_{row.scan}_{row.charge}_1", row.score, row.q_value, 0.01,
         f"K.{row.spelled(lambda _, shift: f'{shift:.4f}', 'n[{}]')}.A", row.protein, "P2"]
        for row in rows if not row.is_decoy
    ])  # fmt: skip


def write_pepxml(folder: Path, rows=ROWS) -> Path:
    queries = []
    for index, row in enumerate(rows, start=1):
        start = (
            f' mod_nterm_mass="{ACETYL + 1.007825:.6f}"'
            if (0, *OXIDISED[0][1:]) in [*row.modifications]
            else ""
        )
        residues = "".join(
            f'<mod_aminoacid_mass position="{place}" '
            f'mass="{shift + mass.std_aa_mass[row.sequence[place - 1]]:.6f}"/>'
            for place, _, shift in row.modifications
            if place
        )
        info = f"<modification_info{start}>{residues}</modification_info>"
        queries.append(
            f'<spectrum_query spectrum="{row.run}.{row.scan:05}.{row.scan:05}.{row.charge}" '
            f'start_scan="{row.scan}" end_scan="{row.scan}" '
            f'precursor_neutral_mass="{row.neutral:.6f}" assumed_charge="{row.charge}" '
            f'index="{index}"><search_result><search_hit hit_rank="{row.rank}" '
            f'peptide="{row.sequence}" peptide_prev_aa="K" peptide_next_aa="A" '
            f'protein="{row.protein}" num_tot_proteins="1" calc_neutral_pep_mass="{row.neutral}" '
            f'massdiff="0.0">{info if row.modifications else ""}'
            f'<search_score name="expect" value="{10 ** (-row.score / 10)}"/>'
            "</search_hit></search_result></spectrum_query>"
        )
    path = folder / "run.pep.xml"
    path.write_text(
        '<?xml version="1.0"?>\n<msms_pipeline_analysis xmlns="http://regis-web.systemsbiology.net/'
        'pepXML"><msms_run_summary base_name="run" raw_data=".mzML">'
        f"{''.join(queries)}</msms_run_summary></msms_pipeline_analysis>\n"
    )
    return path


WRITERS = {
    "MaxQuant": write_maxquant,
    "Sage": write_sage,
    "FragPipe": write_fragpipe,
    "Percolator": write_percolator,
    "pepXML": write_pepxml,
}

"""A small valid file of every format, written by the tests themselves."""

import base64
import gzip
import zlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np

MZ = (100.5, 200.25, 300.125, 400.0625)
INTENSITY = (10.0, 40.0, 30.0, 20.0)

MGF = "".join(
    f"BEGIN IONS\nTITLE=s{i}\nPEPMASS=400.5\nCHARGE=2+\nRTINSECONDS=60\nSEQ=PEPTIDE\n"
    + "".join(f"{mz} {height}\n" for mz, height in zip(MZ, INTENSITY, strict=True))
    + "END IONS\n\n"
    for i in range(3)
)
MSP = "".join(
    f"Name: PEPTIDE/2_0\nMW: 799.36\nComment: Parent=400.5 Mods=0 Scan={i}\nNum peaks: 4\n"
    + "".join(f'{mz}\t{height}\t"?"\n' for mz, height in zip(MZ, INTENSITY, strict=True))
    + "\n"
    for i in range(3)
)
MZSPECLIB = """<mzSpecLib>
MS:1003186|library format version=1.0
<AttributeSet Spectrum=all>
MS:1000511|ms level=2
<AttributeSet Analyte=TRYPTIC>
MS:1001045|cleavage agent name=MS:1001251|Trypsin
""" + "".join(
    f"<Spectrum={i + 1}>\nMS:1003061|library spectrum name=s{i}\n"
    "MS:1003208|experimental precursor monoisotopic m/z=400.5\n"
    "[1]MS:1000894|retention time=1.0\n[1]UO:0000000|unit=UO:0000031|minute\n"
    "MS:1003059|number of peaks=4\n"
    "<Analyte=1>\nMS:1003270|proforma peptidoform ion notation=PEPTIDE/2\n"
    "MS:1000041|charge state=2\n[1]MS:1003212|library attribute set name=TRYPTIC\n"
    "<Interpretation=1>\nMS:1002357|PSM-level probability=0.9\n<Peaks>\n"
    + "".join(f"{mz}\t{height}\t?\n" for mz, height in zip(MZ, INTENSITY, strict=True))
    + "\n"
    for i in range(3)
)


def cv(accession: str, name: str = "", value: object = "", unit: str = "") -> str:
    return (
        f'<cvParam cvRef="MS" accession="{accession}" name="{name}" value="{value}"'
        + (f' unitAccession="{unit}" unitName="minute"' if unit else "")
        + "/>"
    )


def packed(values: Sequence[float], dtype: str) -> str:
    return base64.b64encode(zlib.compress(np.array(values, dtype=dtype).tobytes())).decode()


def mzml_array(accession: str, name: str, values: Sequence[float]) -> str:
    text = packed(values, "<f8")
    return (
        f'<binaryDataArray encodedLength="{len(text)}">{cv("MS:1000523", "64-bit float")}'
        f"{cv('MS:1000574', 'zlib compression')}{cv(accession, name)}"
        f"<binary>{text}</binary></binaryDataArray>"
    )


def mzml_spectrum(
    index: int,
    mz: Sequence[float] = MZ,
    intensity: Sequence[float] = INTENSITY,
    level: int = 2,
    kind: str = "MS:1000127",
    charge: object = 2,
) -> str:
    ion = cv("MS:1000744", "selected ion m/z", 400.5)
    ion += cv("MS:1000041", "charge state", charge) if charge is not None else ""
    return (
        f'<spectrum index="{index}" id="scan={index + 1}" defaultArrayLength="{len(mz)}">'
        f"{cv('MS:1000511', 'ms level', level)}{cv(kind, 'representation') if kind else ''}"
        '<scanList count="1"><scan>'
        f"{cv('MS:1000016', 'scan start time', 1.0, 'UO:0000031')}</scan></scanList>"
        '<precursorList count="1"><precursor><selectedIonList count="1">'
        f"<selectedIon>{ion}</selectedIon></selectedIonList></precursor></precursorList>"
        f'<binaryDataArrayList count="2">{mzml_array("MS:1000514", "m/z array", mz)}'
        f"{mzml_array('MS:1000515', 'intensity array', intensity)}</binaryDataArrayList>"
        "</spectrum>\n"
    )


def mzml(*spectra: str, prolog: str = "") -> str:
    return (
        f'<?xml version="1.0" encoding="utf-8"?>\n{prolog}'
        '<mzML xmlns="http://psi.hupo.org/ms/mzml" version="1.1.0"><run id="run">'
        f'<spectrumList count="{len(spectra)}">\n{"".join(spectra)}</spectrumList></run></mzML>\n'
    )


def mzxml_scan(
    number: int, level: int = 2, inner: str = "", attributes: str = 'centroided="1"'
) -> str:
    pairs = [value for pair in zip(MZ, INTENSITY, strict=True) for value in pair]
    precursor = '<precursorMz precursorCharge="2">400.5</precursorMz>' if level > 1 else ""
    return (
        f'<scan num="{number}" msLevel="{level}" peaksCount="4" {attributes} '
        f'retentionTime="PT60.0S">{precursor}<peaks precision="64" byteOrder="network" '
        f'contentType="m/z-int" compressionType="zlib">{packed(pairs, ">f8")}</peaks>{inner}'
        "</scan>\n"
    )


def mzxml(*scans: str) -> str:
    return (
        '<?xml version="1.0"?>\n<mzXML xmlns="http://sashimi.sourceforge.net/schema_revision/'
        f'mzXML_3.2"><msRun scanCount="{len(scans)}">\n{"".join(scans)}</msRun></mzXML>\n'
    )


VALID: dict[str, str] = {
    "small.mgf": MGF,
    "small.msp": MSP,
    "small.mzlib.txt": MZSPECLIB,
    "small.mzML": mzml(*(mzml_spectrum(i) for i in range(3))),
    "small.mzXML": mzxml(*(mzxml_scan(i + 1) for i in range(3))),
}


def write(folder: Path, name: str, text: str | bytes) -> Path:
    """Write a file, compressed where its name ends so."""
    data = text.encode() if isinstance(text, str) else text
    path = folder / name
    path.write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
    return path

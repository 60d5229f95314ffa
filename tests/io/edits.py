"""What is done to the text of an entry, or of a file, by the name of the damage."""

import base64
import zlib

import numpy as np

# What is done to the text of an entry: pattern, replacement, and whether it must be rejected.
Edit = tuple[str, str, bool | None]
_PEAK = r"200\.25(\s)40\.0"
PEAKS: dict[str, Edit] = {
    "negative_intensity": (_PEAK, r"200.25\g<1>-40.0", True),
    "nan_intensity": (_PEAK, r"200.25\g<1>nan", True),
    "infinite_intensity": (_PEAK, r"200.25\g<1>inf", True),
    "overflowing_intensity": (_PEAK, r"200.25\g<1>1e999", True),
    "nan_mz": (_PEAK, r"nan\g<1>40.0", True),
    "negative_mz": (_PEAK, r"-200.25\g<1>40.0", True),
    "mz_lighter_than_a_proton": (_PEAK, r"0.5\g<1>40.0", True),
    "zero_mz": (_PEAK, r"0\g<1>40.0", True),
    "infinite_mz": (_PEAK, r"1e999\g<1>40.0", True),
    "absurd_mz": (_PEAK, r"2e6\g<1>40.0", True),
    "text_mz": (_PEAK, r"2OO.25\g<1>40.0", True),
    "text_intensity": (_PEAK, r"200.25\g<1>high", True),
    "decimal_comma": (_PEAK, r"200,25\g<1>40,0", True),
    "no_intensity": (_PEAK, r"200.25", True),
    "hexadecimal": (_PEAK, r"0x1p3\g<1>40.0", True),
    "stray_bytes": (_PEAK, "200.25\\g<1>4\udcff0", True),
    "zero_byte": (_PEAK, "200.25\\g<1>4\x000", True),
    "missing_line_end": (r"40\.0(?:\t\S*)?\n", "40.0", None),
    "all_intensities_zero": (r"(\d\.\d+|\d{3}\.\d+)(\s)\d+\.0", r"\g<1>\g<2>0.0", True),
}
MGF_EDITS: dict[str, Edit] = PEAKS | {
    "no_peaks": (r"(?m)^\d.*\n", "", True),
    "garbled_start": (r"BEGIN IONS", "BEGIN IANS", True),
    "no_end": (r"END IONS\n", "", True),
    "no_precursor": (r"PEPMASS=.*\n", "", True),
    "empty_precursor": (r"PEPMASS=.*", "PEPMASS=", True),
    "nan_precursor": (r"PEPMASS=.*", "PEPMASS=nan", True),
    "negative_precursor": (r"PEPMASS=.*", "PEPMASS=-400.5", True),
    "zero_precursor": (r"PEPMASS=.*", "PEPMASS=0", True),
    "absurd_precursor": (r"PEPMASS=.*", "PEPMASS=1e30", True),
    "text_precursor": (r"PEPMASS=.*", "PEPMASS=heavy", True),
    "charge_99": (r"2\+", "99+", True),
    "charge_of_400_digits": (r"2\+", "9" * 400, True),
    "negative_charge": (r"2\+", "2-", True),
    "text_charge": (r"2\+", "two", True),
    "fractional_charge": (r"2\+", "2.5+", True),
    "no_charge": (r"CHARGE=.*\n", "", False),
    "zero_charge": (r"2\+", "0+", False),
    "several_charges": (r"2\+", "2+ and 3+", False),
    "ms1": (r"CHARGE", "MSLEVEL=1\nCHARGE", True),
    "text_level": (r"CHARGE", "MSLEVEL=two\nCHARGE", True),
    "latin1_title": (r"s2", "\udcb5\udcff", False),
    "empty_title": (r"s2", "", False),
    "no_title": (r"TITLE=.*\n", "", False),
    "title_with_control_characters": (r"s2", "a\tb\x00\x1b[31m\x0c", False),
    "title_of_a_quarter_mebibyte": (r"s2", "x" * (1 << 18), False),
    "duplicate_title": (r"s2", "s1", False),
    "repeated_field": (r"CHARGE=2\+", "CHARGE=2+\nCHARGE=3+", False),
    "unreadable_peptide": (r"SEQ=.*", "SEQ=[[[", False),
    "unreadable_time": (r"=60", "=soon", False),
    "stray_text": (r"CHARGE", "what is this\nCHARGE", True),
    "blank_lines": (r"\n", "\n\n  \n", False),
}
MSP_EDITS: dict[str, Edit] = PEAKS | {
    "no_peaks": (r"(?m)^\d.*\n", "", True),
    "garbled_start": (r"Name:", "Nome:", True),
    "too_many_announced": (r"peaks: 4", "peaks: 400", False),
    "too_few_announced": (r"peaks: 4", "peaks: 3", False),
    "text_announced": (r"peaks: 4", "peaks: four", True),
    "nan_announced": (r"peaks: 4", "peaks: nan", True),
    "no_precursor": (r"Parent=\S+", "", True),
    "nan_precursor": (r"Parent=\S+", "Parent=nan", True),
    "negative_precursor": (r"Parent=\S+", "Parent=-400.5", True),
    "text_precursor": (r"Parent=\S+", "Parent=heavy", True),
    "charge_99": (r"/2_0", "/99_0", True),
    "text_charge": (r"(?m)^MW:", "Charge: two\nMW:", True),
    "infinite_charge": (r"(?m)^MW:", "Charge: inf\nMW:", True),
    "negative_charge": (r"(?m)^MW:", "Charge: -2\nMW:", True),
    "no_charge": (r"/2_0", "", False),
    "latin1_name": (r"PEPTIDE/2", "\udcb5/2", False),
    "unreadable_modifications": (r"Mods=0", "Mods=7/(", False),
    "open_quote": (r'"\?"', '"?', False),
    "blank_lines_between": (r"$", "\n\n\n", False),
}
MZLIB_EDITS: dict[str, Edit] = PEAKS | {
    "no_peaks": (r"(?m)^\d.*\n", "", True),
    "garbled_start": (r"<Spectrum=", "<Spektrum=", True),
    "start_without_bracket": (r"<Spectrum=", "Spectrum=", True),
    "too_many_announced": (r"peaks=4", "peaks=400", False),
    "text_announced": (r"peaks=4", "peaks=four", True),
    "no_precursor": (r"MS:1003208.*\n", "", True),
    "nan_precursor": (r"=402\.5", "=nan", True),
    "negative_precursor": (r"=402\.5", "=-402.5", True),
    "text_precursor": (r"=402\.5", "=heavy", True),
    "charge_99": (r"charge state=2", "charge state=99", True),
    "text_charge": (r"charge state=2", "charge state=two", True),
    "ms1": (r"<Analyte=1>", "MS:1000511|ms level=1\n<Analyte=1>", True),
    "latin1_name": (r"=s2", "=\udcb5\udcff", False),
    "duplicate_name": (r"=s2", "=s1", False),
    "unknown_attribute": (r"<Analyte=1>", "XX:1|y=z\n<Analyte=1>", False),
    "unknown_section": (r"<Analyte=1>", "<Riddle=1>\n<Analyte=1>", False),
    "unknown_set": (r"name=TRYPTIC", "name=ABSENT", False),
}


def _binary(order: str) -> dict[str, str]:
    """Write arrays that are no good, in a byte order, by what is wrong with them."""
    good = np.array([100.5, 200.25, 300.125, 400.0625], f"{order}f8").tobytes()
    packed = zlib.compress(good)
    garbled = packed[:8] + b"\xff\x00\xff\x00" + packed[12:]
    arrays = {
        "nan": [1.0, np.nan, 3.0, 4.0],
        "infinite": [1.0, np.inf, 3.0, 4.0],
        "absurd_mz": [1.0, 1.0, 1e30, 1.0],
        "negative": [-1.0, -2.0, -3.0, -4.0],
        "too_many_values": [*range(1, 10)],
    }
    texts = {name: np.array(values, f"{order}f8").tobytes() for name, values in arrays.items()}
    texts |= {"odd_number_of_bytes": bytes(33), "zlib_bomb": bytes((1 << 26) + 8)}
    encoded = {name: zlib.compress(data, 1) for name, data in texts.items()}
    encoded |= {"zlib_garbled": garbled, "zlib_cut_off": packed[:-8], "zlib_missing": good}
    return {name: base64.b64encode(data).decode() for name, data in encoded.items()} | {
        "text_for_base64": "this is no base64!",
        "base64_of_wrong_length": "AAAAA",
        "base64_of_other_letters": "\u00b5\u00b5\u00b5\u00b5",
        "empty_array": "",
    }


_BINARY = _binary("<")
_MZ_TEXT, _HEIGHT_TEXT = (rf"(MS:100051{digit}[^\n]*?<binary>)[^<]*" for digit in (4, 5))
MZML_EDITS: dict[str, Edit] = {
    **{f"mz_{name}": (_MZ_TEXT, rf"\g<1>{text}", True) for name, text in _BINARY.items()},
    **{
        f"height_{name}": (_HEIGHT_TEXT, rf"\g<1>{text}", True)
        for name, text in _BINARY.items()
        if name != "absurd_mz"
    },
    "both_arrays_empty": (r"(<binary>)[^<]*", r"\g<1>", True),
    "no_arrays": (r"<binaryDataArrayList.*</binaryDataArrayList>", "", True),
    "no_mz_array": (r"MS:1000514", "MS:1000786", True),
    "no_intensity_array": (r"MS:1000515", "MS:1000786", True),
    "no_type": (r"MS:1000523", "MS:0000000", True),
    "unknown_compression": (r'MS:1000574" name="zlib', 'MS:1009999" name="new', True),
    "numpress": (
        r'MS:1000574" name="zlib',
        'MS:1002312" name="MS-Numpress linear prediction',
        True,
    ),
    "ms1": (r'(1000511"[^>]*value=")2', r"\g<1>1", True),
    "ms3": (r'(1000511"[^>]*value=")2', r"\g<1>3", True),
    "text_level": (r'(1000511"[^>]*value=")2', r"\g<1>two", True),
    "no_precursor": (r"<precursorList.*</precursorList>", "", True),
    "no_selected_ion": (r"<selectedIonList.*</selectedIonList>", "", True),
    "nan_precursor": (r"402\.5", "nan", True),
    "negative_precursor": (r"402\.5", "-402.5", True),
    "text_precursor": (r"402\.5", "heavy", True),
    "absurd_precursor": (r"402\.5", "1e30", True),
    "empty_precursor": (r"402\.5", "", True),
    "charge_99": (r'(1000041"[^>]*value=")2', r"\g<1>99", True),
    "negative_charge": (r'(1000041"[^>]*value=")2', r"\g<1>-2", True),
    "text_charge": (r'(1000041"[^>]*value=")2', r"\g<1>two", True),
    "no_charge": (r'(1000041"[^>]*value=")2', r"\g<1>", False),
    "negative_mode": (r"(<scanList)", r'<cvParam accession="MS:1000129"/>\g<1>', True),
    "duplicate_id": (r'id="scan=3"', 'id="scan=2"', False),
    "no_id": (r'id="scan=3" ', "", False),
    "wrong_index": (r'index="2"', 'index="77"', False),
    "wrong_length": (r'defaultArrayLength="4"', 'defaultArrayLength="999"', False),
    "wrong_encoded_length": (r'encodedLength="\d+"', 'encodedLength="1"', False),
    "unreadable_time": (r'value="1\.0"', 'value="soon"', False),
    "unknown_group": (r"<scanList", '<referenceableParamGroupRef ref="absent"/><scanList', False),
}
_PEAKS_TEXT = r"(<peaks[^>]*>)[^<]*"
MZXML_EDITS: dict[str, Edit] = {
    **{
        f"peaks_{name}": (_PEAKS_TEXT, rf"\g<1>{text}", True) for name, text in _binary(">").items()
    },
    "no_peaks": (r"<peaks.*</peaks>", "", True),
    "unknown_precision": (r'precision="64"', 'precision="16"', True),
    "other_content": (r"m/z-int", "m/z ruler", True),
    "ms1": (r'msLevel="2"', 'msLevel="1"', True),
    "text_level": (r'msLevel="2"', 'msLevel="two"', True),
    "no_precursor": (r"<precursorMz.*</precursorMz>", "", True),
    "nan_precursor": (r"402\.5", "nan", True),
    "negative_precursor": (r"402\.5", "-402.5", True),
    "text_precursor": (r"402\.5", "heavy", True),
    "charge_99": (r'precursorCharge="2"', 'precursorCharge="99"', True),
    "text_charge": (r'precursorCharge="2"', 'precursorCharge="two"', True),
    "no_charge": (r'precursorCharge="2"', "", False),
    "negative_mode": (r"msLevel", 'polarity="-" msLevel', True),
    "duplicate_number": (r'num="3"', 'num="2"', False),
    "no_number": (r'num="3" ', "", False),
    "wrong_number_of_peaks": (r'peaksCount="4"', 'peaksCount="999"', False),
    "unreadable_time": (r"PT60\.0S", "soon", False),
}
EDITS = {
    "mgf": MGF_EDITS,
    "msp": MSP_EDITS,
    "mzlib.txt": MZLIB_EDITS,
    "mzML": MZML_EDITS,
    "mzXML": MZXML_EDITS,
}
# What breaks XML from entry 2 on.
XML_BREAKS = {
    "unclosed_element": "<unclosed>",
    "surplus_end": "</nobody>",
    "bare_ampersand": "a & b",
    "undefined_entity": "&nobody;",
    "forbidden_character": "\x07",
    "zero_byte": "\x00",
    "invalid_utf8": "\udcff\udcfe",
    "bare_less_than": "a < b",
    "doctype_inside": '<!DOCTYPE x [<!ENTITY a "b">]>',
}
_LAUGHS = "".join(
    f'<!ENTITY l{i} "{f"&l{i - 1};" * 10}">' if i else '<!ENTITY l0 "ha">' for i in range(9)
)
PROLOGS = {
    "bomb_of_entities": f"<!DOCTYPE mzML [{_LAUGHS}]>",
    "external_entity": '<!DOCTYPE mzML [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
    "parameter_entity": '<!DOCTYPE mzML [<!ENTITY % x SYSTEM "http://0.0.0.0/x.dtd"> %x;]>',
    "external_subset": '<!DOCTYPE mzML SYSTEM "http://0.0.0.0/x.dtd">',
    "bomb_behind_a_comment": f"<!-- -->\n<?x y?><!DOCTYPE mzML [{_LAUGHS}]>",
}

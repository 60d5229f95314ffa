"""Fragment evidence written out: every distance to every peak, one prefix after the other."""

import torch

from denovo.chemistry import WATER_MASS, IonType, parse_tolerance


def bell(distance, width):
    return torch.exp(-((distance / width) ** 2) / 2)


class PlainEvidence:
    """What `FragmentEvidence` computes, with the same switches, for one prefix of one spectrum."""

    def __init__(self, vocabulary, direction, spectra, row, switches):
        self.masses = vocabulary.masses[vocabulary.candidates]
        self.residues = self.masses[~vocabulary.is_n_terminal[vocabulary.candidates]]
        self.direction, self.switches = direction, switches
        mask = spectra.peak_mask[row]
        self.mz, self.height = spectra.mz[row][mask], spectra.intensity[row][mask].sqrt()
        self.total = spectra.precursor_mass[row]

    def nearest(self, ion, site):
        """Return m/z, distance and height of the peak nearest to an ion of sites."""
        prefix = site if self.direction == "forward" else self.total - WATER_MASS - site
        mz = ion.mz(prefix, self.total).float()
        gaps = (mz.clamp(min=0.0)[..., None] - self.mz).abs()
        return mz, gaps.amin(dim=-1), self.height[gaps.argmin(dim=-1)]

    def closeness(self, ion, site, tolerance):
        mz, distance, height = self.nearest(IonType.parse(ion), site)
        return bell(distance, parse_tolerance(tolerance).half_width(mz)), height

    def of_ions(self, site):
        ions, switches = self.switches["ions"], self.switches
        plain = [self.closeness(i, site, t)[0] for t in switches["tolerances"] for i in ions]
        high = [self.closeness(i, site, t) for t in switches["height_tolerances"] for i in ions]
        return torch.stack([*plain, *(close * height for close, height in high)])

    def of_lookahead(self, site):
        by_terminus = {end: torch.zeros(len(site), len(self.residues)) for end in (True, False)}
        for name in self.switches["lookahead_ions"]:
            close, height = self.closeness(
                name, site[:, None] + self.residues, self.switches["lookahead_tolerance"]
            )
            by_terminus[IonType.parse(name).is_n_terminal] += close * (0.5 + 0.5 * height)
        both = (by_terminus[True] + by_terminus[False]).sort(dim=1, descending=True).values
        best = by_terminus[True].amax(dim=1), by_terminus[False].amax(dim=1)
        return torch.stack([both[:, 0], both[:, 1], *best])

    def of_remaining(self, after):
        left = self.total - WATER_MASS - after
        width = parse_tolerance(self.switches["precursor_tolerance"]).half_width(self.total)
        one = (left[:, None] - self.residues).abs().amin(dim=1)
        return torch.stack([
            bell(left, width),
            bell(left, 4 * width),
            bell(one, width),
            bell(one, 4 * width),
            (left < -3 * width).double(),
            ((left > 3 * width) & (left < self.residues.min() - 3 * width)).double(),
        ]).float()  # fmt: skip

    def after(self, read_mass):
        """Compute the features of all candidates and EOS: [candidate + 1, feature]."""
        site = read_mass + self.masses
        seen = torch.cat([self.of_ions(site), self.of_lookahead(site)])
        left = self.of_remaining(torch.cat([site, read_mass[None]]))
        return torch.cat([torch.nn.functional.pad(seen, (0, 1)), left]).T

"""Reports: pictures, tables and pages of runs, evaluations and sequencing."""

"""Training: the LightningModule, its callbacks, and what one job of train.py consists of."""

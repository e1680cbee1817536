"""RISE: a reproducible benchmark suite for domain generalization by distillation."""

__version__ = "0.1.0"

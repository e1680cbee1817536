"""RISE: a reproducible benchmark suite for domain generalization by distillation."""

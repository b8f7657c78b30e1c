"""Predictors of drug response: one class, one file. Import from the submodules: torch is heavy."""

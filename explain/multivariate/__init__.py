"""The multivariate explainer: a factorised encoder of local linear maps, fitted to any model given as a function.

Notation and mathematics: docs/explainer.md. Import from the submodules: torch is heavy.
"""

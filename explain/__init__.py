"""Screen and gene graph in; predictor, explanations and claims out.

Import from the submodules: nothing heavy is loaded here.
"""

"""Getting the providers' files: pinned addresses, resumed downloads, nothing half-written.

`sources.toml` is the project's lock file: which file comes from where, in which release, under which
licence. What was really fetched, with its hash, is recorded in the data folder and held from then on.
"""

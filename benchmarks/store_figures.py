"""From measurements to figures: what each part of the store's benchmark tells, beside which target."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable

import store_growth as growth
import store_measures as measures
import store_results as results
from store_measures import Server
from store_report import Figure

from pathproof.graph_schema.queries import list_queries

BOTH = ("embedded", "neo4j")
LOAD, WRITE, ASK, EACH = "first load", "explanations", "queries", "queries, each"
START, GROWTH, FLOOR = "start and memory", "growth of the embedded store", "floor"
LOAD_RATE = 8_000.0  # relationships a second
EXPLANATION_MS = 50.0
MEDIAN_QUERY_MS, WORST_QUERY_MS = 50.0, 1_000.0
START_SECONDS = 5.0
MEMORY_MIB, MEMORY_AT = 1.2e9 / measures.MIB, 1_000_000
Servers = dict[str, Server]


def each_server(
    part: str,
    name: str,
    unit: str,
    servers: Servers,
    value: Callable[[Server], float],
    *,
    target: float | None = None,
    least: bool = False,
    held_by: tuple[str, ...] = BOTH,
) -> Figure:
    """A figure on each server that was measured."""
    here, there = (value(servers[one]) if one in servers else None for one in BOTH)
    return Figure(part, name, unit, here, there, target, least, held_by)


def load_figures(servers: Servers, admin: measures.AdminImport | None) -> list[Figure]:
    """The first load of the whole graph, and Neo4j's own bulk import of it."""

    def one(name: str, unit: str, value: Callable[[measures.Load], float], target: float | None = None) -> Figure:
        held_by = ("embedded",)
        return each_server(
            LOAD, name, unit, servers, lambda x: value(x.load), target=target, least=True, held_by=held_by
        )

    rate = "relationships a second"
    figures = [
        one(f"{rate}, over the whole load", "1/s", lambda x: x.relationships / x.seconds, LOAD_RATE),
        one(f"{rate}, while they are written", "1/s", lambda x: x.relationships / x.edge_seconds),
        one("nodes a second, with constraints and indexes", "1/s", lambda x: x.nodes / x.node_seconds),
        one("the whole load", "s", lambda x: x.seconds),
        one("of it: reading and checking the tables", "s", lambda x: x.checking),
        one("of it: nodes, constraints, indexes", "s", lambda x: x.node_seconds),
        one("of it: relationships", "s", lambda x: x.edge_seconds),
    ]
    if admin is not None:
        seconds = admin.import_seconds
        over = "our load over neo4j-admin's import of the same graph"
        figures += [
            each_server(LOAD, over, "x", servers, lambda x: x.load.seconds / seconds),
            Figure(LOAD, "neo4j-admin database import full", "s", neo4j=seconds),
            Figure(LOAD, "the export that it reads, from the embedded store", "s", admin.export_seconds),
            Figure(LOAD, "size of that export", "MiB", admin.size_mib),
        ]
    return figures


def writing_figures(servers: Servers) -> list[Figure]:
    """What an explanation costs."""

    def one(name: str, unit: str, value: Callable[[measures.Writing], float], target: float | None = None) -> Figure:
        def of(server: Server) -> float:
            assert server.writing is not None
            return value(server.writing)

        return each_server(WRITE, name, unit, servers, of, target=target)

    return [
        one("each of 100 written at once, mean", "ms", lambda x: 1000 * x.each_of_many, EXPLANATION_MS),
        one("written alone, median of 10", "ms", lambda x: 1000 * statistics.median(x.single), EXPLANATION_MS),
        one("the first one, which reads the signed network", "s", lambda x: x.first),
        one("a validation run that judges all their claims", "s", lambda x: x.validation),
        one("relationships of an explanation, mean", "", lambda x: x.relationships_each),
    ]


def query_figures(servers: Servers) -> list[Figure]:
    """Over all queries of the library: the median query, and the worst run; whole tables for programs also apart."""
    tables = {query.name for query in list_queries() if query.asker == "program"}

    def medians(server: Server) -> list[float]:
        return [measures.median_ms(list(sets.values())) for sets in server.asked.values()]

    def worst(server: Server, *, people: bool) -> float:
        asked = server.asked.items()
        return max(measures.worst_ms(list(sets.values())) for name, sets in asked if not people or name not in tables)

    people, every = "worst run of a question that people ask", "worst run of all, whole tables for programs too"
    return [
        each_server(
            ASK, "median query", "ms", servers, lambda x: statistics.median(medians(x)), target=MEDIAN_QUERY_MS
        ),
        each_server(ASK, people, "ms", servers, lambda x: worst(x, people=True), target=WORST_QUERY_MS),
        each_server(ASK, every, "ms", servers, lambda x: worst(x, people=False), target=WORST_QUERY_MS),
        each_server(ASK, "queries asked", "", servers, lambda x: len(x.asked)),
    ]


def each_query(servers: Servers) -> list[Figure]:
    """Median of each query with each set of parameters."""
    figures = []
    for name, sets in servers["embedded"].asked.items():
        for label, here in sets.items():
            there = servers["neo4j"].asked.get(name, {}).get(label) if "neo4j" in servers else None
            title = f"{name}, {label}: {here.rows:,} row{'' if here.rows == 1 else 's'}"
            other = None if there is None else measures.median_ms([there])
            figures.append(Figure(EACH, title, "ms", measures.median_ms([here]), other))
    return figures


def query_notes(servers: Servers, runs: int) -> list[str]:
    """Which queries are the worst, which could not be asked, and where the servers' answers differ in length."""
    notes = [
        f"Each query was asked with two sets of parameters, once to warm up and then {runs} times: `typical` "
        "names things with a median number of relationships, `busiest` those with the most (and nothing where it may); "
        f"of {results.TRIES} sets from there on, the first that has rows.",
    ]
    for label, server in servers.items():
        slowest = max(server.asked, key=lambda name: measures.worst_ms(list(server.asked[name].values())))
        notes.append(f"Worst run, {label}: {slowest}.")
        if server.left_out:
            notes.append(f"Not asked, {label}: {', '.join(server.left_out)} (the graph holds nothing to name).")
    if len(servers) == len(BOTH):
        here, there = (servers[name].asked for name in BOTH)
        differing = [
            f"{name} ({label})"
            for name, sets in here.items()
            for label, one in sets.items()
            if name not in there or there[name][label].rows != one.rows
        ]
        if differing:
            notes.append(f"The servers' answers differ in length: {', '.join(differing)}.")
    return notes


def start_figures(empty: float | None, full: float | None, servers: Servers) -> list[Figure]:
    """Start of the embedded store, and the memory of the servers."""
    return [
        Figure(START, "start, empty, median of 3", "s", empty, target=START_SECONDS),
        Figure(START, "start with the whole graph, median of 3", "s", full, target=START_SECONDS),
        each_server(START, "peak memory during the first load", "MiB", servers, lambda x: x.load.peak_mib),
    ]


def growth_figures(grown: dict[int, growth.Grown]) -> list[Figure]:
    """The embedded store at each size; the powers of the size by which time, memory and files grow come first."""
    figures = exponents(grown) if len(grown) > 1 else []
    for size, one in grown.items():
        about = f"{size:,} relationships"
        rate = one.load.relationships / one.load.seconds
        most = MEMORY_MIB if size == MEMORY_AT else None
        figures += [
            Figure(GROWTH, f"{about}: a second, over the whole load", "1/s", rate, target=LOAD_RATE, least=True),
            Figure(GROWTH, f"{about}: the whole load", "s", one.load.seconds),
            Figure(GROWTH, f"{about}: peak memory during the load", "MiB", one.load.peak_mib, target=most),
            Figure(GROWTH, f"{about}: memory after a new start and reading each", "MiB", one.held_mib, target=most),
            Figure(GROWTH, f"{about}: start", "s", one.start_seconds, target=START_SECONDS),
            Figure(GROWTH, f"{about}: files of the store", "MiB", one.disk_mib),
        ]
    return figures


def exponents(grown: dict[int, growth.Grown]) -> list[Figure]:
    """The slope of log(figure) over log(size): 1 is in proportion to the size, 0 does not depend on it."""
    sizes = [math.log(size) for size in grown]

    def power(name: str, value: Callable[[growth.Grown], float]) -> Figure:
        slope = statistics.linear_regression(sizes, [math.log(value(one)) for one in grown.values()]).slope
        return Figure(GROWTH, f"{name} grows with this power of the size", "", slope)

    return [
        power("the whole load", lambda x: x.load.seconds),
        power("peak memory", lambda x: x.load.peak_mib),
        power("the store's files", lambda x: x.disk_mib),
    ]


def floor_figures(size: int, ours: float, bare: float, plain: float) -> list[Figure]:
    """Our load beside the driver alone."""
    return [
        Figure(FLOOR, "our load over the driver alone with the same batches", "x", ours / bare),
        Figure(FLOOR, "our load over the driver alone with rows as maps", "x", ours / plain),
        Figure(FLOOR, f"our load of {size:,} synthetic relationships, with all checks", "s", ours),
        Figure(FLOOR, "the driver alone with the same batches, nothing checked", "s", bare),
        Figure(FLOOR, "the driver alone with rows as maps, nothing checked", "s", plain),
    ]
